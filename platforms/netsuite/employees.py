"""Employees: who they are, whether a person stands behind them, whether they can act, when they go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.platform.model import Area, Principal, PrincipalKind, PrincipalStatus
from bot.text import fold
from platforms.netsuite.client import Client
from platforms.netsuite.config import Settings
from platforms.netsuite.roles import Roles
from platforms.netsuite.rows import Row, day, flag, key, midnight, text
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import Select, at, moment
from platforms.netsuite.suiteql import day as printed

OVERLAP = timedelta(minutes=10)  # read again, so that two clocks need not agree
WHOLE_AGAIN = timedelta(hours=24)
EMPLOYEES = Select(
    columns=(
        ("id", "t.id"),
        ("entityid", "t.entityid"),
        ("email", "t.email"),
        ("firstname", "t.firstname"),
        ("lastname", "t.lastname"),
        ("title", "t.title"),
        ("supervisor", "t.supervisor"),
        ("isinactive", "t.isinactive"),
        ("giveaccess", "t.giveaccess"),
        ("rolesforsearch", "t.rolesforsearch"),
        ("hired", printed("t.hiredate")),
        ("released", printed("t.releasedate")),
        ("modified", at("t.lastmodifieddate")),
    ),
    table="employee",
    order="t.id",
)


@dataclass(slots=True)
class Listing:
    """Every employee's row, kept so that the next look need only ask for what changed since."""

    rows: dict[str, Row] = field(default_factory=dict)
    read_at: datetime | None = None  # when the last look began
    whole_at: datetime | None = None  # when the last whole look began
    changed: frozenset[str] | None = None  # whose rows the last look brought; None: everybody's
    dated: bool = True  # whether rows tell when they were changed

    async def bring_up_to_date(self, client: Client) -> Mapping[str, Row]:
        """Every row by its id, kept as ``rows``, or an error that leaves those as they were.

        Changed rows are taken in; then the count must agree, since what was deleted shows in nothing else. If it
        does not, or a day has passed, everything is read anew.
        """
        began = client.wire.now()
        if self.read_at and self.whole_at and began - self.whole_at < WHOLE_AGAIN and self.dated:
            zone = client.wire.settings.zone
            since = f"t.lastmodifieddate >= {moment(self.read_at - OVERLAP, zone)}"
            changed = await client.every(
                "list changed employees",
                Select(columns=EMPLOYEES.columns, table="employee", where=(since,), order="t.id"),
            )
            found = self.rows | {key(row, "id"): row for row in changed}
            if await client.count("list employees", EMPLOYEES) == len(found):
                self.rows, self.read_at = found, began
                self.changed = frozenset(key(row, "id") for row in changed)
                return found
        rows = await client.whole("list employees", EMPLOYEES)
        self.rows = {key(row, "id"): row for row in rows}
        self.read_at = self.whole_at = began
        self.changed, self.dated = None, "employee.lastmodifieddate" not in client.unseen
        return self.rows


def unseen_dates(client: Client, sight: Sight) -> None:
    """Name the columns of employees that this account turned out not to show."""
    if "employee.releasedate" in client.unseen:
        sight.miss(
            Area.END_DATES,
            "termination dates of employees",
            "SuiteQL shows no column releasedate to the bot's role",
            "Setup > Users/Roles > Manage Roles > the bot's role > Permissions > Lists: Employee Record (View),"
            " without the restrictions of Advanced Employee Permissions",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What is needed to read employees as principals."""

    settings: Settings
    roles: Roles
    interactive: frozenset[str]  # entities seen signing in to the user interface
    last_login: Mapping[str, datetime] = field(default_factory=dict)

    def read(self, row: Row) -> Principal:
        """One employee."""
        id_ = key(row, "id")
        name = " ".join(part for part in (text(row, "firstname"), text(row, "lastname")) if part)
        email, entity = text(row, "email"), text(row, "entityid")
        return Principal(
            native_id=id_,
            name=name or entity or f"employee {id_}",
            username=email or entity or id_,
            email=email,
            kind=self._kind(row),
            status=_status(row),
            licence=self._licence(row),
            privileges=self.roles.dangers(id_),
            last_login_at=self.last_login.get(id_),
            roles=self.roles.names(id_),
            ends_at=midnight(day(row, "released"), self.settings.zone),
        )

    def _kind(self, row: Row) -> PrincipalKind:
        names = [fold(text(row, column)) for column in ("email", "entityid", "id")]
        wanted = [fold(pattern) for pattern in self.settings.integration_accounts]
        if any(fnmatchcase(name, pattern) for name in names if name for pattern in wanted):
            return PrincipalKind.SERVICE
        known = any(text(row, column) for column in ("supervisor", "hired", "released"))
        if known or key(row, "id") in self.interactive:
            return PrincipalKind.PERSON
        return PrincipalKind.UNKNOWN

    def _licence(self, row: Row) -> str:
        """What their access costs, estimated: no interface tells it."""
        roles = self.roles
        if not flag(row, "giveaccess") or roles.by_id is None or roles.of_entity is None:
            return ""
        held = [roles.by_id[r] for r in roles.held(key(row, "id")) if r in roles.by_id]
        active = [role for role in held if not role.inactive]
        if not active:
            return ""
        return (
            "full (estimated)" if any(role.full_licence for role in active) else "employee centre (estimated)"
        )


def _status(row: Row) -> PrincipalStatus:
    if flag(row, "isinactive"):
        return PrincipalStatus.INACTIVE
    if "giveaccess" not in row:
        return PrincipalStatus.UNKNOWN
    return PrincipalStatus.ACTIVE if flag(row, "giveaccess") else PrincipalStatus.FROZEN
