"""bolt's own Starlette adapter behind a real server, receiving what the Slack stand-in signs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from aiohttp import web
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.conformance.driving import ADMIN, WorldClient, eventually


@pytest.fixture
async def address(app: AsyncApp) -> AsyncIterator[str]:
    """Where the app listens for Slack over HTTP."""
    adapter = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await adapter.handle(request)

    asgi = Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(asgi, host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.ensure_future(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/slack/events"
    server.should_exit = True
    await serving


async def test_commands_actions_and_events_come_signed(
    app: AsyncApp, address: str, world: WorldClient, slack: dict[str, Any]
) -> None:
    """The same app works over HTTP once its address has answered Slack's challenge."""
    events: list[str] = []

    @app.command("/svc")
    async def command(ack: Any) -> None:
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
        await ack(text="Over HTTP", blocks=[{"type": "actions", "elements": [button]}])

    @app.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="Gone", replace_original=True)

    @app.event("team_join")
    async def joined(event: dict[str, Any]) -> None:
        events.append(event["user"]["real_name"])

    set_up = await world.post("/slack/transport", http_url=address)
    assert set_up == {"http_url": address, "transport": "http"}
    sent = await world.post("/slack/slash", user=ADMIN, channel="#general", text="list")
    assert sent["ack"]["text"] == "Over HTTP"
    (shown,) = (await world.get("/slack/ephemerals", user=ADMIN))["ephemerals"]
    await world.post("/slack/click", user=ADMIN, channel=shown["channel"], ts=shown["ts"], action_id="go")

    async def replaced() -> bool:
        (now,) = (await world.get("/slack/ephemerals", user=ADMIN))["ephemerals"]
        return bool(now["text"] == "Gone")

    await eventually(replaced)
    await world.post("/slack/join", email="new@larkspur.example", name="New Person")

    async def told() -> list[str]:
        return events

    assert await eventually(told) == ["New Person"]


@pytest.mark.parametrize(("how", "status"), [("bad", 401), ("old", 401), ("missing", 401)])
async def test_a_wrong_signature_is_refused_by_bolt(
    how: str, status: int, app: AsyncApp, address: str, world: WorldClient
) -> None:
    """A body changed after signing, a five-minute-old timestamp and no signature at all are refused."""

    @app.command("/svc")
    async def command(ack: Any) -> None:
        await ack("must not run")

    await world.post("/slack/transport", http_url=address)
    await world.post("/slack/policy", signature=how)
    sent = await world.post("/slack/slash", user=ADMIN, channel="#general", text="list")
    assert sent["ack"] == {"error": "dispatch_failed"}
    assert await world.counter(f"slack.http_answers.{status}") == 1


async def test_an_address_that_fails_the_challenge_is_not_taken(
    world: WorldClient, slack: dict[str, Any]
) -> None:
    """Slack asks a new address to return a challenge, and keeps the old transport when it does not."""
    status, said = await world.refused("/slack/transport", http_url=slack["api"] + "api.test")
    assert status == 400
    assert "challenge" in said
    assert (await world.get("/slack/connections"))["transport"] == "socket"


async def test_a_failed_event_is_retried_three_times_with_headers(world: WorldClient) -> None:
    """Retries carry X-Slack-Retry-Num 1 to 3 and a reason, at once, after a minute and after five."""
    seen: list[tuple[str | None, str | None]] = []

    async def refuse(request: web.Request) -> web.Response:
        headers = request.headers
        seen.append((headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")))
        return web.Response(status=503)

    receiver = web.Application()
    receiver.router.add_post("/", refuse)
    runner = web.AppRunner(receiver)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await world.post("/slack/transport", http_url=f"http://127.0.0.1:{runner.addresses[0][1]}/", verify=False)
    await world.post("/slack/join", email="new@larkspur.example", name="New")

    async def tried(times: int) -> bool:
        return len(seen) == times

    await eventually(lambda: tried(2))
    await world.post("/advance", seconds=61)
    await eventually(lambda: tried(3))
    await world.post("/advance", seconds=301)
    await eventually(lambda: tried(4))

    async def given_up() -> bool:
        return await world.counter("slack.events_lost") == 1

    await eventually(given_up)
    assert seen == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    await runner.cleanup()
