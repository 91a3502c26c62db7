"""What is in ``platforms``: the checks there, and the connections that a configuration makes of it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import platforms
from bot.clock import Clock
from bot.config import Settings, secret_setting
from bot.db.store import Store
from bot.errors import ConfigError
from bot.findings.check import Check
from bot.platform.ports import Platform, Surroundings, Turns
from bot.secrets.repository import ConnectionMemory
from bot.text import Secret


def checks() -> tuple[Check, ...]:
    """Every check of every platform, by id; needs no configuration."""
    found: dict[str, Check] = {}
    for module in _walk(platforms):
        if ".checks" in module.__name__:
            found.update({thing.id: thing for thing in vars(module).values() if isinstance(thing, Check)})
    return tuple(found[key] for key in sorted(found))


def _walk(package: ModuleType) -> list[ModuleType]:
    infos = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(info.name) for info in infos]


def builders() -> dict[str, object]:
    """Each platform's way to build a connection, by the platform's name."""
    return dict(m.PLATFORM for m in _walk(platforms) if m.__name__.count(".") == 1 and hasattr(m, "PLATFORM"))


def connect(
    settings: Settings,
    stored: Mapping[str, Secret],
    root: Path,
    clock: Clock,
    store: Store,
    at_doors: Turns,
) -> dict[str, Platform]:
    """A platform for each connection of the configuration; makes no request.

    Raises:
        ConfigError: no such platform, or a key of its table is off; names it.
    """
    known = builders()
    connected: dict[str, Platform] = {}
    for connection, table in settings.connections.items():
        build = known.get(connection.partition(":")[0])
        if not callable(build):
            names = ", ".join(sorted(known))
            raise ConfigError(f'connections."{connection}": no such platform; there is {names}')

        def secret(
            name: str, table: Mapping[str, object] = table, where: str = f'connections."{connection}"'
        ) -> Secret:
            return secret_setting(table, name, stored, where=where, root=root)

        memory = ConnectionMemory(store, connection)
        around = Surroundings(secret=secret, clock=clock, turns=at_doors, memory=memory)
        connected[connection] = build(connection, table, around)
    return connected
