"""Requests for change: what was asked, who decided, how far it went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import (
    ColumnElement,
    Index,
    Row,
    Select,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from bot.clock import Clock
from bot.db.columns import Bytes, UTCDateTime
from bot.db.data_keys import DataKeys
from bot.db.layout import VERSION, Layout
from bot.db.repository import Repository, Sealed
from bot.db.tables import TableRow, sealed_column, table_of, where_given
from bot.errors import Conflict, NotFound, StoreError
from bot.platform.plan import Action, Plan, Receipt, Step, Twin
from bot.requests.model import ChangeRequest, Decision, RequestState, Rollback, Routing, Rule
from bot.text import normal_ref


class RequestRow(TableRow, table=True):
    """A request. ``standing`` is sealed apart, so that a transition is one statement that reads nothing."""

    __tablename__: ClassVar[Any] = "request"
    __table_args__ = (
        where_given("remind_at"),
        Index(None, "state", "expires_at"),
        Index(None, "state", "created_at", "id", "requester", "cursor", "ref"),  # lists, without the rows
        Index(None, "requester", "created_at"),
    )
    id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    state: str
    rev: int
    requester: str
    subject_bi: bytes | None = Field(sa_type=Bytes, index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    cursor: int
    step_since: datetime | None = Field(sa_type=UTCDateTime)
    layout: int
    sealed: bytes = sealed_column()
    standing_layout: int
    standing: bytes = sealed_column()
    remind_at: datetime | None = Field(
        sa_type=UTCDateTime
    )  # None: reminded, or there is nothing to remind of
    routing: str = Field(sa_column_kwargs={"server_default": ""})  # see ``domain.records.Routing``


class DecisionRow(TableRow, table=True):
    """One yes or no. Its id is request and approver, so nobody has two."""

    __tablename__: ClassVar[Any] = "decision"
    id: str = Field(primary_key=True)
    request_id: str = Field(foreign_key="request.id", index=True)
    approver: str
    layout: int
    sealed: bytes = sealed_column()


class ReceiptRow(TableRow, table=True):
    """Proof of one step. Its id is request and cursor, so no step has two."""

    __tablename__: ClassVar[Any] = "receipt"
    id: str = Field(primary_key=True)
    request_id: str = Field(foreign_key="request.id", index=True)
    cursor: int
    layout: int
    sealed: bytes = sealed_column()


REQUEST = table_of("request")
DECISION = table_of("decision")
RECEIPT = table_of("receipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBody:
    """What of a request never changes. The columns that repeat it are for searching; this is what counts."""

    plan: Plan
    digest: str
    requester: str
    reason: str
    inputs: Mapping[str, str]
    needed: int
    created_at: datetime
    expires_at: datetime
    rule: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a request is. Beside the columns, so that a state set by hand is not believed."""

    state: RequestState
    rev: int
    detail: str
    rollback: Rollback | None = None


ACTION_LAYOUT = Layout(Action, "verb subject params known hands uses")
TWIN_LAYOUT = Layout(Twin, "mode title action instructions evidence")
STEP_LAYOUT = Layout(Step, "key mode title action instructions evidence undo destructive twin")
PLAN_LAYOUT = Layout(
    Plan,
    "kind connection title subject_id subject_label steps application holder_id holder_email target_id "
    "target_label downtime notes manner consumer destination criticality approvers_at_least",
)
RECEIPT_LAYOUT = Layout(Receipt, "step at acted detail record_id facts")
RULE_LAYOUT = Layout(
    Rule, "connection kind verb destructive requesters approvers needed criticality step_up fallback"
)
REQUEST_LAYOUT = Layout(RequestBody, "plan digest requester reason inputs needed created_at expires_at rule")
ROLLBACK_LAYOUT = Layout(Rollback, "by at keys")
STANDING_LAYOUT = Layout(Standing, "state rev detail rollback")
DECISION_LAYOUT = Layout(Decision, "approver approved rev at reason basis")
T = TypeVar("T")
_LIVE = tuple(state.value for state in RequestState if state.live)
_NEWEST_FIRST = (REQUEST.c.created_at.desc(), REQUEST.c.id.desc())


