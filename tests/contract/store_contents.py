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

from bot.alerts.model import AlertState
from bot.alerts.repository import AlertRepository
from bot.audit.repository import AuditLog
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.db.unit import Unit
from bot.findings.model import Suppression
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.repository import ConnectionRepository, ItemRepository, UsageRepository
from bot.people.model import StepUp
from bot.people.repository import PersonRepository, StepUpRepository
from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository
from bot.secrets.repository import SecretRepository
from bot.text import Secret

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
        await unit[ItemRepository].put(CONNECTION, [principal(), credential(), application(), tie()], NOW)
        await unit[ItemRepository].put(CONNECTION, [principal(name="Planted Second")], NOW)
        await unit[PersonRepository].put(person())
        (kept,) = await unit[FindingRepository].put([finding()])
        await unit[SuppressionRepository].put(
            Suppression(finding_id=kept.id, until=NOW, by="U1", at=NOW, reason="Planted suppression")
        )
        await unit[UsageRepository].seen({(await unit[ItemRepository].all())[0].id: NOW})
        asked = request(decisions=(decision(),), receipts=(receipt(),))
        await unit[RequestRepository].add(asked)
        await unit[RequestRepository].transition(
            asked, sources={RequestState.PENDING}, to=RequestState.HELD, detail="Planted held"
        )
        told = alert()
        await unit[AlertRepository].add(told)
        await unit[AlertRepository].transition(
            told.id, {AlertState.OPEN}, AlertState.SNOOZED, NOW, "Planted snooze"
        )
        for key in ("planted-key-1", "planted-key-2"):
            posting = Posting(idem_key=key, channel="C1", body=b"Planted message", thread="planted-thread")
            await unit.outbox.put(posting)
        await unit.outbox.delivered(1, "C1", "1.0")
        await unit.outbox.postpone(2, NOW, "Planted trouble")
        await unit[ConnectionRepository].put(connection_state())
        await unit[SecretRepository].put("planted-secret-name", Secret("planted-secret-value"))
        await unit[StepUpRepository].swap(
            StepUp(slack_id="U1"), StepUp(slack_id="U1", secret=b"Planted step-up secret")
        )
        await unit[AuditLog].append(
            "cli:planted", "a:b", "zoe.planted@larkspur.example", {"why": "Planted why"}
        )


async def everything(unit: Unit) -> list[object]:
    """All that ``fill`` left, read through the store."""
    secret = await unit[SecretRepository].get("planted-secret-name")
    requests, _ = await unit[RequestRepository].page()
    return [
        sorted(await unit[ItemRepository].all(), key=lambda item: item.id),
        await unit[ItemRepository].by_email("zoe.planted@larkspur.example"),
        await unit[PersonRepository].all(),
        await unit[PersonRepository].by_email("zoe.planted@larkspur.example"),
        await unit[FindingRepository].all(),
        await unit[SuppressionRepository].live(NOW - timedelta(days=1)),
        await unit[UsageRepository].of(),
        requests,
        await unit[RequestRepository].live_on(CONNECTION, "fp-1"),
        await unit[AlertRepository].all(),
        await unit.outbox.due(NOW + timedelta(days=1), 10),
        await unit.outbox.copies("planted-thread"),
        await unit[ConnectionRepository].get(CONNECTION),
        secret.reveal() if secret else None,
        await unit[SecretRepository].names(),
        await unit[StepUpRepository].get("U1"),
        await unit[AuditLog].tail(),
        await unit[AuditLog].verify(),
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
