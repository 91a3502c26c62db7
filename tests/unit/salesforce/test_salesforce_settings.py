"""The table of a Salesforce connection."""

from __future__ import annotations

import pytest

from bot.errors import ConfigError
from bot.text import Secret
from platforms.salesforce.config import parse

GOOD: dict[str, object] = {"url": "https://acme.my.salesforce.com", "client_id": "3MVG9"}


def _secret(name: str) -> Secret:
    return Secret(f"the {name}")


def test_a_username_means_the_jwt_flow_and_its_key() -> None:
    """With a username the private key is asked for, without one the client secret, and never both."""
    jwt = parse("salesforce:prod", GOOD | {"username": "bot@acme.example"}, _secret)
    assert jwt.private_key is not None
    assert jwt.private_key.reveal() == "the private_key"
    assert jwt.client_secret is None
    shared = parse("salesforce:prod", GOOD, _secret)
    assert shared.client_secret is not None
    assert shared.private_key is None


def test_keys_of_the_composer_are_left_alone() -> None:
    """The schedule's and the secrets' own keys may stand in the same table."""
    more = {
        "platform": "salesforce",
        "scan_every_s": 5,
        "private_key_file": "key.pem",
        "username": "u@acme.example",
    }
    assert parse("salesforce:prod", GOOD | more, _secret).url == GOOD["url"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("colour", "blue", "unknown key"),
        ("url", "", "missing"),
        ("url", "http://acme.my.salesforce.com", "https"),
        ("url", 7, "text"),
        ("url", "https://login.salesforce.com", "My Domain"),
        ("login_url", "http://evil.example", "https"),
        ("client_id", "", "missing"),
        ("api_version", "60", "65.0"),
        ("max_daily_share", 1.5, "between"),
        ("max_daily_share", True, "number"),
        ("unused_for_s", 0, "between"),
        ("concurrency", 99, "between"),
    ],
)
def test_a_value_that_is_off_stops_the_boot_and_names_its_key(key: str, value: object, said: str) -> None:
    """Every refused setting is named with its connection."""
    with pytest.raises(ConfigError) as caught:
        parse("salesforce:prod", GOOD | {key: value}, _secret)
    assert f'connections."salesforce:prod".{key}' in caught.value.hint
    assert said in caught.value.hint


def test_plain_http_is_for_this_machine_only() -> None:
    """A stand-in on the loopback may go without TLS."""
    assert (
        parse("salesforce:prod", GOOD | {"url": "http://127.0.0.1:8902/"}, _secret).url
        == "http://127.0.0.1:8902"
    )


def test_secrets_do_not_show_themselves() -> None:
    """Printing the settings prints no secret."""
    assert "the client_secret" not in repr(parse("salesforce:prod", GOOD, _secret))
