"""What use tells: a beat that is missed, a credential that is gone while it was needed, a vendor that ended many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from bot.alerts import notes
from bot.alerts import usage_messages as cards
from bot.alerts.inhibition import Inhibition, incident_subject
from bot.alerts.lifecycle import LIVE, AlertLifecycle
from bot.alerts.model import CREDENTIAL_GONE, INCIDENT, NOT_USED, Alert
from bot.alerts.repository import AlertRepository
from bot.clock import Clock
from bot.config.policies import Policies
from bot.db.unit import Unit
from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.holdings import STOPPED
from bot.inventory.model import Item
from bot.inventory.repository import UsageRepository
from bot.inventory.usage_interval import UsageInterval, cadence
from bot.platform.model import Credential, CredentialStatus, Principal
from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository

INCIDENT_FROM = (
    5  # credentials of one application gone in one listing are the vendor's doing, or one person's
)
LATELY = timedelta(days=30)  # a use this recent means that it was needed, where no rhythm is known
FORGOTTEN_AFTER = timedelta(days=7)  # what cannot come back is settled this long after somebody took it
OURS = 200  # latest requests looked at for what we ended ourselves


class UseWatch:
    """Learns rhythms from listings and speaks when one breaks off."""

    def __init__(self, life: AlertLifecycle, policies: Policies, clock: Clock) -> None:
        self._life = life
        self._policies = policies
        self._clock = clock

    async def learn(self, unit: Unit, items: Iterable[Item]) -> None:
        """Take in when these were last used; what did not move adds nothing."""
        used = {
            item.id: item.body.last_used_at
            for item in items
            if isinstance(item.body, Credential) and item.body.last_used_at
        }
        if used:
            await unit[UsageRepository].seen(used)

    def rhythm(self, entry: Entry, uses: Sequence[datetime]) -> UsageInterval | None:
        """How often a credential is used: as somebody said, else as was seen; None where neither tells."""
        return cadence(uses, self._policies.cadence(entry.name))

    async def rhythms(self, unit: Unit, entries: Sequence[Entry]) -> dict[str, UsageInterval]:
        """The rhythm of each of these that has one, by item."""
        uses = await unit[UsageRepository].of([entry.item.id for entry in entries])
        found = ((e.item.id, self.rhythm(e, uses.get(e.item.id, ()))) for e in entries)
        return {item_id: beat for item_id, beat in found if beat is not None}

    async def missed(self, unit: Unit, catalogue: Catalogue, connection: str) -> None:
        """Speak of beats that should have been seen, and settle those that came after all."""
        now = self._clock.now()
        held = await self._life.of(unit, NOT_USED)
        live = Inhibition(await unit[AlertRepository].all(LIVE))
        entries = [
            e
            for e in catalogue.entries
            if e.item.connection == connection and e.credential and not e.everyday
        ]
        uses = await unit[UsageRepository].of([e.item.id for e in entries])
        fresh: list[tuple[Entry, UsageInterval, datetime]] = []
        within: dict[str, tuple[Alert, list[tuple[Entry, str]]]] = {}
        batch = uuid4().hex[:8]
        for entry in entries:
            seen = uses.get(entry.item.id, ())
            rhythm = self.rhythm(entry, seen) if seen else None
            late = rhythm is not None and _alive(entry) and rhythm.missed(seen[-1], now)
            alert = held.pop(entry.item.id, None)
            if not late or rhythm is None:
                if alert is not None and await self._life.resolve(unit, alert) and seen:
                    await self._life.answer(unit, alert, notes.used_again(entry), f"used:{alert.id}")
                continue
            if alert is not None:
                continue
            payload = {
                "batch": batch,
                "last": seen[-1].isoformat(),
                "beat_s": str(int(rhythm.beat.total_seconds())),
            }
            speaker = live.of(entry)
            if speaker is not None:
                payload["inside"] = speaker.id
            if await self._life.open(
                unit, NOT_USED, entry.item.id, seen[-1].isoformat(), payload, about=entry.item.ref
            ):
                if speaker is None:
                    fresh.append((entry, rhythm, seen[-1]))
                else:
                    within.setdefault(speaker.id, (speaker, []))[1].append(
                        (entry, "not used when it should be")
                    )
        if fresh:
            await self._life.together(unit, f"{NOT_USED}:{batch}", cards.missed(fresh, catalogue))
        for speaker, theirs in within.values():
            key = f"{NOT_USED}:{batch}"
            await self._life.answer(unit, speaker, notes.inside(theirs, catalogue, now), key)

    async def gone(
        self, unit: Unit, connection: str, gone: Sequence[Item], before: Catalogue, after: Catalogue
    ) -> None:
        """Speak of credentials that a complete listing no longer has, or calls revoked, though they were needed.

        ``before``: the inventory as it was, to say whose they were; ``after``: as the listing has it. What our own
        plans ended is no news.
        """
        ours = await self._ended_by_us(unit, connection)
        needed = [
            entry
            for item in gone
            if (entry := before.entry(item)) and entry.credential and not entry.everyday
            if entry.credential.native_id not in ours
        ]
        uses = await unit[UsageRepository].of([entry.item.id for entry in needed])
        groups: dict[str, list[Entry]] = {}
        for entry in needed:
            groups.setdefault(incident_subject(entry), []).append(entry)
        single: list[Entry] = []
        for subject, theirs in sorted(groups.items()):
            if len(theirs) >= INCIDENT_FROM:
                await self._incident(unit, subject, theirs, before, after)
            else:
                single += [e for e in theirs if self._needed(e, uses)]
        live = Inhibition(await unit[AlertRepository].all(LIVE))
        now, batch = self._clock.now(), uuid4().hex[:8]
        fresh: list[Entry] = []
        for entry in single:
            speaker = live.of(entry)
            payload = {"name": entry.name, "connection": connection, "batch": batch}
            if speaker is not None:
                payload["inside"] = speaker.id
            alert = await self._life.open(
                unit, CREDENTIAL_GONE, entry.item.id, now.isoformat(), payload, about=entry.item.ref
            )
            if alert is None:
                continue
            if speaker is None:
                fresh.append(entry)
            else:
                said = notes.inside([(entry, "gone or revoked")], before, now)
                await self._life.answer(unit, alert, said, f"gone:{alert.id}")
        if fresh:
            await self._life.together(unit, f"{CREDENTIAL_GONE}:{batch}", cards.gone(fresh, before))

    async def back(self, unit: Unit, catalogue: Catalogue) -> None:
        """Settle what is there again, and what somebody took a week ago and can never be again."""
        now = self._clock.now()
        for alert in await unit[AlertRepository].all(LIVE):
            if alert.rule not in {CREDENTIAL_GONE, INCIDENT}:
                continue
            entry = catalogue.by_item.get(alert.subject)
            if alert.rule == INCIDENT and _connected_again(alert, catalogue):
                await self._life.resolve(unit, alert, cards.connected_again(alert.ref, alert.payload))
            elif entry is not None and _alive(entry):
                await self._life.resolve(unit, alert, cards.there_again(alert.ref, entry))
            elif alert.acknowledged_at and now - alert.acknowledged_at > FORGOTTEN_AFTER:
                await self._life.resolve(unit, alert)

    def _needed(self, entry: Entry, uses: Mapping[str, tuple[datetime, ...]]) -> bool:
        used = entry.credential.last_used_at if entry.credential else None
        seen = uses.get(entry.item.id, ())
        rhythm = self.rhythm(entry, seen)
        if used is None:
            return False
        return self._clock.now() - used <= (rhythm.patience if rhythm else LATELY)

    async def _incident(
        self, unit: Unit, subject: str, theirs: list[Entry], before: Catalogue, after: Catalogue
    ) -> None:
        left = _alive_by_holder(after, subject)
        whose = sorted({e.credential.principal_id for e in theirs if e.credential})
        payload = {
            "name": theirs[0].name,
            "connection": theirs[0].item.connection,
            "count": str(len(theirs)),
            "whose": " ".join(f"{one}={left[one]}" for one in whose),
        }
        alert = await self._life.returned(unit, INCIDENT, subject, payload) or await self._life.open(
            unit, INCIDENT, subject, self._clock.now().isoformat(), payload, told={"count": payload["count"]}
        )
        if alert is not None:
            await self._life.show(unit, alert, cards.incident(alert.ref, theirs, before))

    @staticmethod
    async def _ended_by_us(unit: Unit, connection: str) -> frozenset[str]:
        begun = frozenset(RequestState) - {RequestState.PENDING, RequestState.DENIED, RequestState.EXPIRED}
        requests, _ = await unit[RequestRepository].page(begun, None, OURS, 0)
        return frozenset(r.plan.subject_id for r in requests if r.plan.connection == connection)


def incidents(lost: Sequence[Item], before: Sequence[Item]) -> frozenset[tuple[str, str]]:
    """The applications that lost every credential they had, of which there were many: (connection, application id).

    Such a loss is believed although it is large: a broken listing loses some of everything.
    """
    had: dict[tuple[str, str], int] = {}
    for item in before:
        if isinstance(item.body, Credential) and item.body.application_id:
            key = (item.connection, item.body.application_id)
            had[key] = had.get(key, 0) + 1
    found: dict[tuple[str, str], int] = {}
    for item in lost:
        if isinstance(item.body, Credential):
            key = (item.connection, item.body.application_id)
            found[key] = found.get(key, 0) + 1
    whole = {key for key, count in found.items() if count >= INCIDENT_FROM and count == had.get(key)}
    return frozenset(whole) if len(whole) == 1 else frozenset()


def _connected_again(alert: Alert, catalogue: Catalogue) -> bool:
    """Whether everybody who lost something, and can still sign in, has something of that application again.

    What comes back has new ids, since people approve the application anew: it is known by whose it is.
    """
    connection = alert.payload.get("connection", "")
    now = _alive_by_holder(catalogue, alert.subject)
    back = False
    for told in alert.payload.get("whose", "").split():
        holder, _, left = told.rpartition("=")
        if now[holder] > int(left):
            back = True
            continue
        item = catalogue.native(connection, Principal, holder)
        if item is not None and getattr(item.body, "status", None) not in STOPPED:
            return False
    return back


def _alive_by_holder(catalogue: Catalogue, subject: str) -> Counter[str]:
    """How many live credentials of one application everybody has. ``subject``: as ``incident_subject`` says it."""
    return Counter(
        entry.credential.principal_id
        for entry in catalogue.entries
        if entry.credential and _alive(entry) and incident_subject(entry) == subject
    )


def _alive(entry: Entry) -> bool:
    return entry.credential is not None and entry.credential.status is not CredentialStatus.REVOKED
