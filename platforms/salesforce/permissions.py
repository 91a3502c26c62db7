"""Which rights matter, which of them we hold ourselves, and what we cannot see without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import Forbidden
from bot.platform.model import Area, CoverageGap
from platforms.salesforce.answers import Listing, Row, flag
from platforms.salesforce.client import Client

# Column of Profile and PermissionSet → the name in Setup. Source: Object Reference, Profile, read 2026-11-21.
LABELS = {
    "PermissionsApiEnabled": "API Enabled",
    "PermissionsApiUserOnly": "API Only User",
    "PermissionsAssignPermissionSets": "Assign Permission Sets",
    "PermissionsAuthorApex": "Author Apex",
    "PermissionsCustomizeApplication": "Customize Application",
    "PermissionsManageInternalUsers": "Manage Internal Users",
    "PermissionsManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "PermissionsManageUsers": "Manage Users",
    "PermissionsModifyAllData": "Modify All Data",
    "PermissionsModifyMetadata": "Modify Metadata Through Metadata API Functions",
    "PermissionsMonitorLoginHistory": "Monitor Login History",
    "PermissionsResetPasswords": "Reset User Passwords and Unlock Users",
    "PermissionsViewAllData": "View All Data",
    "PermissionsViewSetup": "View Setup and Configuration",
    # present only where API Access Control or the restriction of uninstalled apps is on
    "PermissionsCanApproveUninstalledApps": "Approve Uninstalled Connected Apps",
    "PermissionsUseAnyApiClient": "Use Any API Client",
}
DANGEROUS = (
    "PermissionsModifyAllData",
    "PermissionsViewAllData",
    "PermissionsManageUsers",
    "PermissionsManageInternalUsers",
    "PermissionsManageProfilesPermissionsets",
    "PermissionsAssignPermissionSets",
    "PermissionsCustomizeApplication",
    "PermissionsAuthorApex",
    "PermissionsResetPasswords",
    "PermissionsModifyMetadata",
    "PermissionsCanApproveUninstalledApps",
    "PermissionsUseAnyApiClient",
)
API_ONLY = "PermissionsApiUserOnly"
TELLING = (*DANGEROUS, API_ONLY)


@dataclass(frozen=True, slots=True)
class Columns:
    """The permission columns this org has, of those that matter to us."""

    profile: tuple[str, ...]
    permission_set: tuple[str, ...]

    @property
    def notifier(self) -> tuple[str, ...]:
        """Those of a permission set worth listing its holders for."""
        return tuple(column for column in TELLING if column in self.permission_set)


async def columns(client: Client) -> Columns:
    """
    Ask the org which permission columns it has: some exist only with a feature, and naming one that does not
    exist refuses the whole query.

    Without the right to describe, the columns every org has had since 2018 are assumed.
    """
    found = await client.describes(["Profile", "PermissionSet"])
    optional = {"PermissionsCanApproveUninstalledApps", "PermissionsUseAnyApiClient"}
    names = [
        tuple(c for c in LABELS if c not in optional)
        if isinstance(one, Forbidden)
        else tuple(c for c in LABELS if c in one)
        for one in found
    ]
    return Columns(names[0], names[1])


def held(row: Row, columns: Sequence[str], prefix: str = "") -> frozenset[str]:
    """The columns that are true in a row."""
    return frozenset(column for column in columns if flag(row, prefix + column))


@dataclass(frozen=True, slots=True)
class Rights:
    """What the bot's user may do; ``None`` where even that could not be seen."""

    held: frozenset[str] | None

    def any(self, *columns: str) -> bool:
        """Whether one of these is held. What could not be seen is not held."""
        return self.held is not None and not self.held.isdisjoint(columns)


def rights(answer: Listing | Forbidden, columns: Columns) -> Rights:
    """Our own rights. No row at all means that we may not look: everybody has at least a profile."""
    if isinstance(answer, Forbidden) or not answer.rows:
        return Rights(None)
    return Rights(
        frozenset().union(*(held(row, columns.permission_set, "PermissionSet.") for row in answer.rows))
    )


@dataclass(frozen=True, slots=True)
class Need:
    """Any one of ``any_of`` lets us see ``what``. Without it Salesforce may answer with less, and not say so."""

    area: Area
    what: str
    any_of: tuple[str, ...]


