"""Secrets by our names, and as the keys of the object that a consumer reads."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from bot.text import Secret

Held = Mapping[str, Any]  # what a place holds: keys of ours and of others


def merged(held: Held, values: Mapping[str, Secret], fields: Mapping[str, str]) -> dict[str, Any]:
    """What is held, with these secrets in it; all else stays."""
    return dict(held) | {fields.get(name, name): value.reveal() for name, value in values.items()}


def holds(held: Held, values: Mapping[str, Secret], fields: Mapping[str, str]) -> bool:
    """Whether every one of these secrets is held, letter for letter."""
    return bool(values) and all(
        _same(held.get(fields.get(name, name)), value) for name, value in values.items()
    )


def _same(found: object, value: Secret) -> bool:
    return isinstance(found, str) and hmac.compare_digest(
        found.encode("utf-8", "surrogatepass"), value.reveal().encode("utf-8", "surrogatepass")
    )
