"""Errors in words that hold no values: what a vendor answered or a person typed stays out of the log."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from bot.errors import BotError

FRAMES = 5


def describe(error: BaseException) -> str:
    """A BotError's code and hint; of any other error its class and the last places it came through."""
    if isinstance(error, BotError):
        return f"{error.code}: {error.hint}"
    frames = [
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return f"{type(error).__qualname__} at {' < '.join(reversed(frames[-FRAMES:])) or 'no place known'}"


class Discreet(logging.Filter):
    """Replaces the traceback of a record, which would print the error's own text, by ``describe``."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = f"{record.getMessage()} {describe(error)}", ()
            record.exc_info = record.exc_text = None
        return True
