"""What a person should look at before the sync runs: where the rules are silent, or nearly did something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from bot.domain.sync.linking import Sides
from bot.domain.sync.outcome import Outcome, SyncRule
from bot.domain.sync.people import Record, User


class NoticeKind(StrEnum):
    """What it is about. The reading of each is in docs/nexonia-sync.md."""

    SPELLING = "spelling"  # matched only because capitals and spaces are forgiven
    NEAR_NAME = "near_name"  # one e-mail, two names
    NEAR_EMAIL = "near_email"  # one name, two e-mails
    INACTIVE_TWIN = "inactive_twin"  # a new user is created beside an inactive one of the same name
    TWO_USERS = "two_users"  # several free users match one record
    TWO_RECORDS = "two_records"  # several records are the same person
    TWO_KINDS = "two_kinds"  # an employee and a vendor are the same person
    LINKED_TWICE = "linked_twice"  # several users are linked to one record
    ID_IN_BOTH = "id_in_both"  # an Integration ID that an employee and a vendor have
    SHARED_EMAIL = "shared_email"  # several active users will have one e-mail
    RENAME = "rename"  # an update gives a user the e-mail that another one has
    MALFORMED_EMAIL = "malformed_email"  # qualifies, but no login mail will arrive
    LAST_DAY = "last_day"  # terminated today: still qualifies today
    MANAGER_CYCLE = "manager_cycle"  # managers in a circle stop the vendor's sync
    MANAGER_MISSING = "manager_missing"  # whose manager will be no user
    ROLE_UNKNOWN = "role_unknown"  # no user has a role of that name, so it is not synced
    IGNORED_LINKED = "ignored_linked"  # ignored, and linked all the same


GRAVE = frozenset(
    {NoticeKind.SHARED_EMAIL, NoticeKind.RENAME, NoticeKind.NEAR_NAME, NoticeKind.MANAGER_CYCLE}
)


class Notice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to look at. ``text`` is ours alone; the people it is about are beside it, in order."""

    kind: NoticeKind
    text: str
    records: tuple[Record, ...] = ()
    users: tuple[User, ...] = ()

    @property
    def grave(self) -> bool:
        """Whether to look before the sync, not after it."""
        return self.kind in GRAVE


@dataclass(frozen=True, slots=True)
class Scene:
    """What the notices look at: both sides and what was decided."""

    outcomes: tuple[Outcome, ...]
    sides: Sides

    def key(self, person: Record | User) -> str:
        """The key of one of the people."""
        return self.sides.keys[id(person)]

    def served(self) -> Iterator[tuple[Outcome, Record]]:
        """The outcomes of records that qualify."""
        for outcome in self.outcomes:
            if outcome.record is not None and outcome.rule in _QUALIFYING:
                yield outcome, outcome.record


_QUALIFYING = (  # the commonest first: a tuple compares by identity, while the hash of an Enum is slow
    SyncRule.LINKED_ACTIVE,
    SyncRule.MATCH_FREE,
    SyncRule.NO_MATCH,
    SyncRule.LINKED_INACTIVE,
    SyncRule.MATCH_IGNORED,
)


def grouped(notices: Iterable[Notice]) -> dict[NoticeKind, list[Notice]]:
    """By kind, grave ones first."""
    found: dict[NoticeKind, list[Notice]] = {}
    for notice in sorted(notices, key=lambda n: not n.grave):
        found.setdefault(notice.kind, []).append(notice)
    return found
