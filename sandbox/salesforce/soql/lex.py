"""Cuts a query into tokens, and words the errors that point at a place in it."""

import re
from dataclasses import dataclass

from sandbox.salesforce.errors import ApiError

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<mark><=|>=|!=|<>|[=<>(),:])
    )""",
    re.VERBOSE | re.ASCII,
)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query. The last one of a query is of kind "end" and has no text."""

    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        """Claims that this is one of the given key words (lower case)."""
        return self.kind == "name" and self.text.lower() in words


def tokens(text: str) -> list[Token]:
    """
    The pieces of a query.

    Raises:
        ApiError: MALFORMED_QUERY at the first character that starts no token.
    """
    found: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            if text[at] == "'":
                raise malformed(text, at, "missing closing quote")
            raise malformed(text, at, f"line 1:{at} no viable alternative at character '{text[at]}'")
        found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    found.append(Token("end", "", end))
    return found


def pointing(text: str, at: int, message: str) -> str:
    """The vendor's way to show where a query is wrong: the piece of text, a caret, the position."""
    before = text[:at]
    row, column = before.count("\n") + 1, at - (before.rfind("\n") + 1)
    line = text.splitlines()[row - 1] if text else ""
    start = max(0, column - _SHOWN)
    shown = line[start : column + _SHOWN]
    caret = " " * (column - start) + "^"
    return f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column + 1}\n{message}"


def malformed(text: str, at: int, message: str) -> ApiError:
    """A query that cannot be read."""
    return ApiError(400, "MALFORMED_QUERY", pointing(text, at, message))


def invalid_field(text: str, at: int, message: str) -> ApiError:
    """A query that can be read but names a column wrongly."""
    return ApiError(400, "INVALID_FIELD", pointing(text, at, message))
