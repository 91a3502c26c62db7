"""The Socket Mode link: comes back by itself, and stops where Slack means it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.chat.model import Reply
from bot.errors import AuthFailed, ConfigError
from bot.slack.link import SocketLink
from bot.text import Secret
from tests.conformance.driving import ADMIN, eventually
from tests.e2e.slack_edge import Edge, edge


@pytest.fixture
async def desk() -> AsyncIterator[Edge]:
    """An edge, not connected."""
    async with edge() as opened:
        yield opened


async def up(link: SocketLink) -> None:
    async def connected() -> bool:
        return link.connected()

    await eventually(connected)


async def test_a_link_says_whether_it_is_up(desk: Edge) -> None:
    """Readiness can be asked at any time, before, during and after."""
    link = desk.link()
    assert not link.connected()
    await link.connect()
    assert (link.connected(), link.down_for_s()) == (True, 0.0)
    await link.close()
    assert not link.connected()
    await asyncio.sleep(0.02)
    assert link.down_for_s() > 0.0


@pytest.mark.parametrize("reason", ["refresh_requested", "too_many_websockets", "crash"])
async def test_a_link_comes_back(desk: Edge, reason: str) -> None:
    """Slack renews connections every few hours, and hosts die; commands work again afterwards."""
    link = desk.link()
    await link.connect()
    await desk.world.post("/slack/disconnect", reason=reason)

    async def back() -> bool:
        return int((await desk.world.get("/slack/connections"))["connected"]) == 1

    await eventually(back)
    await up(link)
    desk.script.replies = [Reply(summary="Back")]
    answer = await desk.world.post("/slack/slash", user=ADMIN, channel=desk.channel, text="list")
    assert answer["ack"]["text"] == "Back"
    await link.close()


async def test_socket_mode_switched_off_is_final(desk: Edge) -> None:
    """Asking for new addresses for ever would hide that somebody switched it off."""
    link = desk.link()
    await link.connect()
    await desk.world.post("/slack/disconnect", reason="link_disabled")
    failure = await asyncio.wait_for(link.failed(), 3.0)
    assert isinstance(failure, ConfigError)
    assert not link.connected()
    opened = await _opened(desk)
    await asyncio.sleep(1.2)
    assert await _opened(desk) == opened
    await link.close()


async def test_a_refused_token_is_final(desk: Edge) -> None:
    """The error names the token that is wrong, and holds none of it."""
    link = SocketLink(desk.inbound, desk.clients, Secret("xapp-sandbox-wrong"))
    with pytest.raises(AuthFailed, match="app-level token") as caught:
        await asyncio.wait_for(link.connect(), 3.0)
    assert "xapp" not in str(caught.value)
    await link.close()


async def test_a_link_waits_for_a_slack_that_is_away(desk: Edge) -> None:
    """An outage at the start is not an error of ours: it connects when Slack is back."""
    await desk.world.post("/faults", platform="slack", kind="500", match="apps.connections.open", count=2)
    link = desk.link()
    await asyncio.wait_for(link.connect(), 8.0)
    assert link.connected()
    await link.close()


async def test_a_connection_that_does_not_come_back_by_itself_is_made_anew(desk: Edge) -> None:
    """The library has been seen to hang; the watchdog does not wait for it."""
    await desk.world.post("/faults", platform="slack", kind="500", match="apps.connections.open")
    link = SocketLink(
        desk.inbound.app, desk.clients, desk.tokens.app, ping_every_s=60.0, renew_after_s=0.3
    )  # the library itself would try again after a minute
    await asyncio.wait_for(link.connect(), 5.0)
    assert link.connected()
    await link.close()


async def test_what_was_begun_is_finished_after_the_link_is_closed(desk: Edge) -> None:
    """A stop drains: an answer in the making still arrives."""
    link = desk.link()
    await link.connect()
    desk.script.replies, desk.script.after_s = [Reply(summary="At last")], 0.6
    await desk.world.post("/slack/slash", user=ADMIN, channel=desk.channel, text="list")
    await link.close()
    await desk.inbound.aclose(5.0)
    assert [each["text"] for each in await desk.ephemerals(ADMIN)] == ["At last"]


async def test_what_does_not_end_is_stopped(desk: Edge) -> None:
    """A drain has an end of its own."""
    link = desk.link()
    await link.connect()
    desk.script.after_s = 60.0
    await desk.world.post("/slack/slash", user=ADMIN, channel=desk.channel, text="list")
    await link.close()
    await asyncio.wait_for(desk.inbound.aclose(0.2), 3.0)


async def _opened(desk: Edge) -> int:
    calls = (await desk.world.get("/calls", platform="slack"))["calls"]
    return sum("apps.connections.open" in call["path"] for call in calls)
