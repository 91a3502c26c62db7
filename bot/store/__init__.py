"""The sealed store: inventory, people, requests, alerts, outbox and trail in one database.

``Store`` is the one way in. Personal and confidential content is sealed row by row:
``docs/adr/0003-sealed-rows.md``.
"""

from bot.store.audit import Verification
from bot.store.items import Put
from bot.store.keyring import Keyring
from bot.store.keys import EnvKeySource, FileKeySource, KeySource, key_source
from bot.store.memory import ConnectionMemory
from bot.store.people import HEEDED, TURNED
from bot.store.store import Store
from bot.store.turns import FileTurns, PostgresTurns, turns
from bot.store.unit import Unit

__all__ = [
    "HEEDED",
    "TURNED",
    "ConnectionMemory",
    "EnvKeySource",
    "FileKeySource",
    "FileTurns",
    "KeySource",
    "Keyring",
    "PostgresTurns",
    "Put",
    "Store",
    "Unit",
    "Verification",
    "key_source",
    "turns",
]
