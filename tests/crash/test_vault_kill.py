"""The bot killed at every point where a secret is made, sealed or handed over: one key, one version, nothing left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli.opening import opened
from bot.config import load as load_settings
from bot.platform import secret_steps
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.secrets import generation
from bot.secrets.repository import SecretRepository
from bot.text import Secret
from sandbox.company import load
from tests.contract import kv2_server
from tests.crash.town import Town, town
from tests.e2e.sealed_pages import approved

PATH = "integrations/shopify"
OLD = {"netsuite_key": "the old key", "colour": "blue"}
STEPS = (
    secret_steps.make_key(algorithm="EC-P256", common_name="Orders sync", days=365),
    secret_steps.deliver(("private_key",), destination="shelf", consumer="Shopify"),
)
KILLS = (
    "step.intended:1",
    "vault.made:1",
    "vault.sealed:1",
    "step.recorded:1",
    "step.intended:2",
    "vault.written:1",
    "step.applied:2",
    "step.recorded:2",
)


@pytest.fixture
async def engine() -> AsyncIterator[kv2_server.Engine]:
    """Vault's engine with what the consumer reads now."""
    async with kv2_server.running() as made:
        made.max_versions = 100
        made.put(PATH, OLD)
        yield made


@pytest.fixture
async def place(tmp_path: Path, engine: kv2_server.Engine) -> AsyncIterator[Town]:
    """An installation with that engine as a destination."""
    async with town(tmp_path, load()) as made:
        await made.command("secret", "put", "vault-token", "--stdin", stdin=kv2_server.TOKEN)
        table = (
            f'\n[destinations."shelf"]\nkind = "vault"\nurl = "{engine.url}"\npath = "{PATH}"\n'
            'token = "secret:vault-token"\nfields = { private_key = "netsuite_key" }\n'
        )
        made.config.write_text(made.config.read_text() + table)
        yield made


async def _begun(place: Town) -> ChangeRequest:
    """An approved request, written while no bot runs."""
    desk = place.desk
    request, card = approved(desk.who("operator"), desk.channel, desk.sandbox.world.now, *STEPS)
    async with opened(load_settings(place.config)) as store, store.write() as unit:
        await unit[RequestRepository].add(request)
        await unit.outbox.put(card)
    return request


async def _ended(place: Town, request: ChangeRequest, state: RequestState) -> ChangeRequest:
    async with opened(load_settings(place.config)) as store:

        async def there() -> ChangeRequest | None:
            async with store.read() as unit:
                found = await unit[RequestRepository].get(request.id)
            assert found.state is not RequestState.HELD, found.detail
            return found if found.state is state else None

        return await place.desk.until(there, 60.0)


def _held(engine: kv2_server.Engine) -> tuple[int, dict[str, Any]]:
    number = max(engine.secrets[PATH])
    return number, engine.secrets[PATH][number].data


@pytest.mark.timeout(600)
async def test_one_key_and_one_version_wherever_it_dies(place: Town, engine: kv2_server.Engine) -> None:
    """
    After each kill the plan ends: the version is written once, the key in it is the one of the receipt's certificate,
    and the drawer is empty. Killed on the way back as well, what the consumer read before is current again, once.
    """
    for at in KILLS:
        before, _ = _held(engine)
        request = await _begun(place)
        await place.start(at)
        await place.dies()
        await place.start()
        done = await _ended(place, request, RequestState.DONE)
        await place.kill()
        number, current = _held(engine)
        assert number == before + 1, at
        assert current["colour"] == "blue"
        facts = {name: fact for receipt in done.receipts for name, fact in receipt.facts.items()}
        assert generation.speaks_for(facts["certificate"], Secret(current["netsuite_key"])) is not None, at
        assert (facts["destination_version"], facts["destination_before"]) == (str(number), str(before))
        async with opened(load_settings(place.config)) as store, store.read() as unit:
            assert not [name for name in await unit[SecretRepository].names() if name.startswith("@plan:")], (
                at
            )
        assert current["netsuite_key"] not in repr(done)

    number, current = _held(engine)
    previous = engine.secrets[PATH][number - 1].data
    await place.start("vault.put_back:1")
    desk = place.desk
    await desk.post(
        "/slack/slash",
        {"user": desk.who("operator"), "channel": desk.channel, "text": f"rollback {done.ref}"},
    )
    await place.dies()
    await place.start()
    await _ended(place, done, RequestState.ROLLED_BACK)
    assert _held(engine) == (number + 1, previous)
    await place.kill()
    await place.trail_is_whole()
