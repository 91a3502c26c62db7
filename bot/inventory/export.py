"""The inventory and the findings as tables for other programs. No cell of them is ever a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.inventory.catalogue import SOON, Catalogue, Entry
from bot.inventory.messages import kind_of
from bot.platform.model import PrincipalKind
from bot.text import clean, fold

Row = tuple[str, ...]
HEADER: Row = (
    "id", "integration", "kind", "connection", "acts_as", "account_state", "person_behind", "owner", "backup_owner",
    "last_used", "ends", "made",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
WORDS = ("expiring", "orphaned", "personal")


def inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it.

    Source: owasp.org/www-community/attacks/CSV_Injection, read 2026-11-21.
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_csv(header: Row, rows: Iterable[Row]) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read names right; lines end as RFC 4180 says."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(tuple(inert(cell) for cell in row) for row in rows)
    return written.getvalue().encode("utf-8-sig")


def as_json(header: Row, rows: Iterable[Row]) -> bytes:
    """A list of objects; programs that read it know no formulas."""
    listed = [dict(zip(header, row, strict=True)) for row in rows]
    return json.dumps(listed, ensure_ascii=False, indent=1).encode()


def chosen(catalogue: Catalogue, words: Sequence[str], now: datetime) -> list[Entry]:
    """Lines that all words fit: ``expiring``, ``orphaned``, ``personal``, or text they hold."""
    entries = [entry for entry in catalogue.entries if not entry.everyday]
    for word in words:
        wanted = fold(word)
        if wanted == "expiring":
            entries = [e for e in entries if e.expires_at and e.expires_at - now <= SOON]
        elif wanted == "orphaned":
            entries = [e for e in entries if catalogue.orphaned(e)]
        elif wanted == "personal":
            entries = [e for e in entries if e.personal]
        else:
            entries = [e for e in entries if wanted in e.words]
    return sorted(entries, key=lambda e: (e.item.connection, fold(e.name), e.item.ref))


def rows_of(entries: Iterable[Entry], catalogue: Catalogue) -> list[Row]:
    """One row a line of the inventory."""

    def person(slack_id: str) -> str:
        known = catalogue.people.get(slack_id)
        return clean(known.email or known.name, 200) if known else slack_id

    rows: list[Row] = []
    for e in entries:
        credential, account = e.credential, e.account
        behind = account is not None and account.kind is not PrincipalKind.SERVICE
        rows.append(
            (
                e.item.ref,
                clean(e.name, 300),
                kind_of(e),
                e.item.connection,
                clean(account.username, 300) if account else "",
                account.status.value if account else "",
                clean(account.email, 300) if account and behind else "",
                person(e.owner.person) if e.owner else "",
                person(e.backup.person) if e.backup else "",
                instant(credential.last_used_at if credential else None),
                instant(e.expires_at),
                instant(credential.created_at if credential else None),
            )
        )
    return rows


def instant(when: datetime | None) -> str:
    return when.isoformat(timespec="seconds") if when else ""
