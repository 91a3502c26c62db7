"""Access tokens: permanent ones of users, and OAuth's with their refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sandbox.wrike.entities import Contact
from sandbox.wrike.tenant import Tenant

EVERYTHING = "*"
"""The scope of a permanent token: whatever its user may do."""


@dataclass(slots=True, eq=False)
class Token:
    """`scopes` holds EVERYTHING or names; `expires` is None for permanent ones."""

    id: str
    value: str = field(repr=False)
    user_id: str
    kind: Literal["permanent", "oauth"]
    label: str
    scopes: frozenset[str]
    created: datetime
    expires: datetime | None = None
    revoked: bool = False
    used: datetime | None = None


@dataclass(slots=True, eq=False)
class Grant:
    """One user's consent to one client. `refresh` is the only refresh token that still works."""

    id: str
    user_id: str
    client_id: str
    scopes: frozenset[str]
    refresh: str = field(repr=False)
    refreshed: datetime
    revoked: bool = False
    access: list[Token] = field(default_factory=list, repr=False)


class Tokens:
    """Every token of the account; values are looked up, never listed."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._by_value: dict[str, Token] = {}
        self.permanent: dict[str, Token] = {}
        """By their own id; the account's users see them in the App Console only."""
        self.grants: dict[str, Grant] = {}
        self._count = 0

    def issue_permanent(self, user: Contact, label: str) -> Token:
        token = self._issue(user.id, "permanent", label, frozenset({EVERYTHING}), None)
        self.permanent[token.id] = token
        if self._tenant.switches.audit_covers_permanent_tokens:
            self._note(user.id, "Oauth2AccessGranted", label)
        return token

    def grant(self, user: Contact, client_id: str, label: str, scopes: frozenset[str]) -> tuple[Grant, Token]:
        """A consent and its first access token, with the audit row."""
        self._count += 1
        grant = Grant(
            f"g{self._count}", user.id, client_id, scopes, self._secret("refresh"), self._tenant.now
        )
        self.grants[grant.id] = grant
        self._note(user.id, "Oauth2AccessGranted", label)
        return grant, self._access(grant, label)

    def refresh(self, grant: Grant) -> Token:
        """A new access token and a new refresh token; the old refresh token is spent."""
        if self._tenant.switches.refresh_ends_access_token:
            for token in grant.access:
                token.revoked = True
        grant.refresh, grant.refreshed = self._secret("refresh"), self._tenant.now
        return self._access(grant, grant.access[-1].label)

    def by_refresh(self, value: str) -> Grant | None:
        """The consent this refresh token stands for, unless it is spent, too old or revoked."""
        life_s = self._tenant.switches.refresh_token_life_s
        for grant in self.grants.values():
            if grant.refresh == value and not grant.revoked:
                old = life_s is not None and self._tenant.now > grant.refreshed + timedelta(seconds=life_s)
                return None if old else grant
        return None

    def revoke(self, held: Token | Grant) -> None:
        """A person takes a token or a consent back. Doing it again changes nothing."""
        if held.revoked:
            return
        held.revoked = True
        if isinstance(held, Grant):
            for token in held.access:
                token.revoked = True
            self._note(held.user_id, "Oauth2AccessRevoked", held.access[-1].label)
        elif self._tenant.switches.audit_covers_permanent_tokens:
            self._note(held.user_id, "Oauth2AccessRevoked", held.label)

    def usable(self, token: Token) -> bool:
        """Claims that requests with this token are answered now."""
        user = self._tenant.contacts.get(token.user_id)
        if token.revoked or user is None or (token.expires is not None and token.expires <= self._tenant.now):
            return False
        switches = self._tenant.switches
        if user.deleted:
            return switches.deleted_user_token == "works"
        return user.active or switches.deactivated_user_token == "works"

    def find(self, value: str) -> Token | None:
        """The token with this value if requests with it are answered; notes the use."""
        token = self._by_value.get(value)
        if token is None or not self.usable(token):
            return None
        token.used = self._tenant.now
        return token

    def known(self, value: str) -> bool:
        return value in self._by_value

    def _access(self, grant: Grant, label: str) -> Token:
        life = timedelta(seconds=self._tenant.switches.access_token_life_s)
        token = self._issue(grant.user_id, "oauth", label, grant.scopes, self._tenant.now + life)
        grant.access.append(token)
        return token

    def _issue(
        self,
        user_id: str,
        kind: Literal["permanent", "oauth"],
        label: str,
        scopes: frozenset[str],
        expires: datetime | None,
    ) -> Token:
        self._count += 1
        number = f"t{self._count}"
        token = Token(
            number, self._jwt(number, user_id), user_id, kind, label, scopes, self._tenant.now, expires
        )
        self._by_value[token.value] = token
        return token

    def _jwt(self, number: str, user_id: str) -> str:
        """A value that looks like the documents' sample. Nothing may depend on what is in it."""
        inner = {"a": self._tenant.mint.account_number, "u": user_id, "n": number, "r": "US"}
        parts = [{"tt": "p", "alg": "HS256", "tv": "1"}, {"d": json.dumps(inner), "iat": 1573206672}]
        head = ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
        )
        return f"{head}.{self._secret(number)}"

    def _secret(self, purpose: str) -> str:
        self._count += 1
        key = f"{self._tenant.world.seed}:wrike:{purpose}:{self._count}"
        return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()).decode().rstrip("=")

    def _note(self, user_id: str, operation: str, label: str) -> None:
        user = self._tenant.contacts[user_id]
        self._tenant.note(user, operation, "Application", label, "")
