"""The bot as its own process, killed at every named point of its work: it resumes, and nothing is doubled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.company import load
from tests.crash.town import Town, town
from tests.e2e.desk import words_of

LEAVER = "marcus.delacroix@larkspur.example"
TARGET = "svc.orders@integrations.larkspur.example"
MADE = "svc.ledger@integrations.larkspur.example"
CREATE = (
    f'salesforce create "Ledger sync" --email ledger@larkspur.example --username {MADE} '
    "--permission_sets Integration_Orders "
    '--reason "The ledger gets its own account"'
)
ACTS = 3  # the user, its licence, its permission set
KILLS = (
    "advance.step:before",
    "step.recorded",  # the preflight, which only looks
    *(("step.intended", "step.applied", "step.recorded") * ACTS),
    "advance.step:done",
    "advance.step:recorded",
)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """An installation of its own for each test, allowed to look for its own messages."""
    async with town(tmp_path, load()) as made:
        await made.may_read_history()
        yield made


async def _asked(place: Town, text: str) -> str:
    """Ask for something as an operator; the request's reference."""
    desk = place.desk
    answer = words_of(await desk.slash(desk.who("operator"), text))
    assert "Asked: " in answer, answer
    return answer.split("requests ")[1].split()[0]


async def _approved(place: Town, ref: str) -> None:
    """Approve as somebody else; the bot may die before it has answered."""
    desk = place.desk
    await desk.post(
        "/slack/slash", {"user": desk.who("approver"), "channel": desk.channel, "text": f"approve {ref}"}
    )


async def _done(place: Town, ref: str) -> bool:
    return any(f"request {ref}" in words and "Done." in words for words in await place.posts())


async def _nothing_doubled(place: Town, ref: str) -> None:
    """One card, each note once in its thread, one message to the requester, a trail that holds together."""
    desk = place.desk

    async def settled() -> bool:
        told = await desk.dm(desk.who("operator"))
        return await _done(place, ref) and any("Done." in words_of(m) for m in told)

    await desk.until(settled, 30.0)
    messages = await desk.messages()
    own = [m for m in messages if m.get("thread_ts") in (None, m["ts"])]
    cards = [m for m in own if f"request {ref}" in words_of(m)]
    assert len(cards) == 1, [(m["ts"], m.get("thread_ts"), words_of(m)) for m in messages]
    notes = [words_of(m) for m in messages if m.get("thread_ts") == cards[0]["ts"] and m not in own]
    assert len(notes) == len(set(notes)) >= 4, notes
    told = [words_of(m) for m in await desk.dm(desk.who("operator"))]
    assert sum("Done." in words for words in told) == 1, told
    await place.stop()
    await place.trail_is_whole()


@pytest.mark.timeout(300)
async def test_a_scan_killed_at_each_point_is_taken_up(place: Town) -> None:
    """The first scan survives a kill before it, inside it and after it; each alert is told once."""
    for point in ("scan.look:before", "scan.look:done", "scan.look:recorded"):
        await place.start(f"{point}:1")
        await place.dies()
    await place.start()
    desk = place.desk
    alert = await place.said_once("was deactivated")
    await place.said_once("SelfSignedCert")
    await asyncio.sleep(3)  # what would be doubled is doubled by now: upkeep and a further scan have run
    twice = {words: n for words, n in (await place.posts()).items() if n > 1}
    assert not twice
    shown = words_of(await desk.slash(desk.who("viewer"), "status --details"))
    assert "salesforce:prod" in shown
    assert alert["ts"] in {m["ts"] for m in await desk.messages()}
    await place.stop()
    await place.trail_is_whole()


@pytest.mark.timeout(600)
async def test_a_creation_killed_at_every_point_makes_one_user(place: Town) -> None:
    """Killed at each point of each step in turn, an approved plan comes to its end, and made one of everything."""
    await place.start(f"{KILLS[0]}:1")
    ref = await _asked(place, CREATE)
    await _approved(place, ref)
    await place.dies()
    for point in KILLS[1:]:
        await place.start(f"{point}:1")
        await place.dies()
    await place.start()
    await _nothing_doubled(place, ref)
    assert len(place.users(MADE)) == 1
    for kind in ("User", "PermissionSetLicenseAssign", "PermissionSetAssignment"):
        assert place.took("POST", f"/sobjects/{kind}") == [201], kind
    notes = [words for words in await place.posts() if words.startswith("Done: ")]
    assert len(notes) == ACTS, "each act is told as an act, though a crash came between it and its record"


