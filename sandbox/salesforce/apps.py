"""Connected apps and external client apps: who may be acted for, by which flow, with which key."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(slots=True)
class Staged:
    """The pair in the staged slot: `active`, made and not yet promoted, or `rotated`, the main one of before."""

    id: str
    key: str
    secret: str = field(repr=False)
    status: Literal["active", "rotated"]
    until: datetime


@dataclass(slots=True)
class App:
    """
    One OAuth client of the org.

    `name` is the developer name, `run_as` a username, `certificate` PEM text. `admin_approved` is the
    policy "Admin approved users are pre-authorized"; `enforce_ip` is false where the policy relaxes profile
    login ranges. `installed` false marks a connected app that nobody has installed in this org.
    `refresh_policy` is type, period and unit as the Metadata interface prints them; values but Infinite and
    SpecificLifetime are UNCONFIRMED. `flow` is how its consumer really logs in; `cadence_s`, `source_ip`,
    `api_version` (SOAP only) and `tls` say how often, from where and how.
    """

    id: str
    kind: Literal["connected", "external"]
    name: str
    label: str
    client_id: str
    client_secret: str = field(repr=False)
    contact_email: str = ""
    callback_url: str = ""
    scopes: tuple[str, ...] = ("Api", "RefreshToken")
    certificate: str | None = field(default=None, repr=False)
    admin_approved: bool = False
    enforce_ip: bool = True
    installed: bool = True
    flow: Literal["oauth", "client_credentials", "jwt", "password"] = "oauth"
    client_credentials: bool = False
    run_as: str | None = None
    rotates_refresh_tokens: bool = False
    refresh_policy: tuple[str, str, str] = ("Infinite", "", "")
    session_timeout_s: int | None = None
    menu_item_id: str = ""
    consumer_id: str = ""
    staged: Staged | None = None
    cadence_s: int | None = None
    source_ip: str = ""
    api_version: str = "58.0"
    tls: str = "TLS 1.3"

    @property
    def oauth_scope(self) -> str:
        """The scopes as the token endpoint prints them."""
        return " ".join(_SCOPES.get(scope, scope.lower()) for scope in self.scopes)


_SCOPES = {"Api": "api", "RefreshToken": "refresh_token", "Basic": "id", "Full": "full", "OpenID": "openid"}
