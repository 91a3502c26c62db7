"""The acts of a forecast as a plan: a step for each user, each looked up before it is taken and read back after it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bot.errors import BadArgument
from bot.platform.plan import Action, Draft, Plan, PlanKind, Step, StepMode
from bot.text import plural
from bot.user_sync import actions
from bot.user_sync.actions import Act, ActKind
from bot.user_sync.model import User

MOST_STEPS = 40  # of one plan: people read it before they decide; the next plan takes the rest
_TITLES = {
    ActKind.UPDATE: "Update",
    ActKind.LINK: "Link",
    ActKind.CREATE: "Create",
    ActKind.INACTIVATE: "Make inactive",
}
_UNDO = {
    ActKind.UPDATE: "set the old name and e-mail in NetSuite; the next sync brings them back",
    ActKind.LINK: "only Nexonia's support can take a link away",
    ActKind.CREATE: "make the user inactive by hand in Settings > Users",
    ActKind.INACTIVATE: "make the user active again by hand in Settings > Users",
}


def drawn(connection: str, params: Mapping[str, str], users: tuple[User, ...], label: str) -> Draft:
    """
    The plan of the acts in ``params["acts"]``. Objections: users who are no longer as the acts take them to be.

    Raises:
        BadArgument: nothing is to be done, or these are no acts.
    """
    try:
        wanted = actions.read(params.get("acts", ""))
    except msgspec.DecodeError:
        raise BadArgument("acts: draw the plan up with `nexonia apply`.") from None
    if not wanted:
        raise BadArgument("The sync would change nothing, so there is nothing to apply.")
    shown = wanted[:MOST_STEPS]
    known = {user.id: user for user in users}
    objections = [why for act in shown if (why := _stale(act, known.get(act.user_id)))]
    notes = [f"This is {label}."] if label else []
    notes += [one for one in params.get("notes", "").split("\n") if one]
    if len(wanted) > len(shown):
        notes.append(
            f"{plural(len(wanted) - len(shown), 'act')} more: ask for the next plan when this one is done."
        )
    plan = Plan(
        kind=PlanKind.CHANGE,
        connection=connection,
        title=f"Sync {plural(len(shown), 'user')} with NetSuite",
        subject_id="sync",
        subject_label="the users",
        steps=tuple(_step(act) for act in shown),
        notes=tuple(notes),
    )
    return Draft(plan=plan, objections=tuple(objections))


def _stale(act: Act, user: User | None) -> str:
    if act.before is None:
        return ""
    if user is None:
        return f"user {act.user_id} is no longer there"
    return "" if actions.state(user) == act.before else f"user {act.user_id} changed meanwhile"


def _step(act: Act) -> Step:
    after = act.after
    who = f"{after.first} {after.last} <{after.email}>"
    return Step(
        key=act.key,
        mode=StepMode.AUTO,
        title=f"{_TITLES[act.kind]} {who}: {act.reason}",
        action=Action(verb=act.kind.value, subject=act.user_id, params={"act": actions.written((act,))}),
        evidence="the user, read back",
        undo=_UNDO[act.kind],
        destructive=act.kind is ActKind.INACTIVATE,
    )