@pytest.mark.timeout(600)
async def test_a_handover_killed_around_its_last_act_revokes_once(place: Town) -> None:
    """Guided, proven, silent, then killed before, after and beyond the revocation: one that took effect."""
    desk = place.desk
    await place.start()
    await desk.said("SelfSignedCert", within_s=30)
    ref = await _asked(place, f'handover marketo to {TARGET} --reason "Marcus leaves on Friday"')
    await _approved(place, ref)
    await desk.said("Your turn", "Approve Marketo sync", within_s=30)
    await place.kill()
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await place.start("step.recorded:1")
    await place.dies()  # the authorisation was seen and recorded, then nothing more
    await place.start()
    await desk.said("Confirmed", "Approve Marketo sync as", within_s=30)
    await desk.post("/advance", {"seconds": 5})
    await desk.post("/salesforce/use", {"username": TARGET, "app": "Marketo sync", "times": 3})
    await desk.said("Confirmed", "Check that the new grant works", within_s=30)
    await place.kill()
    await desk.post("/advance", {"days": 1, "seconds": 120})
    for point in ("step.intended:1", "step.applied:1", "advance.step:done:1"):
        await place.start(point)
        await place.dies()
    assert "Marketo sync" not in await desk.grants(LEAVER)
    await place.start()
    await _nothing_doubled(place, ref)
    assert "Marketo sync" in await desk.grants(TARGET)
    assert place.took("POST", "/oauth2/revoke") == [200]
    assert "Done: Revoke the grant" in " ".join(await place.posts()), "it was us, though a crash came between"


@pytest.mark.timeout(300)
async def test_killed_at_the_approval_and_at_the_turn_back_both_still_hold(place: Town) -> None:
    """A yes that was written runs though nobody was told; a turn back that was written is walked to its end."""
    desk = place.desk
    await place.start("request.decided:1")
    await desk.said("SelfSignedCert", within_s=30)
    ref = await _asked(place, f'handover marketo to {TARGET} --reason "Marcus leaves on Friday"')
    await _approved(place, ref)
    await place.dies()
    await place.start("request.turned_back:1")
    await desk.said("Your turn", "Approve Marketo sync", within_s=30)
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await desk.said("Confirmed", "Approve Marketo sync as", within_s=30)
    back = {"user": desk.who("operator"), "channel": desk.channel, "text": f"rollback {ref}"}
    await desk.post("/slack/slash", back)
    await place.dies()
    assert "Marketo sync" in await desk.grants(TARGET)  # nothing was taken back yet
    await place.start()
    await desk.said("Rolled back", f"audit {ref}", within_s=30)
    assert "Marketo sync" not in await desk.grants(TARGET)
    assert "Marketo sync" in await desk.grants(LEAVER)
    assert place.took("POST", "/oauth2/revoke") == [200]
    await place.stop()
    await place.trail_is_whole()


@pytest.mark.timeout(300)
async def test_a_kill_while_an_answer_is_awaited_asks_again_and_does_not_repeat(place: Town) -> None:
    """The user was made and the answer never came; a kill meanwhile changes nothing: it is looked up, not remade."""
    desk = place.desk
    await place.start()
    ref = await _asked(place, CREATE)
    fault = {"platform": "salesforce", "kind": "timeout_after_effect", "match": "POST .*/sobjects/User$"}
    await desk.post("/faults", fault)
    await _approved(place, ref)

    async def made() -> bool:
        return bool(place.users(MADE))

    await desk.until(made, 30.0)
    await place.kill()
    await desk.post("/faults", {"clear": True})
    await place.start()
    await _nothing_doubled(place, ref)
    assert len(place.users(MADE)) == 1
    assert place.took("POST", "/sobjects/User") == [None]  # one call, and it was never answered


@pytest.mark.timeout(600)
async def test_killed_at_random_it_comes_to_the_same_end(place: Town) -> None:
    """A plan and a deactivation under kill after kill, at any instant: one user, one alert, each note once."""
    chance = random.Random(20261121)  # the same kills every time
    desk = place.desk
    await place.start()
    ref = await _asked(place, CREATE)
    await _approved(place, ref)
    await desk.post("/deactivate", {"email": LEAVER, "where": ["slack"]})
    for _ in range(6):
        await asyncio.sleep(chance.uniform(0.0, 1.2))
        await place.kill()
        await place.start()
    await place.said_once("Marcus Delacroix", "was deactivated")
    await _nothing_doubled(place, ref)
    assert len(place.users(MADE)) == 1
    assert place.took("POST", "/sobjects/User").count(201) == 1
