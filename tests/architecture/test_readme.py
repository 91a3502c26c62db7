"""What the documents tell people to type and to open is there."""

from __future__ import annotations

import importlib
import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.app import routes
from bot.chat.grammar import parse, tokenize
from bot.cli.commands import app
from bot.config import Settings, load
from bot.errors import BadArgument
from bot.text import Secret

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "platforms").rglob("*.md"),
        *(ROOT / "deploy").rglob("*"),
    ]
    if path.is_file() and path.suffix != ".pyc"
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
def test_every_path_is_there(document: Path) -> None:
    """Each path of the repository that a document names between backticks exists; `x` stands for a new platform."""
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:bot|handlers|platforms|sandbox|tests|deploy|docs|bench)/[\w./-]+)`", text)
    gone = [path for path in named if not (ROOT / path).exists() and not re.search(r"/x\b", path)]
    assert gone == [], document.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=NAMES)
def test_every_module_is_there(document: Path) -> None:
    """Each module that a document names between backticks, or the name in it, can be imported."""
    for named in re.findall(r"`(bot(?:\.\w+)+)`", document.read_text(encoding="utf-8")):
        module, _, name = named.rpartition(".")
        try:
            importlib.import_module(named)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(module), name), f"{named} in {document.name}"


def test_the_map_names_every_layer() -> None:
    """docs/architecture.md has the layers of the import contract, in its order."""
    contract = (ROOT / ".importlinter").read_text().partition("[importlinter:contract:layers]")[2]
    listed = contract.partition("layers =\n")[2].partition("\n\n")[0]
    layers = re.findall(r"[\w.]+", listed)
    told = (ROOT / "docs" / "architecture.md").read_text().partition("| layer |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1] for row in told.splitlines()[2:]]
    named = [layer for row in rows for layer in re.findall(r"`([\w.]+)`", row)]
    beside = {"bot.destination_settings", "bot.web_settings", "bot.policy_settings"}  # parts of bot.config
    assert named == [layer for layer in layers if layer not in beside]


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


PLATFORMS = sorted(path.name for path in (ROOT / "platforms").iterdir() if (path / "config.py").is_file())


def tables(page: str) -> list[str]:
    """The TOML of a page, as it is pasted into a configuration; for "…" the reader puts in the rest of a value."""
    found = re.findall(r"^( *)```toml\n(.*?)^ *```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text).replace("…", "0") for _, text in found]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_has_a_page_whose_configuration_is_understood(platform: str, tmp_path: Path) -> None:
    """What docs/connect-*.md has people paste is accepted by the configuration and by the platform itself."""
    page = f"docs/connect-{platform}.md"
    assert f"]({page})" in (ROOT / "README.md").read_text(), "the README leads there"
    path = tmp_path / "handover.toml"
    path.write_text("\n".join(['[slack]\nalert_channel = "C1"', *tables(page)]))
    connections = load(path).connections
    assert list(connections) == [f"{platform}:prod"]
    parse_table = importlib.import_module(f"platforms.{platform}.config").parse
    for name, table in connections.items():
        assert parse_table(name, table, lambda key: Secret(f"the {key}"))


@pytest.mark.parametrize(
    ("page", "held"),
    [
        ("docs/connect-slack.md", lambda settings: settings.roles.viewer == ("*",)),
        ("docs/secret-destinations.md", lambda settings: list(settings.destinations) == ["shopify"]),
    ],
)
def test_the_other_pages_configuration_is_understood(
    page: str, held: Callable[[Settings], bool], tmp_path: Path
) -> None:
    """Roles and destinations are accepted as the pages have people paste them, and are what the page says."""
    assert f"]({page})" in (ROOT / "README.md").read_text(), "the README leads there"
    path = tmp_path / "handover.toml"
    path.write_text("\n".join(['[slack]\nalert_channel = "C1"', *tables(page)]))
    assert held(load(path))


def test_every_secret_that_a_page_names_is_stored_on_it() -> None:
    """What a pasted table reads by `secret:NAME`, the same page has put in by `secret put NAME`."""
    for platform in PLATFORMS:
        page = (ROOT / f"docs/connect-{platform}.md").read_text()
        named = set(re.findall(r'"secret:([\w-]+)"', page))
        assert named <= set(re.findall(r"secret put ([\w-]+)", page)), platform


@pytest.mark.parametrize("platform", ["salesforce", "netsuite"])
def test_the_key_pair_of_a_page_is_what_the_platform_takes(platform: str, tmp_path: Path) -> None:
    """The page's openssl command makes a certificate of two years at most, whose key is strong enough."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: the key pair was NOT made")
    page = (ROOT / f"docs/connect-{platform}.md").read_text()
    command = re.search(r"^ *(openssl req .+)$", page, re.MULTILINE)
    assert command
    subprocess.run(shlex.split(command[1]), cwd=tmp_path, check=True, capture_output=True)
    key = load_pem_private_key((tmp_path / f"{platform}.pem").read_bytes(), password=None)
    certificate = x509.load_pem_x509_certificate((tmp_path / f"{platform}.crt").read_bytes())
    assert certificate.public_key() == key.public_key()
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=730)
    if isinstance(key, rsa.RSAPrivateKey):
        assert platform == "salesforce", "NetSuite takes RSA keys of 3072 bits or more"
        assert key.key_size >= 2048
    else:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert isinstance(key.curve, ec.SECP256R1)


def test_the_readme_is_short() -> None:
    """What it is, one picture, two commands and what works with what stand before all else, on about two screens."""
    text = (ROOT / "README.md").read_text()
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[:2] == ["See it work", "What works with what"]
    before, _, _ = text.partition("\n## What works with what")
    assert before.count("\n") <= 80
    assert text.count("![") == 1
    assert len(text.splitlines()) <= 120
