"""A Wrike flow at work while its token moves: nothing fails that is not to fail, and a gap is as the plan said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from consumer_at_work import Consumer
from desk import Desk, desk_with_bot, ref_in, words_of
from sealed_pages import browser, link_in, with_page

from bot.config import IntegrationSettings, Settings
from bot.config.destinations import VaultPlace
from bot.requests.model import ChangeRequest, RequestState
from sandbox.company import load
from tests.contract import kv2_server

FLOW, PATH = "Power BI extract", "integrations/powerbi"
HOLDER = "wenli.chang@larkspur.example"
SERVICE = "wrike.salesforce@integrations.larkspur.example"
REASON = "Wenli leaves at the end of the month"
SLACK_S = 3.0  # of a consumer on a busy machine: one more round of reading and calling


@dataclass
class Town:
    """A desk, the flow at work, and the token it began with."""

    desk: Desk
    consumer: Consumer
    old: str

    async def asked(self, how: str = "") -> str:
        """Asked for and approved; the request's id."""
        desk = self.desk
        typed = f'handover {await desk.ref_of(FLOW)} to {SERVICE} {how} --reason "{REASON}"'
        ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
        await desk.ask(desk.who("approver"), f"approve {ref}")
        return ref

    async def enter(self, request: ChangeRequest, **values: str) -> None:
        assert self.desk.app
        secret_exchange = self.desk.app.services.secret_exchange
        await secret_exchange.enter(request.id, values, by=self.desk.who("operator"), way="sealed page")

    async def made(self, ref: str) -> str:
        """The service account makes its token, and it is entered."""
        request = await self.desk.at_step(ref, "receive")
        new = str((await self.desk.post("/wrike/token", {"email": SERVICE}))["token"])
        await self.enter(request, token=new)
        return new

    async def ended(self) -> None:
        await self.desk.post("/wrike/revoke", {"email": HOLDER, "label": "flow"})

    async def goes_on(self) -> None:
        """The flow does some more."""
        before = self.consumer.worked
        await self.desk.until(lambda: self.consumer.has_worked_since(before))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with _town(tmp_path) as found:
        yield found


@asynccontextmanager
async def _town(directory: Path) -> AsyncIterator[Town]:
    async with kv2_server.running() as shelf:

        def change(settings: Settings) -> Settings:
            wide = {"requests_per_minute": 100_000, "burst": 1_000, "unused_for_s": 60}
            table = settings.connections["wrike:prod"] | wide
            place = VaultPlace(kind="vault", url=shelf.url, path=PATH, token=kv2_server.TOKEN)
            known = IntegrationSettings(application=FLOW, destination="powerbi")
            changed = {"destinations": {"powerbi": place}, "integrations": (known,)}
            return settings.model_copy(update={"connections": {"wrike:prod": table}, **changed})

        async with desk_with_bot(
            directory, load(), lambda s: with_page(change(s)), platforms=("wrike",)
        ) as desk:
            await desk.post("/wrike/switches", {"rate_per_minute": 0.0})
            old = (await desk.post("/wrike/token", {"email": HOLDER, "label": "flow"}))["token"]
            shelf.put(PATH, {"token": old})
            url = desk.sandbox.ready["wrike"]["url"]

            async def sign_in(http: aiohttp.ClientSession, held: Mapping[str, str]) -> Any:
                headers = {"Authorization": f"Bearer {held['token']}"}
                async with http.get(f"{url}/folders", headers=headers) as answer:
                    return None if answer.status == 200 else await answer.text()

            consumer = Consumer(shelf, PATH, "token", sign_in)
            async with consumer.at_work():
                yield Town(desk, consumer, old)


async def test_a_flow_moves_and_not_one_call_fails(town: Town) -> None:
    """With the person's token, then with the account's, until the old one is dead."""
    desk, consumer = town.desk, town.consumer
    ref = await town.asked()
    new = await town.made(ref)
    request = await desk.at_step(ref, "rest")
    await desk.until(lambda: consumer.reads(new))
    await desk.advance(seconds=90)
    await desk.at_step(ref, "receive-old")
    await town.enter(request, old_token=town.old)
    await desk.at_step(ref, "retire")
    await town.ended()
    await desk.settled(ref, RequestState.DONE, within_s=30)
    await town.goes_on()
    assert consumer.failed == [], f"promised: “{request.plan.downtime}”"
    assert request.plan.downtime == "none expected"
    assert consumer.keys == [town.old, new]


async def test_a_hostile_handover_stands_still_for_as_long_as_it_said(town: Town) -> None:
    """The old token ends first; calls fail from then until the new one is in place, as stated, and not longer."""
    desk, consumer = town.desk, town.consumer
    ref = await town.asked("--revoke-first")
    request = await desk.at_step(ref, "receive-old")
    await town.enter(request, old_token=town.old)
    await desk.at_step(ref, "retire")
    await town.goes_on()
    assert consumer.failed == []
    began = desk.sandbox.world.now
    await town.ended()
    new = await town.made(ref)
    await desk.settled(ref, RequestState.DONE, within_s=30)
    await desk.until(lambda: consumer.reads(new))
    await town.goes_on()
    between_s = (desk.sandbox.world.now - began).total_seconds()
    promised, measured_s = request.plan.downtime, sum(consumer.gaps_s)
    said = f"promised: “{promised}”; measured: {measured_s:.2f} s of refusals in {between_s:.2f} s"
    assert promised == f"{FLOW} stands still from the end of the old one until the new one is in place", said
    assert len(consumer.gaps_s) == 1, said
    assert 0 < measured_s <= between_s + SLACK_S, said
    assert consumer.keys == [town.old, new], said


async def test_a_wrong_token_is_told_apart_and_entered_anew(town: Town) -> None:
    """A person's own token, one of nobody, and last a wrong old one: each is said, and none goes any further."""
    desk, operator = town.desk, town.desk.who("operator")
    ref = await town.asked()
    request = await desk.at_step(ref, "receive")
    await town.enter(request, token=town.old)
    turn = await desk.said("this token acts as", HOLDER)
    assert "enter that instead" in words_of(turn)
    right = str((await desk.post("/wrike/token", {"email": SERVICE}))["token"])
    async with browser() as web:
        for given in ("of nobody", right):
            await desk.at_step(ref, "prove")
            url, code = link_in(await desk.press(operator, turn, "Enter Again"))
            entry = await web.send(url, await web.open(url), code=code)
            assert "secret.token" in entry.html
            sealed = await web.send(url, entry, **{"secret.token": given})
            assert "Everything is sealed" in sealed.html
    await desk.at_step(ref, "rest")
    await desk.until(lambda: town.consumer.reads(right))
    await desk.advance(seconds=90)
    await desk.at_step(ref, "receive-old")
    for mistyped, why in (("of nobody", "mistyped"), (right, "it is another one"), (town.old, "")):
        await town.enter(request, old_token=mistyped)

        async def told(why: str = why) -> bool:
            request = await desk.at_step(ref, "prove-old" if why else "retire")
            return why in request.detail

        assert await desk.until(told)
    await town.ended()
    await desk.settled(ref, RequestState.DONE, within_s=30)
    assert town.consumer.failed == []
