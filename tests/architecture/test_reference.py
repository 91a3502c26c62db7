"""The generated reference pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from bot.app import routes
from bot.cli.commands import app as typed
from bot.cli.reference.pages import pages, refresh
from bot.connections import checks

CLI = get_command(typed)


def test_the_reference_pages_are_what_the_code_says() -> None:
    """Whoever changes a command, check, error or setting runs `make docs` before the commit."""
    assert refresh(CLI, check_only=True) == 0


def test_a_stale_page_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`docs --check` names each page that differs, and only those."""
    assert refresh(CLI, check_only=False, folder=tmp_path) == 0
    (tmp_path / "errors.md").write_text("old")
    assert refresh(CLI, check_only=True, folder=tmp_path) == 1
    said = capsys.readouterr().err
    assert "errors.md" in said
    assert "config.md" not in said
    assert (tmp_path / "errors.md").read_text() == "old"


def test_every_command_and_check_is_on_its_page() -> None:
    """Nothing that users can type or be told of is left out."""
    texts = pages(CLI)
    assert [name for name in routes().commands if f"## {name}\n" not in texts["commands.md"]] == []
    assert [check.id for check in checks() if f"## {check.id}\n" not in texts["checks.md"]] == []


def test_pages_are_written_the_same_twice() -> None:
    """The pages hold nothing that changes by itself."""
    assert pages(CLI) == pages(CLI)
