"""Names and reasons from outside, made fit to show and to compare."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_FORMATTING = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
_JOINERS = {"\u200c", "\u200d"}  # they shape letters in Persian and Indic names; the rest of Cf only hides


def clean(raw: str, limit: int = 120) -> str:
    """One line without control, bidirectional or invisible characters, at most ``limit`` characters.

    Cut text ends in an ellipsis, on a character boundary.
    """
    if not raw.isprintable():  # else there is nothing to leave out: that says the same of most names, quickly
        raw = "".join(_kept(raw))
    line = " ".join(raw.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _kept(raw: str) -> Iterator[str]:
    return (" " if c.isspace() else c for c in raw if c in _JOINERS or c.isspace() or not _hidden(c))


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _FORMATTING


def fold(raw: str) -> str:
    """The form two spellings of one name or e-mail share: NFKC, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", clean(raw, 4000)).casefold().split())


def plural(count: int, one: str, many: str = "") -> str:
    """``3 tokens``, ``1 token``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
