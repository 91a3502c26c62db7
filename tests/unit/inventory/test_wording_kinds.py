"""Every kind of credential has a word of its own."""

from __future__ import annotations

from bot.inventory.messages import KINDS
from bot.platform.model import Area, CredentialKind


def test_every_kind_has_a_name_and_an_area() -> None:
    """A platform that lists a new kind never breaks a message; and a gap can name it."""
    assert set(KINDS) == set(CredentialKind)
    assert {kind.value for kind in CredentialKind} <= {area.value for area in Area}
