"""What the documents tell people to type and to open is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.app import routes
from bot.chat.grammar import parse, tokenize
from bot.cli.commands import app
from bot.config import load
from bot.errors import BadArgument

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*")]
    if path.is_file()
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


def typed(text: str, start: str) -> Iterator[list[str]]:
    """The words of each command in a text that begins with ``start``, up to the end of its code or line."""
    for found in re.finditer(rf"(?<![\w/]){re.escape(start)}\b([^`\n#|()<]*)", text):
        yield shlex.split(found[1].strip().rstrip(".,;:"))


def command_of(words: list[str]) -> TyperCommand | TyperGroup:
    """The command that the leading words name; a word that names none is the command's argument."""
    command: Any = get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup) or word.startswith("-"):
            break
        assert word in command.commands, f"there is no `{word}` in `{' '.join(words)}`"
        command = command.commands[word]
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


def test_a_wrong_command_would_be_noticed() -> None:
    """What these tests look with finds a command that there is not, and finds it in running text."""
    assert list(typed("Type `python -m bot secret put NAME`, then.", "python -m bot")) == [
        ["secret", "put", "NAME"]
    ]
    with pytest.raises(AssertionError):
        command_of(["secrets", "put"])
    with pytest.raises(AssertionError):
        command_of(["audit", "prove"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_command_line_exists(document: Path) -> None:
    """Each `python -m bot …` in a document names a command and options that there are."""
    for words in typed(document.read_text(encoding="utf-8"), "python -m bot"):
        if words and (words[0].isupper() or "…" in words[0]):
            continue  # a placeholder for any command
        command = command_of(words)
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        assert {word for word in words if word.startswith("-")} <= known, " ".join(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_make_target_exists(document: Path) -> None:
    """Each `make …` in a document is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^|&& )make ([a-z]+)", text, re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_link_leads_somewhere(document: Path) -> None:
    """Each relative link and picture is a file or folder of the repository, each anchor a heading."""
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{target} in {document.name}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            made = {re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in made, f"{target} in {document.name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_slack_command_is_understood(document: Path) -> None:
    """Each `/svc …` in a document names a verb, and flags that it has."""
    specs = routes().specs
    for found in re.finditer(r"`/svc ([^`]+)`", document.read_text(encoding="utf-8")):
        if "…" in found[1] or "[" in found[1]:
            continue
        try:
            parse(tokenize(found[1]), specs)
        except BadArgument as exc:
            pytest.fail(f"/svc {found[1]}: {exc.hint}")


def test_the_demo_and_the_tests_are_the_first_commands_of_the_readme() -> None:
    """A stranger meets the two commands before anything else to type."""
    first = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
    assert re.findall(r"^(make \w+)", first, re.MULTILINE) == ["make demo", "make test"]


def test_the_example_configuration_is_understood(tmp_path: Path) -> None:
    """The file that `init` copies is accepted as it is, and with its commented connections and destination put in."""
    text = (ROOT / "deploy" / "handover.example.toml").read_text(encoding="utf-8")
    path = tmp_path / "handover.toml"
    path.write_text(text)
    assert load(path).connections == {}
    path.write_text(re.sub(r"^# (\[{1,2}connections|\[destinations|\w+ = )", r"\1", text, flags=re.MULTILINE))
    settings = load(path)
    assert list(settings.connections) == ["salesforce:prod", "netsuite:prod", "wrike:prod"]
    assert settings.connections["wrike:prod"]["flows"][0]["kind"] == "oauth"
    assert list(settings.destinations) == ["shopify"]
    assert settings.database_url.startswith("postgresql+psycopg://")


def test_the_readmes_configuration_is_understood(tmp_path: Path) -> None:
    """Every TOML snippet of the README fits into the example."""
    path = tmp_path / "handover.toml"
    snippets = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(snippets) >= 2
    lines = "\n".join(snippets).splitlines()
    path.write_text('[slack]\nalert_channel = "C1"\n' + "\n".join(line.strip() for line in lines))
    assert {"salesforce:prod", "netsuite:prod"} <= set(load(path).connections)
