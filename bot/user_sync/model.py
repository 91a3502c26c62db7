"""The two sides of the sync: NetSuite's employees and vendors, Nexonia's users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

import msgspec


@runtime_checkable
class Records(Protocol):
    """Lists who may become a Nexonia user: ``platforms.netsuite`` does, and ``platforms.nexonia`` over files."""

    async def records(self) -> RecordListing:
        """Every employee and vendor, inactive ones included: each kind named in ``kinds`` is whole, or an error.

        ``flag`` is the value of the checkbox field the connection is configured with; ``None`` in each record where
        that field may not be read. The time zone is the company's own.

        Raises:
            AuthFailed, Forbidden, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded; in
            particular nobody was deleted.
        """


@runtime_checkable
class Directory(Protocol):
    """Users who are synced from records. Implemented by ``platforms.nexonia``: over an export, REST, and the sandbox.

    Where ``sync.writes`` is true its ``change`` draws up a plan of the acts of a forecast (verb ``sync``).
    """

    sync: SyncSettings

    async def users(self) -> UserListing:
        """Every user, inactive ones included, or an error.

        Raises:
            AuthFailed, Forbidden, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded.
        """


class RecordKind(StrEnum):
    """What kind of NetSuite record a user may come from. In this order they are matched."""

    EMPLOYEE = "employee"
    VENDOR = "vendor"


# Structs rather than dataclasses: a company has 100,000 of each, and these are made nine times as fast.


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One employee or vendor, as NetSuite has it: nothing is trimmed. ``id`` is unique within its kind."""

    id: str  # internal id, opaque
    kind: RecordKind
    first: str
    last: str
    email: str
    active: bool
    termination_date: date | None = None  # a day in the company's time zone; vendors have none
    flag: bool | None = None  # the checkbox field, usually called "Nexonia"; None: it could not be seen
    manager_id: str = ""  # id of the employee who approves, where it is known
    role: str = ""  # the Nexonia role its custom field names, where it is known


