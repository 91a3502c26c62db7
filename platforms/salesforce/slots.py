"""Staged pairs of external client apps: credentials that end thirty days after they came into the slot.

The interface names no date, so the time of our first sight counts: a pair that was there before we looked ends
sooner. A slot shows its secret to whoever looks, so it is looked at once an hour and not at every scan.

Sources: as in ``consumers``. The bodies are UNCONFIRMED, so an answer of another shape is a gap and fails no scan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from bot.concurrency import every
from bot.errors import Forbidden, NotSupported, PlatformError, ProtocolChanged, Rejected
from bot.platform.model import Area, CoverageGap, Credential, CredentialKind
from bot.platform.ports import Memory
from bot.text import Secret
from platforms.salesforce import consumers
from platforms.salesforce.apps import EXTERNAL, App
from platforms.salesforce.client import Client

PREFIX = "staged:"
LASTS = timedelta(days=30)
LOOKED_AT_EVERY = timedelta(hours=1)
_NAME = "staged-pairs"
_CLOSED = (Forbidden, NotSupported, ProtocolChanged, Rejected)


@dataclass(frozen=True, slots=True)
class Slotted:
    """Every staged pair that could be seen, and the gap where one could not."""

    credentials: tuple[Credential, ...] = ()
    gaps: tuple[CoverageGap, ...] = ()
    own: frozenset[str] = frozenset()  # of those, the pair that we sign in with


class Slots:
    """Looks into the slots of a connection's apps, and remembers since when each pair was seen."""

    def __init__(self, memory: Memory, client_id: str) -> None:
        self._memory = memory
        self._client_id = client_id
        self._held: tuple[datetime, frozenset[str], Slotted] | None = None

    async def look(self, client: Client, apps: Iterable[App]) -> Slotted:
        """Every pair in a slot. Two calls for each external client app, at most once an hour.

        Raises:
            AuthFailed, Unreachable, RateLimited: could not look.
        """
        now = client.wire.now()
        wanted = {app.id: app for app in apps if app.kind == EXTERNAL}
        if self._held and self._held[1] == wanted.keys() and now - self._held[0] < LOOKED_AT_EVERY:
            return self._held[2]
        found = await every(_slot(client, app_id) for app_id in wanted)
        since = await self._since(found, now)
        credentials, unread, own = [], [], set()
        for app, slot in zip(wanted.values(), found, strict=True):
            if isinstance(slot, PlatformError):
                unread.append((app.name, slot))
            elif slot is not None:
                credentials.append(_credential(app, slot, since[_mark(slot)]))
                if slot.pair.key.reveal() == self._client_id:
                    own.add(credentials[-1].native_id)
        slotted = Slotted(tuple(credentials), _gaps(unread), frozenset(own))
        self._held = now, frozenset(wanted), slotted
        return slotted

    async def _since(
        self, found: Iterable[consumers.Staged | PlatformError | None], now: datetime
    ) -> dict[str, datetime]:
        kept = await self._memory.recall(_NAME)
        before = msgspec.json.decode(kept.reveal(), type=dict[str, datetime]) if kept else {}
        marks = [_mark(slot) for slot in found if isinstance(slot, consumers.Staged)]
        recent = {mark: at for mark, at in before.items() if now - at <= 2 * LASTS}
        since = recent | {mark: before.get(mark, now) for mark in marks}
        if since != before:
            await self._memory.keep(_NAME, Secret(msgspec.json.encode(since).decode()))
        return since


async def _slot(client: Client, app_id: str) -> consumers.Staged | PlatformError | None:
    """What is in the slot, or why that is not shown to us."""
    try:
        return (await consumers.read(client, app_id)).staged
    except _CLOSED as error:
        return error


def _mark(slot: consumers.Staged) -> str:
    return f"{slot.pair.name} {slot.status}"


def _credential(app: App, slot: consumers.Staged, since: datetime) -> Credential:
    what = "former pair" if slot.status == consumers.ROTATED else "staged pair"
    return Credential(
        native_id=f"{PREFIX}{app.id}:{slot.pair.name}",
        kind=CredentialKind.CLIENT_SECRET,
        label=f"{app.name} ({what})",
        application_id=app.id,
        created_at=since,
        expires_at=since + LASTS,
    )


def _gaps(unread: list[tuple[str, PlatformError]]) -> tuple[CoverageGap, ...]:
    if not unread:
        return ()
    names = [name for name, _ in unread]
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return (
        CoverageGap(
            area=Area.CLIENT_SECRET,
            what=f"staged pairs of {shown}, which expire after 30 days",
            reason=unread[0][1].hint,
            remedy=consumers.SETTING,
        ),
    )
