"""When to speak: one message per incident, committed with the state it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from bot.alerts import messages as cards
from bot.alerts import usage_messages
from bot.alerts.expiry import ExpiryCascade
from bot.alerts.inhibition import Inhibition
from bot.alerts.lifecycle import LIVE, AlertAnswers, AlertLifecycle, shared
from bot.alerts.model import (
    AUDIT_LOG_CHANGED,
    LISTING_REJECTED,
    NOT_VISIBLE,
    OWN_CREDENTIAL,
    OWNER_GONE,
    SYNC,
    Alert,
    covered,
)
from bot.alerts.own_credentials import OwnSignIn
from bot.alerts.repository import AlertRepository
from bot.alerts.usage import UseWatch
from bot.audit.repository import AuditLog
from bot.chat.model import Reply
from bot.clock import Clock
from bot.config import AlertSettings
from bot.config.policies import DEFAULTS, Policies
from bot.db.unit import Unit
from bot.findings.model import FindingRow, Severity
from bot.inventory.catalogue import Catalogue, Inventory
from bot.inventory.holdings import STOPPED, Holdings, holdings
from bot.inventory.model import Item
from bot.people.model import Person
from bot.platform.model import Area, PrincipalKind, Snapshot
from bot.text import fold

CROWD = 3  # more people than these found gone at once share one message


class Alerts:
    """Opens, edits and resolves alerts. Every method works inside the caller's transaction."""

    def __init__(
        self,
        settings: AlertSettings,
        inventory: Inventory,
        channel: str,
        clock: Clock,
        policies: Policies = DEFAULTS,
    ) -> None:
        self._inventory = inventory
        self._clock = clock
        self.life = AlertLifecycle(channel, clock)
        self.use = UseWatch(self.life, policies, clock)
        self.answers = AlertAnswers(self.life, self.refresh, clock)
        self._own = OwnSignIn(self.life, clock)
        self._cascade = ExpiryCascade(self.life, settings.expiry_days, clock)
        self.spoken: frozenset[tuple[str, datetime, int]] = frozenset()  # of ``reached``, told and committed

    # owners -----------------------------------------------------------------------------------------

    async def people_status_changed(self, unit: Unit, people: Sequence[Person]) -> None:
        """Slack says that these were deactivated, or are back."""
        catalogue = await self._inventory.within(unit)
        await self._owners(unit, [holdings(catalogue, p.email, p) for p in people if p.email])

    async def after_scan(
        self, unit: Unit, snapshot: Snapshot, gone: Sequence[Item] = (), before: Catalogue | None = None
    ) -> None:
        """Speak of what a complete listing shows: holders who cannot sign in, end dates, missed beats, losses.

        ``gone``: credentials that were there, or alive, in the listing ``before``.
        """
        catalogue = await self._inventory.within(unit)
        if live := await self.life.live(unit, LISTING_REJECTED, snapshot.connection):
            await self.life.resolve(unit, live, cards.believed(live.ref, snapshot.connection))
        if Area.PRINCIPALS not in snapshot.blind:
            known = await self.life.of(unit, OWNER_GONE)
            held: dict[frozenset[str], Holdings] = {}
            for email in sorted(set(known) | set(endangered(catalogue))):
                each = holdings(catalogue, email)
                held.setdefault(each.addresses, each)  # one person, whatever address led here
            await self._owners(unit, list(held.values()))
        if before is not None:
            await self.use.gone(unit, snapshot.connection, gone, before, catalogue)
        await self.use.back(unit, catalogue)
        self._own.learn(snapshot)
        await self._own.tell(unit, catalogue)
        await self.use.missed(unit, catalogue, snapshot.connection)
        await self._cascade.tell(unit, catalogue)

    async def _owners(self, unit: Unit, held: Sequence[Holdings]) -> None:
        """Open, edit or resolve the alert about each of these; many new ones at once share a message."""
        live = {a: alert for alert in (await self.life.of(unit, OWNER_GONE)).values() for a in covered(alert)}
        news = [each for each in held if each.stopped and each and not each.addresses & live.keys()]
        batch = uuid4().hex[:8] if len(news) > CROWD else ""
        for each in held:
            theirs = (live[address] for address in sorted(each.addresses) if address in live)
            await self._owner(unit, each, next(theirs, None), batch)
        if batch:
            await self.life.together(unit, f"{OWNER_GONE}:{batch}", cards.owners_gone(news))

    async def _owner(self, unit: Unit, held: Holdings, alert: Alert | None, batch: str) -> None:
        subject, sources = fold(held.email), held.stopped
        if not (sources and held):
            if alert is not None and (held.person is not None or not _said_by_people(alert)):
                words = cards.owner_free if held.gone else cards.owner_back
                await self.life.resolve(unit, alert, words(alert.ref, held))
            return
        rest = len(held.ties) + len(held.owned) + len(held.contacts)
        payload = {
            "email": held.email,
            "sources": "; ".join(sources),
            "count": str(len(held.entries)),
            "rest": str(rest),
            "addresses": " ".join(sorted(held.addresses)),
        }
        if alert is not None:
            if {key: value for key, value in alert.payload.items() if key in payload} == payload:
                return
            payload = {**alert.payload, **payload}
            await unit[AlertRepository].update_payload(alert.id, payload)
            alert = await unit[AlertRepository].get(alert.id)
        else:
            told = {"sources": payload["sources"], "holds": payload["count"]}
            payload |= {"batch": batch} if batch else {}
            now = self._clock.now().isoformat()
            alert = await self.life.returned(unit, OWNER_GONE, subject, payload) or await self.life.open(
                unit, OWNER_GONE, subject, now, payload, told=told
            )
        if alert is not None and not shared(alert):
            await self.life.show(unit, alert, cards.owner_gone(alert.ref, held, sources))

    # end dates --------------------------------------------------------------------------------------

    async def expiries(self, unit: Unit) -> None:
        """Speak of end dates that came nearer, whether or not a scan ran."""
        catalogue = await self._inventory.within(unit)
        await self._own.tell(unit, catalogue)
        await self._cascade.tell(unit, catalogue)

    async def reached(self) -> frozenset[tuple[str, datetime, int]]:
        """Every credential that is near its end, with the step it has reached; cheap while nothing changed."""
        return self._cascade.reached(await self._inventory.catalogue())

    # findings ---------------------------------------------------------------------------------------

    async def found(
        self, unit: Unit, connection: str, opened: Sequence[FindingRow], *, first: bool = False
    ) -> None:
        """Speak of new findings for now and for this week, all in one message.

        ``first``: of what stood there before we looked for the first time, only what is for now; the rest has waited
        so long already that it can wait for the weekly digest.
        Those that another alert tells of are left to it: of a holder who is gone, of an end date, of a blind source.
        """
        catalogue = await self._inventory.within(unit)
        live = Inhibition(await unit[AlertRepository].all(LIVE))
        near = {item_id for item_id, _, _ in self._cascade.reached(catalogue)}
        unspoken = {Severity.P2, Severity.P3} if first else {Severity.P3}
        news = []
        for row in opened:
            item = catalogue.subject(connection, row.finding.subject)
            entry = catalogue.entry(item) if item else None
            spoken_for = entry is not None and (live.of(entry) is not None or entry.item.id in near)
            if row.finding.severity not in unspoken and not spoken_for:
                news.append(row)
        if news and live.of_connection(connection) is None:
            await self.life.together(
                unit, f"findings:{news[0].id}", usage_messages.findings(connection, news)
            )

    # the sync of users -------------------------------------------------------------------------------

    async def sync_endangers(
        self,
        unit: Unit,
        connection: str,
        whom: str,
        danger: Callable[[str], Reply],
        safe: Callable[[str], Reply],
    ) -> bool:
        """Tonight's sync would end accounts that others need: those of ``whom``, or nobody any more.

        One message for each connection, edited when they are others, resolved when there are none. ``danger`` and
        ``safe`` make the message for the alert's reference. Returns whether there was something new to say of danger.
        """
        alert = await self.life.live(unit, SYNC, connection)
        if not whom:
            if alert is not None:
                await self.life.resolve(unit, alert, safe(alert.ref))
            return False
        payload = {"whom": whom}
        if alert is None:
            alert = await self.life.returned(unit, SYNC, connection, payload) or await self.life.open(
                unit, SYNC, connection, self.life.stamp(), payload, told=payload
            )
        elif alert.payload.get("whom") == whom:
            return False
        else:
            await unit[AlertRepository].update_payload(alert.id, {**alert.payload, **payload})
            alert = await unit[AlertRepository].get(alert.id)
        if alert is not None:
            await self.life.show(unit, alert, danger(alert.ref))
        return alert is not None

    # sources ----------------------------------------------------------------------------------------

    async def blind(self, unit: Unit, connection: str, why: str) -> None:
        """A source could not be seen for two polls, or refused our sign-in."""
        if await self.life.live(unit, NOT_VISIBLE, connection) is None:
            payload = {"why": why}
            alert = await self.life.returned(unit, NOT_VISIBLE, connection, payload)
            alert = alert or await self.life.open(
                unit, NOT_VISIBLE, connection, self._clock.now().isoformat(), payload
            )
            await unit[AuditLog].append("system", "connection:not_visible", connection, {"why": why})
            if alert is not None:
                await self.life.show(unit, alert, cards.blind(alert.ref, connection, why))

    async def sees_again(self, unit: Unit, connection: str) -> None:
        """The source answers again."""
        if alert := await self.life.live(unit, NOT_VISIBLE, connection):
            await self.life.resolve(unit, alert, cards.sees_again(alert.ref, connection))

    async def listing_rejected(self, unit: Unit, connection: str, why: str) -> None:
        """A listing lost too much to be believed; said once per day while it lasts."""
        day = self._clock.now().date().isoformat()
        if alert := await self.life.open(unit, LISTING_REJECTED, connection, day, {"why": why}):
            await unit[AuditLog].append("system", "connection:listing_rejected", connection, {"why": why})
            await self.life.show(unit, alert, cards.listing_rejected(alert.ref, connection, why))

    async def audit_log_changed(self, unit: Unit, problem: str) -> None:
        """The trail is not as it was written; said once for each thing that is wrong."""
        if alert := await self.life.open(unit, AUDIT_LOG_CHANGED, problem, "", {"name": "The audit log"}):
            await self.life.show(unit, alert, cards.audit_log_changed(alert.ref, problem))

    # all --------------------------------------------------------------------------------------------

    async def refresh(self, unit: Unit, alert: Alert) -> None:
        """Edit an alert's message to who has it now; messages that several share stay as they are."""
        why = alert.payload.get("why", "")
        if alert.rule == OWNER_GONE:
            catalogue = await self._inventory.within(unit)
            email = alert.payload.get("email", alert.subject)
            held = holdings(catalogue, email)
            await self.life.show(unit, alert, cards.owner_gone(alert.ref, held, held.stopped))
        elif alert.rule == NOT_VISIBLE:
            await self.life.show(unit, alert, cards.blind(alert.ref, alert.subject, why))
        elif alert.rule == LISTING_REJECTED:
            await self.life.show(unit, alert, cards.listing_rejected(alert.ref, alert.subject, why))
        elif alert.rule == OWN_CREDENTIAL:
            catalogue = await self._inventory.within(unit)
            if entry := catalogue.by_item.get(alert.subject):
                await self.life.show(
                    unit, alert, usage_messages.own_ending(alert.ref, entry, self._clock.now())
                )

    async def catalogue(self, unit: Unit) -> Catalogue:
        """The inventory as this transaction sees it."""
        return await self._inventory.within(unit)


def endangered(catalogue: Catalogue) -> frozenset[str]:
    """Folded addresses of people who hold a credential and, says Slack or its platform, cannot sign in."""
    found = set()
    for entry in catalogue.entries:
        account = entry.account
        if account is None or not entry.credential or entry.everyday or account.kind is PrincipalKind.SERVICE:
            continue
        holder = catalogue.holder(account)
        email = holder.email if holder and holder.email else account.email
        if email and (account.status in STOPPED or (holder is not None and holder.gone)):
            found.add(fold(email))
    return frozenset(found)


def _said_by_people(alert: Alert) -> bool:
    """Whether Slack or an identity provider said it: then only a member who is known can be seen active again."""
    return any(
        source in ("Slack", "the identity provider")
        for source in alert.payload.get("sources", "").split("; ")
    )
