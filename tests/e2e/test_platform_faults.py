"""Salesforce breaks in every documented way while it is listed: no false alert, nothing marked removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
import stamina
from desk import Desk, buttons_of, words_of

from bot.alerts.model import (
    CREDENTIAL_GONE,
    INCIDENT,
    LISTING_REJECTED,
    NOT_USED,
    NOT_VISIBLE,
    OWNER_GONE,
    AlertState,
)
from bot.config import Settings
from bot.findings.model import FindingState
from bot.findings.repository import FindingRepository
from bot.inventory.model import Body
from bot.inventory.repository import ItemRepository
from bot.platform.model import Principal
from bot.scans.scan import ScanOutcome, ScanReport

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROD = "salesforce:prod"
ABOUT_WHAT_IS_THERE = (OWNER_GONE, CREDENTIAL_GONE, INCIDENT, NOT_USED)  # none of these from a failed look
KINDS = ("429", "500", "timeout", "timeout_after_effect", "reset", "short_listing", "bad_json")
PLACES = ("FROM User ", "FROM OauthToken", "composite", "Soap", "FROM Certificate", "oauth2/token")


def change(settings: Settings) -> Settings:
    """Impatient, and scanning only when a test says so."""
    table = {**settings.connections[PROD], "timeout_s": 0.4, "scan_every_s": 86_400}
    return settings.model_copy(update={"connections": {PROD: table}})


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def healed(desk: Desk) -> AsyncIterator[None]:
    """No test leaves a fault to the next."""
    yield
    await desk.heal()


@pytest.fixture
def no_retries() -> Iterator[None]:
    """Reads are tried once, so that lasting faults are quick."""
    stamina.set_active(False)
    yield
    stamina.set_active(True)


async def scan(desk: Desk, *, force: bool = True) -> ScanReport:
    """One scan, as the schedule (unforced) or an admin would have it."""
    assert desk.app
    return await desk.app.services.scanner.scan(PROD, force=force)


def still(body: Body) -> Body:
    """An item without when it last signed in: the bot's own sign-ins move that."""
    return replace(body, last_login_at=None) if isinstance(body, Principal) else body


async def known(desk: Desk) -> tuple[object, ...]:
    """Everything that a listing could have changed: items, findings, alerts about owners."""
    assert desk.app
    async with desk.app.store.read() as unit:
        items = [(i.id, still(i.body), i.missing_since) for i in await unit[ItemRepository].all()]
        open_ones = await unit[FindingRepository].all(
            PROD, frozenset({FindingState.OPEN, FindingState.UNKNOWN})
        )
    told = [alert for rule in ABOUT_WHAT_IS_THERE for alert in await desk.alerts(rule)]
    return sorted(map(repr, items)), sorted(f.ref for f in open_ones), sorted(alert.ref for alert in told)


@pytest.mark.usefixtures("no_retries")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_broken_source_changes_nothing(desk: Desk, kind: str) -> None:
    """A listing that fails in any way removes nothing, resolves nothing, alarms nobody, and leaves no trace."""
    before = await known(desk)
    await desk.fault("salesforce", kind, "", count=None)
    failed = await scan(desk)
    await desk.heal()
    assert failed.outcome is ScanOutcome.FAILED, failed
    assert await known(desk) == before
    healed = await scan(desk)
    assert healed.outcome is ScanOutcome.COMPLETE
    assert (healed.added, healed.changed, healed.gone, healed.resolved) == (0, 0, 0, 0)
    assert await known(desk) == before


@pytest.mark.usefixtures("no_retries")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["500", "bad_json", "short_listing"])
async def test_one_broken_answer_fails_the_whole_listing(desk: Desk, kind: str, place: str) -> None:
    """Whichever of the calls goes wrong: half a listing is never taken for a whole one."""
    before = await known(desk)
    if place == "oauth2/token":
        desk.sandbox.stand_ins["salesforce"].org.sessions.clear()  # type: ignore[attr-defined]
    await desk.fault("salesforce", kind, place, count=None)
    report = await scan(desk)
    hit = (await desk.get("", only="faults"))["faults"]
    await desk.heal()
    assert hit
    if kind == "short_listing" and place not in ("FROM User ", "FROM OauthToken", "FROM Certificate"):
        assert report.outcome is ScanOutcome.COMPLETE  # such a fault waits for a listing
    else:
        assert report.outcome is ScanOutcome.FAILED, report
    assert await known(desk) == before
    assert (await scan(desk)).outcome is ScanOutcome.COMPLETE
    assert await known(desk) == before


@pytest.mark.parametrize("kind", ["500", "timeout", "reset", "slow"])
async def test_a_passing_fault_is_got_over(desk: Desk, kind: str) -> None:
    """A read that fails once is tried again, and the scan is whole."""
    before = await known(desk)
    await desk.fault("salesforce", kind, "FROM User ", retry_after_s=0.1)
    report = await scan(desk)
    assert report.outcome is ScanOutcome.COMPLETE, report
    assert await known(desk) == before


