"""Target states of a rotation: a new pair is staged, signs in, is the main one; the former is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.errors import NotSupported
from bot.platform.plan import Action, Confirmation, Outcome
from bot.text import Secret
from platforms.salesforce import consumers, logins, permissions
from platforms.salesforce.consumers import Consumer, Pair, Staged
from platforms.salesforce.logins import format_time
from platforms.salesforce.org import Org


async def staged(org: Org, action: Action) -> Confirmation:
    """Whether a new pair is in the slot, or is the main one already."""
    consumer = await _consumer(org, action)
    known = action.known.get("new_key", "")
    if known and consumer.main == known:
        return Confirmation(outcome=Outcome.DONE, detail="the new pair is the main one already")
    slot = consumer.staged
    if slot is None:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="the staged slot is empty")
    if slot.status != consumers.ACTIVE:
        return Confirmation(
            outcome=Outcome.UNKNOWN, detail="the staged slot holds the old pair of another rotation"
        )
    return Confirmation(
        outcome=Outcome.DONE,
        detail="a new pair is staged; both work",
        record_id=slot.pair.name,
        facts={"new_key": slot.pair.name, "old_key": consumer.main},
    )


async def stage(org: Org, action: Action) -> None:
    """Stage a new pair."""
    await consumers.stage(org.client, await _consumer(org, action))


async def unstaged(org: Org, action: Action) -> Confirmation:
    """Whether the pair that this plan staged is gone from the slot."""
    if (slot := _ours(await _consumer(org, action), action)) is None:
        return Confirmation(outcome=Outcome.DONE, detail="nothing of this plan is staged")
    return Confirmation(outcome=Outcome.NOT_DONE, detail="the new pair is staged", record_id=slot.pair.name)


async def unstage(org: Org, action: Action) -> None:
    """End the pair that this plan staged."""
    if slot := _ours(await _consumer(org, action), action):
        await consumers.discard(org.client, slot)


async def works(org: Org, action: Action) -> Confirmation:
    """Whether the new pair gets a token. The token is used for nothing."""
    pair = await _new(org, action)
    if pair is None:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="the new pair is gone")
    if why := await consumers.signs_in(org.client, pair):
        return Confirmation(outcome=Outcome.NOT_DONE, detail=f"the new pair is refused: {why}")
    return Confirmation(outcome=Outcome.DONE, detail="the new pair got a token", record_id=pair.name)


async def rested(org: Org, action: Action) -> Confirmation:
    """Whether ``params["window_s"]`` seconds have passed without a refused sign-in through the app."""
    await org.must_see(permissions.LOGINS)
    since = logins.begun(action)
    if since is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="the start of this step is not on record")
    tries = await logins.since(org, action.params["user"], action.params["application_name"], since)
    failed = [login for login in tries if not login.succeeded]
    quiet_from = failed[-1].at if failed else since
    until = quiet_from + timedelta(seconds=int(action.params["window_s"]))
    if until > org.client.wire.now():
        why = f"; a sign-in from {failed[-1].source} failed: {failed[-1].status}" if failed else ""
        return Confirmation(
            outcome=Outcome.NOT_DONE, detail=f"waits for no refused sign-in until {format_time(until)}{why}"
        )
    good = len(tries) - len(failed)
    return Confirmation(outcome=Outcome.DONE, detail=f"{good} sign-ins through the app, none refused")


async def promoted(org: Org, action: Action) -> Confirmation:
    """Whether the new pair is the main one."""
    consumer = await _consumer(org, action)
    if consumer.main == action.known.get("new_key"):
        return Confirmation(
            outcome=Outcome.DONE, detail="the new pair is the main one", record_id=consumer.main
        )
    return Confirmation(outcome=Outcome.NOT_DONE, detail="the old pair is still the main one")


async def promote(org: Org, action: Action) -> None:
    """Make the new pair the main one."""
    consumer = await _consumer(org, action)
    slot = _ours(consumer, action)
    if slot is None:
        raise NotSupported("the new pair is not staged any more: plan again", operation="promote")
    await consumers.promote(org.client, slot)


async def former_gone(org: Org, action: Action) -> Confirmation:
    """Whether the former pair is neither main nor in the slot."""
    consumer = await _consumer(org, action)
    old = action.known.get("old_key", "")
    if not old:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="which pair was the old one is not on record")
    if consumer.main == old or (consumer.staged and consumer.staged.pair.name == old):
        return Confirmation(outcome=Outcome.NOT_DONE, detail="the old pair still works")
    return Confirmation(outcome=Outcome.DONE, detail="the old pair is deleted", record_id=old)


async def end_former(org: Org, action: Action) -> None:
    """End the former pair, where it is the one in the slot."""
    slot = (await _consumer(org, action)).staged
    if slot and slot.pair.name == action.known.get("old_key"):
        await consumers.discard(org.client, slot)


async def disclose(org: Org, action: Action) -> Mapping[str, Secret]:
    """The new pair, as consumers call it."""
    pair = await _new(org, action)
    return {} if pair is None else {"client_id": pair.key, "client_secret": pair.secret}


async def _consumer(org: Org, action: Action) -> Consumer:
    return await consumers.read(org.client, action.params["application"])


def _ours(consumer: Consumer, action: Action) -> Staged | None:
    """The staged pair, if it is this plan's: the slot was empty when it was planned, so an unrecorded one is ours."""
    slot, known = consumer.staged, action.known.get("new_key", "")
    return slot if slot and slot.status == consumers.ACTIVE and known in ("", slot.pair.name) else None


async def _new(org: Org, action: Action) -> Pair | None:
    consumer = await _consumer(org, action)
    if slot := _ours(consumer, action):
        return slot.pair
    if consumer.main == action.known.get("new_key"):
        return await consumers.main_pair(org.client, consumer)
    return None
