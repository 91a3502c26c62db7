"""Incidents, each told once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.alerts.model import Alert, AlertState
from bot.clock import Clock
from bot.db.columns import Bytes, UTCDateTime
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import Repository, Sealed
from bot.db.tables import TableRow, sealed_column, table_of
from bot.errors import Conflict, NotFound
from bot.text import normal_ref


class AlertRow(TableRow, table=True):
    """An incident; ``identity_bi`` is that it is told once, ever."""

    __tablename__: ClassVar[Any] = "alert"
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    identity_bi: bytes = Field(sa_type=Bytes, unique=True)
    state: str = Field(index=True)
    opened_at: datetime = Field(sa_type=UTCDateTime)
    snoozed_until: datetime | None = Field(sa_type=UTCDateTime)
    settled_at: datetime | None = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = sealed_column()


ALERT = table_of("alert")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertBody:
    """What an alert says."""

    rule: str
    subject: str
    bucket: str
    payload: Mapping[str, str]
    note: str
    assignee: str = ""
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    rung: int = 0


ALERT_LAYOUT = Layout(
    AlertBody, "rule subject bucket payload note assignee acknowledged_by acknowledged_at rung"
)


class AlertRepository(Repository):
    """Alerts by id, reference or identity."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._sealed = Sealed(keys, ALERT.c.sealed, ALERT_LAYOUT)

    async def add(self, alert: Alert) -> bool:
        """Keep a new incident; False when one of its rule, subject and bucket was ever kept.

        Raises:
            Conflict: another alert has its id or reference; draw again.
        """
        identity = self._identity(alert.rule, alert.subject, alert.bucket)
        row = {
            "id": alert.id,
            "ref": alert.ref,
            "identity_bi": identity,
            "state": alert.state.value,
            "opened_at": alert.opened_at,
            "snoozed_until": alert.snoozed_until,
            "settled_at": alert.settled_at,
            "layout": VERSION,
            "sealed": self._sealed.seal(alert.id, _body(alert)),
        }
        if await self._insert_new(ALERT, row):
            return True
        known = select(func.count()).select_from(ALERT).where(ALERT.c.identity_bi == identity)
        if not (await self._conn.execute(known)).scalar_one():
            raise Conflict("An alert with that reference exists already. Try again.")
        return False

    async def get(self, alert_id: str) -> Alert:
        """
        Raises:
            NotFound: there is no such alert.
        """
        found = await self._one(select(ALERT).where(ALERT.c.id == alert_id), self._alert)
        if found is None:
            raise NotFound("That alert is not known.")
        return found

    async def by_ref(self, ref: str) -> Alert | None:
        """The alert people call by that reference, in any case, look-alikes forgiven."""
        return await self._one(select(ALERT).where(ALERT.c.ref == normal_ref(ref)), self._alert)

    async def find(self, rule: str, subject: str, bucket: str) -> Alert | None:
        """The alert of that identity, whatever its state."""
        same = ALERT.c.identity_bi == self._identity(rule, subject, bucket)
        return await self._one(select(ALERT).where(same), self._alert)

    async def all(self, states: Collection[AlertState] | None = None) -> tuple[Alert, ...]:
        """Those in these states (None: in any), oldest first."""
        where = [] if states is None else [ALERT.c.state.in_([state.value for state in states])]
        ordered = select(ALERT).where(*where).order_by(ALERT.c.opened_at, ALERT.c.id)
        return await self._all(ordered, self._alert)

    async def transition(
        self,
        alert_id: str,
        sources: Collection[AlertState],
        to: AlertState,
        snoozed_until: datetime | None = None,
        note: str = "",
    ) -> bool:
        """Move an alert to another state; False, and nothing changed, when it is in none of the sources.

        The end of a snooze is forgotten unless one is given; an empty note leaves the one there is. What is resolved
        keeps when; what is open again is nobody's, and begins at the foot of the ladder.
        """
        here = (ALERT.c.id == alert_id) & ALERT.c.state.in_([source.value for source in sources])
        held = await self._one(select(ALERT).where(here), self._alert)
        if held is None:
            return False
        after = replace(held, note=note or held.note)
        if held.state is AlertState.RESOLVED:
            after = replace(after, acknowledged_by="", acknowledged_at=None, rung=0)
        values = {
            "state": to.value,
            "snoozed_until": snoozed_until,
            "settled_at": self._clock.now() if to is AlertState.RESOLVED else None,
            "layout": VERSION,
            "sealed": self._sealed.seal(alert_id, _body(after)),
        }
        return await self._write(update(ALERT).where(here).values(values)) == 1

    async def resolved_since(self, since: datetime) -> tuple[Alert, ...]:
        """Those resolved at that instant or later, the latest last."""
        settled = (ALERT.c.state == AlertState.RESOLVED.value) & (ALERT.c.settled_at >= since)
        ordered = select(ALERT).where(settled).order_by(ALERT.c.settled_at, ALERT.c.id)
        return await self._all(ordered, self._alert)

    async def update_payload(self, alert_id: str, payload: Mapping[str, str]) -> None:
        """Replace what the alert says, in any state.

        Raises:
            NotFound: there is no such alert.
        """
        await self.amend(replace(await self.get(alert_id), payload=payload))

    async def amend(self, alert: Alert) -> None:
        """Replace what the alert says and who has it, in any state; its state and times stay as they are.

        Raises:
            NotFound: there is no such alert.
        """
        values = {"layout": VERSION, "sealed": self._sealed.seal(alert.id, _body(alert))}
        if not await self._write(update(ALERT).where(ALERT.c.id == alert.id).values(values)):
            raise NotFound("That alert is not known.")

    def _alert(self, row: Row[Any]) -> Alert:
        body = self._sealed.open(row.id, row.layout, row.sealed)
        return Alert(
            id=row.id,
            ref=row.ref,
            rule=body.rule,
            subject=body.subject,
            bucket=body.bucket,
            state=AlertState(row.state),
            opened_at=row.opened_at,
            payload=body.payload,
            snoozed_until=row.snoozed_until,
            note=body.note,
            assignee=body.assignee,
            acknowledged_by=body.acknowledged_by,
            acknowledged_at=body.acknowledged_at,
            rung=body.rung,
            settled_at=row.settled_at,
        )

    def _identity(self, rule: str, subject: str, bucket: str) -> bytes:
        return self._keys.ring.blind("alert.identity", f"{rule}\0{subject}\0{bucket}")


def _body(alert: Alert) -> AlertBody:
    return AlertBody(
        rule=alert.rule,
        subject=alert.subject,
        bucket=alert.bucket,
        payload=alert.payload,
        note=alert.note,
        assignee=alert.assignee,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=alert.acknowledged_at,
        rung=alert.rung,
    )
