"""Where consumers read their secrets: one module for each kind. Each knows a place's dialect and nothing of plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.config import Settings, secret_setting
from bot.destination_settings import AwsPlace, Place, VaultPlace
from bot.platform.ports import Destination
from bot.text import Secret


def build(name: str, place: Place, token: Callable[[], Secret]) -> Destination:
    """The destination of one table of the configuration. Talks to nobody yet.

    Raises:
        ConfigError: its library is not installed, or its token or address is off.
    """
    if isinstance(place, AwsPlace):
        from bot.destinations.aws import SecretsManager

        return SecretsManager(name, place)
    from bot.destinations.kv2 import KeyValue

    return KeyValue(name, place, token())


def every(settings: Settings, stored: Mapping[str, Secret], root: Path) -> dict[str, Destination]:
    """Every destination of the configuration, by name. Raises as ``build``."""

    def built(name: str) -> Destination:
        place = settings.destinations[name]
        table: dict[str, object] = {}
        if isinstance(place, VaultPlace):
            table = {"token": place.token.get_secret_value(), "token_file": place.token_file}

        def token() -> Secret:
            return secret_setting(table, "token", stored, where=f'destinations."{name}"', root=root)

        return build(name, place, token)

    return {name: built(name) for name in settings.destinations}
