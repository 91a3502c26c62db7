"""One behaviour of every destination, over real sockets: Vault's engine (our stand-in) and AWS (moto's server)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import bad_wire
import boto3
import kv2_server
import pytest
import stamina
from bad_wire import Wire
from moto.server import ThreadedMotoServer

from bot.destination_settings import AwsPlace, Place, VaultPlace
from bot.destinations import build
from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    ProtocolChanged,
    RateLimited,
    Rejected,
    Unreachable,
)
from bot.platform.ports import Destination, Landing
from bot.text import Secret

PATH = "integrations/shopify"
OLD = {"netsuite_key": "old-key", "colour": "blue"}
NEW = {"private_key": Secret("new-key ü\n"), "token": Secret("new-token")}
FIELDS = {"private_key": "netsuite_key"}
WRITTEN = {"netsuite_key": "new-key ü\n", "token": "new-token", "colour": "blue"}
KEY = "7f3a:shelf:private_key,token"


class Shelf(Protocol):
    """What a test sees of a place behind the destination's back."""

    destination: Destination
    wire: Wire

    def current(self) -> dict[str, Any] | None: ...
    def count(self) -> int: ...
    def put(self, held: dict[str, Any]) -> None: ...


@dataclass
class VaultShelf:
    destination: Destination
    wire: Wire
    engine: kv2_server.Engine

    def current(self) -> dict[str, Any] | None:
        kept = self.engine.secrets.get(PATH, {})
        last = kept[max(kept)] if kept else None
        return last.data if last and not last.deleted else None

    def count(self) -> int:
        return max(self.engine.secrets.get(PATH, {}), default=0)

    def put(self, held: dict[str, Any]) -> None:
        self.engine.put(PATH, held)


@dataclass
class AwsShelf:
    destination: Destination
    wire: Wire
    aws: Any

    def current(self) -> dict[str, Any] | None:
        try:  # by its label: without one, moto forgets that labels move
            held = self.aws.get_secret_value(SecretId=PATH, VersionStage="AWSCURRENT")
            found: dict[str, Any] = json.loads(held["SecretString"])
        except self.aws.exceptions.ResourceNotFoundException:
            return None
        return found

    def count(self) -> int:
        return len(self.aws.list_secret_version_ids(SecretId=PATH, IncludeDeprecated=True)["Versions"])

    def put(self, held: dict[str, Any]) -> None:
        self.aws.put_secret_value(SecretId=PATH, SecretString=json.dumps(held))


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's own way to be told who signs in; nothing is looked up anywhere else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@asynccontextmanager
async def vault_shelf(token: str = kv2_server.TOKEN, **changes: Any) -> AsyncIterator[VaultShelf]:
    async with kv2_server.running() as engine, bad_wire.between(engine.url) as wire:
        keys: dict[str, Any] = {"kind": "vault", "url": wire.url, "path": PATH, "fields": FIELDS}
        place = VaultPlace(**keys | changes)
        engine.namespace = place.namespace
        destination = build("shelf", place, lambda: Secret(token))
        yield VaultShelf(destination, wire, engine)
        await destination.aclose()


@asynccontextmanager
async def aws_shelf(moto: str, **changes: Any) -> AsyncIterator[AwsShelf]:
    aws = boto3.client("secretsmanager", region_name="eu-central-1", endpoint_url=moto)
    async with bad_wire.between(moto) as wire:
        keys: dict[str, Any] = {
            "kind": "aws",
            "secret_id": PATH,
            "region": "eu-central-1",
            "endpoint_url": wire.url,
        }
        destination = build("shelf", AwsPlace(**keys | {"fields": FIELDS} | changes), lambda: Secret(""))
        aws.create_secret(Name=PATH)
        try:
            yield AwsShelf(destination, wire, aws)
        finally:
            aws.delete_secret(SecretId=PATH, ForceDeleteWithoutRecovery=True)
            await destination.aclose()


@pytest.fixture(params=["vault", "aws"])
async def shelf(request: pytest.FixtureRequest, moto: str) -> AsyncIterator[Shelf]:
    async with vault_shelf() if request.param == "vault" else aws_shelf(moto) as made:
        yield made


async def written(shelf: Shelf) -> Landing:
    """Written once, and found by reading back."""
    assert await shelf.destination.landed(NEW, KEY) is None
    await shelf.destination.write(NEW, KEY)
    landing = await shelf.destination.landed(NEW, KEY)
    assert landing is not None
    return landing


async def test_written_read_back_and_put_back(shelf: Shelf) -> None:
    """Our fields are set, others stay; the version before is current again when asked, and that is seen by reading."""
    shelf.put(OLD)
    before = shelf.count()
    landing = await written(shelf)
    assert shelf.current() == WRITTEN
    assert (shelf.count(), landing.before != "") == (before + 1, True)
    assert not await shelf.destination.returned(landing)
    await shelf.destination.put_back(landing)
    assert await shelf.destination.returned(landing)
    assert shelf.current() == OLD
    assert await shelf.destination.landed(NEW, KEY) is None


