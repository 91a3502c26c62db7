"""A forecast as acts on single users: each a target state with the state it was drawn up from."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from bot.user_sync.forecast import Forecast
from bot.user_sync.matching import Sides
from bot.user_sync.model import Outcome, Record, RecordKind, SyncAction, SyncRule, User
from bot.user_sync.rules import differences


class ActKind(StrEnum):
    """What is done to a user. In this order, but that rule b comes before links and rule a after creations."""

    UPDATE = "update-user"
    LINK = "link-user"
    CREATE = "create-user"
    INACTIVATE = "inactivate-user"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What matters of a user to an act."""

    first: str
    last: str
    email: str
    active: bool
    ignore: bool
    integration_id: str


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act. ``before`` is None for a user who is yet to be made, and ``user_id`` then empty."""

    kind: ActKind
    user_id: str
    before: State | None
    after: State
    reason: str
    rule: str

    @property
    def key(self) -> str:
        """Unique among the acts of one forecast, and the same in each that holds it."""
        return f"{self.kind}.{self.user_id or self.after.integration_id}"


def state(user: User) -> State:
    """The state of a user as listed. What could not be seen counts as no: who writes must see it."""
    return State(
        first=user.first,
        last=user.last,
        email=user.email,
        active=user.active,
        ignore=bool(user.ignore),
        integration_id=user.integration_id or "",
    )


def acts(found: Forecast) -> tuple[Act, ...]:
    """Everything a sync would change, in its order: updates, rule b, links and creations, rule a.

    An ignored user is left alone though it is linked: whether Nexonia updates those is unconfirmed. An update that
    changes nothing is left out.
    """
    made = [(act, outcome) for outcome in found.outcomes for act in _of(found.sides, outcome)]
    return tuple(act for act, _ in sorted(made, key=lambda pair: _turn(pair[1])))


def _turn(outcome: Outcome) -> int:
    """Sorting is stable, so those of one turn stay in the order of the forecast."""
    if outcome.action is SyncAction.UPDATE:
        return 0
    if outcome.rule is SyncRule.LINK_NO_LONGER_QUALIFIES:
        return 1
    return 3 if outcome.action is SyncAction.INACTIVATE else 2


def _of(sides: Sides, outcome: Outcome) -> Iterator[Act]:
    record, user = outcome.record, outcome.user
    before = state(user) if user is not None else None

    def act(kind: ActKind, after: State) -> Act:
        return Act(
            kind=kind,
            user_id=user.id if user is not None else "",
            before=before,
            after=after,
            reason=outcome.reason,
            rule=outcome.rule.value,
        )

    if record is not None and outcome.action is SyncAction.CREATE:
        yield act(ActKind.CREATE, _after(record, link_text(sides, record)))
    elif record is not None and outcome.action is SyncAction.LINK:
        yield act(ActKind.LINK, _after(record, link_text(sides, record)))
    elif before is not None and outcome.action is SyncAction.INACTIVATE:
        yield act(ActKind.INACTIVATE, msgspec.structs.replace(before, active=False))
    elif (
        record is not None
        and user is not None
        and outcome.action is SyncAction.UPDATE
        and differences(record, user)
        and not user.ignore
    ):
        yield act(ActKind.UPDATE, _after(record, user.integration_id or ""))


def link_text(sides: Sides, record: Record) -> str:
    """The Integration ID that means a record: its id; a vendor's names its kind where an employee has the same one."""
    return sides.ref(record) if record.kind is RecordKind.VENDOR else record.id


def _after(record: Record, integration_id: str) -> State:
    return State(
        first=record.first,
        last=record.last,
        email=record.email,
        active=True,
        ignore=False,
        integration_id=integration_id,
    )


def written(all_of_them: tuple[Act, ...]) -> str:
    """As one text, which ``read`` reads."""
    return msgspec.json.encode(all_of_them).decode()


def read(text: str) -> tuple[Act, ...]:
    """What ``written`` wrote.

    Raises:
        msgspec.DecodeError: it did not.
    """
    return msgspec.json.decode(text, type=tuple[Act, ...])
