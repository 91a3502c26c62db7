"""Tonight's sync, whole: what happens to everybody, what to look at, and whether it must be stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.text import plural
from bot.user_sync.matching import Sides, sides
from bot.user_sync.model import Outcome, Record, RecordKind, Rules, SyncAction, User
from bot.user_sync.notices import Notice, Scene, collisions, near_misses, oddities
from bot.user_sync.rules import decided

LIMIT_USERS = 5  # inactivations of one sync above which a person must look
LIMIT_SHARE = 0.10  # and the share of active users


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a sync would do. ``brake`` is why it must not run unseen, or ""."""

    rules: Rules
    sides: Sides
    outcomes: tuple[Outcome, ...]
    notices: tuple[Notice, ...]
    counts: Mapping[SyncAction, int]  # every action, also those that nobody gets
    safety_limit: str
    hints: tuple[str, ...]  # about the forecast as a whole

    def of(self, *actions: SyncAction) -> tuple[Outcome, ...]:
        """The outcomes of some actions, in order."""
        return tuple(outcome for outcome in self.outcomes if outcome.action in actions)


def forecast(records: tuple[Record, ...], users: tuple[User, ...], rules: Rules) -> Forecast:
    """What a sync under ``rules`` would do, and what a person should know of it before."""
    both = sides(records, users)
    outcomes = decided(both, rules)
    scene = Scene(outcomes, both)
    counts = Counter(outcome.action for outcome in outcomes)
    return Forecast(
        rules=rules,
        sides=both,
        outcomes=outcomes,
        notices=(*near_misses(scene), *collisions(scene), *oddities(scene, rules)),
        counts={action: counts[action] for action in SyncAction},
        safety_limit=safety_limit(counts[SyncAction.INACTIVATE], sum(user.active for user in users)),
        hints=tuple(_hints(scene, rules)),
    )


def safety_limit(ending: int, active: int) -> str:
    """Why a sync that makes ``ending`` of ``active`` users inactive must be looked at first, or ""."""
    if ending > LIMIT_USERS or ending > LIMIT_SHARE * active:
        return (
            f"{plural(ending, 'user')} of {active:,} active would be made inactive: more than {LIMIT_USERS}, or more "
            f"than {LIMIT_SHARE:.0%}. A listing that came back short or a checkbox that nobody ticked looks like this."
        )
    return ""


def _hints(scene: Scene, rules: Rules) -> list[str]:
    hints = []
    for kind in RecordKind:
        mine = [r for r in scene.sides.records if r.kind is kind and r.active]
        if kind in rules.kinds and (kind is RecordKind.VENDOR or rules.employee_filter) and mine:
            if all(record.flag is None for record in mine):
                hints.append(f"The checkbox of {kind}s is not visible, so none of them qualifies.")
            elif not any(record.flag for record in mine):
                hints.append(f"Not one active {kind} has the checkbox ticked, so none of them qualifies.")
        if kind in rules.kinds and not any(r.kind is kind for r in scene.sides.records):
            hints.append(f"There is no {kind} at all in the listing.")
    if any(user.integration_id is None for user in scene.sides.users):
        hints.append("The Integration ID is not listed: who is linked is unknown, and each line says both.")
    if any(user.ignore is None for user in scene.sides.users):
        hints.append("“Ignore for Integration” is not in the list of users: anybody may be ignored.")
    return hints
