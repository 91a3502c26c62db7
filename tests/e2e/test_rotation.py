"""A consumer secret replaced while the integration is at work: not one of its calls fails."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from consumer_at_work import Consumer, SignIn
from desk import Desk, buttons_of, desk_with_bot, ref_in, words_of
from pydantic import SecretStr

from bot.config import IntegrationSettings, Settings
from bot.config.destinations import VaultPlace
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from sandbox.company import load
from tests.contract import kv2_server

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "integrations/celigo"
REASON = "The yearly rotation is due"
SLACK_S = 3.0  # of a consumer on a busy machine: one more round of reading and signing in


def sign_in(token_url: str) -> SignIn:
    """With a pair of client credentials."""

    async def signed(http: aiohttp.ClientSession, held: Mapping[str, str]) -> Any:
        form = {"grant_type": "client_credentials", **held}
        async with http.post(token_url, data=form) as answer:
            return None if answer.status == 200 else await answer.json()

    return signed


@dataclass
class Town:
    """A desk, a shelf with Celigo's pair on it, and Celigo."""

    desk: Desk
    shelf: kv2_server.Engine
    consumer: Consumer
    ref: str  # of Celigo's grant; while a pair is staged, a scan may list that under the same name

    def app(self) -> Any:
        org = self.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        return next(app for app in org.apps.values() if app.label == "Celigo")

    async def delivered(self, ref: str) -> ChangeRequest:
        """The request once it waits with the new pair on the shelf; whether it was seen at work already is a race."""
        assert self.desk.app
        approvals = self.desk.app.services.approvals

        async def waits() -> ChangeRequest | None:
            request = await approvals.get(ref)
            given = any(receipt.step == "deliver" for receipt in request.receipts)
            return request if given and request.state is RequestState.WAITING else None

        return await self.desk.until(waits, 30.0)


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
            known = IntegrationSettings(application="celigo", consumer="Celigo flows", destination="celigo")
            return settings.model_copy(update={"destinations": {"celigo": place}, "integrations": (known,)})

        async with desk_with_bot(directory, load(), change) as desk:
            token_url = f"{desk.sandbox.ready['salesforce']['url']}/services/oauth2/token"
            celigo = await desk.ref_of("celigo")
            town = Town(desk, shelf, Consumer(shelf, PATH, "client_id", sign_in(token_url)), celigo)
            shelf.put(PATH, {"client_id": town.app().client_id, "client_secret": town.app().client_secret})
            async with town.consumer.at_work():
                yield town


async def test_the_plan_says_where_the_new_secret_goes(town: Town) -> None:
    """A dry run shows kind, consumer, destination, downtime and how each step is taken back; nothing is asked."""
    ref = town.ref
    shown = await town.desk.slash(town.desk.who("operator"), f"rotate {ref} --dry-run")
    said = words_of(shown)
    for word in (
        "Rotation",
        "Celigo flows",
        "to celigo",
        "none: both pairs work",
        "delete the new pair",
    ):
        assert word in said
    assert list(buttons_of(shown)) == ["Ask for It"]
    assert "nothing was asked for yet" in said


async def test_a_destination_that_is_not_there_is_refused_at_once(town: Town) -> None:
    """Before anything is planned or made, with those that there are."""
    ref = town.ref
    said = await town.desk.ask(town.desk.who("operator"), f"rotate {ref} --into nowhere --dry-run")
    assert "no destination called nowhere. There is manual, celigo." in said


async def test_not_one_call_of_the_integration_fails(town: Town) -> None:
    """From the first step to the last the consumer is never refused: with the old pair, then with the new one."""
    desk, consumer = town.desk, town.consumer
    old = town.app().client_id
    typed = f'rotate {town.ref} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    await town.delivered(ref)
    await desk.advance(seconds=5)
    await desk.at_step(ref, "in-use")
    card = await desk.said("Approved, waiting for proof", "Confirm Step", f"request {ref}")
    assert list(buttons_of(card)) == ["Confirm Step", "Stop Here", "Roll Back"]
    view = await desk.pressed_form(desk.who("operator"), card, "Confirm Step")
    done = await desk.submit(desk.who("operator"), view, note="Celigo's connection page shows the new key")
    assert done.get("response_action") != "errors", done
    await desk.at_step(ref, "silence")
    assert {old} < {*consumer.keys}
    await desk.advance(days=1, seconds=60)
    await desk.settled(ref, RequestState.DONE, within_s=30)
    before = consumer.worked
    await desk.until(lambda: consumer.has_worked_since(before))
    assert consumer.failed == []
    assert consumer.keys == [old, town.app().client_id]
    assert town.app().staged is None


