"""Findings: told in one message, filtered, sorted, turned, suppressed for a while; and checks run by themselves."""

from __future__ import annotations

import re

import pytest
from desk import Desk, buttons_of, words_of

from bot.findings.model import FindingRow, FindingState, Severity
from bot.findings.repository import FindingRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def kept(desk: Desk) -> list[FindingRow]:
    """The open findings, as the bot keeps them."""
    assert desk.app
    async with desk.app.store.read() as unit:
        return list(await unit[FindingRepository].all(None, {FindingState.OPEN}))


async def test_the_first_scan_speaks_of_nothing_that_can_wait(desk: Desk) -> None:
    """What stood there before is no flood in the channel: it is in the weekly digest, and a word away."""
    assert any(row.finding.severity is Severity.P2 for row in await kept(desk))
    assert not [m for m in await desk.messages() if "New findings" in words_of(m)]
    pressed = await desk.ask(desk.who("viewer"), "findings")
    assert "1–10 of" in pressed


async def test_they_are_filtered_and_sorted_and_turned(desk: Desk) -> None:
    """By severity, words and state; the pages keep the flags."""
    user = desk.who("viewer")
    rows = await kept(desk)
    urgent = [row for row in rows if row.finding.severity is Severity.P1]
    first = await desk.slash(user, "findings P1")
    assert f"{len(urgent)} finding" in words_of(first)
    oldest = await desk.slash(user, "findings --sort title")
    assert "--sort title --page 2" in str(buttons_of(oldest)["Next"]["value"])
    titles = re.findall(r"P\d +([A-Z][^.]*?) +[0-9A-HJKMNP-TV-Z]{6}", words_of(oldest))
    assert titles == sorted(titles)
    assert "No findings match" in await desk.ask(user, "findings --state resolved")
    assert "--sort" in await desk.ask(user, "findings --sort sideways")


async def test_a_suppression_needs_a_reason_and_an_end(desk: Desk) -> None:
    """At most thirty days, by an operator; the trail keeps who and why."""
    operator, row = desk.who("operator"), (await kept(desk))[0]
    for typed, said in (
        (f"findings suppress {row.ref} 31 on order", "between 1 and 30 days"),
        (f"findings suppress {row.ref} 14", "Give a reason"),
        (f"findings suppress {row.ref} soon on order", "whole number"),
        ("findings suppress ZZZZZZ 14 on order", "No finding has that id"),
        (f"findings suppress {row.ref}", "Type the finding"),
        (f"findings unsuppress {row.ref}", "not suppressed"),
    ):
        assert said in await desk.ask(operator, typed), typed
    assert "operator role" in await desk.ask(desk.who("viewer"), f"findings suppress {row.ref} 3 on order")
    assert "Suppressed until" in await desk.ask(
        operator, f"findings suppress {row.ref} 14 the vendor is on it"
    )
    assert "suppressed finding" in await desk.ask(operator, f"audit {row.ref}")


async def test_what_is_suppressed_is_counted_aside_and_comes_back(desk: Desk) -> None:
    """Hidden from the list, shown on demand with who and why, back when its end has come."""
    user, rows = desk.who("viewer"), await kept(desk)
    row = rows[0]
    listed = await desk.ask(user, "findings")
    assert f"{len(rows) - 1} findings" in listed
    assert "1 finding suppressed" in listed
    aside = await desk.ask(user, "findings --state suppressed")
    assert row.ref in aside
    one = await desk.ask(user, f"findings {row.ref}")
    assert "the vendor is on it" in one
    await desk.advance(days=15)
    assert "suppressed:" not in await desk.ask(user, "findings")


async def test_a_suppression_is_lifted_by_hand(desk: Desk) -> None:
    """Whoever was wrong to wait says so."""
    operator, row = desk.who("operator"), (await kept(desk))[0]
    await desk.ask(operator, f"findings suppress {row.ref} 3 waiting")
    assert "counts again" in await desk.ask(operator, f"findings unsuppress {row.ref}")
    assert "suppressed:" not in await desk.ask(operator, "findings")


async def test_a_check_runs_by_itself_and_keeps_nothing(desk: Desk) -> None:
    """What it looks for, under which controls, and what it sees now; the kept findings stay as they were."""
    operator, before = desk.who("operator"), await kept(desk)
    said = await desk.ask(operator, "check salesforce.grant-held-by-person")
    for words in (
        "An integration uses a person",
        "NHI1",
        "CC6.2",
        "AC-2",
        "salesforce:prod",
        "finding",
    ):
        assert words in said
    assert await kept(desk) == before
    assert "checks answer to that" in await desk.ask(operator, "check certificate")
    assert "There is no check" in await desk.ask(operator, "check netsuite.nothing")
    assert "No connection is called" in await desk.ask(operator, "check soap-login wrike:main")
    assert "account-shared" in await desk.ask(operator, "check")
    assert "operator role" in await desk.ask(desk.who("viewer"), "check soap-login")


async def test_a_check_that_could_not_look_says_so(desk: Desk) -> None:
    """No answer is never no finding."""
    await desk.fault("salesforce", "500", "", count=500)
    said = await desk.ask(desk.who("operator"), "check salesforce.soap-login")
    await desk.heal()
    assert "could not be looked at, so nothing is known" in said
