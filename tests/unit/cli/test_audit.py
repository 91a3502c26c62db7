"""``audit`` and ``keys``: the trail is proved, also after its keys changed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.audit.repository import AuditLog
from bot.cli.audit import show, verify
from bot.cli.installation import rotate
from bot.cli.opening import opened
from bot.config import load


async def written(config: Path, count: int) -> None:
    async with opened(load(config)) as store, store.write() as unit:
        for number in range(count):
            await unit[AuditLog].append("U1", "test:done", f"thing {number}", {"number": str(number)})


def damage(config: Path, statement: str) -> None:
    with sqlite3.connect(load(config).data_dir / "inventory.db") as database:
        assert database.execute(statement).rowcount == 1


async def test_a_whole_trail_is_proved_with_its_head(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last line's number and hash are printed, to be kept elsewhere."""
    await written(ready, 3)
    assert await verify(ready)
    said = capsys.readouterr().out
    assert "OK: 3 lines" in said
    number, digest = said.splitlines()[-1].split()[1:]
    assert number == "3"
    assert len(bytes.fromhex(digest)) == 32


async def test_a_removed_line_is_named(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line that is not as it was written is said, and the command fails."""
    await written(ready, 5)
    damage(ready, "DELETE FROM audit WHERE seq = 3")
    assert not await verify(ready)
    said = capsys.readouterr()
    assert "line 3 is missing" in said.err
    assert "2 lines before that" in said.out


async def test_a_changed_line_is_named(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line whose time was moved is found, though its content is untouched."""
    await written(ready, 4)
    damage(ready, "UPDATE audit SET hash = zeroblob(32) WHERE seq = 2")
    assert not await verify(ready)
    assert "line 2" in capsys.readouterr().err


async def test_lines_are_shown_newest_first_without_orders_to_the_terminal(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a platform or a person wrote cannot move the cursor or paint the screen."""
    await written(ready, 2)
    async with opened(load(ready)) as store, store.write() as unit:
        await unit[AuditLog].append(
            "U1", "test:done", "evil \x1b[2J\x1b]0;title\x07 [bold]name[/]", {"a\tb": "c\nd"}
        )
    assert await show(ready, 2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["line", "3", "2"]
    assert "\x1b" not in lines[1]
    assert "[bold]name[/]" in lines[1]
    assert len(lines[1].split("\t")) == 6


async def test_new_keys_leave_the_trail_provable(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After `keys rotate` everything opens, the old key is destroyed, and the trail holds that it was done."""
    await written(ready, 3)
    assert await rotate(ready)
    assert await verify(ready)
    async with opened(load(ready)) as store, store.read() as unit:
        (latest,) = await unit[AuditLog].tail(1)
    assert latest.action == "key:rotated"
    assert latest.actor.startswith("cli:")
    with sqlite3.connect(load(ready).data_dir / "inventory.db") as database:
        gone = database.execute("SELECT count(*) FROM data_key WHERE wrapped IS NULL").fetchone()
    assert gone == (1,)
