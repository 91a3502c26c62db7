"""An identity provider says over HTTP that somebody was deactivated: the same signal as Slack's own, and no other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from desk import Desk, words_of
from pydantic import SecretStr
from sealed_pages import with_page

from bot.alerts.model import OWNER_GONE, AlertState
from bot.audit.repository import AuditLog
from bot.config import Settings
from bot.text import Secret
from bot.web.scim_hook import LARGEST, PATH, sign

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECRET = "planted-scim-secret-0123456789abcdef"
WHO = "marcus.delacroix@larkspur.example"


def change(settings: Settings) -> Settings:
    """With a listener, and a secret to sign with."""
    paged = with_page(settings)
    web = paged.web.model_copy(update={"scim_secret": SecretStr(SECRET)})
    return paged.model_copy(update={"web": web})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class Provider:
    """Signs as an identity provider does, each message a second after the last."""

    def __init__(self, desk: Desk, http: aiohttp.ClientSession) -> None:
        self._desk, self._http = desk, http
        assert desk.app
        self.url = f"{desk.app.settings.web.public_url}{PATH}"
        self._last = 0

    def stamp(self) -> int:
        assert self._desk.app
        self._last = max(self._last + 1, int(self._desk.app.clock.now().timestamp()))
        return self._last

    async def post(self, body: object, *, stamp: str = "", secret: str = SECRET, **headers: str) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = stamp or str(self.stamp())
        signed = {
            "X-Handover-Timestamp": stamp,
            "X-Handover-Signature": f"v1={sign(Secret(secret), stamp, raw)}",
        }
        async with self._http.post(self.url, data=raw, headers=signed | headers) as answer:
            text = await answer.text()
            assert SECRET not in text
            return answer.status


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def provider(desk: Desk, http: aiohttp.ClientSession) -> Provider:
    return Provider(desk, http)


def user(active: object, email: str = WHO) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "marcus",
        "emails": [{"value": "elsewhere@example.org"}, {"value": email, "primary": True}],
        "active": active,
    }


def patch(*operations: dict[str, object]) -> dict[str, object]:
    return {"userName": WHO.upper(), "Operations": list(operations)}


async def live(desk: Desk) -> list[str]:
    alerts = await desk.alerts(OWNER_GONE)  # others were inactive from the start
    return [a.subject for a in alerts if a.state is AlertState.OPEN and a.subject == WHO]


async def test_a_deactivation_is_told_as_slack_would_tell_it_and_taken_back(
    desk: Desk, provider: Provider
) -> None:
    """User with active false: one message that names the source; a PATCH back settles it; Slack cannot take it back."""
    assert await provider.post(user(False)) == 204
    shown = await desk.said("was deactivated, says the identity provider", channel="")
    assert "Owner deactivated" in words_of(shown)
    assert await live(desk) == [WHO]
    assert desk.app
    await desk.app.services.people.reconcile()  # Slack still has them active, which takes nothing back
    assert await live(desk) == [WHO]
    operation = {"op": "Replace", "path": "active", "value": "True"}
    assert await provider.post(patch(operation)) == 204
    settled = await desk.said("is active again")
    assert settled["ts"] == shown["ts"]
    assert await live(desk) == []


async def test_a_replay_changes_nothing(desk: Desk, provider: Provider) -> None:
    """The same message again, or an older one, is refused, also after a restart: what was heard last is kept."""
    stamp = str(provider.stamp())
    message = patch({"op": "replace", "value": {"active": False}})
    assert await provider.post(message, stamp=stamp) == 204
    assert await provider.post(patch({"op": "replace", "value": {"active": True}})) == 204
    assert await live(desk) == []
    assert await provider.post(message, stamp=stamp) == 409
    await desk.restart()
    assert await provider.post(message, stamp=stamp) == 409
    assert await live(desk) == []


@pytest.mark.parametrize(
    "wrong", ["secret", "body", "old", "ahead", "no stamp", "no signature", "odd", "version"]
)
async def test_what_is_not_ours_and_of_now_is_refused(desk: Desk, provider: Provider, wrong: str) -> None:
    """Another secret, another body, another time, or none of it: 401, and nobody is deactivated."""
    stamp, raw = provider.stamp(), json.dumps(user(False)).encode()
    match wrong:
        case "secret":
            status = await provider.post(raw, secret="another secret that is quite long enough")
        case "body":
            status = await provider.post(
                raw, **{"X-Handover-Signature": f"v1={sign(Secret(SECRET), str(stamp), b'{}')}"}
            )
        case "old" | "ahead":
            status = await provider.post(raw, stamp=str(stamp + (-400 if wrong == "old" else 320)))
        case "no stamp":
            status = await provider.post(raw, **{"X-Handover-Timestamp": ""})
        case "no signature":
            status = await provider.post(raw, **{"X-Handover-Signature": ""})
        case "odd":
            status = await provider.post(raw, stamp="١٢٣")  # digits, of another script
        case _:
            signed = f"v0={sign(Secret(SECRET), str(stamp), raw)}"
            status = await provider.post(raw, stamp=str(stamp), **{"X-Handover-Signature": signed})
    assert status == 401
    assert await live(desk) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        ([1], 400),
        ({"active": False}, 400),
        (user("perhaps"), 400),
        ({"userName": WHO, "Operations": "all"}, 400),
        (user(False, "nobody@larkspur.example"), 404),
        ({"userName": WHO, "Operations": [{"op": "replace", "path": "title", "value": "CEO"}]}, 204),
        ({"userName": WHO, "displayName": "Marcus"}, 204),
        (b" " * (LARGEST + 1), 413),
    ],
    ids=["text", "list", "nobody", "maybe", "operations", "stranger", "title", "name", "large"],
)
async def test_what_says_nothing_of_being_active_changes_nothing(
    desk: Desk, provider: Provider, body: object, status: int
) -> None:
    """Signed and unreadable is told why; signed and about something else is taken, and nothing follows."""
    assert await provider.post(body) == status
    assert await live(desk) == []


async def test_the_trail_says_who_told(desk: Desk) -> None:
    """Each turn is a line of the trail, by the identity provider."""
    assert desk.app
    async with desk.app.store.read() as unit:
        told = [line for line in await unit[AuditLog].tail(500) if line.actor == "identity provider"]
    assert {line.action for line in told} == {"person:disabled", "person:restored"}
