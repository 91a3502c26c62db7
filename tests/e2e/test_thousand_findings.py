"""A thousand findings at once, over the real Slack stand-in: few messages, no limit hit, and all of them to be had."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk, buttons_of, desk_with_bot, words_of

from bot.findings.model import FindingRow, FindingState
from bot.findings.repository import FindingRepository
from sandbox.company import load
from sandbox.salesforce import Salesforce, appregistry, grants
from sandbox.salesforce.apps import App

APPS, HOLDERS, APPROVALS = 50, 4, 5  # five holders would make it an app that people use by themselves
AT_MOST = 5
REF = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{6}\b")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_with_bot(tmp_path, load()) as opened:
        yield opened


async def unresolved(desk: Desk) -> list[FindingRow]:
    assert desk.app
    async with desk.app.store.read() as unit:
        return list(await unit[FindingRepository].all(None, {FindingState.OPEN}))


async def pages(desk: Desk, user: str, shown: dict[str, object]) -> str:
    """Everything that is shown from a first page on, by its own buttons."""
    said = words_of(shown)
    while following := buttons_of(shown).get("Next"):
        shown = await desk.slash(user, str(following["value"]))
        said += words_of(shown)
    return said


async def test_a_thousand_at_once_are_a_few_messages_and_every_one_is_reachable(desk: Desk) -> None:
    """Four people approve fifty apps five times each: at most five messages, no 429, and each finding by buttons."""
    stand_in = desk.sandbox.stand_ins["salesforce"]
    assert isinstance(stand_in, Salesforce)
    org = stand_in.org
    before = {row.ref for row in await unresolved(desk)}
    messages = {m["ts"] for m in await desk.messages()}
    people = [u for u in org["User"] if u["IsActive"] and "integrations" not in u["Username"]][:HOLDERS]
    for number in range(APPS):
        name = f"Spreadsheet add-on {number}"
        app = App("", "connected", name.replace(" ", "_"), name, f"3MVG9key{number}", f"secret{number}")
        appregistry.register(org, app)
        for person in people * APPROVALS:
            grants.approve(org, person, app)
    await desk.scan()
    fresh = {row.ref for row in await unresolved(desk)} - before
    assert len(fresh) >= APPS * HOLDERS * APPROVALS

    async def said() -> dict[str, object] | None:
        news = (m for m in await desk.messages() if m["ts"] not in messages)
        return next((m for m in news if "New findings" in words_of(m)), None)

    told = await desk.until(said)
    viewer = desk.who("viewer")
    first = await desk.press(viewer, told, "Show Findings")
    seen = set(REF.findall(await pages(desk, viewer, first)))
    assert fresh <= seen
    new = [m for m in await desk.messages() if m["ts"] not in messages]
    assert 1 <= len(new) <= AT_MOST
    wire = (await desk.get("/slack/wire"))["entries"]
    assert not [entry["kind"] for entry in wire if entry.get("status") == 429]
