"""The whole bot where Slack sends signed requests to it, and no socket is open."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from desk import Desk, buttons_of, words_of
from pydantic import SecretStr
from sealed_pages import with_page

from bot.config import Settings
from bot.slack.checkup import listens
from bot.slack.clients import Tokens
from bot.text import Secret
from bot.web.slack_events import LARGEST
from bot.web_settings import SLACK_EVENTS

pytestmark = pytest.mark.asyncio(loop_scope="module")


def change(settings: Settings) -> Settings:
    """With a listener and in HTTP mode, and without the token of Socket Mode."""
    paged = with_page(settings)
    slack = settings.slack.model_copy(update={"mode": "http", "app_token": SecretStr("")})
    return paged.model_copy(update={"slack": slack})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def address(desk: Desk) -> str:
    """Where Slack sends to, once its check of the address has passed."""
    found = desk.settings.slack_address
    assert found.endswith(SLACK_EVENTS)
    await desk.post("/slack/transport", {"http_url": found})
    return found


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def pulse(desk: Desk, http: aiohttp.ClientSession) -> Any:
    async with http.get(f"{desk.settings.web.public_url}/readyz") as answer:
        return answer.status, (await answer.json())["Slack"]


async def test_commands_buttons_forms_and_searches_are_answered(
    desk: Desk, address: str, http: aiohttp.ClientSession
) -> None:
    """A command, a button, a form with a search, and Home: all over HTTP, with no socket open."""
    operator = desk.who("operator")
    assert "Celigo" in await desk.ask(operator, "list celigo")
    shown = await desk.slash(operator, "list")
    assert "Next" in buttons_of(shown)
    await desk.click(operator, shown, "Next")
    view = await desk.typed_form(operator, "handover")
    assert await desk.offered(operator, view, "credential", "celigo")
    await desk.post("/slack/open_home", {"user": operator})

    async def home() -> bool:
        view = (await desk.get("/slack/home", user=operator))["view"]
        return bool(view) and "What ends ahead" in words_of(view)

    assert await desk.until(home)
    assert await pulse(desk, http) == (200, {"ok": True, "detail": "listening for its requests"})
    calls = (await desk.get("/calls", platform="slack"))["calls"]
    assert not [call for call in calls if "apps.connections.open" in call["path"]]


async def test_an_event_that_slack_sends_thrice_is_one_alert(desk: Desk, address: str) -> None:
    """Slack repeats what it holds for undelivered: the event's id tells."""
    await desk.post("/slack/policy", {"duplicate": 2})
    await desk.post("/deactivate", {"email": "jiahui.tan@larkspur.example", "where": ["slack"]})
    await desk.said("Jia Hui Tan was deactivated")
    await desk.post("/slack/policy", {"duplicate": 0})
    messages = (await desk.get("/slack/messages", channel=desk.channel))["messages"]
    assert sum("Jia Hui Tan was deactivated" in words_of(message) for message in messages) == 1


@pytest.mark.parametrize("signature", ["bad", "old", "missing", "junk"])
async def test_what_slack_did_not_sign_reaches_nobody(desk: Desk, address: str, signature: str) -> None:
    """Wrong, old, absent or senseless: the person sees Slack's error, and nothing was done."""
    before = desk.sandbox.world.counters["slack.deliveries_failed"]
    await desk.post("/slack/policy", {"signature": signature})
    body = {"user": desk.who("operator"), "channel": desk.channel, "text": "list"}
    answer = await desk.post("/slack/slash", body)
    await desk.post("/slack/policy", {"signature": "good"})
    assert answer["ack"] == {"error": "dispatch_failed"}
    assert desk.sandbox.world.counters["slack.deliveries_failed"] == before + 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"x" * (LARGEST + 1), 413),
        (b"\xff\xfe", 400),
        (b"", 401),
        (b"{}", 401),
        (b"payload=%7B", 401),
        (b"[" * 100_000, 401),
    ],
)
async def test_strangers_get_a_short_answer(
    address: str, http: aiohttp.ClientSession, body: bytes, status: int
) -> None:
    """Whatever is posted by who has no signature costs little and tells nothing."""
    stamps = ("", "soon", "٣", "9" * 400, str(int(time.time())))
    made_up = [{"X-Slack-Request-Timestamp": s, "X-Slack-Signature": "v0=é"} for s in stamps]
    for signed in ({}, *made_up):
        headers = signed | {"Content-Type": "application/json"}
        async with http.post(address, data=body, headers=headers) as answer:
            assert answer.status == status
            assert len(await answer.text()) < 100
    async with http.get(address) as answer:
        assert answer.status == 405


async def test_the_doctor_sends_itself_a_request(desk: Desk, address: str) -> None:
    """Through the public address and back: it says where it breaks."""
    assert desk.app
    clients, tokens = desk.app.slack.clients, desk.app.slack.tokens
    looks = await desk.app.checkup()
    assert all(ok for ok, _, _ in looks), looks
    assert [what for _, what, _ in looks if address in what] == [
        f"Slack's requests come through at {address}"
    ]
    wrong = Tokens(tokens.bot, signing=Secret("another"))
    assert "signing secret" in (await listens(clients, wrong, address)).what
    elsewhere = address.replace(SLACK_EVENTS, "/healthz")
    assert "answers 405" in (await listens(clients, tokens, elsewhere)).what
    assert "cannot be reached" in (await listens(clients, tokens, "http://127.0.0.1:9/slack/events")).what


async def test_a_restart_needs_nothing_of_slack(desk: Desk, address: str) -> None:
    """The address stays; what was sent meanwhile is Slack's to repeat."""
    await desk.restart()
    assert "Celigo" in await desk.ask(desk.who("operator"), "list celigo")
