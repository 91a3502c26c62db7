"""Every event of the audit log is read as a sentence, whatever release wrote it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.audit.model import _EARLIER, _SAID, AuditEntry

ROOT = Path(__file__).parents[3]
WRITTEN = re.compile(r"\[AuditLog\]\.append\((.*?)\)", re.DOTALL)
EVENT = re.compile(r'(?<!f)"([a-z_]+:[a-z_-]+)"')


def written() -> set[str]:
    """Events that stand in a call of ``append``, as far as they are literal."""
    sources = (p for folder in ("bot", "handlers") for p in (ROOT / folder).rglob("*.py"))
    calls = (call for source in sources for call in WRITTEN.findall(source.read_text(encoding="utf-8")))
    return {event for call in calls for event in EVENT.findall(call)}


def entry(action: str) -> AuditEntry:
    return AuditEntry(
        seq=1,
        at=datetime(2026, 12, 1, tzinfo=UTC),
        actor="U1",
        action=action,
        subject="7K2QXM",
        detail={},
        hash="",
    )


def test_every_event_that_is_written_has_a_sentence() -> None:
    """A new event needs words for people; one of an earlier name is not written any more."""
    events = written()
    assert len(events) > 30
    assert events - set(_SAID) == set()


@pytest.mark.parametrize(("earlier", "today"), _EARLIER.items())
def test_an_entry_of_an_earlier_release_is_shown_under_todays_name(earlier: str, today: str) -> None:
    """The stored name stays, since the hash covers it; people read today's sentence."""
    assert (entry(earlier).action, entry(earlier).event) == (earlier, today)
    assert entry(earlier).said == entry(today).said != ("", "")


def test_the_subject_stands_inside_the_sentence_where_english_wants_it() -> None:
    """A sentence that goes on after its subject says so with a mark."""
    assert entry("request:held").said == ("put request", "on hold")
    assert entry("request:approved").said == ("approved request", "")
    assert entry("later:something_new").said == ("later something new", "")
