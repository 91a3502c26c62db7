"""Every page, configuration file and command's help is in plain words, and easy to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.cli.commands import app
from tests.words import Passage, complaints, wrong_words
from tests.words.pending import MODULES, PAGES, TOPICS
from tests.words.prose import plain, read

ROOT = Path(__file__).parents[2]
NAMES = sorted(
    str(path.relative_to(ROOT))
    for folder, pattern in (
        (".", "*.md"),
        ("docs", "**/*.md"),
        ("platforms", "*/README.md"),
        ("sandbox", "**/README.md"),
        ("deploy", "**/*"),
        ("bot", "**/*.html"),
        ("sandbox", "**/*.html"),
    )
    for path in (ROOT / folder).glob(pattern)
    if path.is_file() and path.suffix not in (".py", ".pyc", ".dockerignore")
)


SAYING = sorted(
    str(path.relative_to(ROOT))
    for package in ("bot", "handlers", "platforms", "sandbox")
    for path in (ROOT / package).rglob("*.*")
    if path.suffix in (".py", ".js") and path.parent.name != "versions"
)


def helped(command: TyperCommand | TyperGroup, *path: str) -> Iterator[tuple[str, list[Passage]]]:
    """The words of `--help` of a command and of those below it."""
    said = [command.help or "", *(getattr(one, "help", None) or "" for one in command.params)]
    yield " ".join(path) or "bot", [passage for text in said for passage in plain(text)]
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            assert isinstance(below, TyperCommand | TyperGroup)
            yield from helped(below, *path, name)


_root: Any = get_command(app)
HELP = dict(helped(_root))


def judge(found: list[str], *, pending: bool, where: str) -> None:
    """Fail on what is not plain; and on what is plain by now, where the list still excuses it."""
    if pending:
        assert found, f"{where} is plain by now: take it out of tests/words/pending.py"
    else:
        assert found == [], f"{where}: {found}"


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_in_plain_words(name: str) -> None:
    """No retired word, American spelling, and a reading grade of 8 or less."""
    judge(complaints(read(ROOT / name)), pending=name in PAGES, where=name)


@pytest.mark.parametrize("command", HELP)
def test_every_help_text_is_in_plain_words(command: str) -> None:
    """What `--help` says of a command and its options is as plain as a page."""
    judge(complaints(HELP[command]), pending=command in TOPICS, where=f"{command} --help")


@pytest.mark.parametrize("name", SAYING)
def test_no_module_says_a_retired_word(name: str) -> None:
    """Every text in the code, also what no gallery shows: errors, the shell's answers, the sandbox's page."""
    judge(wrong_words(read(ROOT / name)), pending=name in MODULES, where=name)


def test_what_is_excused_exists() -> None:
    """The list of what is not plain yet holds nothing that is gone."""
    assert [name for name in MODULES if name not in SAYING] == []
    assert [name for name in PAGES if name not in NAMES] == []
    assert [name for name in TOPICS if name not in HELP] == []
