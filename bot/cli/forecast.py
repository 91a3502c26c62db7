"""Tonight's sync of Nexonia's users, forecast from files: no configuration, no network, nothing is changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.cli.screen import note, say, table
from bot.errors import BadArgument
from bot.text import clean, plural
from bot.user_sync.checklist import checklist
from bot.user_sync.files import reader, writer
from bot.user_sync.files.cells import harmless
from bot.user_sync.forecast import Forecast, forecast
from bot.user_sync.model import Outcome, Record, RecordKind, Rules, SyncAction, User
from bot.user_sync.notices import grouped

MOST_BYTES = 1 << 30
SHOWN = 1000  # lines of the table for people; --json and --csv show all


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed."""

    employees: Path | None
    vendors: Path | None
    users: Path
    today: str
    employee_filter: bool
    kinds: str
    columns: Sequence[str] = ()


def show(asked: Asked, *, as_json: bool, as_csv: bool) -> None:
    """Forecast, and print it.

    Raises:
        BadArgument: an option or a file is off; nothing was printed.
    """
    gc.disable()  # one pass over much data, then the process ends
    found = _forecast(asked)
    if as_json:
        out = sys.stdout.buffer
        out.writelines(writer.as_json(writer.rows(found)))
        out.flush()
    elif as_csv:
        sys.stdout.write(writer.as_csv(writer.rows(found)))
    else:
        _for_people(found)


def _forecast(asked: Asked) -> Forecast:
    if asked.employees is None and asked.vendors is None:
        raise BadArgument(
            "Give --employees, --vendors or both: without records everybody would be made inactive."
        )
    given = {RecordKind.EMPLOYEE: asked.employees, RecordKind.VENDOR: asked.vendors}
    kinds = _kinds(asked.kinds) or frozenset(kind for kind, path in given.items() if path is not None)
    named = _named(asked.columns)
    records: list[Record] = []
    for kind, path in given.items():
        if path is not None:
            needs_flag = kind in kinds and (kind is RecordKind.VENDOR or asked.employee_filter)
            records += reader.records(
                _bytes(path), str(path), kind, needs_flag=needs_flag, named=named[f"{kind}s"]
            )
    users = reader.users(_bytes(asked.users), str(asked.users), named=named["users"])
    rules = Rules(today=_today(asked.today), kinds=kinds, employee_filter=asked.employee_filter)
    return forecast(tuple(records), users, rules)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadArgument(f"{path}: larger than 1 GiB.")
        return path.read_bytes()
    except OSError as exc:
        raise BadArgument(f"{path}: cannot be read: {exc.strerror}.") from exc


def _today(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise BadArgument(f"--today {clean(typed, 40)}: is not a day. Write it as 2026-11-24.") from None


def _kinds(typed: str) -> frozenset[RecordKind]:
    found = set()
    for word in typed.replace(",", " ").casefold().split():
        try:
            found.add(RecordKind(word.removesuffix("s")))
        except ValueError:
            raise BadArgument(
                f"--kinds {clean(typed, 40)}: name employee, vendor, or both with a comma."
            ) from None
    return frozenset(found)


def _named(columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """``users.integration_id=Integration ID`` for each file."""
    known = {
        "employees": reader.RECORD_COLUMNS,
        "vendors": reader.RECORD_COLUMNS,
        "users": reader.USER_COLUMNS,
    }
    named: dict[str, dict[str, str]] = {file: {} for file in known}
    for typed in columns:
        ours, _, heading = typed.partition("=")
        file, _, column = ours.strip().partition(".")
        if column not in known.get(file, ()) or not heading.strip():
            raise BadArgument(
                f'--column {clean(typed, 80)}: write it as users.integration_id="Integration ID". '
                f"Files: {', '.join(known)}. Columns: {', '.join(reader.USER_COLUMNS)}; of records "
                f"{', '.join(reader.RECORD_COLUMNS)}."
            )
        named[file][column] = heading.strip()
    return named


def _for_people(found: Forecast) -> None:
    if found.safety_limit:
        note(f"STOP: {found.safety_limit}")
    for hint in found.hints:
        note(hint)
    shown = [o for o in found.outcomes if o.action is not SyncAction.NONE]
    ref = found.sides.ref
    table(
        ("action", "rule", "record", "user", "who", "reason"),
        (
            (
                outcome.action.value,
                outcome.rule.value,
                ref(outcome.record) if outcome.record else "",
                outcome.user.id if outcome.user else "",
                who(outcome),
                outcome.reason,
            )
            for outcome in shown[:SHOWN]
        ),
    )
    if len(shown) > SHOWN:
        note(f"… and {len(shown) - SHOWN:,} more. --json or --csv shows all.")
    say(", ".join(f"{action.value} {count:,}" for action, count in found.counts.items()))
    for kind, notices in grouped(found.notices).items():
        note(f"{plural(len(notices), 'time')} {kind.value}: {notices[0].text}")
    for deed in checklist(found):
        note(f"[ ] {deed}")


def who(outcome: Outcome) -> str:
    """Name and e-mail of the person an outcome is about, harmless to a spreadsheet that the table is pasted into."""
    person: Record | User | None = outcome.record or outcome.user
    return harmless(clean(f"{person.first} {person.last} <{person.email}>", 90)) if person else ""
