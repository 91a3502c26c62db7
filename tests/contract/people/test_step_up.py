"""Codes of an authenticator app: good once, for their owner, and never guessed."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest
from authenticator import code_of
from store_contents import by_hand
from store_samples import person

from bot.audit.repository import AuditLog
from bot.chat.codec import decode_reply
from bot.clock import FixedClock
from bot.db.store import Store
from bot.errors import BadArgument, Conflict, Denied, StoreError
from bot.people.model import StepUp
from bot.people.repository import PersonRepository, StepUpRepository
from bot.people.step_up import RECOVERY_CODES, StepUps

WHO = "UONE"


async def enrolled(step_ups: StepUps, clock: FixedClock, who: str = WHO) -> tuple[str, tuple[str, ...]]:
    """Enrol somebody; the address their app has, and their recovery codes. A new code shows afterwards."""
    begun = await step_ups.begin(who, "cli:test")
    codes = await step_ups.confirm(who, code_of(begun.uri, clock.now()), "cli:test")
    clock.at += timedelta(seconds=30)
    return begun.uri, codes


async def refused(step_ups: StepUps, code: str, who: str = WHO) -> str:
    """Why a code is not accepted."""
    with pytest.raises(Denied) as caught:
        await step_ups.prove(who, code, "7K2QXM")
    return caught.value.reason


async def said(store: Store) -> list[str]:
    """What the trail says of step-ups, oldest first."""
    async with store.read() as unit:
        lines = await unit[AuditLog].tail(200)
    return [line.action for line in reversed(lines) if line.action.startswith("step_up:")]


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_tests_own_app_agrees_with_the_standard(at_s: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits: what the other tests compare with is right."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_of(f"otpauth://totp/x?secret={secret}", datetime.fromtimestamp(at_s, UTC)) == code


async def test_a_code_is_good_once(store: Store, clock: FixedClock) -> None:
    """The app's code is accepted, and the same one never again: not now, and not as long as it is shown."""
    step_ups = StepUps(store, clock)
    uri, _ = await enrolled(step_ups, clock)
    code = code_of(uri, clock.now())
    await step_ups.prove(WHO, f" {code[:3]} {code[3:]} ", "7K2QXM")  # as apps write it
    assert await refused(step_ups, code) == "step_up_replayed"
    clock.at += timedelta(seconds=29)
    assert await refused(step_ups, code) == "step_up_replayed"
    assert await said(store) == [
        "step_up:begun", "step_up:enrolled", "step_up:passed", "step_up:replayed", "step_up:replayed",
    ]  # fmt: skip


async def test_the_code_that_confirmed_the_enrolment_approves_nothing(
    store: Store, clock: FixedClock
) -> None:
    """It was read out on a terminal, so it is used."""
    step_ups = StepUps(store, clock)
    begun = await step_ups.begin(WHO, "cli:test")
    await step_ups.confirm(WHO, code_of(begun.uri, clock.now()), "cli:test")
    assert await refused(step_ups, code_of(begun.uri, clock.now())) == "step_up_replayed"