class User(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One Nexonia user, as the directory has it: nothing is trimmed."""

    id: str
    first: str
    last: str
    email: str
    active: bool
    ignore: bool | None = False  # "Ignore for Integration"; None: it could not be seen
    integration_id: str | None = ""  # of the linked record, "" for none; None: it could not be seen
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordListing:
    """Every employee and vendor of one NetSuite company, those inactive included.

    ``kinds`` says which lists were read, each of them whole: a record of such a kind that is absent is not there.
    """

    taken_at: datetime  # aware UTC
    time_zone: str  # IANA name of the company's zone, in which its dates count; "" where it could not be read
    kinds: frozenset[RecordKind]
    records: tuple[Record, ...]
    source: str = ""  # in words, for example "netsuite:prod"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserListing:
    """Every user of one Nexonia company, those inactive included, with where it is from."""

    taken_at: datetime  # aware UTC: when it was read, or when the file was written
    users: tuple[User, ...]
    source: str = ""  # in words, for example "users.csv"

    @property
    def links_known(self) -> bool:
        """Whether the hidden Integration ID is in the listing."""
        return all(user.integration_id is not None for user in self.users)

    @property
    def ignores_known(self) -> bool:
        """Whether "Ignore for Integration" is in the listing."""
        return all(user.ignore is not None for user in self.users)


UNVERIFIED = "a configured REST mapping, not verified against Nexonia"
OURS = "the sandbox's own directory, which is ours and not Nexonia's"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The settings of the sync, where its records come from, and when we speak of it."""

    kinds: frozenset[RecordKind] = frozenset(RecordKind)
    employee_filter: bool = False
    notify: bool = False  # "Notify new Users": a login mail to whom the sync creates
    records: str = ""  # the connection that lists employees and vendors; "" for files of this connection
    time_zone: str = ""  # IANA; "" where the records' source says it
    forecast_at: str = "18:00"  # each day, in that zone
    approver_roles: frozenset[str] = frozenset()  # whose loss is an alarm, folded
    writes: bool = False  # whether a plan may be carried out by us
    label: str = ""  # what kind of directory this is, where that must be said; "" for an export by Nexonia

    def rules(self, at: datetime, zone: str) -> Rules:
        """The rules on the day it is in ``zone`` at an aware instant."""
        today: date = at.astimezone(ZoneInfo(zone)).date()
        return Rules(today=today, kinds=self.kinds, employee_filter=self.employee_filter)


class SyncAction(StrEnum):
    """What happens. The values are a contract: programs read them from ``nexonia forecast --json``."""

    UPDATE = "update"  # linked: the record's name and e-mail are copied to the user
    LINK = "link"  # matched: the user is linked to the record, and its data copied
    CREATE = "create"  # a new user, linked
    INACTIVATE = "inactivate"  # the user can no longer sign in
    BLOCKED_BY_IGNORED = "blocked_by_ignored"  # neither created nor linked: an ignored user is in the way
    STRANDED = "stranded"  # qualifies, but is linked to an inactive user, whom no rule reactivates
    ORPHAN = "orphan"  # stays active and unlinked: nothing of this user is exported
    NONE = "none"  # nothing


class SyncRule(StrEnum):
    """The line of the decision table. N for records, U for users."""

    NOT_QUALIFYING = "N1"
    LINKED_ACTIVE = "N2"
    LINKED_INACTIVE = "N3"
    MATCH_FREE = "N4"
    MATCH_IGNORED = "N5"
    NO_MATCH = "N6"
    USER_INACTIVE = "U1"
    USER_IGNORED = "U2"
    LINK_NO_LONGER_QUALIFIES = "U3"
    LINK_QUALIFIES = "U4"  # the user's view of N2, which stands in the forecast
    MATCH_TAKEN = "U5"
    MATCHES_NOBODY = "U6"


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of a forecast: of a record, of a user, or of both where they belong together."""

    action: SyncAction
    rule: SyncRule
    reason: str
    record: Record | None = None
    user: User | None = None


CHANGES = frozenset({SyncAction.UPDATE, SyncAction.LINK, SyncAction.CREATE, SyncAction.INACTIVATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one Nexonia company is configured to sync, on one day."""

    today: date  # in the NetSuite company's time zone
    kinds: frozenset[RecordKind] = frozenset(RecordKind)  # the setting Users: Employees, Vendors, or both
    employee_filter: bool = False  # whether employees need the checkbox too; vendors always do


def shortfall(record: Record, rules: Rules) -> str:
    """Every reason why a record does not qualify, or "" if it does.

    A termination date has passed when it is before today: who leaves today still qualifies today. An e-mail address
    need only be there. A name or address of nothing but spaces is missing.
    """
    needs_flag = rules.employee_filter or record.kind is _VENDOR
    if (
        record.active
        and (record.flag or not needs_flag)
        and (record.termination_date is None or record.termination_date >= rules.today)
        and record.kind in rules.kinds
        and record.first.strip()
        and record.last.strip()
        and record.email.strip()
    ):
        return ""
    return "; ".join(_reasons(record, rules, needs_flag=needs_flag))


_VENDOR = RecordKind.VENDOR  # an Enum's look-up is slow in 3.11


def _reasons(record: Record, rules: Rules, *, needs_flag: bool) -> Iterator[str]:
    if record.kind not in rules.kinds:
        yield f"{record.kind}s are not synced"
    if not record.first.strip():
        yield "no first name"
    if not record.last.strip():
        yield "no last name"
    if not record.email.strip():
        yield "no e-mail address"
    if not record.active:
        yield "inactive"
    if record.termination_date is not None and record.termination_date < rules.today:
        yield f"terminated on {record.termination_date}"
    if needs_flag and not record.flag:
        yield "checkbox not ticked" if record.flag is not None else "checkbox not visible"
