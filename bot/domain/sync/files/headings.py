"""Which column is which: our names, what else they are called, and what an administrator says they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.text import clean
from bot.errors import BadArgument

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
