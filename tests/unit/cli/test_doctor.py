"""``doctor``: each part looked at alone, each fault with the deed that mends it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.doctor import machine, vendors
from bot.cli.doctor.result import Mark, Result
from bot.cli.doctor.visit import visit
from bot.config import load
from bot.datadir import DataDir
from bot.platform.model import Area, Capacity, CoverageGap
from bot.platform.ports import Identity
from tests.contract import kv2_server

IDENTITY = Identity(
    tenant="00D1",
    principal_id="0051",
    username="handover@acme.example",
    version="65.0",
    clock_skew_s=0.4,
    capacity=Capacity(name="daily API calls", used=10, total=100_000),
)


def rewrite(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text)
    path.chmod(mode)


def text_of(path: Path) -> str:
    return path.read_text()


def rows(said: str) -> list[list[str]]:
    return [line.split("\t") for line in said.splitlines() if "\t" in line]


def marks(results: list[Result]) -> list[str]:
    return [str(result.mark) for result in results]


async def test_a_broken_configuration_names_each_key(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every wrong key is its own line of the table, with its line in the file."""
    rewrite(config, 'speed = 3\n[slack]\nalert_channel = 7\ntypo = "x"\n')
    assert not await visit(config)
    told = [row[2] for row in rows(capsys.readouterr().out)]
    assert any("line 1: speed: unknown key" in line for line in told)
    assert any("line 4: slack.typo: unknown key" in line for line in told)


