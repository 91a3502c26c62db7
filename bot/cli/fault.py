"""How a bug shows on the command line: where it happened, and not one value."""

from __future__ import annotations

import sys
from types import TracebackType

from bot.errors import places


def unexpected(_: type[BaseException], exc: BaseException, __: TracebackType | None) -> None:
    """For ``sys.excepthook``. Messages are left out: they may hold names, answers, or worse."""
    told = "error: a fault of Handover's own. Please report these lines; they hold no data:"
    sys.stderr.write("\n".join([told, *places(exc)]) + "\n")
