"""A consumer's OAuth 2.0 certificate renewed and moved while it is at work: not one of its calls is refused."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
import pytest_asyncio
from consumer_at_work import Consumer
from desk import Desk, desk_with_bot, ref_in
from pydantic import SecretStr

from bot.config import IntegrationSettings, Settings
from bot.config.destinations import VaultPlace
from bot.requests.model import ChangeRequest, RequestState
from sandbox.company import load
from tests.contract import kv2_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
APP, ROLE, PATH = "Warehouse feed", "Integration: finance", "integrations/feed"
SHARED = "svc.netsuite@integrations.larkspur.example"
TARGET = "nexonia.sync@integrations.larkspur.example"
REASON = "Its certificate ends in a month"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SLACK_S = 3.0  # of a consumer on a busy machine: one more round of reading and signing in


@dataclass
class Town:
    """A desk, a shelf with the consumer's key on it, and the consumer."""

    desk: Desk
    consumer: Consumer

    @property
    def account(self) -> Any:
        return self.desk.sandbox.stand_ins["netsuite"].account  # type: ignore[attr-defined]

    def user(self, email: str) -> Any:
        (found,) = self.account["employee"].where(email=email)
        return found

    async def ref(self, email: str) -> str:
        """The consumer's sign-in as somebody, once a scan has seen it."""
        desk, wanted = self.desk, f":{self.user(email)['id']}:"
        assert desk.app
        inventory = desk.app.services.inventory

        async def listed() -> str | None:
            entries = (await inventory.catalogue()).entries
            mine = [e.item for e in entries if e.item.body.native_id.startswith("mapping:") and APP in e.name]
            return next((item.ref for item in mine if wanted in item.body.native_id), None)

        return await desk.until(listed, 30.0)

    async def asked(self, typed: str) -> str:
        """Asked for and approved; the request's id."""
        desk = self.desk
        ref = ref_in(await desk.ask(desk.who("operator"), f'{typed} --reason "{REASON}"'), "requests ")
        await desk.ask(desk.who("approver"), f"approve {ref}")
        return ref

    async def mapped(self, ref: str, email: str) -> tuple[ChangeRequest, str]:
        """Somebody maps the certificate that the request shows, and enters what the page tells; its id."""
        desk = self.desk
        request = await desk.at_step(ref, "receive")
        pem = next(r.facts["certificate"] for r in request.receipts if "certificate" in r.facts)
        made = await desk.post(
            "/netsuite/mapping", {"application": APP, "email": email, "role": ROLE, "certificate": pem}
        )
        values = {name: made[name] for name in ("certificate_id", "client_id")}
        assert desk.app
        secret_exchange = desk.app.services.secret_exchange
        mistyped = values | {"certificate_id": made["certificate_id"][:-1] + "x"}
        for entered in (mistyped, values):  # what NetSuite refuses is entered again
            await secret_exchange.enter(request.id, entered, by=desk.who("operator"), way="sealed page")
            if entered is mistyped:
                request = await desk.at_step(ref, "try")
        return request, str(made["certificate_id"])

    async def revoked(self, certificate_id: str) -> None:
        await self.desk.post("/netsuite/mapping_revoke", {"certificate_id": certificate_id})

    async def signed(self, ref: str) -> None:
        await self.desk.ask(self.desk.who("operator"), f"requests sign {ref} Seen on its page in NetSuite")

    async def goes_on(self) -> None:
        """The consumer does some more."""
        before = self.consumer.worked
        await self.desk.until(lambda: self.consumer.has_worked_since(before))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def town(tmp_path_factory: Any) -> AsyncIterator[Town]:
    async with _town(tmp_path_factory.mktemp("town")) as found:
        yield found


@asynccontextmanager
async def _town(directory: Path) -> AsyncIterator[Town]:
    async with kv2_server.running() as shelf:

        def change(settings: Settings) -> Settings:
            token = SecretStr(kv2_server.TOKEN)
            place = VaultPlace(kind="vault", url=shelf.url, path=PATH, token=token)
            known = IntegrationSettings(application=APP, destination="feed")
            return settings.model_copy(update={"destinations": {"feed": place}, "integrations": (known,)})

        async with desk_with_bot(directory, load(), change, platforms=("netsuite",)) as desk:
            await desk.post("/netsuite/switches", {"audit_lag_s": 0})
            await desk.post("/netsuite/integration", {"application": APP, "do": "create", "m2m": True})
            made = await desk.post("/netsuite/mapping", {"application": APP, "email": SHARED, "role": ROLE})
            shelf.put(PATH, {name: made[name] for name in ("private_key", "certificate_id", "client_id")})
            url = desk.sandbox.ready["netsuite"]["url"]

            async def sign_in(http: aiohttp.ClientSession, held: Mapping[str, str]) -> Any:
                return await signed_in(http, held, url, int(desk.sandbox.world.now.timestamp()))

            consumer = Consumer(shelf, PATH, "certificate_id", sign_in)
            async with consumer.at_work():
                yield Town(desk, consumer)