async def test_who_signed_is_on_record_and_no_secret_is(town: Town) -> None:
    """The signer's name and note stand in the thread and the trail; key and secret stand nowhere."""
    desk = town.desk
    await desk.said("Celigo's connection page shows the new key")
    assert desk.app
    request = (await _requests(desk))[0]
    trail = words_of(await desk.slash(desk.who("viewer"), f"audit {request.ref}"))
    assert "Celigo's connection page" in trail
    everything = " ".join([words_of(m) for m in await desk.messages()]) + trail + repr(request)
    for secret in (town.app().client_secret, town.app().client_id):
        assert secret not in everything
    # Read by another process: closing a database's file drops every lock that this process holds on it, and then the
    # next program takes it for abandoned and truncates the memory that SQLite shares.
    every = 'find "$0" -type f -exec cat {} + 2>/dev/null; true'  # some are gone before they are read
    stored = await _output("sh", "-c", every, str(desk.settings.data_dir))
    assert len(stored) > 100_000
    assert town.app().client_secret.encode() not in stored


async def test_rolled_back_the_consumer_goes_on_with_the_old_pair(town: Town) -> None:
    """One click after delivery: the version before is back on the shelf, the new pair is ended, no call fails."""
    desk, consumer = town.desk, town.consumer
    old = town.app().client_id
    typed = f'rotate {town.ref} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    await town.delivered(ref)
    await desk.ask(desk.who("operator"), f"rollback {ref}")
    await desk.settled(ref, RequestState.ROLLED_BACK)
    before = consumer.worked
    await desk.until(lambda: consumer.has_worked_since(before))
    assert consumer.failed == []
    assert (consumer.keys[-1], town.app().client_id, town.app().staged) == (old, old, None)


async def test_the_plan_can_be_taken_away(town: Town) -> None:
    """Beside the running bot the command line writes the plan; its JSON has the digest that was approved."""
    request = (await _requests(town.desk))[0]
    config = town.desk.sandbox.ready["bot_config"]
    command = [sys.executable, "-m", "bot", "plan", request.ref, "--config", config]
    told = {form: await _output(*command, "--as", form) for form in ("json", "markdown")}
    assert hashlib.sha256(told["json"].removesuffix(b"\n")).hexdigest() == request.digest
    assert b"Celigo" in told["markdown"]


async def test_a_hostile_rotation_stands_still_for_as_long_as_it_said(town: Town) -> None:
    """The leaked pair is refused first; calls fail from then until the new one is in, as stated, and not longer."""
    desk, consumer = town.desk, town.consumer
    old, refused, worked = town.app().client_id, len(consumer.failed), consumer.worked
    typed = f'rotate {town.ref} --revoke-first --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    await desk.ask(desk.who("approver"), f"approve {ref}")
    request = await town.delivered(ref)
    promised = request.plan.downtime
    await desk.until(lambda: consumer.has_worked_since(worked))
    await desk.until(lambda: consumer.reads(town.app().client_id))
    at = {receipt.step: receipt.at for receipt in request.receipts}
    between_s = (at["deliver"] - at["retire"]).total_seconds()
    measured_s = sum(consumer.gaps_s)
    said = (
        f"promised: “{promised}”; measured: {measured_s:.2f} s of refusals, {between_s:.2f} s between the two"
    )
    assert promised == "from the deletion of the old pair until Celigo flows has the new one", said
    assert (len(consumer.gaps_s) == 1) == (len(consumer.failed) > refused), said
    assert measured_s <= between_s + SLACK_S, said
    assert consumer.keys[-1] == town.app().client_id != old, said


async def test_a_plan_that_was_not_asked_for_comes_as_a_file(town: Town) -> None:
    """`--as` sends the dry run to whoever looks, as Markdown or JSON, and asks for nothing."""
    desk = town.desk
    ref = town.ref
    for form, ending, says in (("markdown", "md", b"# Give Celigo"), ("json", "json", b'"kind":"rotation"')):
        said = await desk.ask(desk.who("operator", 1), f"rotate {ref} --as {form}")
        assert "in your direct messages" in said
        sent = await _file(desk, desk.who("operator", 1), f"plan-{ref}.{ending}")
        assert says in sent


async def _file(desk: Desk, user: str, name: str) -> bytes:
    async def there() -> bytes | None:
        named = [f for m in await desk.dm(user) for f in m.get("files", ()) if f["name"] == name]
        if not named:
            return None
        return desk.sandbox.slack.state.workspace.files[named[0]["id"]].content

    return await desk.until(there)


async def _output(*command: str) -> bytes:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    assert process.returncode == 0, err
    return out


async def _requests(desk: Desk) -> Any:
    assert desk.app
    async with desk.app.store.read() as unit:
        return (await unit[RequestRepository].page())[0]
