"""What a platform holds: who can act, with what, through which application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PrincipalKind(StrEnum):
    """Whether a human sits behind an identity."""

    PERSON = "person"  # somebody signs in with it
    SERVICE = "service"  # only programs sign in with it, by the platform's own settings
    UNKNOWN = "unknown"  # the platform does not say


class PrincipalStatus(StrEnum):
    """Whether an identity can act now."""

    ACTIVE = "active"  # may sign in
    FROZEN = "frozen"  # exists and keeps its licence, may not sign in
    INACTIVE = "inactive"  # deactivated
    UNKNOWN = "unknown"  # we could not see
    INVITED = "invited"  # asked to join and has not yet: nothing acts as it


class CredentialKind(StrEnum):
    """What lets a principal act."""

    OAUTH_GRANT = "oauth_grant"  # a user approved an application, which holds a refresh token
    RUN_AS = "run_as"  # an application's client credentials act as a configured user
    APP_CERTIFICATE = "app_certificate"  # the certificate an application signs assertions with
    CERTIFICATE = "certificate"  # a certificate in the platform's own key store
    CLIENT_SECRET = "client_secret"  # an application's consumer secret
    TBA_TOKEN = "tba_token"  # NetSuite: an access token of token-based authentication
    M2M_CERTIFICATE = "m2m_certificate"  # NetSuite: a certificate mapped to entity, role and integration
    PERMANENT_TOKEN = "permanent_token"  # Wrike: a token without end that acts as the user who made it
    DEADLINE = "deadline"  # nothing that acts: a date the vendor has set, after which something stops


class CredentialStatus(StrEnum):
    """Where a credential is in its life."""

    ACTIVE = "active"  # works, as far as the platform says
    EXPIRED = "expired"  # its end date has passed
    REVOKED = "revoked"  # definitively refused or revoked
    PARKED = "parked"  # switched off so that it can come back
    UNUSABLE = "unusable"  # alive, but its user or role cannot sign in; it revives when they can
    MISSING = "missing"  # was listed before and is absent from a complete listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An identity on a platform. ``native_id`` is the platform's own, opaque and case-sensitive."""

    native_id: str
    name: str
    username: str
    email: str = ""
    kind: PrincipalKind = PrincipalKind.UNKNOWN
    status: PrincipalStatus = PrincipalStatus.UNKNOWN
    profile: str = ""
    license: str = ""
    privileges: tuple[str, ...] = ()  # the dangerous ones, in the platform's own words, sorted
    created_at: datetime | None = None
    last_login_at: datetime | None = None
    roles: tuple[str, ...] = ()  # names, sorted, where the platform has several for one user
    ends_at: datetime | None = None  # a termination or release date, past or ahead
    former_emails: tuple[str, ...] = ()  # what listings showed before, the latest first; no platform says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An integration record, connected app or external client app."""

    native_id: str
    name: str
    kind: str = ""  # the platform's own word, for example "external client app"
    contact_email: str = ""
    run_as_id: str = ""  # native id of the user its client credentials act as
    self_authorize: bool | None = None  # may anybody approve it for themselves; None: could not see
    state: str = ""  # the platform's own word for whether it is switched on, where it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What lets a principal act. Never the secret: ``native_id`` may be a fingerprint of one."""

    native_id: str
    kind: CredentialKind
    label: str
    principal_id: str = ""  # native id; empty where the credential is nobody's (a certificate)
    application_id: str = ""
    status: CredentialStatus = CredentialStatus.ACTIVE
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    use_count: int | None = None
    expires_at: datetime | None = None
    role: str = ""  # the role it acts in, where the platform binds one


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Something that stops when a person goes, though it is no token: a scheduled job, a dashboard."""

    native_id: str
    principal_id: str
    kind: str  # for example "scheduled job"
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One line of a platform's sign-in history, as far as it matters here."""

    native_id: str
    principal_id: str
    at: datetime
    succeeded: bool
    status: str  # the platform's own words
    channel: str  # the platform's login type, with its subtype where there is one
    application: str = ""
    source: str = ""  # address
    interactive: bool = False
    api_version: str = ""
    credential: str = ""  # the name of the token that signed in, where the platform tells it


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One administrator's act from the platform's audit trail."""

    native_id: str
    at: datetime
    actor_id: str
    action: str
    display: str = ""


class Area(StrEnum):
    """The parts of a listing. Nothing of a part that a gap names is ever marked as gone."""

    PRINCIPALS = "principals"
    PRIVILEGES = "privileges"
    APPLICATIONS = "applications"
    OAUTH_GRANT = "oauth_grant"
    RUN_AS = "run_as"
    APP_CERTIFICATE = "app_certificate"
    CERTIFICATE = "certificate"
    CLIENT_SECRET = "client_secret"
    TBA_TOKEN = "tba_token"
    M2M_CERTIFICATE = "m2m_certificate"
    PERMANENT_TOKEN = "permanent_token"
    DEADLINE = "deadline"
    END_DATES = "end_dates"  # when people leave
    TIES = "ties"
    LOGINS = "logins"
    CHANGES = "changes"
    RULES = "rules"
    CAPACITIES = "capacities"
    STATUS = "status"  # whether accounts may sign in, where that is told apart from whether they exist
    CONTENT = "content"  # what accounts can see


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGap:
    """Something that could not be seen. Never shown, or counted, as "none"."""

    area: Area
    what: str  # in words, for example "OAuth grants of other users"
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """A bounded supply: licences, slots, calls per day. ``used`` ≤ ``total`` in ordinary times."""

    name: str
    used: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Something that an account must be let into: a folder, a space. ``handle`` names it in few characters."""

    native_id: str
    name: str
    kind: str  # the platform's own word
    handle: str = ""
    path: str = ""  # what it lies in, outermost first
    needed_by: tuple[str, ...] = ()  # native ids of credentials
    seen_by: tuple[str, ...] = ()  # native ids of principals, of those that need it


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRule:
    """From where and when a profile's users may sign in. ``hours`` maps a day to minutes after midnight."""

    profile: str
    ranges: tuple[tuple[str, str, str], ...] = ()  # start, end, description
    hours: tuple[tuple[str, int, int], ...] = ()  # day, start, end; empty: unrestricted


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A listing of one connection at one instant: complete in every area that no gap names."""

    connection: str
    taken_at: datetime
    principals: tuple[Principal, ...] = ()
    applications: tuple[Application, ...] = ()
    credentials: tuple[Credential, ...] = ()
    ties: tuple[Tie, ...] = ()
    logins: tuple[Login, ...] = ()  # since the previous scan
    changes: tuple[Change, ...] = ()  # since the previous scan
    rules: tuple[LoginRule, ...] = ()
    capacities: tuple[Capacity, ...] = ()
    gaps: tuple[CoverageGap, ...] = ()
    requests: int = 0  # calls this listing cost
    contents: tuple[Content, ...] = ()  # what integrations need, and who of them sees it
    own: frozenset[str] = frozenset()  # native ids of credentials that we ourselves sign in with

    @property
    def blind(self) -> frozenset[Area]:
        """The areas not wholly seen."""
        return frozenset(gap.area for gap in self.gaps)
