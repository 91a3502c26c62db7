"""Who qualifies to be a Nexonia user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.domain.sync.people import Record, RecordKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one Nexonia company is configured to sync, on one day."""

    today: date  # in the NetSuite company's time zone
    kinds: frozenset[RecordKind] = frozenset(RecordKind)  # the setting Users: Employees, Vendors, or both
    employee_filter: bool = False  # whether employees need the checkbox too; vendors always do


def shortfall(record: Record, rules: Rules) -> str:
    """Every reason why a record does not qualify, or "" if it does.

    A termination date has passed when it is before today: who leaves today still qualifies today. An e-mail address
    need only be there. A name or address of nothing but spaces is missing.
    """
    needs_flag = rules.employee_filter or record.kind is _VENDOR
    if (
        record.active
        and (record.flag or not needs_flag)
        and (record.termination_date is None or record.termination_date >= rules.today)
        and record.kind in rules.kinds
        and record.first.strip()
        and record.last.strip()
        and record.email.strip()
    ):
        return ""
    return "; ".join(_reasons(record, rules, needs_flag=needs_flag))


_VENDOR = RecordKind.VENDOR  # an Enum's look-up is slow in 3.11


def _reasons(record: Record, rules: Rules, *, needs_flag: bool) -> Iterator[str]:
    if record.kind not in rules.kinds:
        yield f"{record.kind}s are not synced"
    if not record.first.strip():
        yield "no first name"
    if not record.last.strip():
        yield "no last name"
    if not record.email.strip():
        yield "no e-mail address"
    if not record.active:
        yield "inactive"
    if record.termination_date is not None and record.termination_date < rules.today:
        yield f"terminated on {record.termination_date}"
    if needs_flag and not record.flag:
        yield "checkbox not ticked" if record.flag is not None else "checkbox cannot be seen"