async def test_an_answer_that_was_lost_is_settled_by_reading(shelf: Shelf) -> None:
    """It is said to be unknown, nothing is sent again by itself, and reading finds the version and the one before."""
    shelf.put(OLD)
    before = shelf.count()
    shelf.wire.swallow = 1
    with pytest.raises(OutcomeUnknown):
        await shelf.destination.write(NEW, KEY)
    landing = await shelf.destination.landed(NEW, KEY)
    assert landing is not None
    assert shelf.count() == before + 1
    shelf.wire.swallow = 1
    with pytest.raises(OutcomeUnknown):
        await shelf.destination.put_back(landing)
    assert await shelf.destination.returned(landing)
    assert shelf.current() == OLD


async def test_a_request_that_arrives_twice_makes_one_version(shelf: Shelf) -> None:
    """Whatever the network does to a write, there is one version of ours."""
    shelf.put(OLD)
    before = shelf.count()
    shelf.wire.twice = 1
    with suppress(Rejected):  # Vault refuses the second, which is the one we hear of
        await shelf.destination.write(NEW, KEY)
    assert (shelf.count(), shelf.current()) == (before + 1, WRITTEN)
    assert await shelf.destination.landed(NEW, KEY) is not None


async def test_what_somebody_wrote_since_is_not_trodden_on(shelf: Shelf) -> None:
    """A later version stays current: the way back is refused in words, and nothing is claimed."""
    shelf.put(OLD)
    landing = await written(shelf)
    shelf.put({"netsuite_key": "theirs"})
    assert await shelf.destination.landed(NEW, KEY) is None
    assert not await shelf.destination.returned(landing)
    with pytest.raises(Rejected):
        await shelf.destination.put_back(landing)
    assert shelf.current() == {"netsuite_key": "theirs"}


async def test_another_field_changed_since_is_still_ours(shelf: Shelf) -> None:
    """While our values are what consumers read, the step is done; the way back is still not over somebody's change."""
    shelf.put(OLD)
    await written(shelf)
    shelf.put(WRITTEN | {"colour": "green"})
    landing = await shelf.destination.landed(NEW, KEY)
    assert landing is not None
    with pytest.raises(Rejected):
        await shelf.destination.put_back(landing)
    assert shelf.current() == WRITTEN | {"colour": "green"}


async def test_the_first_version_of_all(shelf: Shelf) -> None:
    """Where nothing was before, the receipt says so."""
    landing = await written(shelf)
    assert landing.before == ""
    assert shelf.current() == {"netsuite_key": "new-key ü\n", "token": "new-token"}


async def test_half_of_it_is_not_it(shelf: Shelf) -> None:
    """One value of two, or a value that differs in its last character, was not delivered; nothing never is."""
    shelf.put(WRITTEN | {"token": "new-toke"})
    assert await shelf.destination.landed(NEW, KEY) is None
    shelf.put({"netsuite_key": "new-key ü\n"})
    assert await shelf.destination.landed(NEW, KEY) is None
    assert await shelf.destination.landed({}, KEY) is None


@pytest.mark.parametrize(
    ("answer", "read", "wrote"),
    [
        ((429, {"Retry-After": "7"}), (RateLimited,), (RateLimited,)),
        ((503, {}), (Unreachable,), (OutcomeUnknown, Unreachable)),
        ((500, {}), (Unreachable,), (OutcomeUnknown, Unreachable)),
    ],
)
async def test_a_server_in_trouble(
    shelf: Shelf, answer: Any, read: tuple[type[Exception]], wrote: tuple[type[Exception]]
) -> None:
    """A look that failed raises, so that nothing is concluded from it; nothing was written."""
    shelf.put(OLD)
    shelf.wire.refuse = answer
    if isinstance(shelf, AwsShelf) and answer[0] == 429:
        read = wrote = (RateLimited, Rejected)  # type: ignore[assignment]  # AWS throttles with a code, not a status
    stamina.set_active(False)
    try:
        with pytest.raises(read):
            await shelf.destination.landed(NEW, KEY)
        with pytest.raises(wrote):
            await shelf.destination.write(NEW, KEY)
        with pytest.raises(wrote):
            await shelf.destination.put_back(Landing(version="2" * 32, before="1" * 32))
    finally:
        stamina.set_active(True)
    assert shelf.current() == OLD


async def test_nobody_there(moto: str) -> None:
    """A refused connection is a look that failed, and a write that surely did not happen."""
    places: list[Place] = [
        AwsPlace(kind="aws", secret_id=PATH, region="eu-central-1", endpoint_url="http://127.0.0.1:9"),
        VaultPlace(kind="vault", url="http://127.0.0.1:9", path=PATH),
    ]
    stamina.set_active(False)
    try:
        for place in places:
            destination = build("shelf", place, lambda: Secret("x"))
            with pytest.raises(Unreachable):
                await destination.landed(NEW, KEY)
            with pytest.raises(Unreachable):
                await destination.write(NEW, KEY)
            await destination.aclose()
    finally:
        stamina.set_active(True)


