"""Help answers at once and is worth reading."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.main import get_command

from bot.cli.commands import app, main

HEAVY = (
    "sqlalchemy",
    "dbos",
    "slack_bolt",
    "slack_sdk",
    "pydantic",
    "httpx",
    "bot.app",
    "bot.db",
    "asyncio",
)
SMALLEST = "import typer\napp = typer.Typer()\n@app.command()\ndef one(): \"One.\"\napp(['--help'])"


def all_commands() -> list[list[str]]:
    group = get_command(app)
    found = []
    for name, one in group.commands.items():  # type: ignore[attr-defined]  # a group, as the app has commands
        found += [[name, below] for below in one.commands] if hasattr(one, "commands") else [[name]]
    return found


def test_help_loads_nothing_heavy() -> None:
    """`--help` imports no library that only a deed needs."""
    program = (
        "import sys\nfrom bot.cli.commands import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def spent_s(words: list[str]) -> float:
    """Processor time of a Python program, in seconds."""
    before = os.times()
    subprocess.run([sys.executable, *words], capture_output=True, check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def test_help_is_quick() -> None:
    """Our help costs at most twice what help costs in the smallest program with the same libraries."""
    ours = min(spent_s(["-m", "bot", "--help"]) for _ in range(3))
    peer = min(spent_s(["-c", SMALLEST]) for _ in range(3))
    assert ours < 2 * peer


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command says what it does in a sentence, and each of its options what it is for."""
    command = get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]  # walked from the group above
    first = (command.help or "").split("\n\n")[0].strip()
    assert first.endswith(".")
    assert [p.name for p in command.params if not getattr(p, "help", None)] == []
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    assert "Usage: python -m bot" in capsys.readouterr().out


def test_a_secret_is_not_taken_as_an_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """A value on the command line is refused before anything is opened."""
    with pytest.raises(SystemExit) as ended:
        main(["secret", "put", "name", "value"])
    assert ended.value.code == 2
