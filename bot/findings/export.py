"""The inventory and the findings as tables for other programs. No cell of them is ever a formula."""

from __future__ import annotations

from collections.abc import Iterable

from bot.findings.model import FindingRow, Suppression
from bot.inventory.catalogue import Catalogue, label
from bot.inventory.export import Row, instant
from bot.text import clean

FINDING_HEADER: Row = (
    "id", "severity", "title", "connection", "subject", "state", "evidence", "remedy", "opened", "last_seen",
    "resolved", "suppressed_until", "rule",
)  # fmt: skip


def finding_rows(
    found: Iterable[FindingRow], suppressed: dict[str, Suppression], catalogue: Catalogue
) -> list[Row]:
    """One row a finding."""
    rows: list[Row] = []
    for row in found:
        item = catalogue.subject(row.connection, row.finding.subject)
        held = suppressed.get(row.id)
        rows.append(
            (
                row.ref,
                row.finding.severity.value,
                row.finding.title,
                row.connection,
                clean(label(item), 300) if item else clean(row.finding.subject, 300),
                row.state.value,
                clean(row.finding.evidence, 900),
                row.finding.remedy,
                instant(row.opened_at),
                instant(row.last_seen),
                instant(row.resolved_at),
                instant(held.until if held else None),
                row.finding.rule,
            )
        )
    return rows
