"""Short references that people type: six characters without look-alikes."""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_LOOK_ALIKES = str.maketrans("OIL", "011")


def new_ref(randbits: Callable[[int], int]) -> str:
    """Six characters from thirty random bits."""
    bits = randbits(30)
    return "".join(ALPHABET[(bits >> shift) & 31] for shift in range(25, -1, -5))


def normal_ref(typed: str) -> str:
    """What somebody typed, with case and look-alikes folded."""
    return typed.strip().upper().translate(_LOOK_ALIKES)
