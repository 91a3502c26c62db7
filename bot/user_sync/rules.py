"""What one sync does: the rules of help.nexonia.com 231967567 (read 2026-11), as decision tables over two listings.

The order is: qualify; update who is linked; link or create one record at a time; make inactive. So a renamed record
keeps its link, and two records never share a user. Where the article is silent the reading is ours, the one that
destroys least, and ``bot.user_sync.notices`` says so to whoever reads the forecast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from bot.user_sync.matching import Sides, sides, spelled_alike
from bot.user_sync.model import Outcome, Record, Rules, SyncAction, SyncRule, User, shortfall


def decide(records: Iterable[Record], users: Iterable[User], rules: Rules) -> tuple[Outcome, ...]:
    """What a sync under ``rules`` does with everybody. Linear but for sorting.

    First every record once (once for each user where several are linked to it), employees before vendors, by
    ascending id; then every user who is not in one of those lines as updated, linked or stranded, by ascending id.
    """
    return decided(sides(records, users), rules)


def decided(both: Sides, rules: Rules) -> tuple[Outcome, ...]:
    """``decide`` over sides that are put side by side already."""
    sync = _Sync(both, rules)
    return (*sync.of_records(), *sync.of_users())


class _Sync:
    """One pass over both sides. Each record is settled before the next is looked at."""

    def __init__(self, both: Sides, rules: Rules) -> None:
        self.sides = both
        self.rules = rules
        self.unsure = any(user.integration_id is None for user in both.users)
        self.wanted: set[str] = set()  # keys of who qualifies
        self.settled: set[str] = set()  # ids of users who are updated, linked or stranded
        self.namesakes: dict[str, list[User]] = {}  # by key, of records that are not linked
        keys = both.keys
        alone = {keys[id(record)] for record in both.records if id(record) not in both.users_of}
        for user in both.users:
            if (mine := keys[id(user)]) in alone:
                self.namesakes.setdefault(mine, []).append(user)

    def of_records(self) -> Iterator[Outcome]:
        for record in self.sides.records:
            if why := shortfall(record, self.rules):
                yield self._say(
                    SyncAction.NONE,
                    SyncRule.NOT_QUALIFYING,
                    f"does not qualify: {why}",
                    if_linked="its user is made inactive",
                    record=record,
                )
                continue
            mine = self.sides.keys[id(record)]
            self.wanted.add(mine)
            linked = self.sides.users_of.get(id(record))
            if linked is None:
                yield self._unlinked(record, self.namesakes.get(mine, ()))
            elif any(map(_active, linked)):
                for user in filter(_active, linked):
                    self.settled.add(user.id)
                    yield _update(record, user)
            else:
                self.settled.add(linked[0].id)
                yield Outcome(
                    action=SyncAction.STRANDED,
                    rule=SyncRule.LINKED_INACTIVE,
                    record=record,
                    user=linked[0],
                    reason="qualifies, but is linked to an inactive user, and no rule reactivates one",
                )

    def _unlinked(self, record: Record, namesakes: Sequence[User]) -> Outcome:
        free = [u for u in namesakes if u.active and not u.integration_id and u.id not in self.settled]
        for user in free:
            if not user.ignore:
                self.settled.add(user.id)
                return self._say(
                    SyncAction.LINK,
                    SyncRule.MATCH_FREE,
                    _FREE,
                    if_linked="it is updated",
                    record=record,
                    user=user,
                )
        if free:
            return self._say(
                SyncAction.BLOCKED_BY_IGNORED,
                SyncRule.MATCH_IGNORED,
                _BLOCKED,
                if_linked="its user is updated",
                record=record,
                user=free[0],
            )
        reason = "qualifies, is not linked, and matches no active user who is free"
        if any(not user.active for user in namesakes):
            reason += "; an inactive user matches and is left as it is"
        if any(user.active for user in namesakes):
            reason += "; an active user matches and belongs to another record"
        return self._say(
            SyncAction.CREATE,
            SyncRule.NO_MATCH,
            reason,
            if_linked="its user is updated, or stays inactive where it is inactive",
            record=record,
        )

    def of_users(self) -> Iterator[Outcome]:
        for user in self.sides.users:
            if user.id not in self.settled:
                yield self._left(user)

    def _left(self, user: User) -> Outcome:
        """A user whom no record claimed."""
        record = self.sides.linked.get(user.id)
        if not user.active:
            return self._say(SyncAction.NONE, SyncRule.USER_INACTIVE, _INACTIVE, record=record, user=user)
        if user.ignore:
            return self._say(SyncAction.NONE, SyncRule.USER_IGNORED, _IGNORED, record=record, user=user)
        if user.integration_id:
            why = shortfall(record, self.rules) if record is not None else "it is not in the listing"
            reason = f"its linked record no longer qualifies: {why}"
            rule = SyncRule.LINK_NO_LONGER_QUALIFIES
            return self._say(SyncAction.INACTIVATE, rule, reason, record=record, user=user)
        if self.sides.keys[id(user)] in self.wanted:
            return self._say(
                SyncAction.ORPHAN, SyncRule.MATCH_TAKEN, _TAKEN, if_linked="it follows its record", user=user
            )
        return self._say(
            SyncAction.INACTIVATE,
            SyncRule.MATCHES_NOBODY,
            "matches no record that qualifies, by e-mail and name",
            if_linked="made inactive only if its record no longer qualifies, else updated",
            user=user,
        )

    def _say(
        self,
        action: SyncAction,
        rule: SyncRule,
        reason: str,
        *,
        if_linked: str = "",
        record: Record | None = None,
        user: User | None = None,
    ) -> Outcome:
        """An outcome; what could not be seen stands before its reason."""
        if self.unsure:
            reason = (
                f"if not linked: {reason}; if linked: {if_linked}"
                if if_linked
                else f"linked or not: {reason}"
            )
        if user is not None and user.ignore is None and action in (SyncAction.LINK, SyncAction.INACTIVATE):
            reason = f"unless it is ignored for the integration: {reason}"
        return Outcome(action=action, rule=rule, reason=reason, record=record, user=user)


_active = attrgetter("active")
_UPDATE = SyncAction.UPDATE  # what nine in ten get; an Enum's look-up is slow in 3.11
_LINKED_ACTIVE = SyncRule.LINKED_ACTIVE
_FREE = "qualifies, is not linked, and matches an active user who is free"
_BLOCKED = (
    "matches a user who is ignored for the integration: gets no user of its own, and the ignored user's data is not "
    "exported"
)
_INACTIVE = "inactive, and no rule reactivates"
_IGNORED = "ignored for the integration: never linked, never made inactive"
_TAKEN = "matches a record that has another user: stays active and unlinked, and its data is not exported"
_SAME = "linked and qualifies; its data is the same already"


def differences(record: Record, user: User) -> tuple[str, ...]:
    """Which data of a user the sync would change, in words."""
    if spelled_alike(record, user):
        return ()
    pairs = (
        ("first name", record.first, user.first),
        ("last name", record.last, user.last),
        ("e-mail", record.email, user.email),
    )
    return tuple(word for word, theirs, ours in pairs if theirs != ours)


def _update(record: Record, user: User) -> Outcome:
    changed = differences(record, user)
    reason = f"linked and qualifies; changes {', '.join(changed)}" if changed else _SAME
    if user.ignore:
        reason += "; it is ignored for the integration, and whether its data still follows is unconfirmed"
    return Outcome(action=_UPDATE, rule=_LINKED_ACTIVE, record=record, user=user, reason=reason)
