"""The trail, read and proved."""

from __future__ import annotations

from pathlib import Path

from bot.audit.repository import AuditLog
from bot.cli.opening import opened
from bot.cli.screen import complain, say, table, working
from bot.config import load


async def verify(config: Path) -> bool:
    """Say whether every line is as it was written, and which is the first that is not."""
    async with opened(load(config)) as store, store.read() as unit:
        with working("Reading every entry of the audit log"):
            found = await unit[AuditLog].verify()
        if not found.ok:
            complain(f"The audit log was changed: {found.problem}.")
            say(f"{found.rows:,} lines before that are as they were written.")
            return False
        rows, digest = await unit[AuditLog].head()
    say(f"OK: {rows:,} lines, each as it was written and in its place.", style="green")
    say(f"head {rows} {digest}")
    return True


async def show(config: Path, limit: int) -> bool:
    """The latest lines, newest first."""
    async with opened(load(config)) as store, store.read() as unit:
        lines = await unit[AuditLog].tail(limit)
    table(
        ("line", "when (UTC)", "who", "what", "on", "detail"),
        (
            (
                str(line.seq),
                f"{line.at:%Y-%m-%d %H:%M:%S}",
                line.actor,
                line.action,
                line.subject,
                ", ".join(f"{key}={value}" for key, value in line.detail.items()),
            )
            for line in lines
        ),
    )
    return True
