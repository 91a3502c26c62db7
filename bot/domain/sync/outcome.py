"""What a sync does with one person, by which rule, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bot.domain.sync.people import Record, User


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
