"""Each act on a user: whether it is so, and how to bring it about with one write."""

from __future__ import annotations

import msgspec

from bot.errors import NotSupported, PlatformError, Rejected
from bot.platform.plan import Action, Confirmation, Outcome
from bot.user_sync import actions
from bot.user_sync.actions import Act, ActKind, State
from bot.user_sync.model import User
from platforms.nexonia.rest import RestDirectory


async def confirm(directory: RestDirectory, action: Action) -> Confirmation:
    """Whether the user is as the act wants it. What could not be looked at is UNKNOWN."""
    try:
        act = _act(action)
        found = await _find(directory, act)
    except PlatformError as exc:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=exc.hint)
    if found is None:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="there is no such user")
    if _holds(act, actions.state(found)):
        said = (
            "inactive"
            if act.kind is ActKind.INACTIVATE
            else "active, linked, with the record's name and e-mail"
        )
        return Confirmation(outcome=Outcome.DONE, detail=f"user {found.id} is {said}", record_id=found.id)
    return Confirmation(outcome=Outcome.NOT_DONE, detail=f"user {found.id} is not so yet")


async def apply(directory: RestDirectory, action: Action) -> None:
    """
    Write once, unless the user is no longer what the plan was made for.

    Raises:
        Rejected: it changed since, or the directory refused. OutcomeUnknown: it may have happened.
    """
    act = _act(action)
    if act.before is None:
        await directory.create(act.after)
        return
    user = await directory.user(act.user_id)
    if user is None or actions.state(user) != act.before:
        raise Rejected(
            f"user {act.user_id} is no longer as it was when the plan was approved",
            status=409,
            vendor_code="STALE",
        )
    await directory.change(act.user_id, act.before, act.after)


async def _find(directory: RestDirectory, act: Act) -> User | None:
    """By id; a user who is yet to be made by the link that only it can have."""
    if act.user_id:
        return await directory.user(act.user_id)
    linked = [u for u in (await directory.users()).users if u.integration_id == act.after.integration_id]
    return min(linked, key=lambda user: not user.active, default=None)


def _holds(act: Act, now: State) -> bool:
    return not now.active if act.kind is ActKind.INACTIVATE else now == act.after


def _act(action: Action) -> Act:
    try:
        (act,) = actions.read(action.params.get("act", ""))
    except (msgspec.DecodeError, ValueError):
        raise NotSupported(f"{action.verb} is not an act of the sync", operation=action.verb) from None
    return act