async def signed_in(http: aiohttp.ClientSession, held: Mapping[str, str], url: str, now: int) -> Any:
    """A bearer for the key, and a record read with it; None, or what was refused."""
    token_url = f"{url}/services/rest/auth/oauth2/v1/token"
    claims = {"iss": held["client_id"], "scope": ["rest_webservices"], "aud": token_url, "iat": now}
    claims |= {"exp": now + 600, "jti": uuid.uuid4().hex}
    headers = {"kid": held["certificate_id"]}
    signed = jwt.encode(claims, held["private_key"], algorithm="ES256", headers=headers)
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": signed,
    }
    async with http.post(token_url, data=form) as answer:
        if answer.status != 200:
            return await answer.text()
        bearer = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
    async with http.get(
        f"{url}/services/rest/record/v1/vendor", params={"limit": "1"}, headers=bearer
    ) as read:
        return None if read.status == 200 else await read.text()


async def test_not_one_call_is_refused_while_the_certificate_is_renewed(town: Town) -> None:
    """From the first step to the last the consumer signs in: with the old key, then with the new one."""
    desk, consumer = town.desk, town.consumer
    ref = await town.asked(f"rotate {await town.ref(SHARED)}")
    old = consumer.keys[-1]
    request, new = await town.mapped(ref, SHARED)
    assert "none expected" in request.plan.downtime
    await desk.at_step(ref, "prove")
    await desk.until(lambda: consumer.reads(new))
    await town.goes_on()
    await town.signed(ref)
    await desk.at_step(ref, "retire")
    await town.revoked(old)
    await town.signed(ref)
    await desk.settled(ref, RequestState.DONE)
    await town.goes_on()
    assert consumer.failed == []
    assert consumer.keys == [old, new]


async def test_rolled_back_the_consumer_goes_on_with_the_old_key(town: Town) -> None:
    """One click after delivery: the old key is back on the shelf, the new certificate is ended, nothing is refused."""
    desk, consumer = town.desk, town.consumer
    old = consumer.keys[-1]
    ref = await town.asked(f"rotate {await town.ref(SHARED)}")
    _, new = await town.mapped(ref, SHARED)
    await desk.at_step(ref, "prove")
    await desk.until(lambda: consumer.reads(new))
    await desk.ask(desk.who("operator"), f"rollback {ref}")
    await desk.at_step(ref, "undo:receive")
    await desk.until(lambda: consumer.reads(old))
    await town.revoked(new)
    await town.signed(ref)
    await desk.settled(ref, RequestState.ROLLED_BACK)
    await town.goes_on()
    assert consumer.failed == []
    assert [
        one.certificate_id
        for one in town.account.mappings.values()
        if one.certificate_id in (old, new) and not one.revoked
    ] == [old]


async def test_not_one_call_is_refused_while_it_moves_to_another_account(town: Town) -> None:
    """The new account's key is tried, delivered and seen at work before the old one rests and is ended."""
    desk, consumer = town.desk, town.consumer
    old = consumer.keys[-1]
    ref = await town.asked(f"handover {await town.ref(SHARED)} to {TARGET}")
    _, new = await town.mapped(ref, TARGET)
    await desk.at_step(ref, "silence")
    assert await consumer.reads(new)
    await desk.advance(days=1, seconds=1200)
    await desk.at_step(ref, "retire")
    await town.revoked(old)
    await town.signed(ref)
    await desk.settled(ref, RequestState.DONE)
    await town.goes_on()
    assert consumer.failed == []


async def test_a_hostile_renewal_stands_still_for_as_long_as_it_said(town: Town) -> None:
    """The leaked key is refused first; calls fail from then until the new one is in, as the plan states, not longer."""
    desk, consumer = town.desk, town.consumer
    old = consumer.keys[-1]
    ref = await town.asked(f"rotate {await town.ref(TARGET)} --revoke-first")
    request = await desk.at_step(ref, "retire")
    promised = request.plan.downtime
    began = desk.sandbox.world.now
    await town.revoked(old)
    await town.signed(ref)
    _, new = await town.mapped(ref, TARGET)
    await desk.at_step(ref, "prove")
    await desk.until(lambda: consumer.reads(new))
    await town.goes_on()
    between_s = (desk.sandbox.world.now - began).total_seconds()
    measured_s = sum(consumer.gaps_s)
    said = f"promised: “{promised}”; measured: {measured_s:.2f} s of refusals in {between_s:.2f} s"
    assert promised == f"{APP} stands still from the revocation until its new key is in", said
    assert len(consumer.gaps_s) == 1, said
    assert 0 < measured_s <= between_s + SLACK_S, said
    assert consumer.keys[-1] == new, said
