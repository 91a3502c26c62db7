"""Roles, the permissions in them that matter, and who holds which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.errors import Forbidden
from bot.platform.model import Area
from platforms.netsuite.client import Client
from platforms.netsuite.rows import Row, flag, key, number, text
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import Select, ids, quoted

ADMINISTRATOR = "3"  # the role that every account has; seen in samples
# Permissions that let their holder take the account over, with the level from which they do.
# Source: permission list of 2024.1, read 2026-11-24.
DANGEROUS = {
    "ADMI_MANAGE_OAUTH_TOKENS": ("Access Token Management", 4),
    "ADMI_MANAGE_OAUTH2": ("OAuth 2.0 Authorized Applications Management", 4),
    "ADMI_MANAGEROLES": ("Manage Roles", 3),
    "LIST_EMPLOYEE_ACCESS": ("Employee Access", 3),
}
# What a role needs so that a program can sign in with it.
LOGIN_TBA, LOGIN_M2M, REST = "ADMI_LOGIN_OAUTH", "ADMI_LOGIN_OAUTH2", "ADMI_RESTWEBSERVICES"
_PERMISSIONS = (*DANGEROUS, LOGIN_TBA, LOGIN_M2M, REST)
_AT_ONCE = 900  # ids of one query; Oracle's databases take a thousand in a list
_CHEAP_CENTRES = ("EMPLOYEE", "CUSTOMER", "VENDOR", "PARTNER")

ROLES = Select(
    columns=(
        ("id", "t.id"),
        ("name", "t.name"),
        ("centertype", "t.centertype"),
        ("isinactive", "t.isinactive"),
        ("core", "t.coreadminpermission"),
        ("subsidiaries", "t.subsidiaryoption"),
    ),
    table="role",
    order="t.id",
)
PERMISSIONS = Select(
    columns=(("role", "t.role"), ("permkey", "t.permkey"), ("permlevel", "t.permlevel")),
    table="rolepermissions",
    where=(f"t.permkey IN ({', '.join(map(quoted, _PERMISSIONS))})",),
    order="t.role, t.permkey, t.permlevel",
)
# The same facts in two tables, one of which an account may show and the other not.
ASSIGNMENTS = tuple(
    Select(
        columns=(("entity", "t.entity"), ("role", "t.role")),
        table=table,
        order="t.entity, t.role",
    )
    for table in ("EmployeeRolesForSearch", "employeeroles")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRecord:
    """A role, with the permissions that matter."""

    id: str
    name: str
    centre: str = ""
    inactive: bool = False
    administrator: bool = False
    subsidiaries: str = ""
    held: Mapping[str, int] = field(default_factory=dict)  # permission key → level

    @property
    def full_licence(self) -> bool:
        """Whether a login with it counts as a full user, as far as public sources say."""
        centre = self.centre.upper()
        return not any(cheap in centre for cheap in _CHEAP_CENTRES)

    @property
    def dangers(self) -> tuple[str, ...]:
        """What in it lets its holder take the account over, by the names in the role's page."""
        if self.administrator:
            return ("Administrator",)
        return tuple(
            sorted(label for perm, (label, least) in DANGEROUS.items() if self.held.get(perm, 0) >= least)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """All roles, and who holds which; None marks what could not be seen."""

    by_id: Mapping[str, RoleRecord] | None
    permissions_seen: bool
    of_entity: Mapping[str, frozenset[str]] | None

    def names(self, entity: str) -> tuple[str, ...]:
        """The names of somebody's roles, sorted."""
        return tuple(sorted(self.name(role) for role in self.held(entity)))

    def held(self, entity: str) -> frozenset[str]:
        """The ids of somebody's roles, as far as we see."""
        return (self.of_entity or {}).get(entity, frozenset())

    def name(self, role: str) -> str:
        """The name of a role, or its id in words."""
        found = (self.by_id or {}).get(role)
        return found.name if found else f"role {role}"

    def dangers(self, entity: str) -> tuple[str, ...]:
        """What somebody's active roles let them take over."""
        found = {
            danger
            for role in self.held(entity)
            if (known := (self.by_id or {}).get(role)) and not known.inactive
            for danger in known.dangers
        }
        return tuple(sorted(found))

    def holders(self, role: str) -> frozenset[str]:
        """Who holds a role."""
        return frozenset(entity for entity, roles in (self.of_entity or {}).items() if role in roles)


async def read_roles(client: Client, sight: Sight) -> tuple[Mapping[str, RoleRecord] | None, bool]:
    """Every role with the permissions that matter, and whether those could be seen."""
    rows = await sight.seen(client.every("list roles", ROLES), Area.PRIVILEGES, "roles", "role")
    if rows is None:
        return None, False
    granted = await sight.seen(
        client.ordered("list permissions of roles", PERMISSIONS),
        Area.PRIVILEGES,
        "permissions of roles",
        "rolepermissions",
    )
    held: dict[str, dict[str, int]] = {}
    for row in granted or ():
        levels = held.setdefault(key(row, "role"), {})
        perm = text(row, "permkey")
        levels[perm] = max(levels.get(perm, 0), number(row, "permlevel"))
    return {key(row, "id"): _role(row, held) for row in rows}, granted is not None


def _role(row: Row, held: Mapping[str, Mapping[str, int]]) -> RoleRecord:
    id_ = key(row, "id")
    return RoleRecord(
        id=id_,
        name=text(row, "name") or f"role {id_}",
        centre=text(row, "centertype"),
        inactive=flag(row, "isinactive"),
        administrator=id_ == ADMINISTRATOR or flag(row, "core"),
        subsidiaries=text(row, "subsidiaries"),
        held=held.get(id_, {}),
    )


@dataclass(slots=True)
class Assignments:
    """Who holds which roles, kept so that the next look need only ask about those who may have changed."""

    of: dict[str, frozenset[str]] = field(default_factory=dict)
    source: Select | None = None  # the table that showed them

    async def bring_up_to_date(
        self, client: Client, sight: Sight, rows: Mapping[str, Row], ask: Collection[str] | None
    ) -> Mapping[str, frozenset[str]] | None:
        """Every assignment: from either of two tables, else from the list in each employee's own row.

        ``ask`` names those whose roles are read anew; the count of all must then agree, or everything is read.
        """
        if self.source is not None and ask is not None and await self._some(client, self.source, ask):
            return self.of
        for select in ASSIGNMENTS:
            try:
                found = await client.ordered("list role assignments", select)
            except Forbidden:
                continue
            self.of, self.source = _by_entity(found), select
            return self.of
        self.source = None
        if "employee.rolesforsearch" not in client.unseen:
            return {id_: listed(text(row, "rolesforsearch")) for id_, row in rows.items()}
        sight.miss(
            Area.PRIVILEGES,
            "role assignments",
            "neither EmployeeRolesForSearch nor employeeroles nor rolesforsearch is shown to the bot's role",
            "Setup > Users/Roles > Manage Roles > the bot's role > Permissions > Lists: Employee Record (View)",
        )
        return None

    async def _some(self, client: Client, source: Select, ask: Collection[str]) -> bool:
        """Read some anew; whether all together are as many as NetSuite counts."""
        wanted = sorted((id_ for id_ in ask if id_.isdecimal()), key=int)
        found = dict(self.of)
        try:
            for first in range(0, len(wanted), _AT_ONCE):
                part = wanted[first : first + _AT_ONCE]
                where = (f"t.entity IN ({ids(part)})",)
                rows = await client.ordered("list some role assignments", replace(source, where=where))
                fresh = _by_entity(rows)
                found |= {id_: fresh.get(id_, frozenset()) for id_ in part}
            counted = await client.rows("count role assignments", source.count("t.entity"))
        except Forbidden:
            return False
        if not counted or number(counted[0], "n") != sum(map(len, found.values())):
            return False
        self.of = found
        return True


def _by_entity(rows: Iterable[Row]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(key(row, "entity"), set()).add(key(row, "role"))
    return {entity: frozenset(roles) for entity, roles in found.items()}


def listed(said: str) -> frozenset[str]:
    """The ids in "1, 3"."""
    return frozenset(part.strip() for part in said.split(",") if part.strip().lstrip("-").isdecimal())
