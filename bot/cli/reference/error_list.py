"""What can go wrong."""

from __future__ import annotations

from collections.abc import Iterator

from bot import errors
from bot.cli.reference.markdown import code, prose, table
from bot.errors import BotError

TITLE = "Errors"
INTRO = """
Every error that Handover raises on purpose, named by what its reader does next. The code is what logs and the
trail hold. The text shown with it never contains a body, a header or a secret. Anything else that goes wrong is a
bug: Slack shows a reference, and the log holds the details under it.
"""


def body() -> str:
    """The tree, each kind under the one that includes it."""
    rows = (
        (f"{'· ' * depth}{code(kind.__name__)}", code(kind.code), prose(kind))
        for kind, depth in _tree(BotError)
    )
    return table(("error", "code", "meaning"), rows)


def _tree(kind: type[BotError], depth: int = 0) -> Iterator[tuple[type[BotError], int]]:
    yield kind, depth
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _tree(below, depth + 1)
