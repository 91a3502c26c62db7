"""An installation with a finished request in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from evidence_case import CANARY, NOW, put, request

from bot.cli.installation import initialise
from bot.cli.opening import opened
from bot.clock import FixedClock
from bot.config import load
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.secrets.repository import SecretRepository
from bot.store import open_store
from bot.text import Secret

CONFIG = f"""
data_dir = "var"

[slack]
bot_token = "xoxb-{CANARY}"
app_token = "secret:slack-app-token"
alert_channel = "C0000000000"

[connections."salesforce:prod"]
url = "https://acme.my.salesforce.com"
client_id = "3MVG9"
username = "handover@acme.example"
private_key = "secret:salesforce-key"
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    source = FileKeySource.create(tmp_path / "key")
    opened = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'inventory.db'}", source, FixedClock(NOW))
    yield opened
    await opened.aclose()


@pytest.fixture
async def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The configuration of an installation with a finished request and secrets that must not get out."""
    path = tmp_path / "handover.toml"
    path.touch(mode=0o600)
    path.write_text(CONFIG)
    assert await initialise(path)
    async with opened(load(path)) as store:
        await put(store, request())
        async with store.write() as unit:
            await unit[SecretRepository].put("slack-app-token", Secret(f"xapp-{CANARY}"))
            await unit[SecretRepository].put("salesforce-key", Secret(f"-----BEGIN {CANARY}"))
    capsys.readouterr()
    return path
