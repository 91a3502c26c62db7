"""Settings are read strictly, and an account id can never lead to another host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.text import Secret
from platforms.netsuite.account import AccountId, account_id
from platforms.netsuite.config import Settings, SignIn, parse

M2M: dict[str, object] = {"account": "123456_SB1", "client_id": "client", "certificate_id": "kid"}
TBA: dict[str, object] = {"account": "123456", "consumer_key": "key", "token_id": "token"}


def read(table: Mapping[str, object]) -> Settings:
    return parse("netsuite:prod", table, lambda name: Secret(f"the {name}"))


def test_hosts_follow_from_the_account() -> None:
    """Realm upper case with underscore, hosts lower case with hyphen."""
    settings = read(M2M)
    assert settings.account.realm == "123456_SB1"
    assert settings.suitetalk_url == "https://123456-sb1.suitetalk.api.netsuite.com"
    assert settings.restlets_url == "https://123456-sb1.restlets.api.netsuite.com"
    assert settings.token_url == f"{settings.suitetalk_url}/services/rest/auth/oauth2/v1/token"
    assert settings.account.copied


def test_case_of_the_account_is_ours_to_mend() -> None:
    """A sandbox written in lower case is the same account."""
    assert read(M2M | {"account": "123456_sb1"}).account == AccountId("123456_SB1")


@given(st.text(max_size=40))
def test_whatever_is_typed_stays_within_netsuites_hosts(typed: str) -> None:
    """No text that is taken for an account id changes the host's domain."""
    found = account_id(typed)
    if isinstance(found, AccountId):
        for service in ("suitetalk.api", "restlets.api", "app"):
            parts = urlsplit(found.host(service))
            assert parts.hostname
            assert parts.hostname.endswith(f".{service}.netsuite.com")
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)?", parts.hostname.partition(".")[0])
            assert (parts.username, parts.port, parts.path) == (None, None, "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account": ""}, "account: is missing"),
        ({"account": "123456-sb1"}, 'write "123456_SB1"'),
        ({"account": "evil.example/"}, "Setup > Company > Company Information > Account ID"),
        ({"account": 123456}, "account: must be text"),
        ({"consumer_key": "x"}, "either client_id and certificate_id, or consumer_key and token_id"),
        ({"certificate_id": ""}, "certificate_id: is missing"),
        ({"client_id": "with space"}, "copy it again"),
        ({"url": "http://netsuite.example"}, "must begin with https://"),
        ({"surprise": 1}, "surprise: unknown key"),
        ({"concurrency": 3}, "must lie between 1 and 2"),
        ({"concurrency": True}, "must be a number"),
        ({"time_zone": "Mars/Base"}, "IANA name"),
        ({"nexonia_field": "isinactive; DROP"}, "nexonia_field"),
        ({"integration_accounts": "svc@example.com"}, "must be a list of texts"),
    ],
)
def test_each_wrong_setting_is_named(change: dict[str, object], words: str) -> None:
    """The hint names the connection, the key, and what it should be."""
    with pytest.raises(ConfigError) as caught:
        read(M2M | change)
    assert words in caught.value.hint
    assert 'connections."netsuite:prod"' in caught.value.hint


def test_only_the_secrets_of_the_chosen_way_are_asked_for() -> None:
    """Signing in by certificate needs no token's secret, and the other way round."""
    asked: list[str] = []

    def secret(name: str) -> Secret:
        asked.append(name)
        return Secret("x")

    assert parse("netsuite:prod", M2M, secret).sign_in is SignIn.M2M
    assert asked == ["private_key"]
    asked.clear()
    assert parse("netsuite:prod", TBA, secret).sign_in is SignIn.TBA
    assert asked == ["consumer_secret", "token_secret"]


def test_addresses_can_be_given() -> None:
    """Company URLs or a local stand-in take the place of the derived hosts."""
    settings = read(TBA | {"url": "http://127.0.0.1:8904/", "restlets_url": "https://r.example"})
    assert settings.suitetalk_url == "http://127.0.0.1:8904"
    assert settings.restlets_url == "https://r.example"


def test_settings_do_not_show_secrets() -> None:
    """Nothing confidential is in the repr."""
    assert "the private_key" not in repr(read(M2M))
    assert "the token_secret" not in repr(read(TBA))
