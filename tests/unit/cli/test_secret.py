"""``secret``: in by standard input, out never."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.audit.model import AuditEntry
from bot.audit.repository import AuditLog
from bot.cli.opening import opened
from bot.cli.secret import LONGEST, names, put
from bot.config import load
from bot.errors import BadArgument, ConfigError
from bot.secrets.repository import SecretRepository

KEY = "-----BEGIN KEY-----\nline one\nline two\n-----END KEY-----"


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard input of this process, which pytest keeps for itself otherwise."""
    replaced = io.StringIO()
    monkeypatch.setattr("sys.stdin", replaced)  # there is no other way in
    return replaced


async def kept(config: Path, name: str) -> str | None:
    async with opened(load(config)) as store, store.read() as unit:
        secret = await unit[SecretRepository].get(name)
    return secret.reveal() if secret else None


async def trail(config: Path) -> tuple[AuditEntry, ...]:
    async with opened(load(config)) as store, store.read() as unit:
        return await unit[AuditLog].tail(10)


async def test_a_secret_of_several_lines_is_kept_whole(
    ready: Path, stdin: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key file comes through standard input as it is, less the line end, and is shown nowhere."""
    stdin.write(KEY + "\n")
    stdin.seek(0)
    assert await put(ready, "salesforce-key", from_stdin=True)
    assert await kept(ready, "salesforce-key") == KEY
    assert "line one" not in "".join(capsys.readouterr())
    data = load(ready).data_dir
    assert all(b"line one" not in path.read_bytes() for path in data.iterdir() if path.is_file())


async def test_storing_and_replacing_are_in_the_trail(ready: Path, stdin: io.StringIO) -> None:
    """The trail says who stored a secret and whether it took another's place, and never the secret."""
    for text in ("first-value", "second-value"):
        stdin.seek(0)
        stdin.truncate()
        stdin.write(text)
        stdin.seek(0)
        await put(ready, "slack-bot-token", from_stdin=True)
    lines = await trail(ready)
    assert [(line.action, line.subject) for line in lines] == [
        ("secret:replaced", "slack-bot-token"),
        ("secret:stored", "slack-bot-token"),
    ]
    assert all(line.actor.startswith("cli:") for line in lines)
    assert "value" not in repr(lines)


@pytest.mark.parametrize("text", ["", "\n", "   \n", "a\0b", "x" * (LONGEST + 1)])
async def test_what_is_no_secret_is_refused(ready: Path, stdin: io.StringIO, text: str) -> None:
    """Nothing, blanks, binary and whole files of other things are not stored."""
    stdin.write(text)
    stdin.seek(0)
    with pytest.raises(BadArgument):
        await put(ready, "name", from_stdin=True)
    assert await kept(ready, "name") is None


@pytest.mark.parametrize("name", ["", "-x", "two words", "a" * 65, "ümlaut", "a\nb"])
async def test_a_name_that_could_not_be_written_in_the_configuration_is_refused(
    ready: Path, name: str
) -> None:
    """Names are plain: they are typed, and stand in a file."""
    with pytest.raises(BadArgument, match="A name is"):
        await put(ready, name, from_stdin=True)


async def test_nobody_is_asked_where_nobody_is(ready: Path, stdin: io.StringIO) -> None:
    """Without a terminal and without --stdin the command says what to add, and does not hang."""
    with pytest.raises(BadArgument, match="--stdin"):
        await put(ready, "name", from_stdin=False)


async def test_nothing_is_stored_without_an_inventory(config: Path) -> None:
    """Before `init`, the command says to run it, and makes no database by the way."""
    with pytest.raises(ConfigError, match="python -m bot init"):
        await put(config, "name", from_stdin=True)
    assert not (config.parent / "var").exists()


async def test_the_list_shows_what_is_used_missing_and_left_over(
    ready: Path, stdin: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each name comes with the setting that uses it; one that is needed and not there is named too."""
    for name in ("slack-bot-token", "old-thing"):
        stdin.seek(0)
        stdin.write("some-value")
        stdin.seek(0)
        await put(ready, name, from_stdin=True)
    capsys.readouterr()
    assert await names(ready)
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["slack-bot-token", "stored", "slack.bot_token"] in rows
    assert ["old-thing", "stored", "nothing uses it"] in rows
    assert ["salesforce-key", "MISSING", 'connections."salesforce:prod".private_key'] in rows
    assert "some-value" not in str(rows)


async def test_the_list_knows_what_identity_providers_sign_with(
    ready: Path, stdin: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret of [web] is in use, so nobody forgets it as left over."""
    with ready.open("a") as file:
        file.write('\n[web]\nlisten = "127.0.0.1:1"\nscim_secret = "secret:scim"\n')
    stdin.write("some-value")
    stdin.seek(0)
    await put(ready, "scim", from_stdin=True)
    capsys.readouterr()
    await names(ready)
    assert "scim\tstored\tweb.scim_secret" in capsys.readouterr().out.splitlines()
