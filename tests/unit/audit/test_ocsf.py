"""The trail as OCSF events: every required attribute, and nothing that a SIEM would misread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit.model import AuditEntry
from bot.audit.ocsf import event

AT = datetime(2026, 11, 24, 9, 0, 0, 123000, tzinfo=UTC)
REQUIRED = {
    "activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata", "actor", "status_id",
}  # fmt: skip
words = st.text(st.characters(categories=["Ll"]), min_size=1, max_size=12)


def line(action: str, **detail: str) -> AuditEntry:
    return AuditEntry(
        seq=7, at=AT, actor="U1", action=action, subject="7K2QXM", detail=detail, hash="ab" * 32
    )


@pytest.mark.parametrize(
    ("action", "class_uid", "type_uid"),
    [
        ("request:opened", 3004, 300401),
        ("request:approved", 3004, 300403),
        ("inventory:exported", 3004, 300402),
        ("owner:confirmed", 3004, 300403),
        ("access:refused", 3004, 300403),
        ("alert:opened", 2004, 200401),
        ("alert:acknowledged", 2004, 200402),
        ("alert:resolved", 2004, 200403),
        ("finding:suppressed", 2003, 200302),
        ("no colon at all", 3004, 300499),
    ],
)
def test_each_deed_is_its_class_and_activity(action: str, class_uid: int, type_uid: int) -> None:
    """Asked for is created, decided is updated, an alert is a finding with a life."""
    made = event(line(action))
    assert (made["class_uid"], made["type_uid"]) == (class_uid, type_uid)


@given(words, words, st.dictionaries(words, st.text(max_size=20), max_size=4))
def test_every_event_is_whole(subject: str, deed: str, detail: dict[str, str]) -> None:
    """Whatever the trail comes to hold: required attributes, consistent numbers, milliseconds, and the details kept."""
    made = event(line(f"{subject}:{deed}", **detail))
    assert made.keys() >= REQUIRED
    assert made["type_uid"] == made["class_uid"] * 100 + made["activity_id"]
    assert made["category_uid"] == made["class_uid"] // 1000
    assert made["time"] == int(AT.timestamp() * 1000)
    assert made["metadata"]["uid"] == "7"
    assert made["metadata"]["version"] == "1.3.0"
    assert made["unmapped"]["detail"] == detail
    assert ("entity" in made) == (made["class_uid"] == 3004)
    assert ("finding_info" in made) == (made["category_uid"] == 2)


def test_what_failed_says_so() -> None:
    """A refusal is a failure of medium severity, so that rules can look for it."""
    refused = event(line("access:refused"))
    assert (refused["status_id"], refused["severity_id"]) == (2, 3)
    assert (
        event(line("alert:opened", rule="owner-deactivated"))["finding_info"]["title"] == "owner-deactivated"
    )