FROZEN = Need(Area.PRINCIPALS, "whether users are frozen", ("PermissionsManageUsers",))
PRIVILEGES = Need(
    Area.PRIVILEGES,
    "rights that users hold through permission sets",
    ("PermissionsViewSetup", "PermissionsAssignPermissionSets"),
)
GRANTS = Need(Area.OAUTH_GRANT, "OAuth grants of other users", ("PermissionsCustomizeApplication",))
LOGINS = Need(
    Area.LOGINS, "sign-ins of other users", ("PermissionsMonitorLoginHistory", "PermissionsManageUsers")
)
CHANGES = Need(Area.CHANGES, "the setup audit trail", ("PermissionsViewSetup",))
CAPACITIES = Need(Area.CAPACITIES, "licenses used and free", ("PermissionsViewSetup",))
CERTIFICATES = Need(Area.CERTIFICATE, "certificates of the org's key store", ("PermissionsViewSetup",))
RULES = Need(Area.RULES, "login IP ranges and hours of profiles", ("PermissionsViewSetup",))
METADATA = ("PermissionsModifyMetadata",)  # what the Metadata interface as a whole asks for
NEEDS = (FROZEN, PRIVILEGES, GRANTS, LOGINS, CHANGES, CAPACITIES, CERTIFICATES, RULES)


def tick(*columns: str) -> str:
    """The deed that gives the bot one of these rights."""
    names = " or ".join(f"“{LABELS.get(column, column)}”" for column in columns)
    return f"Setup → Permission Sets → the bot's permission set → System Permissions → Edit: tick {names}"


def gap(need: Need, rights: Rights) -> CoverageGap | None:
    """What we cannot see for want of ``need``, or None when we can."""
    if rights.any(*need.any_of):
        return None
    names = " or ".join(f"“{LABELS[column]}”" for column in need.any_of)
    reason = (
        f"the bot's user does not hold {names}"
        if rights.held is not None
        else f"the bot's user may not see its own permissions, so it cannot be known whether it holds {names}"
    )
    return CoverageGap(area=need.area, what=need.what, reason=reason, remedy=tick(*need.any_of))


def require(need: Need, rights: Rights, connection: str) -> None:
    """
    Stop where an answer could silently be partial.

    Raises:
        Forbidden: we lack what ``need`` asks for; the hint says what to tick.
    """
    if lack := gap(need, rights):
        raise Forbidden(
            f"{connection}: the bot cannot see {lack.what}: {lack.reason}. {lack.remedy}.",
            scope=LABELS[need.any_of[0]],
            connection=connection,
        )


def refused_gap(area: Area, what: str, error: Forbidden, remedy: str) -> CoverageGap:
    """A part that the org refused to show."""
    return CoverageGap(area=area, what=what, reason=f"Salesforce answered {error.scope}", remedy=remedy)


@dataclass(slots=True)
class Visibility:
    """Our rights, and the gaps as they are found. Those of missing rights are there from the start."""

    rights: Rights
    gaps: list[CoverageGap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gaps += [missing for need in NEEDS if (missing := gap(need, self.rights))]

    def may(self, need: Need) -> bool:
        """Whether we hold what ``need`` asks for."""
        return self.rights.any(*need.any_of)

    def miss(self, area: Area, what: str, reason: str, *tick_box: str) -> None:
        """Note a part that could not be seen, and the rights to tick."""
        self.gaps.append(CoverageGap(area=area, what=what, reason=reason, remedy=tick(*tick_box)))

    def rows(self, answer: Listing | Forbidden, area: Area, what: str, *tick_box: str) -> tuple[Row, ...]:
        """The rows, or none and a gap that says why."""
        if isinstance(answer, Forbidden):
            self.miss(
                area, what, f"Salesforce answered {answer.scope}", *(tick_box or ("PermissionsViewSetup",))
            )
            return ()
        return answer.rows

    def allowed(self, answer: Listing | Forbidden, need: Need) -> tuple[Row, ...]:
        """The rows, but only with the right for them: some objects hide rows without a word."""
        if not self.may(need):
            return ()  # its gap stands already
        return self.rows(answer, need.area, need.what, *need.any_of)
