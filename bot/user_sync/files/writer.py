"""A forecast as rows for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from bot.user_sync.files.cells import harmless
from bot.user_sync.forecast import Forecast
from bot.user_sync.model import SyncAction


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line of a forecast. The names and the values of ``action`` are a contract."""

    action: str
    rule: str
    record_id: str | None
    user_id: str | None
    reason: str


def rows(found: Forecast) -> list[Row]:
    """The outcomes in their order, each with what is to be noted about its people.

    A record's id has its kind before it (``vendor:7``) where an employee and a vendor have the same one.
    """
    noted: dict[int, list[str]] = {}  # by the identity of the person
    for notice in found.notices:
        for about in (*notice.records, *notice.users):
            noted.setdefault(id(about), []).append(notice.text)
    held = f". Safety limit reached: {found.safety_limit}" if found.safety_limit else ""
    ref = found.sides.ref
    made = []
    for outcome in found.outcomes:
        record, user, reason = outcome.record, outcome.user, outcome.reason
        texts = (*noted.get(id(record), ()), *noted.get(id(user), ()))
        if texts:
            reason = f"{reason}. {' '.join(dict.fromkeys(texts))}"
        if held and outcome.action is SyncAction.INACTIVATE:
            reason = reason.rstrip(".") + held
        record_id = ref(record) if record is not None else None
        user_id = user.id if user is not None else None
        made.append(Row(outcome.action, outcome.rule, record_id, user_id, reason))
    return made


def as_json(lines: list[Row]) -> Iterator[bytes]:
    """One JSON array, a line for each row."""
    encode = msgspec.json.Encoder().encode
    before = b"[\n"
    for line in lines:
        yield before + encode(line)
        before = b",\n"
    yield b"\n]\n" if lines else b"[]\n"


def as_csv(lines: list[Row]) -> str:
    """A CSV file that a spreadsheet shows and never calculates."""
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(Row.__struct_fields__)
    for line in lines:
        out.writerow([harmless(str(cell or "")) for cell in msgspec.structs.astuple(line)])
    return written.getvalue()
