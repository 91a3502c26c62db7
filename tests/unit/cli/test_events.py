"""``events``: the trail reaches a SIEM whole and in order, by file and by HTTP, over failures."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from bot.audit.repository import AuditLog
from bot.cli.events import BATCH, Where, hand_over
from bot.cli.opening import opened
from bot.config import load
from bot.errors import BadArgument, ConfigError


@dataclass
class Siem:
    """Takes batches over a real socket, or refuses as many as it is told."""

    url: str = ""
    refuse: int = 0
    batches: list[list[int]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("Authorization", ""))
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        lines = (await request.text()).splitlines()
        self.batches.append([int(json.loads(line)["metadata"]["uid"]) for line in lines])
        return web.Response(status=202)


@pytest.fixture
async def siem() -> AsyncIterator[Siem]:
    """A collector on a free port."""
    made = Siem()
    app = web.Application()
    app.router.add_post("/events", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}/events"
    yield made
    await runner.cleanup()


async def written(config: Path, count: int) -> None:
    async with opened(load(config)) as store, store.write() as unit:
        for number in range(count):
            await unit[AuditLog].append("U1", "owner:accepted", f"thing {number}", {"=cmd()": "\u202eevil\n"})


async def test_a_file_grows_by_what_is_new(
    ready: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a cursor each line is written once, one object a line, whatever is in it."""
    out, cursor = tmp_path / "events.jsonl", tmp_path / "cursor"
    await written(ready, 3)
    assert await hand_over(ready, None, cursor, Where(out=out))
    await written(ready, 2)
    assert await hand_over(ready, None, cursor, Where(out=out))
    assert await hand_over(ready, None, cursor, Where(out=out))
    numbers = [int(json.loads(line)["metadata"]["uid"]) for line in out.read_text().splitlines()]
    assert numbers == [1, 2, 3, 4, 5]
    assert "0 events, up to line 5" in capsys.readouterr().out


async def test_batches_arrive_in_order_with_the_token(ready: Path, tmp_path: Path, siem: Siem) -> None:
    """More than a batch is several requests; the token is in the header and nowhere else."""
    (tmp_path / "token").write_text("s3cret-token\n")
    await written(ready, BATCH + 5)
    assert await hand_over(ready, 0, None, Where(url=siem.url, token_file=tmp_path / "token"))
    assert [len(batch) for batch in siem.batches] == [BATCH, 5]
    assert [n for batch in siem.batches for n in batch] == list(range(1, BATCH + 6))
    assert siem.tokens == {"Bearer s3cret-token"}


async def test_what_was_refused_is_sent_by_the_next_run(
    ready: Path, tmp_path: Path, siem: Siem, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is skipped and the cursor never runs ahead of what was taken."""
    cursor = tmp_path / "cursor"
    await written(ready, 4)
    siem.refuse = 1
    assert not await hand_over(ready, None, cursor, Where(url=siem.url))
    assert "Sent up to line 0" in capsys.readouterr().err
    assert not cursor.exists()
    assert await hand_over(ready, None, cursor, Where(url=siem.url))
    assert siem.batches == [[1, 2, 3, 4]]
    assert cursor.read_text() == "4\n"


async def test_an_address_in_clear_and_a_damaged_cursor_are_refused(ready: Path, tmp_path: Path) -> None:
    """Names of people do not travel unencrypted to another machine; a cursor that is no number sends nothing."""
    with pytest.raises(ConfigError, match="https"):
        await hand_over(ready, 0, None, Where(url="http://siem.example/events"))
    (tmp_path / "cursor").write_text("soon")
    with pytest.raises(BadArgument, match="holds no entry number"):
        await hand_over(ready, None, tmp_path / "cursor", Where())
