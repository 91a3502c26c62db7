"""Where consumers read their secrets: one module for each kind. Each knows a place's dialect and nothing of plans."""

from __future__ import annotations

from collections.abc import Callable

from bot.destination_settings import AwsPlace, Place
from bot.domain.secret import Secret
from bot.ports import Destination


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
