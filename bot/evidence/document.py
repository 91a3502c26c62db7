"""What an evidence pack says, as plain data: the request, the plan, who decided, what was done, and the proof.

Everything that is hashed is there twice: in clear for readers, and letter for letter as it was hashed
(``plan_text``, ``written``), so that whoever verifies needs no code of ours to arrive at the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.audit.repository import Excerpt, Line
from bot.errors import Conflict
from bot.people.model import Person
from bot.platform.plan import Plan, Receipt
from bot.requests.model import ChangeRequest

FORMAT = "handover-evidence/1"
Json = dict[str, Any]


def canonical(value: object) -> bytes:
    """The one way to write it as JSON: UTF-8, keys sorted, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def document(
    request: ChangeRequest, excerpt: Excerpt, people: Mapping[str, Person], about: Mapping[str, str]
) -> Json:
    """The pack's content. ``about``: who made it, when, with what, and the key it is signed with.

    Raises:
        Conflict: the plan cannot be written as it was when it was approved.
    """
    return {
        "format": FORMAT,
        **about,
        "request": _request(request),
        "plan": json.loads(plan_text := _plan_text(request)),
        "plan_text": plan_text,
        "plan_digest": request.digest,
        "decisions": msgspec.to_builtins(request.decisions),
        "receipts": _receipts(request.receipts),
        "people": {
            slack_id: {"name": person.name, "email": person.email} for slack_id, person in people.items()
        },
        "trail": _trail(excerpt),
    }


def mentioned(request: ChangeRequest, excerpt: Excerpt) -> set[str]:
    """Everybody who asked, decided, or stands in the trail as the one who acted."""
    lines = {part.entry.actor for part in excerpt.parts if isinstance(part, Line)}
    return {request.requester, *(decision.approver for decision in request.decisions), *lines}


def _request(request: ChangeRequest) -> Json:
    return {
        "id": request.id,
        "ref": request.ref,
        "state": request.state.value,
        "finished": not request.state.live,
        "revision": request.rev,
        "requester": request.requester,
        "reason": request.reason,
        "approvals_needed": request.needed,
        "created_at": instant(request.created_at),
        "expires_at": instant(request.expires_at),
        "planned_from": dict(request.inputs),
        "detail": request.detail,
        "rule": None if request.rule is None else msgspec.to_builtins(request.rule),
        "rollback": request.rollback
        and {"by": request.rollback.by, "at": request.rollback.at, "steps": list(request.rollback.keys)},
    }


def _plan_text(request: ChangeRequest) -> str:
    """The plan letter for letter as its digest was taken, which is ``Plan.digest``'s affair."""
    written = _encoded(request.plan)
    if hashlib.sha256(written).hexdigest() != request.digest:
        raise Conflict(
            f"The plan of request {request.ref} was approved under an older release, which wrote plans "
            "otherwise. Make its evidence with that release."
        )
    return written.decode()


def _encoded(plan: Plan) -> bytes:
    return msgspec.json.encode(plan, order="deterministic")


def _receipts(receipts: tuple[Receipt, ...]) -> list[Json]:
    """Each step's proof: what earlier steps had established when it began, and what it established."""
    found: list[Json] = []
    known: dict[str, str] = {}
    for receipt in receipts:
        after = dict(receipt.facts)
        found.append(
            {
                "step": receipt.step,
                "at": instant(receipt.at),
                "acted": receipt.acted,
                "detail": receipt.detail,
                "record_id": receipt.record_id,
                "facts": after,
                "facts_before": dict(known),
                "facts_after": known | after,
            }
        )
        known |= after
    return found


def _trail(excerpt: Excerpt) -> Json:
    links: list[Json] = []
    seq = excerpt.first
    for part in excerpt.parts:
        if isinstance(part, Line):
            links.append(_line(part))
            seq += 1
        else:
            count = len(part) // 32
            links.append({"first": seq, "last": seq + count - 1, "digests": part.hex()})
            seq += count
    return {
        "before": {"seq": excerpt.first - 1, "hash": excerpt.before.hex()},
        "links": links,
        "head": {"seq": excerpt.head.rows, "hash": excerpt.head.hash.hex()},
    }


def _line(line: Line) -> Json:
    entry = line.entry
    return {
        "seq": entry.seq,
        "at": instant(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
        "written": line.written.hex(),
        "hash": entry.hash,
    }


def instant(at: datetime) -> str:
    """Whole or broken seconds of UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
