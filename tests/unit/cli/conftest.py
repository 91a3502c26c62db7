"""A new installation in a directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.installation import initialise

CONFIG = """
data_dir = "var"

[slack]
bot_token = "secret:slack-bot-token"
app_token = "xapp-in-the-file"
alert_channel = "C0000000000"

[connections."salesforce:prod"]
url = "https://acme.my.salesforce.com"
client_id = "3MVG9"
username = "handover@acme.example"
private_key = "secret:salesforce-key"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration file; nothing else is there yet."""
    path = tmp_path / "handover.toml"
    path.touch(mode=0o600)
    path.write_text(CONFIG)
    return path


@pytest.fixture
async def ready(config: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A configuration file whose installation was initialised."""
    assert await initialise(config)
    capsys.readouterr()
    return config
