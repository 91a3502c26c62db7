"""The world's API: clock, people, faults and the request log, seen through the Slack stand-in."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.running import Sandbox
from tests.conformance.driving import ADMIN, OPERATOR, VIEWER, WorldClient, eventually


async def test_the_clock_only_moves_forward(world: WorldClient) -> None:
    """advance adds days and seconds at once; a step back, nothing and nonsense are refused."""
    before = datetime.fromisoformat((await world.get())["now"])
    after = datetime.fromisoformat((await world.post("/advance", days=30, seconds=5))["now"])
    assert timedelta(days=30, seconds=5) <= after - before < timedelta(days=30, seconds=10)
    for nonsense in ({"days": -1}, {}, {"days": "two"}, {"days": True}, {"days": 10**9}):
        status, _ = await world.refused("/advance", **nonsense)
        assert status == 400


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/deactivate", {}, 400, "email is missing: it must be a text"),
        ("/deactivate", {"email": "nobody@larkspur.example"}, 404, "nobody here has the address"),
        ("/deactivate", {"email": ADMIN, "where": ["sap"]}, 400, "'sap' is not one of"),
        ("/terminate", {"email": ADMIN, "on": "soon"}, 400, "on must be a day such as 2026-12-01"),
        ("/faults", {"platform": "slack", "kind": "fire"}, 400, "kind must be one of 429, 500, bad_json"),
        ("/faults", {"platform": "slack", "kind": "500", "match": "("}, 400, "match is not a regular"),
        ("/faults", {"platform": "slack", "kind": "500", "count": 0}, 400, "count must be at least 1"),
        ("/bot", {"do": "restart"}, 409, "this sandbox did not start the bot"),
        ("/slack/slash", {"user": "nobody", "channel": "#general"}, 404, "nobody here is called"),
        ("/slack/slash", {"user": ADMIN, "channel": "#nowhere"}, 404, "there is no '#nowhere'"),
        ("/slack/policy", {"no_such_switch": 1}, 400, "'no_such_switch' is not one of"),
        ("/slack/disconnect", {"reason": "boredom"}, 400, "reason must be crash or one of"),
    ],
)
async def test_bad_requests_are_told_what_is_wrong(
    path: str, body: dict[str, Any], status: int, said: str, world: WorldClient
) -> None:
    """Every refusal is {"error": text}, and the text names the key or the value."""
    got, error = await world.refused(path, **body)
    assert got == status
    assert said in error


async def test_parts_of_the_world_can_be_asked_for(world: WorldClient) -> None:
    """`only` answers just those keys, and names the keys there are when one is wrong."""
    assert set(await world.get("", only="now,counters")) == {"now", "counters"}
    async with world.http.get(world.url, params={"only": "weather"}) as answer:
        assert answer.status == 400
        assert "'weather' is not one of now, people" in (await answer.json())["error"]


async def test_the_world_obeys_only_this_machine(world: WorldClient) -> None:
    """Orders under another host name or from another site's page are refused."""
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        async with world.http.post(f"{world.url}/advance", json={"days": 1}, headers=headers) as answer:
            assert answer.status == 403


async def code_and_status(web: AsyncWebClient) -> tuple[int, str]:
    with pytest.raises(SlackApiError) as refused:
        await web.auth_test()
    return int(refused.value.response.status_code), str(refused.value.response.data)


