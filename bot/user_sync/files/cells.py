"""What one cell says: yes or no, a day, an id, a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.errors import BadArgument
from bot.text import clean

_YES = ("t", "true", "yes", "y", "1", "on", "active")
_NO = ("f", "false", "no", "n", "0", "off", "inactive")
_NOTHING = ("", "none", "null", "n/a", "-", "- none -")
_SPELLINGS = {form: word for word in (*_YES, *_NO) for form in (word, word.upper(), word.capitalize())}
TRUTH: dict[object, bool] = {
    form: word in _YES for form, word in _SPELLINGS.items()
}  # True and 1 are one key
TRUTH |= {True: True, False: False}
FORMULA = frozenset("=+-@")
_FORMULA_PARTS = frozenset("(|!")


class Unreadable(ValueError):
    """A cell does not say what its column is for; the message says why."""


def truth(cell: object, *, empty: bool | None = None) -> bool:
    """Yes or no, in many spellings; ``empty`` is what an empty cell means, if it may be empty."""
    if isinstance(cell, str | int | float) and (said := TRUTH.get(cell)) is not None:
        return said
    bare = cell.strip().casefold() if isinstance(cell, str) else cell
    if bare is None or (isinstance(bare, str) and bare in _NOTHING):
        if empty is None:
            raise Unreadable("is empty, and must say yes or no.")
        return empty
    if isinstance(bare, str) and bare in TRUTH:
        return TRUTH[bare]
    raise Unreadable(f"{_shown(cell)} is neither yes nor no. Write T or F, true or false, yes or no, 1 or 0.")


def day(cell: object) -> date | None:
    """A day as 2026-11-24, alone or with a time behind it; nothing where the cell is empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        bare = cell.strip()
        if bare.casefold() in _NOTHING:
            return None
        try:
            if len(bare) == 10 or (len(bare) > 10 and bare[10] in "T "):
                return date.fromisoformat(bare[:10])
        except ValueError:
            pass
    raise Unreadable(f"{_shown(cell)} is not a day. Write it as 2026-11-24.")


def text(cell: object) -> str:
    """A text as it is; a number as its digits."""
    if type(cell) is str:
        return cell
    if cell is None:
        return ""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    raise Unreadable(f"{_shown(cell)} is not text.")


def line(cell: object) -> str:
    """A trimmed text without a line break inside: an id, an address."""
    if type(cell) is str and cell.isalnum():
        return cell
    bare = text(cell).strip()
    if not bare.isprintable():
        raise Unreadable("holds a line break or a control character.")
    return bare


def formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate this rather than show it."""
    return cell.startswith("=") or (cell[:1] in FORMULA and not _FORMULA_PARTS.isdisjoint(cell))


def harmless(cell: str) -> str:
    """The cell for a file that spreadsheets open: what they would calculate gets an apostrophe before it."""
    return f"'{cell}" if cell.lstrip()[:1] in FORMULA or cell[:1] in ("\t", "\r", "\n") else cell


def _shown(cell: object) -> str:
    return f"“{clean(cell, 40)}”" if isinstance(cell, str) else clean(repr(cell), 40)


ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("internalid",),
    "first": ("firstname",),
    "last": ("lastname",),
    "email": ("emailaddress",),
    "termination_date": ("releasedate",),
    "flag": ("nexonia", "custentitynexonia"),
    "manager": ("managerid", "supervisor"),
    "ignore": ("ignoreforintegration",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """The columns one kind of file must and may have. ``named`` maps our names to the file's own headings."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> tuple[str, ...]:
        """All of them, in order."""
        return self.needed + self.optional

    def __str__(self) -> str:
        return ", ".join(self.needed)

    def places(self, header: Sequence[str], name: str, *, row: int) -> dict[str, int]:
        """The place of each wanted column. Capitals, spaces and dashes in headings do not matter; others are ignored.

        Raises:
            BadArgument: a needed column is missing, one that was named is, or a wanted one stands there twice.
        """
        places: dict[str, int] = {}
        for column in self.wanted:
            if own := self.named.get(column):
                spellings: tuple[str, ...] = (_bare(own),)
            else:
                spellings = (_bare(column), *ALIASES.get(column, ()))
            for spelling in spellings:
                found = [n for n, heading in enumerate(header) if _bare(heading) == spelling]
                if len(found) > 1:
                    raise BadArgument(
                        f"{name}: row {row}, column {clean(header[found[1]], 60)}: stands twice in the header, in "
                        f"columns {found[0] + 1} and {found[1] + 1}."
                    )
                if found:
                    places[column] = found[0]
                    break
            else:
                if own or column in self.needed:
                    raise BadArgument(
                        f"{name}: row {row}, column {clean(own or column, 60)}: missing from the header. "
                        f"There is {', '.join(clean(heading, 40) for heading in header[:20]) or 'nothing'}."
                    )
        return places


def _bare(heading: str) -> str:
    return re.sub(r"[\s_./-]+", "", heading).casefold()
