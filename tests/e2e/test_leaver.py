"""Before somebody leaves: what breaks, a plan for each integration, and one button to ask for all of it."""

from __future__ import annotations

import pytest
from desk import Desk, buttons_of, words_of

from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")
MARCUS = "marcus.delacroix@larkspur.example"


async def test_the_day_is_said_and_the_plan_is_there(desk: Desk) -> None:
    """What stops, the jobs and dashboards that are no tokens, and where each integration could go."""
    said = await desk.ask(desk.who("operator"), f"impact {MARCUS} --on 14d")
    for words in (
        "in 14 days",
        "would stop",
        "Not tokens, but theirs",
        "The plan, each for its own approval",
    ):
        assert words in said
    assert "Give a day after today" in await desk.ask(
        desk.who("operator"), f"impact {MARCUS} --on 2020-01-01"
    )
    assert "--on" in await desk.ask(desk.who("operator"), f"impact {MARCUS} --on soon")


async def test_who_may_only_look_gets_no_such_button(desk: Desk) -> None:
    """Asking needs an operator; the answer itself does not."""
    shown = await desk.slash(desk.who("viewer"), f"impact {MARCUS}")
    assert "Request All Handovers" not in buttons_of(shown)


async def test_one_button_asks_for_all_and_says_what_became_of_each(desk: Desk) -> None:
    """One request for each credential that can move, and the reason why not for each other."""
    operator = desk.who("operator")
    shown = await desk.slash(operator, f"impact {MARCUS} --on 14d")
    view = await desk.pressed_form(operator, shown, "Request All Handovers")
    ack = await desk.submit(operator, view, reason="short")
    assert "at least 10 characters" in str(ack)
    before = len(await desk.ephemerals(operator))
    views = (await desk.get("/slack/views", user=operator))["views"]
    fields = {b["block_id"] for b in views[-1]["blocks"] if b["type"] == "input"}
    to = "svc.orders@integrations.larkspur.example"
    given = {
        name: await desk.option(operator, views[-1], name, to) for name in fields if name.startswith("on_")
    }
    await desk.submit(operator, views[-1], reason="Marcus leaves in two weeks", **given)
    assert desk.app
    app = desk.app

    async def opened() -> int:
        async with app.store.read() as unit:
            _, count = await unit[RequestRepository].page(frozenset({RequestState.PENDING}), operator, 100, 0)
        return count

    count = await desk.until(opened)
    assert count >= 1

    async def told() -> str | None:
        shown = (await desk.ephemerals(operator))[before:]
        views = (await desk.get("/slack/views", user=operator))["views"]
        texts = [words_of(m) for m in (*shown, *views)]
        return next((text for text in texts if "asked for. Somebody else decides each" in text), None)

    said = await desk.until(told)
    assert "request" in said
    await desk.said("Approval needed", "Marcus leaves in two weeks")