async def test_everything_is_listed_before_init(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be tried is said to be untried, and what to do first is said; nothing is made."""
    assert not await visit(config)
    table = {row[1]: row for row in rows(capsys.readouterr().out)}
    assert table["data directory"][0] == "FAIL"
    assert "python -m bot init" in table["data directory"][3]
    assert table["Slack"][2] == table["salesforce:prod"][2] == "not tried"
    assert not (config.parent / "var").exists()


async def test_one_fault_hides_no_other(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing Slack token and a missing private key are both found, each under its own name."""
    assert not await visit(ready)
    table = {row[1]: row for row in rows(capsys.readouterr().out)}
    assert "slack.bot_token" in table["Slack"][2]
    assert "private_key" in table["salesforce:prod"][2]
    assert table["Slack"][0] == table["salesforce:prod"][0] == "FAIL"
    assert table["inventory"][0] == "ok"


async def test_a_key_open_to_others_fails(ready: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that others can read is no key; the command that mends it is shown."""
    key = load(ready).key_file
    key.chmod(0o644)
    (result,) = await machine.inventory(load(ready))
    assert result.mark is Mark.FAIL
    assert f"chmod 600 {key}" in result.found


async def test_a_foreign_key_fails_and_harms_nothing(ready: Path) -> None:
    """Another installation's key opens nothing, which is said, and the inventory stays as it is."""
    settings = load(ready)
    own = settings.key_file.read_text()
    settings.key_file.write_text("B" * 43 + "=\n")
    assert (await machine.inventory(settings))[-1].mark is Mark.FAIL
    settings.key_file.write_text(own)
    assert (await machine.inventory(settings))[-1].mark is Mark.OK


async def test_a_running_bot_is_seen_and_left_alone(ready: Path) -> None:
    """The lock says whether a bot runs here; looking does not take it away."""
    settings = load(ready)
    held = DataDir.hold(settings.data_dir)
    try:
        *_, bot = machine.data_directory(settings)
        assert "running here, process" in bot.found
    finally:
        held.release()
    *_, bot = machine.data_directory(settings)
    assert bot.found == "not running here"


async def test_an_open_directory_and_file_are_warned_of(ready: Path) -> None:
    """What others can read is a warning with the chmod that closes it."""
    settings = load(ready)
    settings.data_dir.chmod(0o755)
    rewrite(ready, text_of(ready), mode=0o644)
    warned = [*machine.configuration(ready, settings), *machine.data_directory(settings)]
    mends = [result.mend for result in warned if result.mark is Mark.WARN]
    assert f"run `chmod 600 {ready}`" in mends
    assert f"run `chmod 700 {settings.data_dir}`" in mends


async def test_a_file_without_secrets_may_be_read(ready: Path) -> None:
    """A configuration that only names its secrets is no secret."""
    rewrite(ready, text_of(ready).replace("xapp-in-the-file", "secret:slack-app-token"), mode=0o644)
    results = machine.configuration(ready, load(ready))
    assert not any("others can read" in result.found for result in results)


@pytest.mark.parametrize(
    "table",
    [
        '[connections."netsuite:prod"]\ntoken_secret = "of-the-token"',
        '[[connections."wrike:prod".flows]]\nsecret = "of-a-flow"',
        '[destinations."shopify"]\nkind = "vault"\nurl = "https://vault.example.com"\npath = "a"\ntoken = "hvs.it"',
    ],
)
async def test_a_secret_is_seen_wherever_it_stands(ready: Path, table: str) -> None:
    """Also one of a connection's inner tables or of a destination makes the file one that others must not read."""
    bare = text_of(ready).replace("xapp-in-the-file", "secret:slack-app-token")
    rewrite(ready, f"{bare}\n{table}\n", mode=0o644)
    assert "others can read it, and it holds secrets" in [
        result.found for result in machine.configuration(ready, load(ready))
    ]


@pytest.mark.parametrize(
    ("skew_s", "mark"),
    [(0.4, Mark.OK), (-45, Mark.WARN), (45, Mark.WARN), (-600, Mark.FAIL), (600, Mark.FAIL)],
)
def test_a_wrong_clock_is_told_before_it_breaks_sign_in(skew_s: float, mark: Mark) -> None:
    """Two minutes are too much for signed requests; half a minute is worth a warning."""
    result = vendors._clock("salesforce:prod", skew_s)
    assert result.mark is mark
    assert bool(result.mend) is (mark is not Mark.OK)


def test_gaps_are_warnings_with_their_remedy() -> None:
    """What we cannot see on a connection is said with what to tick, and never as "none"."""
    gap = CoverageGap(
        area=Area.LOGINS, what="sign-ins of others", reason="no right", remedy="tick “Manage Users”"
    )
    results = vendors._known("salesforce:prod", replace(IDENTITY, gaps=(gap,)))
    assert [(r.mark, r.mend) for r in results if "not visible" in r.found] == [(Mark.WARN, gap.remedy)]
    assert "sees everything it asks for" not in [r.found for r in results]


def test_a_day_nearly_used_up_is_warned_of() -> None:
    """From 80 % of the day's calls on, the table says so."""
    full = Capacity(name="daily API calls", used=80_000, total=100_000)
    assert "ok" in marks(vendors._known("salesforce:prod", IDENTITY))
    results = vendors._known("salesforce:prod", replace(IDENTITY, capacity=full))
    assert [r.mark for r in results if "80,000 of 100,000" in r.found] == [Mark.WARN]


async def test_each_destination_is_read_and_nothing_is_written(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A destination that can be read is said to be; one that refuses hides no other; neither has a new version."""
    async with kv2_server.running() as engine:
        number = engine.put("integrations/shopify", {"colour": "blue"})
        where = f'kind = "vault"\nurl = "{engine.url}"\npath = "integrations/shopify"'
        tables = [
            f'[destinations."{name}"]\n{where}\ntoken = "{token}"\n'
            for name, token in (("good", kv2_server.READER), ("stale", "hvs.of-last-year"))
        ]
        rewrite(ready, text_of(ready) + "\n".join(["", *tables]))
        assert not await visit(ready)
        said = capsys.readouterr().out
        found = {row[1]: row for row in rows(said)}
        assert found["destination good"][0] == "ok"
        assert found["destination stale"][0] == "FAIL"
        assert "does not know the token" in found["destination stale"][2]
        assert list(engine.secrets["integrations/shopify"]) == [number]
    assert kv2_server.READER not in said
