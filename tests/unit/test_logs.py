"""What reaches the log: everything that happened, and nothing that must not be written down."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.config import LogSettings

SECRET = "hunter2-of-ana"
HIDDEN = (SECRET, "ana@example.com", "xoxb-1234", "eyJhbGciOi")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Put the process's logging back after each test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


FORMS = pytest.mark.parametrize("json_lines", [True, False], ids=["json", "console"])


def fails() -> None:
    raise ValueError(f"{SECRET} for ana@example.com")


@FORMS
def test_an_error_is_told_by_kind_and_place(json_lines: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """However it is handed over, by us or by a library, its message stays out."""
    logs.configure(LogSettings(level="debug", json_lines=json_lines))
    log = structlog.get_logger()
    try:
        fails()
    except ValueError as exc:
        log.error("ours", exc_info=exc)
        log.error("ours too", exc_info=True)
        logging.getLogger("some.library").exception("theirs")
    said = capsys.readouterr().err
    assert said.count("ValueError") == 3
    assert said.count("in fails") == 3
    assert not any(text in said for text in HIDDEN)


@FORMS
def test_what_looks_like_a_secret_is_masked(json_lines: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens and addresses in a message or in its values are replaced, the rest stays readable."""
    logs.configure(LogSettings(level="debug", json_lines=json_lines))
    log = structlog.get_logger()
    log.info("signed in", who="ana@example.com", token="xoxb-1234-abc", plain="kept")
    logging.getLogger("some.library").warning("Bearer %s", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln")
    said = capsys.readouterr().err
    assert "kept" in said
    assert "signed in" in said
    assert not any(text in said for text in HIDDEN)


@FORMS
async def test_a_task_nobody_awaited_is_reported_without_its_message(
    json_lines: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """asyncio's own report of a lost task would print the error's text as part of the task."""
    logs.configure(LogSettings(level="debug", json_lines=json_lines))

    async def lost() -> None:
        fails()

    task = asyncio.create_task(lost())
    await asyncio.wait({task})
    del task
    gc.collect()
    said = capsys.readouterr().err
    assert "never retrieved" in said
    assert "in fails" in said
    assert not any(text in said for text in HIDDEN)


def test_json_lines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line stands alone for a collector, errors included."""
    logs.configure(LogSettings(json_lines=True))
    try:
        fails()
    except ValueError as exc:
        structlog.get_logger().error("it", exc_info=exc, count=3)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert (found["event"], found["level"], found["count"]) == ("it", "error", 3)
    assert "in fails" in found["exception"]
