"""How a bug shows."""

from __future__ import annotations

import importlib
import sys

import pytest

from bot.cli.commands import unexpected


def raised() -> BaseException:
    try:
        try:
            raise KeyError("ana@example.com")
        except KeyError as exc:
            raise ExceptionGroup("hunter2", [ValueError("xoxb-secret"), TypeError("xapp-secret")]) from exc
    except ExceptionGroup as group:
        return group


def test_a_bug_tells_where_and_never_what(capsys: pytest.CaptureFixture[str]) -> None:
    """Kinds and places of the whole chain are told, those of a group's members too, and no message."""
    exc = raised()
    unexpected(type(exc), exc, exc.__traceback__)
    said = capsys.readouterr().err
    assert [kind in said for kind in ("ExceptionGroup", "KeyError", "ValueError", "TypeError")] == [True] * 4
    assert f"{__file__}:" in said
    assert not any(text in said for text in ("ana@example.com", "hunter2", "xoxb", "xapp"))


def test_the_bot_is_started_with_it() -> None:
    """Only the command line's own process has its errors shown so: importing it changes nothing."""
    importlib.import_module("bot.__main__")
    assert sys.excepthook is not unexpected