async def test_a_429_is_slacks_own(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault 429 answers as Slack does, as often as asked and only where it matches."""
    match = "^POST /api/auth.test$"
    await world.post("/faults", platform="slack", kind="429", count=2, retry_after_s=7, match=match)
    assert (await web.users_list(limit=1))["ok"] is True
    with pytest.raises(SlackApiError) as refused:
        await web.auth_test()
    assert refused.value.response.headers["Retry-After"] == "7"
    assert refused.value.response.data == {"ok": False, "error": "ratelimited"}
    assert (await world.get())["faults"][0]["count"] == 1
    assert (await code_and_status(web))[0] == 429
    assert (await web.auth_test())["ok"] is True
    assert (await world.get())["faults"] == []


async def test_a_500_is_a_500(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault 500 answers with that status until it is cleared, when it has no count."""
    await world.post("/faults", platform="slack", kind="500", count=None)
    assert (await code_and_status(web))[0] == 500
    assert (await code_and_status(web))[0] == 500
    assert (await world.post("/faults", clear=True))["cleared"] == 1
    assert (await web.auth_test())["ok"] is True


async def test_a_reset_breaks_the_connection(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault reset ends the connection without an answer, which the log shows as no status."""
    web.retry_handlers.clear()
    await world.post("/faults", platform="slack", kind="reset")
    with pytest.raises(aiohttp.ClientConnectionError):
        await web.auth_test()
    assert (await world.get("/calls", platform="slack"))["calls"][-1]["status"] is None


async def test_a_timeout_ends_when_it_is_cleared(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault timeout holds the request in silence until faults are cleared, then drops it."""
    web.retry_handlers.clear()
    await world.post("/faults", platform="slack", kind="timeout", match="auth.test")
    held = asyncio.ensure_future(web.auth_test())
    done, _ = await asyncio.wait({held}, timeout=0.5)
    assert not done
    await world.post("/faults", clear=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await asyncio.wait_for(held, 5)


async def test_a_timeout_after_the_effect_did_the_work(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault timeout_after_effect posts the message and never says so."""
    web.retry_handlers.clear()
    web.timeout = 1
    await world.post("/faults", platform="slack", kind="timeout_after_effect", match="chat.postMessage")
    with pytest.raises(TimeoutError):
        await web.chat_postMessage(channel="#general", text="Did it arrive?")
    (message,) = (await world.get("/slack/messages", channel="#general"))["messages"]
    assert message["text"] == "Did it arrive?"


async def test_a_short_listing_claims_to_be_complete(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault short_listing waits for a listing, halves it and leaves no cursor."""
    everybody = len((await web.users_list(limit=1000))["members"])
    await world.post("/faults", platform="slack", kind="short_listing")
    await web.users_info(user=await world.slack_id(ADMIN))
    short = await web.users_list(limit=1000)
    assert len(short["members"]) == everybody // 2
    assert short["response_metadata"]["next_cursor"] == ""
    assert len((await web.users_list(limit=1000))["members"]) == everybody


async def test_slow_answers_come_late(web: AsyncWebClient, world: WorldClient) -> None:
    """The fault slow waits retry_after_s and then answers as usual."""
    await world.post("/faults", platform="slack", kind="slow", retry_after_s=0.3)
    started = time.monotonic()
    assert (await web.auth_test())["ok"] is True
    assert time.monotonic() - started >= 0.3


async def test_bad_json_is_cut_in_half(slack: dict[str, Any], world: WorldClient) -> None:
    """The fault bad_json answers 200 and application/json with a body that is no JSON."""
    await world.post("/faults", platform="slack", kind="bad_json")
    headers = {"Authorization": f"Bearer {slack['bot_token']}"}
    async with world.http.post(f"{slack['api']}auth.test", headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            await answer.json()


async def test_no_secret_is_in_the_log_or_on_the_wire(
    slack: dict[str, Any], web: AsyncWebClient, world: WorldClient
) -> None:
    """The request log and the wire panel hold no token, signing secret or response address."""
    await world.http.get(f"{slack['api']}auth.test", params={"token": slack["bot_token"]})
    await web.chat_postMessage(channel="#general", text=f"oops {slack['bot_token']}")
    await web.apps_connections_open(app_token=slack["app_token"])
    await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
    shown = str(await world.get("/calls")) + str(await world.get("/slack/wire")) + str(await world.get())
    for secret in ("bot_token", "app_token", "signing_secret"):
        assert slack[secret] not in shown
    assert "/response/" not in shown
    logged = (await world.get("/calls", platform="slack"))["calls"][0]
    assert (logged["method"], logged["path"], logged["status"]) == ("GET", "/api/auth.test?token=…", 200)
    assert logged["who"] == "svc"


async def test_changes_are_streamed(world: WorldClient) -> None:
    """Whoever listens hears of a message and of a person's deactivation as server-sent events."""
    async with world.http.get(f"{world.url}/changes") as stream:
        assert stream.content_type == "text/event-stream"
        await stream.content.readuntil(b"\n\n")
        await world.post("/slack/say", user=ADMIN, channel="#general", text="hello")
        await world.post("/deactivate", email=VIEWER, where=["slack"])
        heard = b""
        while b"person:changed" not in heard:
            heard += await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 5)
    assert b"message:posted" in heard


async def test_a_leaver_goes_on_the_day(world: WorldClient, sandbox: Sandbox) -> None:
    """terminate with a coming day deactivates when the clock gets there, and not before."""
    on = (sandbox.world.now + timedelta(days=3)).date().isoformat()
    await world.post("/terminate", email=OPERATOR, on=on, where=["slack"])

    async def inactive() -> bool:
        people = (await world.get())["people"]
        return next("slack" in one["inactive"] for one in people if one["email"] == OPERATOR)

    assert not await inactive()
    await world.post("/advance", days=3)
    await eventually(inactive)


async def test_platforms_without_an_account_are_skipped_and_named(world: WorldClient) -> None:
    """Deactivating "everywhere" does what can be done and says what was skipped and why."""
    everywhere = ["slack", "salesforce", "netsuite"]
    done = await world.post("/deactivate", email=VIEWER, where=everywhere)
    assert done["done"] == ["slack"]
    assert done["skipped"] == dict.fromkeys(("salesforce", "netsuite"), "not played by this sandbox")
    assert done["person"]["inactive"] == ["slack"]


async def test_the_deactivated_do_nothing(world: WorldClient) -> None:
    """A deactivated person cannot type a command, and can again after reactivation."""
    await world.post("/deactivate", email=VIEWER, where=["slack"])
    status, said = await world.refused("/slack/slash", user=VIEWER, channel="#general", text="")
    assert (status, said) == (400, f"{VIEWER} is deactivated in Slack")
    await world.post("/reactivate", email=VIEWER, where=["slack"])
    assert (await world.post("/slack/slash", user=VIEWER, channel="#general", text=""))["ack"]
