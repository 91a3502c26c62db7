"""What the bot needs of its own machine: configuration, data directory, keys, inventory."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from bot.audit.repository import AuditLog
from bot.cli.doctor.result import Result, fail, ok, warn
from bot.cli.opening import opened
from bot.config import Settings
from bot.datadir import LOCK_NAME, DataDir
from bot.db.key_sources import key_source
from bot.errors import BotError, ConfigError
from bot.inventory.repository import ItemRepository

TIGHT_BYTES = 1 << 30
FULL_BYTES = 100 << 20
_SECRET = re.compile(r"(^|_)(token|secret|private_key)$")
INIT = "run `python -m bot init`"


def configuration(path: Path, settings: Settings) -> Iterator[Result]:
    """The file itself; that it could be read is known already."""
    count = len(settings.connections)
    yield ok("configuration", f"{path}: valid, {count} connection{'' if count == 1 else 's'}")
    if path.stat().st_mode & 0o077 and _holds_secrets(settings):
        yield warn("configuration", "others can read it, and it holds secrets", f"run `chmod 600 {path}`")
    if not count:
        mend = 'add a [connections."salesforce:prod"] table: README.md, "Connect a real Salesforce org"'
        yield warn("configuration", "no connection yet, so there is nothing to watch", mend)
    if not settings.roles.approver and not settings.roles.admin:
        mend = "name members or groups in [roles] approver"
        yield warn("configuration", "nobody may approve, so no request can go ahead", mend)


def data_directory(settings: Settings) -> Iterator[Result]:
    """Where the inventory and the engine keep their files."""
    what, directory = "data directory", settings.data_dir
    if not directory.is_dir():
        yield fail(what, f"{directory} is not there", INIT)
        return
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        yield fail(what, f"{directory} cannot be written by this user", "run as the user that owns it")
        return
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o077:
        yield warn(
            what, f"others can look into {directory} (mode {mode:04o})", f"run `chmod 700 {directory}`"
        )
    else:
        yield ok(what, f"{directory}: writable, private")
    free = shutil.disk_usage(directory).free
    space = f"{free / (1 << 30):.1f} GiB free"
    if free < FULL_BYTES:
        yield fail("disk space", space, "make room: a full disk stops every write")
    elif free < TIGHT_BYTES:
        yield warn("disk space", space, "make room before it runs out")
    else:
        yield ok("disk space", space)
    yield _lock(directory)


def _lock(directory: Path) -> Result:
    """Whether a bot is running here."""
    if (directory / LOCK_NAME).exists():
        try:
            DataDir.hold(directory).release()
        except ConfigError:
            pid = (directory / LOCK_NAME).read_text(encoding="ascii", errors="replace").strip()
            return ok("bot", f"running here, process {pid or 'unknown'}")
    return ok("bot", "not running here")


async def inventory(settings: Settings) -> list[Result]:
    """The key, and whether it opens what is there. The last result fails if and only if it does not."""
    results = []
    try:
        source = key_source(settings)
    except BotError as exc:
        return [fail("key", exc.hint, f"put back its copy; in a new installation, {INIT}")]
    results.append(ok("key", f"{source.name}: readable, private"))
    try:
        async with opened(settings) as store, store.read() as unit:
            lines, _ = await unit[AuditLog].head()
            waiting = await unit.outbox.pending()
            items = sum([len(await unit[ItemRepository].all(name)) for name in settings.connections])
    except BotError as exc:
        return [
            *results,
            fail("inventory", exc.hint, INIT if isinstance(exc, ConfigError) else "see docs/runbook.md"),
        ]
    found = f"opens: {items:,} items, {lines:,} audit log entries, {waiting:,} messages waiting"
    return [*results, ok("inventory", found)]


def _holds_secrets(settings: Settings) -> bool:
    """Whether a secret stands in the file itself, and not by name or by file."""
    return any(text and not text.startswith("secret:") for text in _secrets(settings.model_dump()))


def _secrets(value: object, key: str = "") -> Iterator[str]:
    """What is set as a secret, however deep: by its type, and in the tables of platforms by the key's name."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from _secrets(inner, name)
        case list():
            for inner in value:
                yield from _secrets(inner, key)
        case SecretStr():
            yield value.get_secret_value()
        case str() if _SECRET.search(key):
            yield value