@pytest.mark.usefixtures("no_retries")
async def test_blind_for_two_polls_is_one_alert_that_settles_itself(desk: Desk) -> None:
    """One failed poll is weather; two are told once; the first whole listing settles it."""
    assert [a for a in await desk.alerts(NOT_VISIBLE) if a.state is AlertState.OPEN] == []
    told = len(await desk.alerts(NOT_VISIBLE))
    await desk.fault("salesforce", "500", "", count=None)
    await scan(desk)
    assert len(await desk.alerts(NOT_VISIBLE)) == told
    for _ in range(4):
        await scan(desk)
    assert len(await desk.alerts(NOT_VISIBLE)) == told + 1
    shown = await desk.said("Source not visible", PROD)
    assert "salesforce:prod answered list users with HTTP 500" in words_of(shown)
    status = words_of(await desk.press(desk.who("viewer"), shown, "Show Status"))
    assert "Last try failed" in status
    assert "could not be seen lately" in await desk.ask(
        desk.who("viewer"), "impact marcus.delacroix@larkspur.example"
    )
    assert "so it may be over" in await desk.ask(desk.who("viewer"), "findings")
    await desk.heal()
    await scan(desk)
    settled = await desk.said("Source visible again", PROD)
    assert settled["ts"] == shown["ts"]
    assert buttons_of(settled) == {}
    assert (await desk.alerts(NOT_VISIBLE))[-1].state is AlertState.RESOLVED
    assert "so it may be over" not in await desk.ask(desk.who("viewer"), "findings")


async def test_a_used_up_allowance_rests_the_connection_and_says_so(desk: Desk) -> None:
    """The day's calls are gone: no scan is tried until there may be room again, and status says until when."""
    await desk.fault("salesforce", "429", "", count=None)
    assert (await scan(desk, force=False)).outcome is ScanOutcome.FAILED
    status = await desk.ask(desk.who("viewer"), "status")
    assert "used up its API calls" in status
    assert "Paused until" in status
    before = len(await desk.calls(""))
    paused = await scan(desk, force=False)
    assert (paused.outcome, len(await desk.calls(""))) == (ScanOutcome.PAUSED, before)
    assert "nothing was changed" in await desk.scan()  # an admin may try all the same
    await desk.heal()
    await desk.advance(seconds=901)
    assert (await scan(desk, force=False)).outcome is ScanOutcome.COMPLETE
    assert "Paused until" not in await desk.ask(desk.who("viewer"), "status")


async def test_a_refused_sign_in_is_told_at_once_and_settles(desk: Desk) -> None:
    """Our own account being locked out does not wait for a second poll, is not hammered, and ends by itself."""
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    me = next(row for row in org["User"] if row["Username"] == "handover@integrations.larkspur.example")
    login = next(row for row in org["UserLogin"] if row["UserId"] == me["Id"])
    org.sessions.clear()
    login["IsFrozen"] = True
    told = await desk.alerts(NOT_VISIBLE)
    assert (await scan(desk)).outcome is ScanOutcome.FAILED
    now = await desk.alerts(NOT_VISIBLE)
    assert now[-1].state is AlertState.OPEN
    assert len(now) == len(told)  # within a day of the last time: the same incident, open again
    assert (await scan(desk, force=False)).outcome is ScanOutcome.PAUSED
    login["IsFrozen"] = False
    await desk.advance(seconds=901)
    assert (await scan(desk, force=False)).outcome is ScanOutcome.COMPLETE
    assert (await desk.alerts(NOT_VISIBLE))[-1].state is AlertState.RESOLVED


async def test_a_wave_of_leavers_is_not_believed(desk: Desk) -> None:
    """A fifth of everybody gone at once looks like a broken source: one message a day, nothing changed."""
    before = await known(desk)
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    users = [row for row in org["User"] if row["IsActive"] and "integrations" not in row["Username"]][:15]
    for row in users:
        org["User"].change(row, {"IsActive": False})
    for _ in range(3):
        report = await scan(desk)
        assert report.outcome is ScanOutcome.REJECTED
    assert "became inactive at once" in report.detail
    assert await known(desk) == before
    assert len(await desk.alerts(LISTING_REJECTED)) == 1
    shown = await desk.said("Listing rejected", PROD)
    assert "nothing was changed" in words_of(shown)
    for row in users:
        org["User"].change(row, {"IsActive": True})
    assert (await scan(desk)).outcome is ScanOutcome.COMPLETE
    assert await known(desk) == before


async def test_a_vanished_listing_is_not_believed(desk: Desk) -> None:
    """Most grants missing from a listing that counts itself whole: kept as they were."""
    before = await known(desk)
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    rows = list(org["OauthToken"])
    for row in rows[: len(rows) * 3 // 4]:
        org["OauthToken"].delete(row)
    report = await scan(desk)
    assert (report.outcome, "vanished at once" in report.detail) == (ScanOutcome.REJECTED, True)
    assert await known(desk) == before
    for row in rows[: len(rows) * 3 // 4]:
        org["OauthToken"].insert(row)
    await asyncio.sleep(0)
    assert (await scan(desk)).outcome is ScanOutcome.COMPLETE
