"""The keyring on its own: which key seals, and what it shows of itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.db.keyring import DataKey, Keyring, Purpose
from bot.errors import DecryptionFailed, InvariantBroken

ROWS = DataKey(id=1, purpose=Purpose.ROWS, key=b"r" * 32, current=True)
OUTSIDE = DataKey(id=2, purpose=Purpose.OUTSIDE, key=b"o" * 32, current=True)
BLIND = DataKey(id=3, purpose=Purpose.BLIND, key=b"b" * 32, current=True)


def test_rows_and_what_lies_outside_have_keys_of_their_own() -> None:
    """Rotation can destroy the rows' key because nothing outside is sealed with it; the header says which."""
    ring = Keyring([ROWS, OUTSIDE, BLIND])
    assert ring.seal_row(b"x", "p")[:3] == b"\x01\x00\x01"
    assert ring.seal(b"x", "p")[:3] == b"\x01\x00\x02"


def test_the_key_of_blind_indexes_seals_nothing() -> None:
    """A value that claims to be sealed with the index key does not open."""
    ring = Keyring([ROWS, OUTSIDE, BLIND])
    blob = ring.seal_row(b"x", "p")
    with pytest.raises(DecryptionFailed):
        ring.open(blob[:1] + b"\x00\x03" + blob[3:], "p")


def test_without_a_key_nothing_is_sealed() -> None:
    """Sealing with no current key fails rather than falling back on another."""
    retired = DataKey(id=1, purpose=Purpose.ROWS, key=b"r" * 32, current=False)
    with pytest.raises(InvariantBroken):
        Keyring([retired]).seal_row(b"x", "p")
    with pytest.raises(InvariantBroken):
        Keyring([ROWS]).seal(b"x", "p")
    with pytest.raises(InvariantBroken):
        Keyring([ROWS]).blind("f", "v")


def test_a_current_key_that_cannot_be_used_is_named() -> None:
    """Sealing with a key that did not unwrap fails with its id, and does not take an older one."""
    broken = DataKey(id=7, purpose=Purpose.ROWS, key=None, current=True)
    with pytest.raises(DecryptionFailed, match="data key 7") as refused:
        Keyring([broken, OUTSIDE]).seal_row(b"x", "p")
    assert refused.value.key_id == 7


def test_a_destroyed_key_says_when() -> None:
    """What a destroyed key sealed is told apart from what was never ours."""
    gone = DataKey(
        id=1, purpose=Purpose.ROWS, key=None, current=False, destroyed_at=datetime(2026, 12, 24, tzinfo=UTC)
    )
    sealed = Keyring([ROWS]).seal_row(b"x", "p")
    with pytest.raises(DecryptionFailed, match="destroyed on 2026-12-24"):
        Keyring([gone]).open(sealed, "p")


def test_a_key_shows_neither_in_its_repr_nor_in_the_rings() -> None:
    """Printing keys or keyrings tells ids, never material."""
    assert "rrr" not in repr(ROWS)
    assert "rrr" not in repr(Keyring([ROWS]))
