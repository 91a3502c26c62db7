"""Lines of the trail as events of the Open Cybersecurity Schema Framework, for a company's SIEM.

Sources: schema.ocsf.io 1.3.0 (entity_management 3004, detection_finding 2004, compliance_finding 2003); which deed is
which activity as JumpCloud maps requests and approvals (docs.jumpcloud.com, SIEM event types), read 2026-11-21.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from bot.audit.model import AuditEntry

VERSION = "1.3.0"


class _Class(IntEnum):
    """The classes used. The first digit is the category."""

    COMPLIANCE_FINDING = 2003  # somebody decided about a finding
    DETECTION_FINDING = 2004  # an alert, and its life
    ENTITY_MANAGEMENT = 3004  # anything else that somebody, or the bot, did to something


_NAMES = {
    _Class.COMPLIANCE_FINDING: "Compliance Finding",
    _Class.DETECTION_FINDING: "Detection Finding",
    _Class.ENTITY_MANAGEMENT: "Entity Management",
}
_CATEGORIES = {2: "Findings", 3: "Identity & Access Management"}
_CREATE, _READ, _UPDATE, _DELETE, _OTHER = 1, 2, 3, 4, 99  # of an entity
_OPENED, _CHANGED, _CLOSED = 1, 2, 3  # of a finding
_DEEDS = {  # the part of an action after its colon, by what it does to an entity
    "opened": _CREATE, "proposed": _CREATE, "exported": _READ, "scanned": _READ, "ended": _DELETE, "dropped": _DELETE,
}  # fmt: skip
_FAILED = frozenset(
    {"refused", "dropped", "undeliverable", "not_visible", "listing_rejected", "held", "voided"}
)
_INFORMATIONAL, _LOW, _MEDIUM, _HIGH = 1, 2, 3, 4


def event(line: AuditEntry) -> dict[str, Any]:
    """One line as an event; ``metadata.uid`` is its number, ``unmapped`` its details and its hash in the chain."""
    subject, _, deed = line.event.partition(":")
    kind, activity = _placed(subject, deed)
    category = kind // 1000
    failed = deed in _FAILED
    shaped: dict[str, Any] = {
        "activity_id": activity,
        "category_uid": category,
        "category_name": _CATEGORIES[category],
        "class_uid": int(kind),
        "class_name": _NAMES[kind],
        "type_uid": kind * 100 + activity,
        "time": int(line.at.timestamp() * 1000),
        "severity_id": _severity(subject, deed),
        "status_id": 2 if failed else 1,
        "message": f"{line.event} {line.subject} by {line.actor}",
        "metadata": {
            "version": VERSION,
            "uid": str(line.seq),
            "log_name": "audit log",
            "product": {"name": "Handover", "vendor_name": "Handover"},
        },
        "actor": {"user": {"uid": line.actor, "type_id": 3 if line.actor == "system" else 1}},
        "unmapped": {"action": line.action, "detail": dict(line.detail), "hash": line.hash},
    }
    if kind is _Class.ENTITY_MANAGEMENT:
        shaped["entity"] = {"uid": line.subject, "name": line.subject, "type": subject}
    else:
        title = line.detail.get("rule") or line.event
        shaped["finding_info"] = {"uid": line.subject, "title": title}
        shaped["status_id"] = {_OPENED: 1, _CHANGED: 2, _CLOSED: 4}[activity]  # new, in progress, resolved
    if kind is _Class.COMPLIANCE_FINDING:
        shaped["compliance"] = {"standards": ["OWASP NHI Top 10 (2025)"], "status_id": 0}
    return shaped


def _placed(subject: str, deed: str) -> tuple[_Class, int]:
    if subject in {"alert", "finding"}:
        kind = _Class.DETECTION_FINDING if subject == "alert" else _Class.COMPLIANCE_FINDING
        activity = {"opened": _OPENED, "reopened": _CHANGED, "resolved": _CLOSED}.get(deed, _CHANGED)
        return kind, activity
    return _Class.ENTITY_MANAGEMENT, _DEEDS.get(deed, _UPDATE if deed else _OTHER)


def _severity(subject: str, deed: str) -> int:
    if subject == "alert" and deed in {"opened", "reopened"}:
        return _HIGH
    if deed in {"refused", "listing_rejected", "held"}:
        return _MEDIUM
    return _LOW if deed in _FAILED else _INFORMATIONAL
