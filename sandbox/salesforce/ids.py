"""Record Ids: 15 case-sensitive characters, and the three that make them safe to compare."""

from collections import Counter

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "Ak0"


def checked(short: str) -> str:
    """The 18-character form: one character for the capitals in each group of five."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << at for at, char in enumerate(short[start : start + 5]) if char.isupper())
        suffix += _CHECK[bits]
    return short + suffix


def well_formed(value: str) -> bool:
    """Claims that the text is an Id of 15 characters, or of 18 with the right ending."""
    if not value.isascii() or not value.isalnum():
        return False
    return len(value) == 15 or (len(value) == 18 and checked(value[:15]) == value)


def canonical(value: str) -> str:
    """The 18-character form of a well-formed Id; other text is returned unchanged."""
    return checked(value) if len(value) == 15 and well_formed(value) else value


class Mint:
    """Hands out Ids in ascending order for each key prefix, the same ones on every run."""

    def __init__(self) -> None:
        self._last: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        """The next Id of an object whose key prefix has three characters."""
        self._last[prefix] += 1
        number, text = self._last[prefix], ""
        while number:
            number, digit = divmod(number, 62)
            text = _DIGITS[digit] + text
        return checked(prefix + _POD + text.rjust(9, "0"))
