"""The app's credentials, what they may do, and the refusals when they may not."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sandbox.slack.errors import SlackError

BOT_SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "files:write",
    "channels:join",
    "channels:read",
)
APP_SCOPES = ("connections:write",)


def _bot_token() -> str:
    return f"xoxb-sandbox-{secrets.token_hex(16)}"


def _app_token() -> str:
    return f"xapp-sandbox-{secrets.token_hex(16)}"


@dataclass(slots=True)
class Tokens:
    """One installed app's tokens. `revoked` is why they no longer work: an error code, or None."""

    bot: str = field(default_factory=_bot_token, repr=False)
    app: str = field(default_factory=_app_token, repr=False)
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    verification: str = field(default_factory=lambda: secrets.token_hex(12), repr=False)
    scopes: tuple[str, ...] = BOT_SCOPES
    revoked: str | None = None

    def allow(self, token: str | None, *, kind: str, scope: str | None) -> None:
        """
        Let a call pass that needs a token of this kind (bot or app) with this scope.

        Raises SlackError: not_authed, invalid_auth, token_revoked, account_inactive, not_allowed_token_type,
        missing_scope.
        """
        if not token:
            raise SlackError("not_authed")
        if token not in (self.bot, self.app):
            raise SlackError("invalid_auth")
        if self.revoked:
            raise SlackError(self.revoked)
        if token != (self.bot if kind == "bot" else self.app):
            raise SlackError("not_allowed_token_type")
        provided = self.scopes if kind == "bot" else APP_SCOPES
        if scope is not None and scope not in provided:
            raise SlackError("missing_scope", needed=scope, provided=",".join(provided))

    def has(self, scope: str) -> bool:
        return scope in self.scopes
