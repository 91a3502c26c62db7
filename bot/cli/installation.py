"""A new installation: configuration, data directory, key, database. What is there already is left as it is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.audit.repository import AuditLog
from bot.cli.opening import actor, database_file, opened
from bot.cli.screen import say, working
from bot.clock import Clock
from bot.config import Settings, load
from bot.db.key_sources import FileKeySource, key_source
from bot.errors import ConfigError
from bot.store import open_store

EXAMPLE = Path(__file__).parents[2] / "deploy" / "handover.example.toml"
DEEDS = (
    "Next:",
    "  1. Fill in {config}: the Slack channel, who may do what, and your connections.",
    "  2. Store each secret it names: `python -m bot secret put NAME`.",
    "  3. `python -m bot doctor` until nothing fails, then `python -m bot run`.",
)


async def initialise(config: Path) -> bool:
    """Make what is missing, saying which and what to do next; a second run makes nothing.

    Raises:
        ConfigError: something could not be made, or the key of an existing inventory is gone.
    """
    await prepare(config)
    for line in DEEDS:
        say(line.format(config=config))
    return True


async def prepare(config: Path) -> None:
    """Make what is missing, saying which.

    Raises:
        ConfigError: something could not be made, or the key of an existing inventory is gone.
    """
    _told("configuration", config, made=_write_example(config))
    settings = load(config)
    _told("data directory", settings.data_dir, made=_make_private(settings.data_dir))
    made_key = _make_key(settings)
    try:
        with working("Preparing the database"):
            store = await open_store(settings.store_url, key_source(settings), Clock())
            await store.aclose()
    except BaseException:
        if made_key:  # it seals nothing: whatever database refused it belongs to another key
            settings.key_file.unlink()
        raise
    if settings.keys.source == "file":
        _told("key file", settings.key_file, made=made_key)
    say(f"ready  database        {database_file(settings) or 'on its server'}")
    if made_key:
        say(
            "Keep a copy of the key file apart from the backups of the database: one is useless without the other."
        )


def _write_example(config: Path) -> bool:
    if config.exists():
        return False
    try:
        text = EXAMPLE.read_bytes()
        config.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
    except OSError as exc:
        raise ConfigError(f"cannot write {config}: {exc.strerror}") from exc
    return True


def _make_private(directory: Path) -> bool:
    """Make the directory, or close it to others; whether it is new."""
    try:
        made = not directory.exists()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(directory.stat().st_mode) & 0o077:
            directory.chmod(0o700)
    except OSError as exc:
        raise ConfigError(f"data directory {directory}: {exc.strerror}") from exc
    return made


def _make_key(settings: Settings) -> bool:
    if settings.keys.source != "file" or settings.key_file.exists():
        return False
    database = database_file(settings)
    if database is not None and database.exists():
        raise ConfigError(
            f"The key file {settings.key_file} is gone, but the inventory {database} is sealed with it. "
            "Put the key file back from its copy; a new one cannot open what is there."
        )
    FileKeySource.create(settings.key_file)
    return True


def _told(what: str, path: Path, *, made: bool) -> None:
    say(f"{'made' if made else 'kept':5}  {what:14}  {path}")


async def rotate(config: Path) -> bool:
    """Seal every row anew and destroy the old key; the trail holds that it was done.

    Raises:
        StoreError: a row could not be opened; the old key stays, and nothing is lost.
    """
    async with opened(load(config)) as store:
        with working("Sealing every row with a new key"):
            count = await store.rotate_key()
        async with store.write() as unit:
            await unit[AuditLog].append(actor(), "key:rotated", "inventory", {"sealed anew": str(count)})
    say(f"Done: {count:,} sealed values have a new key, and the old one is destroyed.", style="green")
    say("Backups made before this hold the old key, wrapped, and open only with the key file.")
    return True
