"""[destinations] and [web] are read strictly: what would send a secret to the wrong place stops the boot."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import AwsPlace, VaultPlace, load
from bot.errors import ConfigError

HEAD = '[slack]\nalert_channel = "C123"\n'
VAULT = '[destinations."shopify"]\nkind = "vault"\nurl = "https://vault.example:8200/"\npath = "a/b"\n'
AWS = '[destinations."orders-2"]\nkind = "aws"\nsecret_id = "prod/orders"\nregion = "eu-central-1"\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "handover.toml"
    path.write_text(HEAD + text)
    return path


def test_both_kinds_are_read(tmp_path: Path) -> None:
    """Each table by its kind, with the usual mount and no fields."""
    found = load(written(tmp_path, VAULT + AWS)).destinations
    vault, aws = found["shopify"], found["orders-2"]
    assert isinstance(vault, VaultPlace)
    assert (vault.url, vault.mount, vault.fields) == ("https://vault.example:8200", "secret", {})
    assert isinstance(aws, AwsPlace)
    assert aws.endpoint_url == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (VAULT.replace("https", "http"), "http is for this machine only"),
        (VAULT.replace("https://", "https:"), "must begin with https://"),
        (AWS + 'endpoint_url = "http://10.0.0.1"\n', "http is for this machine only"),
        (VAULT.replace('"a/b"', '"a/../../sys"'), "must not hold"),
        (VAULT.replace('"a/b"', '"a b?c"'), "path"),
        (VAULT.replace("shopify", "manual"), "is there already"),
        (VAULT.replace("shopify", "Team A"), "small letters"),
        (VAULT.replace('"vault"', '"gcp"'), "destinations.shopify"),
        (VAULT + "colour = 1\n", "unknown key"),
        (AWS + 'path = "x"\n', "unknown key"),
        (VAULT + 'fields = { a = "x", b = "x" }\n', "share one key"),
        (VAULT + 'fields = { a = "" }\n', "have none"),
        ('[[integrations]]\napplication = "Celigo"\ndestination = "shopify"\n', "no destinations"),
        ('[web]\npublic_url = "https://handover.example"\n', "needs listen"),
        ('[web]\nlisten = "127.0.0.1:1"\npublic_url = "http://handover.example"\n', "must be https"),
        ('[web]\nlisten = "127.0.0.1:1"\npublic_url = "https://h.example/path"\n', "without a path"),
        ('[web]\nlisten = "127.0.0.1:1"\npublic_url = "https://me:pw@h.example"\n', "must be https"),
    ],
)
def test_what_is_off_stops_the_boot(tmp_path: Path, text: str, why: str) -> None:
    """A place that others could listen at, a path that leaves its mount, a name that means something else."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    assert why in caught.value.hint


def test_a_token_is_never_in_an_error(tmp_path: Path) -> None:
    """What stands beside a mistake is not repeated."""
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, VAULT + 'token = "hvs.very-secret"\ncolour = "hvs.very-secret"\n'))
    assert "very-secret" not in caught.value.hint


def test_a_page_needs_no_slash_at_its_end(tmp_path: Path) -> None:
    """However it is written, links are built from it."""
    text = '[web]\nlisten = "127.0.0.1:1"\npublic_url = "https://handover.example/"\n'
    assert load(written(tmp_path, text)).web.public_url == "https://handover.example"
