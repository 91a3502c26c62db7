"""The two sides of the sync: NetSuite's employees and vendors, Nexonia's users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import msgspec


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