async def test_vault_deletes_ours_where_nothing_was_before() -> None:
    """The twin of a first version is its deletion; Vault still keeps it for an undelete."""
    async with vault_shelf() as shelf:
        landing = await written(shelf)
        await shelf.destination.put_back(landing)
        assert await shelf.destination.returned(landing)
        assert (shelf.current(), shelf.engine.secrets[PATH][1].destroyed) == (None, False)


async def test_vault_writes_over_a_deleted_version() -> None:
    """A secret whose latest version was deleted counts on; taken back, it is deleted again."""
    async with vault_shelf() as shelf:
        shelf.put(OLD)
        shelf.engine.secrets[PATH][1].deleted = "2026-11-01T00:00:00Z"
        landing = await written(shelf)
        assert landing == Landing(version="2", before="")
        await shelf.destination.put_back(landing)
        assert shelf.current() is None


async def test_vault_that_lost_the_version_before_is_said() -> None:
    """A version that was destroyed, or a limit of one: no way back is promised where there is none."""
    async with vault_shelf() as shelf:
        shelf.put(OLD)
        landing = await written(shelf)
        shelf.engine.secrets[PATH][1].destroyed = True
        with pytest.raises(Rejected, match="does not keep"):
            await shelf.destination.put_back(landing)
        again = await shelf.destination.landed(NEW, KEY)
        assert again == Landing(version="2", before="")
        with pytest.raises(Rejected, match="kept no version"):
            await shelf.destination.put_back(again)
        shelf.engine.max_versions = 1
        with pytest.raises(Rejected, match="max_versions"):
            await shelf.destination.write({"token": Secret("newer")}, "other")
        shelf.engine.blind = True  # the token may not look: Vault's default is taken for granted
        await shelf.destination.write({"token": Secret("newer")}, "other")


async def test_vault_refuses_in_our_words() -> None:
    """A token it does not know, one that may only read, a mount that is not there, a namespace: each by its name."""
    async with vault_shelf(token="hvs.wrong") as shelf:
        with pytest.raises(AuthFailed):
            await shelf.destination.landed(NEW, KEY)
    async with vault_shelf(token=kv2_server.READER) as shelf:
        with pytest.raises(Forbidden) as refused:
            await shelf.destination.write(NEW, KEY)
        assert refused.value.scope == f"secret/data/{PATH}"
    async with vault_shelf(mount="kv") as shelf:
        with pytest.raises(Rejected, match="no engine is mounted at kv"):
            await shelf.destination.landed(NEW, KEY)
    async with vault_shelf(namespace="team/a") as shelf:
        await written(shelf)


async def test_vault_another_writer_in_between_wins() -> None:
    """Check-and-set: of two who read the same version one writes, the other is told and changed nothing."""
    async with vault_shelf() as shelf:
        shelf.put(OLD)
        tries = [shelf.destination.write({"token": Secret(f"{n}")}, f"{n}") for n in range(5)]
        done = await asyncio.gather(*tries, return_exceptions=True)
        refused = [problem for problem in done if problem is not None]
        assert all(isinstance(problem, Rejected) for problem in refused)
        assert shelf.count() == 1 + len(done) - len(refused)


async def test_aws_says_who_is_not_there(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that does not exist, one that is no object, and a machine without credentials."""
    async with aws_shelf(moto) as shelf:
        shelf.aws.put_secret_value(SecretId=PATH, SecretString="plain")
        with pytest.raises(ProtocolChanged, match="not a JSON object"):
            await shelf.destination.landed(NEW, KEY)
        with pytest.raises(ProtocolChanged):
            await shelf.destination.write(NEW, KEY)
    async with aws_shelf(moto, secret_id="nowhere") as shelf:
        with pytest.raises(Rejected, match="no such secret"):
            await shelf.destination.landed(NEW, KEY)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    place = AwsPlace(kind="aws", secret_id=PATH, region="eu-central-1", endpoint_url=moto)
    destination = build("shelf", place, lambda: Secret(""))
    with pytest.raises(AuthFailed):
        await destination.landed(NEW, KEY)


async def test_aws_first_version_has_no_way_back(moto: str) -> None:
    """AWS cannot leave a secret without a current version: said in words, ours stays."""
    async with aws_shelf(moto) as shelf:
        landing = await written(shelf)
        with pytest.raises(Rejected, match="no version before"):
            await shelf.destination.put_back(landing)
        assert shelf.current() is not None


async def test_nothing_of_it_is_logged(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    """At the most talkative level, no value and no token is in any library's log."""
    shelf.put(OLD)
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    caplog.clear()
    landing = await written(shelf)
    await shelf.destination.put_back(landing)
    for planted in ("new-token", "new-key", kv2_server.TOKEN, "old-key"):
        assert planted not in caplog.text
