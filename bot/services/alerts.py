"""When to speak: one message per incident, committed with the state it speaks of."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from bot.clock import Clock
from bot.config import AlertSettings
from bot.domain.conversation import Reply
from bot.domain.conversation_codec import encode_reply
from bot.domain.identity import Area, CredentialStatus, PrincipalKind, Snapshot
from bot.domain.records import Alert, AlertState, Person, Posting
from bot.domain.reference import new_ref
from bot.domain.text import fold
from bot.errors import BadArgument, Conflict
from bot.services import alert_cards as cards
from bot.services.holdings import STOPPED, Holdings, holdings
from bot.services.inventory import Catalogue, Entry, Inventory
from bot.store import Unit

OWNER_GONE = "owner-deactivated"
EXPIRY = "expiry"
BLIND = "source-blind"
BRAKE = "ingest-brake"
SYNC = "sync-endangers"
LIVE = frozenset({AlertState.OPEN, AlertState.SNOOZED})
OWNER_SNOOZE_AT_MOST = timedelta(days=7)
SNOOZE_AT_MOST = timedelta(days=30)


class Alerts:
    """Opens, edits, snoozes and resolves alerts. Every method works inside the caller's transaction."""

    def __init__(self, settings: AlertSettings, inventory: Inventory, channel: str, clock: Clock) -> None:
        self._settings = settings
        self._inventory = inventory
        self._channel = channel
        self._clock = clock
        self.spoken: frozenset[tuple[str, datetime, int]] = frozenset()  # of ``reached``, told and committed

    # owners -----------------------------------------------------------------------------------------

    async def people_flipped(self, unit: Unit, people: Sequence[Person]) -> None:
        """Slack says that these were deactivated, or are back."""
        catalogue = await self._inventory.within(unit)
        for person in people:
            if person.email:
                await self._owner(unit, holdings(catalogue, person.email, person))

    async def after_scan(self, unit: Unit, snapshot: Snapshot) -> None:
        """Speak of what a complete listing shows: holders who cannot sign in, and end dates."""
        catalogue = await self._inventory.within(unit)
        if Area.PRINCIPALS not in snapshot.blind:
            people = {fold(p.email): p for p in catalogue.people.values() if p.email}
            live = {a.subject for a in await unit.alerts.all(LIVE) if a.rule == OWNER_GONE}
            for email in sorted(live | set(endangered(catalogue))):
                await self._owner(unit, holdings(catalogue, email, people.get(email)))
        await self._expiries(unit, catalogue)

    async def _owner(self, unit: Unit, held: Holdings) -> None:
        """Open, edit or resolve the alert about one person, whatever brought them to our attention."""
        subject, sources = fold(held.email), held.stopped
        alert = await self._live(unit, OWNER_GONE, subject)
        if not (sources and held):
            if alert is not None:
                told = cards.owner_free if held.gone else cards.owner_back
                await self._resolve(unit, alert, told(alert.ref, held))
            return
        rest = len(held.ties) + len(held.owned) + len(held.contacts)
        payload = {
            "email": held.email,
            "sources": "; ".join(sources),
            "count": str(len(held.entries)),
            "rest": str(rest),
        }
        if alert is None:
            alert = self._new(OWNER_GONE, subject, self._clock.now().isoformat(), payload)
            if not await unit.alerts.add(alert):
                return
            detail = {"sources": payload["sources"], "holds": payload["count"]}
            await unit.audit.append("system", "alert:opened", alert.ref, detail)
        elif alert.payload == payload:
            return
        else:
            await unit.alerts.update_payload(alert.id, payload)
        await self._say(unit, alert, cards.owner_gone(alert.ref, held, sources), len(sources))

    # end dates --------------------------------------------------------------------------------------

    async def expiries(self, unit: Unit) -> None:
        """Speak of end dates that came nearer, whether or not a scan ran."""
        await self._expiries(unit, await self._inventory.within(unit))

    async def reached(self) -> frozenset[tuple[str, datetime, int]]:
        """Every credential that is near its end, with the step it has reached; cheap while nothing changed."""
        now = self._clock.now()
        found = []
        for entry in (await self._inventory.catalogue()).entries:
            step = step_reached(entry, now, self._settings.expiry_days)
            if step is not None and entry.expires_at is not None:
                found.append((entry.item.id, entry.expires_at, step))
        return frozenset(found)

    async def _expiries(self, unit: Unit, catalogue: Catalogue) -> None:
        """One message for all credentials that reached a new step; each (credential, step) once, for ever."""
        now = self._clock.now()
        fresh: list[tuple[Entry, int]] = []
        batch = uuid4().hex[:8]
        for entry in catalogue.entries:
            step = step_reached(entry, now, self._settings.expiry_days)
            if step is None or entry.expires_at is None:
                continue
            bucket = f"{entry.expires_at.date().isoformat()}/{step}"
            alert = self._new(EXPIRY, entry.item.id, bucket, {"batch": batch})
            if await unit.alerts.add(alert):
                fresh.append((entry, step))
                await unit.audit.append(
                    "system", "alert:opened", entry.item.ref, {"rule": EXPIRY, "step": str(step)}
                )
        if fresh:
            fresh.sort(key=lambda pair: pair[0].expires_at or now)
            reply = cards.expiring(fresh, catalogue, now)
            posting = Posting(
                idem_key=f"expiry:{batch}",
                channel=self._channel,
                body=encode_reply(reply),
                thread=f"expiry:{batch}",
            )
            await unit.outbox.put(posting)

    # sources ----------------------------------------------------------------------------------------

    async def blind(self, unit: Unit, connection: str, why: str) -> None:
        """A source could not be seen for two polls, or refused our sign-in."""
        if await self._live(unit, BLIND, connection) is None:
            alert = self._new(BLIND, connection, self._clock.now().isoformat(), {"why": why})
            await unit.alerts.add(alert)
            await unit.audit.append("system", "connection:blind", connection, {"why": why})
            await self._say(unit, alert, cards.blind(alert.ref, connection, why), 0)

    async def sees_again(self, unit: Unit, connection: str) -> None:
        """The source answers again."""
        if alert := await self._live(unit, BLIND, connection):
            await self._resolve(unit, alert, cards.sees_again(alert.ref, connection))

    async def braked(self, unit: Unit, connection: str, why: str) -> None:
        """A listing lost too much to be believed; said once per day while it lasts."""
        alert = self._new(BRAKE, connection, self._clock.now().date().isoformat(), {"why": why})
        if await unit.alerts.add(alert):
            await unit.audit.append("system", "connection:braked", connection, {"why": why})
            await self._say(unit, alert, cards.braked(alert.ref, connection, why), 0)

    # the sync of users -----------------------------------------------------------------------------------

    async def sync_endangers(
        self,
        unit: Unit,
        connection: str,
        whom: str,
        danger: Callable[[str], Reply],
        safe: Callable[[str], Reply],
    ) -> None:
        """Tonight's sync would end accounts that others need: those of ``whom``, or nobody any more.

        One message for each connection, edited when they are others, resolved when there are none. ``danger`` and
        ``safe`` make the message for the alert's reference.
        """
        alert = await self._live(unit, SYNC, connection)
        if not whom:
            if alert is not None:
                await self._resolve(unit, alert, safe(alert.ref))
            return
        if alert is None:
            alert = self._new(SYNC, connection, self._clock.now().isoformat(), {"whom": whom})
            if not await unit.alerts.add(alert):
                return
            await unit.audit.append("system", "alert:opened", alert.ref, {"rule": SYNC, "whom": whom})
        elif alert.payload.get("whom") == whom:
            return
        else:
            await unit.alerts.update_payload(alert.id, {"whom": whom})
        await self._say(unit, alert, danger(alert.ref), 0)

    # what people answer -----------------------------------------------------------------------------

    async def snooze(self, unit: Unit, alert: Alert, by: str, days: int, reason: str) -> datetime:
        """Be quiet about an alert until a stated time, at most seven days for a deactivated owner.

        Raises:
            BadArgument: too long, or no reason. Conflict: it is settled already.
        """
        most = OWNER_SNOOZE_AT_MOST if alert.rule == OWNER_GONE else SNOOZE_AT_MOST
        if not 1 <= days <= most.days:
            raise BadArgument(f"Pick between 1 and {most.days} days.")
        if len(reason.strip()) < 3:
            raise BadArgument("Give a reason, so that others know why this is quiet.")
        until = self._clock.now() + timedelta(days=days)
        if not await unit.alerts.transition(
            alert.id, LIVE, AlertState.SNOOZED, snoozed_until=until, note=reason
        ):
            raise Conflict("That alert is settled already. Nothing changed.")
        await unit.audit.append(by, "alert:snoozed", alert.ref, {"days": str(days), "reason": reason})
        await self._thread(unit, alert, cards.snoozed(by, until, reason), f"snooze:{until.isoformat()}")
        return until

    async def wake(self, unit: Unit) -> None:
        """Speak again of alerts whose snooze is over."""
        now = self._clock.now()
        for alert in await unit.alerts.all(frozenset({AlertState.SNOOZED})):
            over = alert.snoozed_until is not None and alert.snoozed_until <= now
            if over and await unit.alerts.transition(alert.id, {AlertState.SNOOZED}, AlertState.OPEN):
                key = f"woke:{alert.snoozed_until:%Y%m%dT%H%M%S}"
                await self._thread(unit, alert, cards.woke(alert.ref), key)

    async def not_mine(self, unit: Unit, alert: Alert, by: str, instead: str) -> None:
        """Somebody says it is not theirs, and perhaps whose it is; the alert stays open."""
        await unit.audit.append(by, "alert:disclaimed", alert.ref, {"instead": instead})
        await self._thread(unit, alert, cards.not_mine(by, instead), f"not-mine:{by}:{instead}")

    # common -----------------------------------------------------------------------------------------

    def _new(self, rule: str, subject: str, bucket: str, payload: Mapping[str, str]) -> Alert:
        return Alert(
            id=uuid4().hex,
            ref=new_ref(secrets.randbits),
            rule=rule,
            subject=subject,
            bucket=bucket,
            state=AlertState.OPEN,
            opened_at=self._clock.now(),
            payload=payload,
        )

    @staticmethod
    async def _live(unit: Unit, rule: str, subject: str) -> Alert | None:
        live = await unit.alerts.all(LIVE)
        return next((a for a in live if a.rule == rule and a.subject == subject), None)

    async def _say(self, unit: Unit, alert: Alert, reply: Reply, revision: int) -> None:
        """Post the alert's message, or edit it where it stands."""
        await unit.outbox.put(
            Posting(
                idem_key=f"alert:{alert.id}:{revision}:{uuid4().hex[:8]}",
                channel=self._channel,
                body=encode_reply(reply),
                thread=f"alert:{alert.id}",
                edit=True,
            )
        )

    async def _thread(self, unit: Unit, alert: Alert, reply: Reply, key: str) -> None:
        thread = f"alert:{alert.id}"
        posting = Posting(
            idem_key=f"{thread}:{key}", channel=self._channel, body=encode_reply(reply), thread=thread
        )
        await unit.outbox.put(posting)

    async def _resolve(self, unit: Unit, alert: Alert, reply: Reply) -> None:
        if await unit.alerts.transition(alert.id, LIVE, AlertState.RESOLVED):
            await unit.audit.append("system", "alert:resolved", alert.ref, {"rule": alert.rule})
            await self._say(unit, alert, reply, -1)


def step_reached(entry: Entry, now: datetime, steps: tuple[int, ...]) -> int | None:
    """The nearest step an end date has reached: 7 with six and a half days left, 0 on the day and after."""
    if entry.expires_at is None or entry.credential is None:
        return None
    if entry.credential.status is CredentialStatus.REVOKED:
        return None
    left = entry.expires_at - now
    reached = [step for step in steps if left <= timedelta(days=step)]
    return min(reached) if reached else None


def endangered(catalogue: Catalogue) -> frozenset[str]:
    """Folded addresses of people who hold a credential and, says Slack or its platform, cannot sign in."""
    gone = {fold(p.email) for p in catalogue.people.values() if p.email and p.deactivated}
    holders = (e.account for e in catalogue.entries if e.credential and not e.everyday)
    return frozenset(
        fold(account.email)
        for account in holders
        if account
        and account.email
        and account.kind is not PrincipalKind.SERVICE
        and (account.status in STOPPED or fold(account.email) in gone)
    )
