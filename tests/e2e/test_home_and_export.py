"""The Home tab that keeps itself true, files for whoever asks, and the two shortcuts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from desk import Desk, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"


async def home(desk: Desk, user: str, *words: str) -> dict[str, Any]:
    """Somebody's Home tab, once it holds these words."""

    async def shown() -> dict[str, Any] | None:
        view = (await desk.get("/slack/home", user=user))["view"]
        return dict(view) if view and all(word in words_of(view) for word in words) else None

    return await desk.until(shown)


async def publications(desk: Desk) -> int:
    """How often a Home tab was published so far."""
    entries = (await desk.get("/slack/wire"))["entries"]
    return sum(e["kind"] == "views.publish" for e in entries)


async def test_home_says_how_things_stand_in_words_and_numbers(desk: Desk) -> None:
    """Counts, Slack's own chart with its numbers in words below it, and how each connection does."""
    user = desk.who("viewer")
    await desk.post("/slack/open_home", {"user": user})
    view = await home(desk, user, "What ends ahead", "Connections", "salesforce:prod", "Without an owner")
    said = words_of(view)
    at, chart = next((n, b) for n, b in enumerate(view["blocks"]) if b["type"] == "data_visualization")
    (series,) = chart["chart"]["series"]
    assert sum(point["value"] for point in series["data"]) > 0
    in_words = words_of({"blocks": [view["blocks"][at + 1]]})
    assert all(f"{point['label']}: {point['value']:,}" in in_words for point in series["data"])
    assert "P1" in said
    assert "Getting started" not in said


async def test_home_is_shown_anew_when_something_changed_and_only_then(desk: Desk) -> None:
    """A deactivation appears without anybody opening the tab again; edits that change nothing publish nothing."""
    operator = desk.who("operator")
    await desk.post("/slack/open_home", {"user": operator})
    await home(desk, operator, "How things stand")
    await desk.post("/deactivate", {"email": "jiahui.tan@larkspur.example", "where": ["slack"]})
    await home(desk, operator, "deactivated")
    await desk.said("Jia Hui Tan was deactivated")
    before = await publications(desk)
    for n in range(30):
        await desk.post("/slack/profile", {"user": desk.who("viewer", 1), "title": f"Title {n}"})
    await desk.ask(operator, "whoami")
    await home(desk, operator, "deactivated")
    assert await publications(desk) <= before + 2  # what was under way before


async def test_a_handover_under_way_is_on_home(desk: Desk) -> None:
    """With its state, for everybody who may look."""
    operator = desk.who("operator")
    await desk.post("/slack/open_home", {"user": operator})
    await home(desk, operator, "How things stand")
    await desk.ask(operator, f'handover tableau to {TARGET} --reason "So that there is one to see"')
    await home(desk, operator, "Handovers under way", "Tableau", "pending")


async def given(desk: Desk, user: str, text: str) -> tuple[str, bytes]:
    """Ask for a file; its name and content, from the direct message it came in."""
    before = len(await desk.dm(user))
    said = await desk.ask(user, text)
    assert "to your direct messages" in said

    async def arrived() -> dict[str, Any] | None:
        messages = (await desk.dm(user))[before:]
        return next((m["files"][0] for m in messages if m.get("files")), None)

    described = await desk.until(arrived)
    stored = desk.sandbox.slack.state.workspace.files[described["id"]]
    return stored.name, stored.content or b""


async def test_the_inventory_comes_as_csv_to_whoever_asked_alone(desk: Desk) -> None:
    """Every line of `list`, none of it a formula, in a direct message; and the trail knows."""
    operator = desk.who("operator")
    name, content = await given(desk, operator, "export csv")
    assert name.endswith(".csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert desk.app
    catalogue = await desk.app.services.inventory.catalogue()
    assert len(rows) == sum(not e.everyday for e in catalogue.entries)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values())
    assert "exported the inventory" in await desk.ask(desk.who("admin"), "audit")


async def test_findings_come_as_json_filtered(desk: Desk) -> None:
    """The words after it narrow it down."""
    _, content = await given(desk, desk.who("operator"), "export json findings certificate")
    rows = json.loads(content)
    assert rows
    assert all("certificate" in json.dumps(row).casefold() for row in rows)


async def test_an_export_needs_an_operator_and_a_format(desk: Desk) -> None:
    """Who may only look gets no file; what is missing is said."""
    assert "operator role" in await desk.ask(desk.who("viewer"), "export csv")
    assert "export csv" in await desk.ask(desk.who("operator"), "export pdf")


async def test_a_service_account_is_found_by_shortcut(desk: Desk) -> None:
    """A search from anywhere in Slack; the card takes the form's place."""
    user = desk.who("viewer")
    await desk.close_forms(user)
    await desk.post("/slack/shortcut", {"user": user, "callback_id": "svc.shortcut.find.v1"})
    view = await desk.view(user)
    (option, *_) = await desk.offered(user, view, "item", "marketo")
    await desk.submit(user, view, item=option)

    async def card() -> str | None:
        views = (await desk.get("/slack/views", user=user))["views"]
        return next((words_of(v) for v in views if "Acts as" in words_of(v)), None)

    assert "Marketo" in await desk.until(card)


async def test_a_message_hands_over_what_it_names(desk: Desk) -> None:
    """The shortcut on an alert's thread or on anybody's words: filled where one credential is meant."""
    operator, ref = desk.who("operator"), await desk.ref_of("gong")
    said = await desk.post(
        "/slack/say",
        {"user": operator, "channel": desk.channel, "text": f"Who looks after {ref}? It is old."},
    )
    await desk.close_forms(operator)
    callback = {"callback_id": "svc.shortcut.handover.v1", "channel": desk.channel}
    await desk.post("/slack/shortcut", {"user": operator, "ts": said["ts"], **callback})
    view = await desk.view(operator)
    assert "Gong" in words_of(view)
    assert "credential" not in {b["block_id"] for b in view["blocks"]}
    vague = await desk.post("/slack/say", {"user": operator, "channel": desk.channel, "text": "Any news?"})
    await desk.close_forms(operator)
    await desk.post("/slack/shortcut", {"user": operator, "ts": vague["ts"], **callback})
    view = await desk.view(operator)
    assert "credential" in {b["block_id"] for b in view["blocks"]}
