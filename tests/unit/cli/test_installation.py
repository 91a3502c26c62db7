"""``init``: makes what is missing, and never harms what is there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.cli.installation import initialise
from bot.config import load
from bot.errors import ConfigError


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(*paths: Path) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def prepend(path: Path, line: str) -> None:
    path.write_text(line + path.read_text())


async def test_a_new_installation_is_private(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Configuration and key are readable by their owner alone, and nobody else may look into the directory."""
    config = tmp_path / "etc" / "handover.toml"
    assert await initialise(config)
    settings = load(config)
    assert mode(config) == 0o600
    assert mode(settings.data_dir) == 0o700
    assert mode(settings.key_file) == 0o600
    assert mode(settings.data_dir / "inventory.db") == 0o600
    said = capsys.readouterr().out
    assert "made   key file" in said
    assert said.count("\n  ") == 3, "the next three deeds are named"


async def test_a_second_time_changes_nothing(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Running it again keeps configuration and key, letter for letter."""
    before = contents(ready, load(ready).key_file)
    assert await initialise(ready)
    assert contents(ready, load(ready).key_file) == before
    assert "made" not in capsys.readouterr().out


async def test_a_lost_key_is_not_replaced(ready: Path) -> None:
    """With an inventory there and its key gone, no new key is made: it could open nothing."""
    key = load(ready).key_file
    key.unlink()
    with pytest.raises(ConfigError, match="Put the key file back"):
        await initialise(ready)
    assert not key.exists()


async def test_a_key_that_fits_no_database_is_taken_back(config: Path, tmp_path: Path) -> None:
    """When the database cannot be opened, the key made a moment before does not stay behind."""
    prepend(config, 'database_url = "nonsense"\n')
    with pytest.raises(ConfigError, match="database_url"):
        await initialise(config)
    assert not (tmp_path / "var" / "handover.key").exists()


async def test_a_directory_open_to_others_is_closed(config: Path, tmp_path: Path) -> None:
    """A data directory made by hand with the usual mode is made private."""
    (tmp_path / "var").mkdir(mode=0o755)
    await initialise(config)
    assert mode(tmp_path / "var") == 0o700


async def test_a_key_from_the_environment_needs_no_file(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With keys.source = "env" no key file is made."""
    prepend(config, 'keys = {source = "env", env = "HANDOVER_TEST_KEY"}\n')
    monkeypatch.setenv("HANDOVER_TEST_KEY", "A" * 43 + "=")  # the environment is what is tested
    assert await initialise(config)
    assert not (tmp_path / "var" / "handover.key").exists()
