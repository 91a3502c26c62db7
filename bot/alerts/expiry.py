"""End dates that come nearer: each step of each credential told once, for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from bot.alerts import messages as cards
from bot.alerts import notes
from bot.alerts.inhibition import Inhibition
from bot.alerts.lifecycle import LIVE, AlertLifecycle
from bot.alerts.model import EXPIRY, Alert, AlertState
from bot.alerts.repository import AlertRepository
from bot.clock import Clock
from bot.db.unit import Unit
from bot.inventory.catalogue import Catalogue, Entry
from bot.platform.model import CredentialStatus


class ExpiryCascade:
    """Speaks of steps; the row of each and the message about it are one transaction."""

    def __init__(self, life: AlertLifecycle, steps: tuple[int, ...], clock: Clock) -> None:
        self._life = life
        self._steps = steps
        self._clock = clock

    def reached(self, catalogue: Catalogue) -> frozenset[tuple[str, datetime, int]]:
        """Every credential that is near its end, with the step it has reached."""
        now = self._clock.now()
        steps = ((entry, step_reached(entry, now, self._steps)) for entry in catalogue.entries)
        return frozenset(
            (entry.item.id, entry.expires_at, step)
            for entry, step in steps
            if step is not None and entry.expires_at is not None
        )

    async def tell(self, unit: Unit, catalogue: Catalogue) -> None:
        """Open an alert for each new step, settle those that are over, and say all of it in as few messages as can be.

        A step farther than one told already, as after a clock set back, is not told. While somebody wants quiet,
        nothing is; the step that then holds is told when that ends.
        """
        now = self._clock.now()
        live = await unit[AlertRepository].all(LIVE)
        inhibition = Inhibition(live)
        held = {alert.subject: alert for alert in live if alert.rule == EXPIRY}
        fresh: list[tuple[Entry, int]] = []
        within: dict[str, tuple[Alert, list[tuple[Entry, str]]]] = {}
        batch = uuid4().hex[:8]
        for entry in catalogue.entries:
            step, ends = step_reached(entry, now, self._steps), entry.expires_at
            before = held.pop(entry.item.id, None)
            if step is None or ends is None:
                if before is not None:
                    await self._over(unit, before, entry, now)
                continue
            day = ends.date().isoformat()
            if before is not None and before.bucket.startswith(f"{day}/"):
                quiet = (
                    before.state is AlertState.SNOOZED and before.snoozed_until and before.snoozed_until > now
                )
                if quiet or int(before.bucket.rpartition("/")[2]) <= step:
                    continue
            speaker = inhibition.of(entry)
            payload = {"batch": batch, "ends": ends.isoformat(), "name": entry.name}
            if speaker is not None:
                payload["inside"] = speaker.id
            told = {"step": str(step)}
            bucket = f"{day}/{step}"
            opened = await self._life.open(
                unit, EXPIRY, entry.item.id, bucket, payload, about=entry.item.ref, told=told
            )
            if opened is None:
                continue
            if before is not None:  # the step before is part of this one's story now
                await unit[AlertRepository].transition(before.id, LIVE, AlertState.RESOLVED)
            if speaker is None:
                fresh.append((entry, step))
            else:
                within.setdefault(speaker.id, (speaker, []))[1].append((entry, "expires soon"))
        for left in held.values():
            await self._over(unit, left, None, now)
        if fresh:
            fresh.sort(key=lambda pair: (pair[0].expires_at or now, pair[0].item.ref))
            await self._life.together(unit, f"{EXPIRY}:{batch}", cards.expiring(fresh, catalogue, now))
        for speaker, theirs in within.values():
            await self._life.answer(unit, speaker, notes.inside(theirs, catalogue, now), f"{EXPIRY}:{batch}")

    async def _over(self, unit: Unit, alert: Alert, entry: Entry | None, now: datetime) -> None:
        """It is renewed, revoked or gone: its thread says so, once."""
        if not await self._life.resolve(unit, alert):
            return
        if entry is not None and entry.expires_at and entry.expires_at > now:
            await self._life.answer(unit, alert, notes.renewed(entry, now), f"renewed:{alert.id}")
        elif (
            entry is not None and entry.expires_at is None and entry.credential
        ):  # an idle limit, and it was used
            await self._life.answer(unit, alert, notes.used_again(entry), f"used:{alert.id}")
        else:
            name = entry.name if entry else alert.payload.get("name", "A credential")
            await self._life.answer(unit, alert, notes.ended(name), f"ended:{alert.id}")


def step_reached(entry: Entry, now: datetime, steps: tuple[int, ...]) -> int | None:
    """The nearest step an end date has reached: 7 with six and a half days left, 0 on the day and after.

    What was made to last thirty days is not near its end on its first day: steps that its whole life is within count
    for nothing.
    """
    if entry.expires_at is None or entry.credential is None:
        return None
    if entry.credential.status is CredentialStatus.REVOKED:
        return None
    left = entry.expires_at - now
    made = entry.credential.created_at
    lasts = entry.expires_at - made if made is not None and made < entry.expires_at else None
    reached = [
        step
        for step in steps
        if left <= timedelta(days=step) and (lasts is None or lasts > timedelta(days=step) or step == 0)
    ]
    return min(reached) if reached else None
