"""The table of a Wrike connection."""

from __future__ import annotations

import pytest

from bot.errors import ConfigError
from bot.text import Secret
from platforms.wrike.config import DATA_CENTRES, parse
from platforms.wrike.declared import FlowKind

FLOW: dict[str, object] = {
    "name": "Billing",
    "system": "NetSuite",
    "account": "ana@acme.example",
    "kind": "oauth",
}
GOOD: dict[str, object] = {"token": "secret:wrike", "flows": [FLOW]}


def _secret(name: str) -> Secret:
    return Secret(f"the {name}")


def test_a_token_or_a_client_never_both() -> None:
    """A permanent token needs no client, and a client asks for its secret instead of a token."""
    token = parse("wrike:prod", GOOD, _secret)
    assert token.token is not None
    assert token.client_secret is None
    client = parse("wrike:prod", {"client_id": "abc"}, _secret)
    assert client.token is None
    assert client.client_secret is not None
    assert client.client_secret.reveal() == "the client_secret"
    with pytest.raises(ConfigError, match="not both"):
        parse("wrike:prod", {"client_id": "abc", "token": "t"}, _secret)


def test_without_an_address_every_data_centre_may_know_the_token() -> None:
    """The address is Wrike's first data centre unless said otherwise; the others are asked before a token is dead."""
    settings = parse("wrike:prod", GOOD, _secret)
    assert (settings.url, *settings.other_urls) == DATA_CENTRES


def test_a_token_for_another_address_does_not_stray_to_wrike() -> None:
    """For an address that is not Wrike's no other is asked, but those that are named."""
    local = GOOD | {"url": "http://127.0.0.1:1/api/v4"}
    assert parse("wrike:prod", local, _secret).other_urls == ()
    named = local | {"other_urls": ["http://127.0.0.1:2/api/v4", "http://127.0.0.1:1/api/v4"]}
    assert parse("wrike:prod", named, _secret).other_urls == ("http://127.0.0.1:2/api/v4",)


def test_a_flow_is_read_with_its_secret_by_its_place() -> None:
    """The secret of the second flow is asked for as that of the second, and only where one is declared."""
    second = FLOW | {"name": "Jira", "kind": "permanent_token", "secret": "secret:jira", "folders": ["IT"]}
    flows = parse("wrike:prod", {"token": "t", "flows": [FLOW, second]}, _secret).flows
    assert flows[0].secret is None
    assert flows[1].secret is not None
    assert flows[1].secret.reveal() == "the flows.1.secret"
    assert (flows[1].kind, flows[1].folders, flows[1].id) == (FlowKind.PERMANENT_TOKEN, ("IT",), "flow:Jira")
    assert "the flows" not in repr(flows)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"urL": "x"}, "urL: unknown key"),
        ({"url": "http://www.wrike.com/api/v4"}, "url: must begin with https://"),
        ({"other_urls": ["ftp://x"]}, "other_urls: must begin with https://"),
        ({"redirect_uri": "http://example.com/cb"}, "redirect_uri: must begin with https://"),
        ({"requests_per_minute": 0}, "requests_per_minute: must lie between"),
        ({"password_length": 8}, "password_length: must lie between 20 and 128"),
        ({"unused_for_s": True}, "unused_for_s: must be a number"),
        ({"scopes": "Default"}, "scopes: must be a list of texts"),
        ({"admin_reasons": {"svc@acme.example": ""}}, "admin_reasons: must be a table"),
        ({"flows": {"name": "x"}}, "flows: write each as a"),
        ({"flows": [FLOW | {"kind": "password"}]}, "flows.0.kind: must be permanent_token or oauth"),
        ({"flows": [FLOW | {"account": "Ana"}]}, "flows.0.account: must be the e-mail address"),
        ({"flows": [FLOW | {"system": ""}]}, "flows.0.system: is missing"),
        ({"flows": [FLOW | {"colour": "red"}]}, "flows.0.colour: unknown key"),
        ({"flows": [FLOW, FLOW | {"name": "BILLING"}]}, "flows.1.name: there are two flows"),
    ],
)
def test_whatever_is_off_is_named(change: dict[str, object], said: str) -> None:
    """The error names the connection, the key, and what would do."""
    with pytest.raises(ConfigError) as caught:
        parse("wrike:prod", GOOD | change, _secret)
    assert caught.value.hint.startswith('connections."wrike:prod".')
    assert said in caught.value.hint
