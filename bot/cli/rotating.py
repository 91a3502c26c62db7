"""New data keys."""

from __future__ import annotations

from pathlib import Path

from bot.audit.repository import AuditLog
from bot.cli.opening import actor, opened
from bot.cli.screen import say, working
from bot.config import load


async def rotate(config: Path) -> bool:
    """Seal every row anew and destroy the old key; the trail holds that it was done.

    Raises:
        StoreError: a row could not be opened; the old key stays, and nothing is lost.
    """
    async with opened(load(config)) as store:
        with working("Sealing every row with a new key"):
            count = await store.rotate_key()
        async with store.write() as unit:
            await unit[AuditLog].append(actor(), "key:rotated", "inventory", {"sealed anew": str(count)})
    say(f"Done: {count:,} sealed values have a new key, and the old one is destroyed.", style="green")
    say("Backups made before this hold the old key, wrapped, and open only with the key file.")
    return True