@pytest.mark.parametrize(("steps", "fine"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_telephones_clock_may_be_half_a_minute_off(
    store: Store, clock: FixedClock, steps: int, fine: bool
) -> None:
    """One step either way is accepted, two are not."""
    step_ups = StepUps(store, clock)
    uri, _ = await enrolled(step_ups, clock)
    clock.at += timedelta(minutes=5)
    code = code_of(uri, clock.now(), steps)
    if fine:
        await step_ups.prove(WHO, code, "7K2QXM")
    else:
        assert await refused(step_ups, code) == "step_up_wrong"


async def test_nothing_older_than_a_used_code_is_accepted(store: Store, clock: FixedClock) -> None:
    """Once a newer code was used, the one before it is as good as used."""
    step_ups = StepUps(store, clock)
    uri, _ = await enrolled(step_ups, clock)
    clock.at += timedelta(minutes=5)
    await step_ups.prove(WHO, code_of(uri, clock.now(), 1), "7K2QXM")
    assert await refused(step_ups, code_of(uri, clock.now(), 0)) == "step_up_replayed"
    assert await refused(step_ups, code_of(uri, clock.now(), -1)) == "step_up_replayed"


async def test_many_clicks_with_one_code_pass_once(store: Store, clock: FixedClock) -> None:
    """However many use the same code in the same instant, one is let through."""
    step_ups = StepUps(store, clock)
    uri, codes = await enrolled(step_ups, clock)
    for code in (code_of(uri, clock.now()), codes[0]):
        clicks = (step_ups.prove(WHO, code, "7K2QXM") for _ in range(40))
        done = await asyncio.gather(*clicks, return_exceptions=True)
        assert sum(one is None for one in done) == 1
        assert all(one is None or isinstance(one, Denied) for one in done)
        clock.at += timedelta(hours=1)


async def test_five_wrong_codes_lock_for_a_quarter_of_an_hour(store: Store, clock: FixedClock) -> None:
    """While it is locked even the right code and a recovery code are not looked at; afterwards they are."""
    step_ups = StepUps(store, clock)
    uri, codes = await enrolled(step_ups, clock)
    reasons = [await refused(step_ups, "12345") for _ in range(5)]
    assert reasons == ["step_up_wrong"] * 4 + ["step_up_locked"]
    clock.at += timedelta(minutes=14, seconds=59)
    assert await refused(step_ups, code_of(uri, clock.now())) == "step_up_locked"
    assert await refused(step_ups, codes[0]) == "step_up_locked"
    with pytest.raises(Denied, match="15 minutes"):
        await step_ups.check(WHO)
    clock.at += timedelta(seconds=1)
    await step_ups.prove(WHO, code_of(uri, clock.now()), "7K2QXM")
    assert (await step_ups.of(WHO)).wrong == 0
    assert (await said(store)).count("step_up:locked") == 1


async def test_a_right_code_forgives_wrong_ones_before_it(store: Store, clock: FixedClock) -> None:
    """Four slips, a right code, four slips: nobody is locked out for mistyping now and then."""
    step_ups = StepUps(store, clock)
    uri, _ = await enrolled(step_ups, clock)
    for _ in range(2):
        assert {await refused(step_ups, "000000000") for _ in range(4)} == {"step_up_wrong"}
        await step_ups.prove(WHO, code_of(uri, clock.now()), "7K2QXM")
        clock.at += timedelta(seconds=30)


async def test_guesses_at_the_same_time_are_all_counted(store: Store, clock: FixedClock) -> None:
    """A hundred wrong codes at once get five tries, like a hundred in a row."""
    step_ups = StepUps(store, clock)
    await enrolled(step_ups, clock)
    guesses = (refused(step_ups, f"x{n}") for n in range(100))
    reasons = await asyncio.gather(*guesses)
    assert reasons.count("step_up_wrong") == 4
    assert reasons.count("step_up_locked") == 96


async def test_a_recovery_code_is_good_once(store: Store, clock: FixedClock) -> None:
    """Typed in any case and with look-alikes, each serves one time, and only its owner."""
    step_ups = StepUps(store, clock)
    _, codes = await enrolled(step_ups, clock)
    _, others = await enrolled(step_ups, clock, "UTWO")
    assert len(set(codes)) == RECOVERY_CODES
    await step_ups.prove(WHO, codes[3].lower().replace("-", " ").replace("0", "o"), "7K2QXM")
    assert await refused(step_ups, codes[3]) == "step_up_wrong"
    assert await refused(step_ups, others[0]) == "step_up_wrong"
    assert len((await step_ups.of(WHO)).recovery) == RECOVERY_CODES - 1
    await step_ups.prove("UTWO", others[0], "7K2QXM")


async def test_an_enrolment_counts_only_once_confirmed(store: Store, clock: FixedClock) -> None:
    """A secret that was shown and never answered proves nothing; a second one takes its place."""
    step_ups = StepUps(store, clock)
    first = await step_ups.begin(WHO, "cli:test")
    assert await refused(step_ups, code_of(first.uri, clock.now())) == "step_up_not_enrolled"
    second = await step_ups.begin(WHO, "cli:test")
    with pytest.raises(Denied):
        await step_ups.confirm(WHO, code_of(first.uri, clock.now()), "cli:test")
    assert not (await step_ups.of(WHO)).enrolled
    assert await step_ups.confirm(WHO, code_of(second.uri, clock.now()), "cli:test")
    with pytest.raises(Conflict):
        await step_ups.confirm(WHO, code_of(second.uri, clock.now()), "cli:test")


async def test_an_enrolment_cannot_be_replaced_unseen(store: Store, clock: FixedClock) -> None:
    """Who is enrolled has to be reset first, and that is written down and told to them."""
    step_ups = StepUps(store, clock)
    uri, codes = await enrolled(step_ups, clock)
    with pytest.raises(Conflict, match="already"):
        await step_ups.begin(WHO, "cli:test")
    await step_ups.reset(WHO, "UADMIN")
    assert await refused(step_ups, code_of(uri, clock.now())) == "step_up_not_enrolled"
    assert await refused(step_ups, codes[0]) == "step_up_not_enrolled"
    async with store.read() as unit:
        (told,) = await unit.outbox.due(clock.now(), 10)
        (line,) = [one for one in await unit[AuditLog].tail(10) if one.action == "step_up:reset"]
    assert told.posting.channel == WHO
    assert "taken off" in str(decode_reply(told.posting.body))
    assert (line.actor, line.subject) == ("UADMIN", WHO)
    with pytest.raises(BadArgument):
        await step_ups.reset(WHO, "UADMIN")


async def test_nothing_secret_lies_open(store: Store, clock: FixedClock, database_url: str) -> None:
    """Secret, codes and recovery codes are in no repr, no line of the trail and no message."""
    async with store.write() as unit:
        await unit[PersonRepository].put(person(slack_id=WHO))
    step_ups = StepUps(store, clock)
    begun = await step_ups.begin(WHO, "cli:test")
    code = code_of(begun.uri, clock.now())
    codes = await step_ups.confirm(WHO, code, "cli:test")
    clock.at += timedelta(seconds=30)
    later = code_of(begun.uri, clock.now())
    await step_ups.prove(WHO, later, "7K2QXM")
    await step_ups.prove(WHO, codes[0], "7K2QXM")
    assert await refused(step_ups, "987654") == "step_up_wrong"
    async with store.read() as unit:
        trail, kept = await unit[AuditLog].tail(100), await unit[StepUpRepository].get(WHO)
    shown = f"{trail} {kept} {begun}"
    raw = base64.b32decode(begun.secret)
    for secret in (begun.secret, repr(raw)[2:-1], code, later, "987654", *codes):
        assert secret not in shown


async def test_a_row_set_back_by_hand_is_not_believed(
    store: Store, clock: FixedClock, database_url: str
) -> None:
    """Whoever lowers the revision to use a code twice gets nothing, and no approval either."""
    step_ups = StepUps(store, clock)
    uri, _ = await enrolled(step_ups, clock)
    await by_hand(database_url, "UPDATE step_up SET rev = rev - 1 WHERE slack_id = :who", who=WHO)
    with pytest.raises(StoreError, match="by hand"):
        await step_ups.prove(WHO, code_of(uri, clock.now()), "7K2QXM")


async def test_of_two_changes_of_one_enrolment_one_is_kept(store: Store) -> None:
    """Compare-and-swap: what was seen has to be what is there."""
    async with store.write() as unit:
        seen = await unit[StepUpRepository].get(WHO)
        assert await unit[StepUpRepository].swap(seen, StepUp(slack_id=WHO, last_step=1))
        assert not await unit[StepUpRepository].swap(seen, StepUp(slack_id=WHO, last_step=2))
        now = await unit[StepUpRepository].get(WHO)
        assert (now.last_step, now.rev) == (1, 1)
        assert await unit[StepUpRepository].swap(now, StepUp(slack_id=WHO, last_step=3))
        assert not await unit[StepUpRepository].swap(now, StepUp(slack_id=WHO, last_step=4))
