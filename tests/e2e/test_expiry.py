"""End dates: every step is told once, over jumps of the clock and restarts of the bot."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from desk import Desk, words_of

from bot.alerts.model import EXPIRY

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEAR_END = "Certificates and tokens expiring soon"


async def steps(desk: Desk, name: str) -> list[int]:
    """The steps told of one credential, in the order they were told."""
    assert desk.app
    catalogue = await desk.app.services.inventory.catalogue()
    ids = {e.item.id for e in catalogue.entries if name in e.name and e.expires_at}
    return [int(a.bucket.rpartition("/")[2]) for a in await desk.alerts(EXPIRY) if a.subject in ids]


async def told(desk: Desk) -> list[str]:
    """The messages about end dates, oldest first, once everything that waits to be sent was sent."""
    app = desk.app
    assert app

    async def silent() -> bool:
        async with app.store.read() as unit:
            return not await unit.outbox.pending()

    await desk.until(silent, 40)
    return [words_of(m) for m in await desk.messages() if NEAR_END in words_of(m)]


async def passed(desk: Desk, days: float) -> None:
    """Let days pass, and the bot notice."""
    await desk.advance(days=days)
    app = desk.app
    assert app

    async def noticed() -> bool:
        return await app.services.alerts.reached() == app.services.alerts.spoken

    await desk.until(noticed)


async def test_the_first_listing_is_one_message(desk: Desk) -> None:
    """Everything that is near its end at the start comes in a single message, those that ended included."""
    await desk.said(NEAR_END)
    await asyncio.sleep(1.5)
    (shown,) = await told(desk)
    for name in (
        "SelfSignedCert",
        "Document signing",
        "Slack-to-Case bot",
        "Data warehouse loader",
        "Docusign",
    ):
        assert name in shown
    assert "has expired" in shown
    assert "Zuora billing" not in shown  # sixty days and some hours away


async def test_each_step_is_told_once(desk: Desk) -> None:
    """Day by day from sixty to the end: 60, 30, 14, 7, 3, 1, 0, each in one message and none twice."""
    assert await steps(desk, "Data warehouse loader") == [60]
    for days in (0.5, 17, 7, 3, 2, 1):
        await passed(desk, days)
    assert await steps(desk, "Data warehouse loader") == [60, 30, 14, 7, 3, 1, 0]
    before = len(await told(desk))
    for _ in range(5):
        await desk.scan()
    await passed(desk, 0.01)
    assert len(await told(desk)) == before


async def test_a_jump_tells_where_it_landed_and_not_what_it_passed(desk: Desk) -> None:
    """After a month away one message says how things stand; steps that are behind are not read out."""
    assert await steps(desk, "Zuora billing") == [60, 30]
    await passed(desk, 28)
    assert await steps(desk, "Zuora billing") == [60, 30, 3]


async def test_a_restart_repeats_nothing(desk: Desk) -> None:
    """What was told stays told: a new process on the same directory has nothing to add."""
    before = [a.id for a in await desk.alerts(EXPIRY)]
    count = len(await told(desk))
    await desk.restart()
    await desk.scan()
    await asyncio.sleep(2.6)
    assert [a.id for a in await desk.alerts(EXPIRY)] == before
    assert len(await told(desk)) == count


async def test_what_came_due_while_it_was_down_is_told_at_its_start(desk: Desk) -> None:
    """Nobody has to notice that the bot was away: it catches up, once."""
    await desk.stop()
    await desk.post("/advance", {"days": 1})
    await desk.start()
    await desk.said(NEAR_END, "Zuora billing", "expires within a day")
    assert await steps(desk, "Zuora billing") == [60, 30, 3, 1]


async def test_the_end_dates_of_an_inactive_owner_are_told_too(desk: Desk) -> None:
    """A certificate does not wait because its contact has left."""
    assert await steps(desk, "Old partner portal") == [0]


async def test_a_renewed_certificate_begins_anew(desk: Desk) -> None:
    """A new end date has steps of its own; the old ones do not silence it."""
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    row = next(row for row in org["Certificate"] if row["DeveloperName"] == "sso_2024")
    ends = desk.sandbox.world.now + timedelta(days=100)
    org["Certificate"].change(row, {"ExpirationDate": ends.date().isoformat()})
    before = await steps(desk, "Single sign-on 2024")
    await desk.scan()
    assert await steps(desk, "Single sign-on 2024") == before
    await passed(desk, 50)
    assert await steps(desk, "Single sign-on 2024") == [*before, 60]