class RequestRepository(Repository):
    """Requests, their decisions and their receipts."""

    def __init__(self, conn: AsyncConnection, keys: DataKeys, clock: Clock) -> None:
        super().__init__(conn, keys, clock)
        self._body = Sealed(keys, REQUEST.c.sealed, REQUEST_LAYOUT)
        self._standing = Sealed(keys, REQUEST.c.standing, STANDING_LAYOUT)
        self._decided = Sealed(keys, DECISION.c.sealed, DECISION_LAYOUT)
        self._receipt = Sealed(keys, RECEIPT.c.sealed, RECEIPT_LAYOUT)

    async def add(self, request: ChangeRequest) -> None:
        """Keep a new request, with the decisions and receipts it has.

        Raises:
            Conflict: another request has its id or reference; draw again.
        """
        body = RequestBody(
            plan=request.plan,
            digest=request.digest,
            requester=request.requester,
            reason=request.reason,
            inputs=request.inputs,
            needed=request.needed,
            created_at=request.created_at,
            expires_at=request.expires_at,
            rule=request.rule,
        )
        standing = Standing(
            state=request.state, rev=request.rev, detail=request.detail, rollback=request.rollback
        )
        row = {
            "id": request.id,
            "ref": request.ref,
            "state": request.state.value,
            "rev": request.rev,
            "requester": request.requester,
            "subject_bi": self._subject(request.plan.connection, request.plan.subject_id),
            "created_at": request.created_at,
            "expires_at": request.expires_at,
            "cursor": request.cursor,
            "step_since": request.step_since,
            "layout": VERSION,
            "sealed": self._body.seal(request.id, body),
            "standing_layout": VERSION,
            "standing": self._standing.seal(request.id, standing),
            "remind_at": _remind_at(request) if request.state is RequestState.PENDING else None,
            "routing": request.routing.value,
        }
        if not await self._insert_new(REQUEST, row):
            raise Conflict("A request with that reference exists already. Try again.")
        for decision in request.decisions:
            await self.decide(request.id, decision)
        for number, receipt in enumerate(request.receipts, 1):
            await self._add_receipt(request.id, receipt, number)

    async def get(self, request_id: str) -> ChangeRequest:
        """
        Raises:
            NotFound: there is no such request.
        """
        found = await self._whole(select(REQUEST).where(REQUEST.c.id == request_id))
        if not found:
            raise NotFound("That request is not known.")
        return found[0]

    async def by_ref(self, ref: str) -> ChangeRequest | None:
        """The request people call by that reference, in any case, look-alikes forgiven."""
        found = await self._whole(select(REQUEST).where(REQUEST.c.ref == normal_ref(ref)))
        return found[0] if found else None

    async def page(
        self,
        states: Collection[RequestState] | None = None,
        requester: str | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> tuple[tuple[ChangeRequest, ...], int]:
        """A page, newest first, and how many there are on all pages. None: of any state, of anybody."""
        where: list[ColumnElement[bool]] = []
        if states is not None:
            where.append(REQUEST.c.state.in_([state.value for state in states]))
        if requester is not None:
            where.append(REQUEST.c.requester == requester)
        total = await self._conn.execute(select(func.count()).select_from(REQUEST).where(*where))
        # Sorted by ids alone, from an index: with the sealed columns, sorting would read every request there is.
        ids = select(REQUEST.c.id).where(*where).order_by(*_NEWEST_FIRST).limit(limit).offset(offset)
        page = select(REQUEST).where(REQUEST.c.id.in_(ids)).order_by(*_NEWEST_FIRST)
        return await self._whole(page), total.scalar_one()

    async def refs(
        self, state: RequestState, *, of: str = "", but_of: str = "", limit: int = 10
    ) -> tuple[tuple[str, ...], int]:
        """References in a state, newest first, and how many there are in all; nothing is opened.

        ``of``: of that requester only; ``but_of``: of all others.
        """
        where = [REQUEST.c.state == state.value]
        where += [REQUEST.c.requester == of] if of else []
        where += [REQUEST.c.requester != but_of] if but_of else []
        total = await self._conn.execute(select(func.count()).select_from(REQUEST).where(*where))
        newest = select(REQUEST.c.ref).where(*where).order_by(*_NEWEST_FIRST).limit(limit)
        return tuple((await self._conn.execute(newest)).scalars()), total.scalar_one()

    async def under_way(self, states: Collection[RequestState]) -> tuple[tuple[str, int], ...]:
        """Id and cursor of every request in those states, oldest first; nothing is opened."""
        there = REQUEST.c.state.in_([state.value for state in states])
        found = select(REQUEST.c.id, REQUEST.c.cursor).where(there)
        rows = await self._conn.execute(found.order_by(REQUEST.c.created_at, REQUEST.c.id))
        return tuple((row.id, row.cursor) for row in rows)

    async def live_on(self, connection: str, subject_id: str) -> ChangeRequest | None:
        """The newest request that may still change that credential or account."""
        subject = self._subject(connection, subject_id)
        if subject is None:
            return None
        same = REQUEST.c.subject_bi == subject
        live = select(REQUEST).where(same, REQUEST.c.state.in_(_LIVE)).order_by(*_NEWEST_FIRST).limit(1)
        found = await self._whole(live)
        return found[0] if found else None

    async def expired(self, now: datetime) -> tuple[ChangeRequest, ...]:
        """Those nobody decided in time, oldest first."""
        late = (REQUEST.c.state == RequestState.PENDING.value) & (REQUEST.c.expires_at <= now)
        return await self._whole(select(REQUEST).where(late).order_by(REQUEST.c.expires_at, REQUEST.c.id))

    async def to_remind(self, now: datetime, limit: int) -> tuple[ChangeRequest, ...]:
        """Pending ones of which three quarters of the time have passed without a reminder, longest ago first."""
        pending = (REQUEST.c.state == RequestState.PENDING.value) & (REQUEST.c.expires_at > now)
        due = select(REQUEST).where(pending, REQUEST.c.remind_at <= now)
        return await self._whole(due.order_by(REQUEST.c.remind_at, REQUEST.c.id).limit(limit))

    async def reminded(self, request_id: str) -> bool:
        """There was its reminder; False when there had been one before."""
        due = (REQUEST.c.id == request_id) & REQUEST.c.remind_at.is_not(None)
        return await self._write(update(REQUEST).where(due).values(remind_at=None)) == 1

    async def routed(self, request_id: str, seen: Routing, to: Routing) -> bool:
        """It goes to others now, keeping revision and state; False when it is no longer pending, or as ``seen``."""
        same = (REQUEST.c.id == request_id) & (REQUEST.c.state == RequestState.PENDING.value)
        as_seen = same & (REQUEST.c.routing == seen.value)
        return await self._write(update(REQUEST).where(as_seen).values(routing=to.value)) == 1

    async def pending_after(self, after: str, limit: int) -> tuple[ChangeRequest, ...]:
        """Pending requests with an id above ``after``, ascending: to go through all of them in parts."""
        pending = REQUEST.c.state == RequestState.PENDING.value
        some = select(REQUEST).where(pending, REQUEST.c.id > after).order_by(REQUEST.c.id).limit(limit)
        return await self._whole(some)

    async def transition(
        self,
        request: ChangeRequest,
        *,
        sources: Collection[RequestState],
        to: RequestState,
        detail: str = "",
        step_since: datetime | None = None,
        rollback: Rollback | None = None,
    ) -> bool:
        """Move a request to another state and its next revision, if it still is as ``request`` shows it.

        ``detail`` replaces what was there; a time or a way back not given stays. One statement: of any number
        of callers with one revision a single one gets True.
        """
        request_id, rev = request.id, request.rev
        standing = Standing(state=to, rev=rev + 1, detail=detail, rollback=rollback or request.rollback)
        as_seen = (
            (REQUEST.c.id == request_id)
            & (REQUEST.c.rev == rev)
            & REQUEST.c.state.in_([source.value for source in sources])
        )
        values: dict[str, Any] = {
            "state": to.value,
            "rev": rev + 1,
            "standing_layout": VERSION,
            "standing": self._standing.seal(request_id, standing),
        }
        if to is not RequestState.PENDING:
            values["remind_at"] = None
        if step_since is not None:
            values["step_since"] = step_since
        return await self._write(update(REQUEST).where(as_seen).values(values)) == 1

    async def decide(self, request_id: str, decision: Decision) -> bool:
        """Keep somebody's yes or no; False, and the first stands, when they have decided already."""
        row_id = _part_of(request_id, decision.approver)
        row = {
            "id": row_id,
            "request_id": request_id,
            "approver": decision.approver,
            "layout": VERSION,
            "sealed": self._decided.seal(row_id, decision),
        }
        return await self._insert_new(DECISION, row)

    async def record(self, request: ChangeRequest, receipt: Receipt) -> bool:
        """Keep the proof of a step and move the cursor past it, keeping revision and state.

        False, and nothing changed, when the request is not as ``request`` shows it: another worker recorded it,
        or it was stopped or turned back meanwhile.
        """
        cursor = request.cursor + 1
        before = (
            (REQUEST.c.id == request.id)
            & (REQUEST.c.cursor == request.cursor)
            & (REQUEST.c.rev == request.rev)
        )
        if not await self._write(update(REQUEST).where(before).values(cursor=cursor)):
            return False
        await self._add_receipt(request.id, receipt, cursor)
        return True

    async def _add_receipt(self, request_id: str, receipt: Receipt, cursor: int) -> None:
        row_id = _part_of(request_id, cursor)
        row = {
            "id": row_id,
            "request_id": request_id,
            "cursor": cursor,
            "layout": VERSION,
            "sealed": self._receipt.seal(row_id, receipt),
        }
        await self._insert(RECEIPT, [row])

    async def _whole(self, statement: Select[Any]) -> tuple[ChangeRequest, ...]:
        """The requests of a statement with their decisions and receipts: three statements in all."""
        rows = (await self._conn.execute(statement)).all()
        if not rows:
            return ()
        ids = [row.id for row in rows]
        made = select(DECISION).where(DECISION.c.request_id.in_(ids))
        decisions = _grouped(sorted(await self._all(made, self._decision), key=_when_decided))
        kept = select(RECEIPT).where(RECEIPT.c.request_id.in_(ids)).order_by(RECEIPT.c.cursor)
        receipts = _grouped(await self._all(kept, self._receipt_of))

        return await self._built(
            rows, lambda row: self._request(row, decisions.get(row.id, ()), receipts.get(row.id, ()))
        )

    def _request(
        self, row: Row[Any], decisions: tuple[Decision, ...], receipts: tuple[Receipt, ...]
    ) -> ChangeRequest:
        body = self._body.open(row.id, row.layout, row.sealed)
        standing = self._standing.open(row.id, row.standing_layout, row.standing)
        if (standing.state.value, standing.rev) != (row.state, row.rev):
            raise StoreError(
                f"request {row.ref} says it is {row.state}, which Handover did not write: the database was "
                "changed by hand. Nothing will be done; look at `audit verify`, or restore a backup."
            )
        return ChangeRequest(
            id=row.id,
            ref=row.ref,
            state=standing.state,
            rev=standing.rev,
            plan=body.plan,
            digest=body.digest,
            requester=body.requester,
            reason=body.reason,
            created_at=body.created_at,
            expires_at=body.expires_at,
            needed=body.needed,
            inputs=body.inputs,
            cursor=row.cursor,
            step_since=row.step_since,
            detail=standing.detail,
            rule=body.rule,
            decisions=decisions,
            receipts=receipts,
            rollback=standing.rollback,
            routing=Routing(row.routing),
        )

    def _decision(self, row: Row[Any]) -> tuple[str, Decision]:
        # Bound to what the columns say now: moved to another request or person, a decision does not open.
        row_id = _part_of(row.request_id, row.approver)
        return row.request_id, self._decided.open(row_id, row.layout, row.sealed)

    def _receipt_of(self, row: Row[Any]) -> tuple[str, Receipt]:
        row_id = _part_of(row.request_id, row.cursor)
        return row.request_id, self._receipt.open(row_id, row.layout, row.sealed)

    def _subject(self, connection: str, subject_id: str) -> bytes | None:
        if not subject_id:  # made by the plan itself: nothing else can be about it
            return None
        return self._keys.ring.blind("request.subject", f"{connection}\0{subject_id}")


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, tuple[T, ...]] = {}
    for name, value in pairs:
        groups[name] = (*groups.get(name, ()), value)
    return groups


def _remind_at(request: ChangeRequest) -> datetime:
    """When three quarters of its time have passed."""
    return request.created_at + (request.expires_at - request.created_at) * 3 / 4


def _part_of(request_id: str, what: object) -> str:
    return f"{request_id}.{what}"


def _when_decided(pair: tuple[str, Decision]) -> tuple[datetime, str]:
    return pair[1].at, pair[1].approver
