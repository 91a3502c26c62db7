"""One check run by itself over a fresh listing: shown, and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.db.store import Store
from bot.errors import BadArgument, NotFound, PlatformError
from bot.findings.check import Check
from bot.findings.evaluation import Diagnosis
from bot.findings.model import Finding
from bot.inventory.repository import ConnectionRepository
from bot.platform.model import Area
from bot.platform.ports import Platform
from bot.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one check found on one connection. ``error``: could not look, so nothing is known."""

    connection: str
    findings: tuple[Finding, ...] = ()
    blind: tuple[Area, ...] = ()  # areas the check needs and that were not wholly seen: more may be there
    error: str = ""


class Trials:
    """Runs checks on demand. Costs the calls of a listing for each connection."""

    def __init__(self, store: Store, platforms: Mapping[str, Platform], diagnosis: Diagnosis) -> None:
        self._store = store
        self._platforms = platforms
        self._diagnosis = diagnosis

    def named(self, words: str) -> Check:
        """The check of that id, or the one that a part of it means.

        Raises:
            NotFound, BadArgument: none, or several.
        """
        wanted = words.strip().lower()
        exact = [check for check in self._diagnosis.checks if check.id == wanted]
        found = exact or [check for check in self._diagnosis.checks if wanted and wanted in check.id]
        if not found:
            raise NotFound(f"There is no check `{clean(wanted, 60)}`. `check` lists them.")
        if len(found) > 1:
            listed = ", ".join(f"`{check.id}`" for check in found[:5])
            raise BadArgument(f"{len(found)} checks answer to that: {listed}. Name one.")
        return found[0]

    def places(self, check: Check, connection: str = "") -> tuple[str, ...]:
        """The connections a check can look at: all of its platforms, or the one named.

        Raises:
            NotFound: none is configured, or not that one. BadArgument: that one is of another platform.
        """
        fits = tuple(name for name in self._platforms if name.partition(":")[0] in check.platforms)
        if connection and connection not in self._platforms:
            there = ", ".join(self._platforms) or "none yet"
            raise NotFound(f"No connection is called `{clean(connection, 60)}`. There is: {there}.")
        if connection and connection not in fits:
            raise BadArgument(f"That check is for {', '.join(check.platforms)}, not for {connection}.")
        if not fits:
            raise NotFound(
                f"That check is for {', '.join(check.platforms)}, and no such connection is configured."
            )
        return (connection,) if connection else fits

    async def run(self, check: Check, connection: str) -> Trial:
        """Look, and judge by one check. Reading only."""
        async with self._store.read() as unit:
            state = await unit[ConnectionRepository].get(connection)
        try:
            snapshot = await self._platforms[connection].snapshot(state.last_success)
        except PlatformError as exc:
            return Trial(connection=connection, error=exc.hint)
        return Trial(
            connection=connection,
            findings=self._diagnosis.judge(check, snapshot, state.known_sources),
            blind=tuple(area for area in check.needs if area in snapshot.blind),
        )
