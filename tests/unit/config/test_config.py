"""The configuration is read strictly, and says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load, secret_setting
from bot.errors import ConfigError
from bot.text import Secret

GOOD = """
data_dir = "data"
[slack]
bot_token = "secret:slack-bot-token"
alert_channel = "C123"
[keys]
file = "keys/handover.key"
[connections."salesforce:prod"]
url = "https://acme.my.salesforce.com"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "handover.toml"
    path.write_text(text)
    return path


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    """Wherever the bot is started, data and key are where the file says."""
    settings = load(written(tmp_path, GOOD))
    assert settings.data_dir == tmp_path / "data"
    assert settings.key_file == tmp_path / "keys" / "handover.key"


@pytest.mark.parametrize(
    ("change", "key", "line"),
    [
        (('alert_channel = "C123"', 'alert_chanel = "C123"'), "slack.alert_chanel: unknown key", 5),
        (("[keys]", "[approval]\nneeded = 9\n[keys]"), "approval.needed", 7),
        (('[connections."salesforce:prod"]', '[connections."sales force"]'), "must read platform:name", None),
        (('data_dir = "data"', "data_dir = 3"), "data_dir", 2),
        (("[keys]", 'mode = "http"\n[keys]'), "needs web.public_url", None),
        (("[keys]", 'mode = "https"\n[keys]'), "slack.mode", 6),
    ],
)
def test_a_wrong_key_stops_the_boot_and_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], key: str, line: int | None
) -> None:
    """An unknown or ill-typed key is never ignored."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, GOOD.replace(*change)))
    assert key in caught.value.hint
    assert line is None or f"line {line}" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ('alert_channel = "C123"', 'alert_chanel = "C123"'),
            "slack.alert_chanel: unknown key; did you mean alert_channel?",
        ),
        (('alert_channel = "C123"', ""), "slack.alert_channel: missing; add this key"),
        (("[keys]", "[zzz]\n[keys]"), "zzz: unknown key; remove it"),
        (('alert_channel = "C123"', "alert_channel = 3"), "slack.alert_channel: must be text in quotes"),
        (("[keys]", '[approval]\nneeded = "two"\n[keys]'), "approval.needed: must be a whole number"),
        (("[keys]", "[approval]\nneeded = 9\n[keys]"), "approval.needed: must be at most 5"),
        (("[keys]", '[log]\njson_lines = "maybe"\n[keys]'), "log.json_lines: must be true or false"),
        (
            ("[keys]", '[log]\nlevel = "loud"\n[keys]'),
            "log.level: must be 'debug', 'info', 'warning' or 'error'",
        ),
        (("[keys]", '[alerts]\nquiet_from = "late"\n[keys]'), "alerts.quiet_from: must be a time of day"),
        (("[keys]", '[roles]\nadmin = "U1"\n[keys]'), "roles.admin: must be a list in square brackets"),
        (
            ("[keys]", '[web]\nlisten = ":8080"\npublic_url = "bot.example.com"\n[keys]'),
            "web.public_url: must be https://",
        ),
        (("[keys]", "[[approval.rules]]\nneded = 2\n[keys]"), "unknown key; did you mean needed?"),
    ],
)
def test_the_usual_mistakes_are_told_in_plain_words(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    """Which key, what is wrong with it, and what to write; nothing in the validator's own words."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, GOOD.replace(*change)))
    assert told in caught.value.hint
    assert "Input should" not in caught.value.hint


def test_a_wrong_value_is_not_repeated(tmp_path: Path) -> None:
    """What stands in the file may be a secret, so errors never quote it."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, GOOD + '[log]\nlevel = "xoxb-very-secret"\n'))
    assert "xoxb" not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers set single keys by variable."""
    monkeypatch.setenv("HANDOVER_APPROVAL__NEEDED", "2")
    assert load(written(tmp_path, GOOD)).approval.needed == 2


def test_a_secret_of_a_connection_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable that a missing secret is told about works, and does not disturb the rest."""
    where = 'connections."salesforce:prod"'
    with pytest.raises(ConfigError) as caught:
        secret_setting({}, "private_key", {}, where=where, root=tmp_path)
    variable = next(word for word in caught.value.hint.split() if word.startswith("HANDOVER_"))
    monkeypatch.setenv(variable, "planted")
    assert secret_setting({}, "private_key", {}, where=where, root=tmp_path).reveal() == "planted"
    load(written(tmp_path, GOOD))


def test_a_secret_comes_from_a_file_or_from_the_store(tmp_path: Path) -> None:
    """Both ways in; a name that was never stored says how to store it."""
    (tmp_path / "key.pem").write_text("pem\n")
    assert secret_setting({"k_file": "key.pem"}, "k", {}, where="w", root=tmp_path).reveal() == "pem"
    assert (
        secret_setting({"k": "secret:n"}, "k", {"n": Secret("kept")}, where="w", root=tmp_path).reveal()
        == "kept"
    )
    with pytest.raises(ConfigError, match="secret put other"):
        secret_setting({"k": "secret:other"}, "k", {}, where="w", root=tmp_path)


def test_a_secret_of_a_table_in_a_list_is_found_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``flows.1.secret`` is the second flow's; the environment can bring it, and the error says under which name."""
    table = {"flows": [{"secret": "secret:one"}, {"secret_file": "two"}, {}]}
    (tmp_path / "two").write_text("from a file\n")
    stored = {"one": Secret("kept")}
    where = 'connections."wrike:prod"'
    assert secret_setting(table, "flows.0.secret", stored, where=where, root=tmp_path).reveal() == "kept"
    assert (
        secret_setting(table, "flows.1.secret", stored, where=where, root=tmp_path).reveal() == "from a file"
    )
    with pytest.raises(ConfigError) as caught:
        secret_setting(table, "flows.2.secret", stored, where=where, root=tmp_path)
    variable = next(word for word in caught.value.hint.split() if word.startswith("HANDOVER_"))
    monkeypatch.setenv(variable, "planted")
    assert secret_setting(table, "flows.2.secret", stored, where=where, root=tmp_path).reveal() == "planted"
