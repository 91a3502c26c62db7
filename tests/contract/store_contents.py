"""A store with one of everything in it, and what lies in its tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from store_samples import (
    CONNECTION,
    NOW,
    alert,
    application,
    connection_state,
    credential,
    decision,
    finding,
    person,
    principal,
    receipt,
    request,
    tie,
)

from bot.domain.records import AlertState, Posting, RequestState, Suppression
from bot.domain.secret import Secret
from bot.domain.step_up import StepUp
from bot.store import Store, Unit

SEALED_TABLES = (
    "item",
    "person",
    "finding",
    "suppression",
    "rhythm",
    "request",
    "decision",
    "receipt",
    "alert",
    "outbox",
    "connection",
    "step_up",
)
TABLES = (
    *SEALED_TABLES,
    "audit",
    "audit_head",
    "secret",
    "data_key",
    "posted_copy",
    "outbox_key",
    "ownership",
    "counter",
)


async def fill(store: Store) -> None:
    """One of everything, each field with something to find."""
    async with store.write() as unit:
        await unit.items.put(CONNECTION, [principal(), credential(), application(), tie()], NOW)
        await unit.items.put(CONNECTION, [principal(name="Planted Second")], NOW)
        await unit.people.put(person())
        (kept,) = await unit.findings.put([finding()])
        await unit.suppressions.put(
            Suppression(finding_id=kept.id, until=NOW, by="U1", at=NOW, reason="Planted suppression")
        )
        await unit.rhythms.seen({(await unit.items.all())[0].id: NOW})
        asked = request(decisions=(decision(),), receipts=(receipt(),))
        await unit.requests.add(asked)
        await unit.requests.transition(
            asked, sources={RequestState.PENDING}, to=RequestState.HELD, detail="Planted held"
        )
        told = alert()
        await unit.alerts.add(told)
        await unit.alerts.transition(told.id, {AlertState.OPEN}, AlertState.SNOOZED, NOW, "Planted snooze")
        for key in ("planted-key-1", "planted-key-2"):
            posting = Posting(idem_key=key, channel="C1", body=b"Planted message", thread="planted-thread")
            await unit.outbox.put(posting)
        await unit.outbox.delivered(1, "C1", "1.0")
        await unit.outbox.postpone(2, NOW, "Planted trouble")
        await unit.connections.put(connection_state())
        await unit.secrets.put("planted-secret-name", Secret("planted-secret-value"))
        await unit.step_ups.swap(
            StepUp(slack_id="U1"), StepUp(slack_id="U1", secret=b"Planted step-up secret")
        )
        await unit.audit.append("cli:planted", "a:b", "zoe.planted@larkspur.example", {"why": "Planted why"})


async def everything(unit: Unit) -> list[object]:
    """All that ``fill`` left, read through the store."""
    secret = await unit.secrets.get("planted-secret-name")
    requests, _ = await unit.requests.page()
    return [
        sorted(await unit.items.all(), key=lambda item: item.id),
        await unit.items.by_email("zoe.planted@larkspur.example"),
        await unit.people.all(),
        await unit.people.by_email("zoe.planted@larkspur.example"),
        await unit.findings.all(),
        await unit.suppressions.live(NOW - timedelta(days=1)),
        await unit.rhythms.of(),
        requests,
        await unit.requests.live_on(CONNECTION, "fp-1"),
        await unit.alerts.all(),
        await unit.outbox.due(NOW + timedelta(days=1), 10),
        await unit.outbox.copies("planted-thread"),
        await unit.connections.get(CONNECTION),
        secret.reveal() if secret else None,
        await unit.secrets.names(),
        await unit.step_ups.get("U1"),
        await unit.audit.tail(),
        await unit.audit.verify(),
    ]


async def by_hand(url: str, statement: str, **values: str) -> None:
    """Change one row behind the store's back."""
    engine = create_async_engine(url)
    async with engine.begin() as conn:
        assert (await conn.execute(text(statement), values)).rowcount == 1
    await engine.dispose()


async def key_ids(url: str) -> tuple[list[int], list[Any]]:
    """The key id of every sealed value there is, and the lines of the data keys."""
    columns = [(table, "sealed") for table in (*SEALED_TABLES, "audit", "audit_head")]
    columns += [("request", "standing"), ("secret", "label"), ("secret", "value")]
    engine = create_async_engine(url)
    used = []
    async with engine.connect() as conn:
        for table, column in columns:
            values = text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
            used += [int.from_bytes(blob[1:3], "big") for blob in (await conn.execute(values)).scalars()]
        keys = (await conn.execute(text("SELECT * FROM data_key ORDER BY id"))).all()
    await engine.dispose()
    return used, list(keys)
