"""The app asks Slack for what the code uses, and for nothing else."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from slack_sdk.web.async_client import AsyncWebClient

from bot.config.web import SLACK_EVENTS
from bot.slack.scopes import EVENTS, METHODS, OPTIONAL, SCOPES

ROOT = Path(__file__).parents[3]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "deploy/slack/manifest.yaml").read_text(encoding="utf-8"))


def methods_used() -> set[str]:
    """Every method of Slack's client that a module of ours names."""
    known = {name for name in dir(AsyncWebClient) if "_" in name and not name.startswith("_")}
    used: set[str] = set()
    for module in (ROOT / "bot" / "slack").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in known:
                used.add(node.attr)
    return used - {"retry_handlers", "base_url", "default_params"}


def test_every_method_that_is_called_has_its_scope_written_down() -> None:
    """A new call cannot come in without somebody thinking of its scope, nor linger when it goes."""
    assert methods_used() | {"apps_connections_open"} == set(METHODS) | set(OPTIONAL)
    assert not set(METHODS) & set(OPTIONAL)


def test_the_manifest_asks_for_exactly_those_scopes() -> None:
    """Administrators read this list before they install; it holds nothing unused."""
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert set(MANIFEST["oauth_config"]["scopes"]) == {"bot"}


def test_the_manifest_subscribes_to_exactly_the_events_we_use() -> None:
    """An event nobody handles is traffic, and one nobody subscribed to never comes."""
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == EVENTS


def test_mentions_arrive_as_ids() -> None:
    """Without should_escape a command would get ambiguous @names."""
    (command,) = MANIFEST["features"]["slash_commands"]
    assert (command["command"], command["should_escape"]) == ("/svc", True)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("settings", "socket_mode_enabled"), True),
        (("settings", "interactivity", "is_enabled"), True),
        (("settings", "token_rotation_enabled"), False),
        (("features", "app_home", "home_tab_enabled"), True),
        (("features", "app_home", "messages_tab_enabled"), True),
        (("features", "app_home", "messages_tab_read_only_enabled"), False),
    ],
)
def test_the_switches_the_code_relies_on_are_set(path: tuple[str, ...], expected: bool) -> None:
    """Home, direct messages, buttons and Socket Mode each need their switch."""
    found: Any = MANIFEST
    for key in path:
        found = found[key]
    assert found is expected


def test_the_manifest_for_http_differs_by_its_address_alone() -> None:
    """One app, two ways to reach it: no scope, event or shortcut is in one of them only."""
    path = ROOT / "deploy/slack/manifest-http.yaml"
    http: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    (command,) = http["features"]["slash_commands"]
    settings = http["settings"]
    addresses = {
        command.pop("url"),
        settings["event_subscriptions"].pop("request_url"),
        settings["interactivity"].pop("request_url"),
        settings["interactivity"].pop("message_menu_options_url"),
    }
    assert addresses == {f"https://handover.example.com{SLACK_EVENTS}"}
    assert settings["socket_mode_enabled"] is False
    assert http == MANIFEST | {"settings": MANIFEST["settings"] | {"socket_mode_enabled": False}}


def test_the_texts_fit_slacks_limits() -> None:
    """Slack refuses a manifest whole for one text too long."""
    assert len(MANIFEST["display_information"]["name"]) <= 35
    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert len(MANIFEST["features"]["slash_commands"][0]["description"]) <= 2_000
