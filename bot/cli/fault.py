"""How a bug shows on the command line: where it happened, and not one value."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from types import TracebackType


def unexpected(_: type[BaseException], exc: BaseException, __: TracebackType | None) -> None:
    """For ``sys.excepthook``. Messages are left out: they may hold names, answers, or worse."""
    told = "error: a fault of Handover's own. Please report these lines; they hold no data:"
    sys.stderr.write("\n".join([told, *_places(exc)]) + "\n")


def _places(exc: BaseException, depth: int = 1) -> Iterator[str]:
    """What was raised and where, then what caused it and, for a group, what is in it."""
    indent = "  " * depth
    yield f"{indent}{type(exc).__name__}"
    for frame in traceback.extract_tb(exc.__traceback__):
        if not frame.filename.startswith("<frozen"):
            yield f"{indent}  {frame.filename}:{frame.lineno} in {frame.name}"
    before = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    for other in [*([before] if before else []), *getattr(exc, "exceptions", ())]:
        yield from _places(other, depth + 1)
