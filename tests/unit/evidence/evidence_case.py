"""A finished handover in a store, its pack, the verifier, and a forger with a key of their own."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.audit.repository import AuditLog
from bot.clock import FixedClock
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.evidence.packs import Evidence, Pack
from bot.people.model import Person
from bot.people.repository import PersonRepository
from bot.platform.plan import Action, Plan, PlanKind, Receipt, Step, StepMode
from bot.requests.model import ChangeRequest, Decision, RequestState
from bot.requests.repository import RequestRepository
from bot.store import open_store

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
REF = "7K2QXM"
CANARY = "canary-7f3a91c2e8"  # in every secret of the installation
PLAN = Plan(
    kind=PlanKind.HANDOVER,
    connection="salesforce:prod",
    title="Hand over Marketo sync from Zoë to svc-marketo",
    subject_id="00Tgrant",
    subject_label="Marketo sync",
    application="Marketo sync",
    holder_id="005zoe",
    holder_email="zoe@larkspur.example",
    target_id="005svc",
    target_label="svc-marketo@larkspur.example",
    notes=("The new user cannot see “Opportunity”.",),
    steps=(
        Step(
            key="preflight", mode=StepMode.AUTO, title="Check once more",
            action=Action(verb="preflight", subject="00Tgrant"), evidence="every condition",
        ),
        Step(
            key="grant", mode=StepMode.GUIDED, title="Approve Marketo sync as svc-marketo",
            action=Action(verb="seek-grant", subject="", params={"user": "005svc"}), undo="Revoke the new grant",
        ),
        Step(
            key="retire", mode=StepMode.AUTO, title="Revoke the grant of Zoë",
            action=Action(verb="revoke-grant", subject="00Tgrant"), destructive=True,
        ),
    ),
)  # fmt: skip
RECEIPTS = (
    Receipt(step="preflight", at=NOW, acted=False, detail="Nothing speaks against it."),
    Receipt(step="grant", at=NOW, acted=False, detail="Seen.", record_id="0CP01", facts={"grant_id": "0CP01"}),
    Receipt(step="retire", at=NOW, acted=True, detail="Gone.", record_id="0CP00", facts={"last_use": "never"}),
)  # fmt: skip
UNDONE = (
    *RECEIPTS[:2],
    Receipt(
        step="undo:grant", at=NOW, acted=False, detail="revoked in Setup",
        facts={"attested_by.undo:grant": "UASKER", "attested.undo:grant": "revoked in Setup"},
    ),
)  # fmt: skip
Line = tuple[str, str, str, Mapping[str, str]]
YES = ("UAPPROVER", "request:approved", REF, {"digest": PLAN.digest, "reason": "quite so"})


def request(plan: Plan = PLAN, **changes: Any) -> ChangeRequest:
    """The request, done, with one approval."""
    decision = Decision(approver="UAPPROVER", approved=True, rev=1, at=NOW, reason="quite so")
    made = ChangeRequest(
        id="0" * 32, ref=REF, state=RequestState.DONE, rev=9, plan=plan, digest=plan.digest, requester="UASKER",
        reason="Zoë leaves on Friday", created_at=NOW, expires_at=NOW + timedelta(hours=24), needed=1, cursor=3,
        decisions=(decision,), receipts=RECEIPTS,
    )  # fmt: skip
    return replace(made, **changes)


def lines(of: ChangeRequest) -> list[Line]:
    """The trail of the request as the services write it, among lines about other things."""
    opened = {"plan": of.plan.title, "digest": of.digest, "reason": of.reason}
    found: list[Line] = [
        ("system", "connection:scanned", "salesforce:prod", {"listed": "60"}),
        (of.requester, "request:opened", of.ref, opened),
        ("UVIEWER", "access:refused", f"request:{of.ref}", {"role": "viewer"}),
        ("system", "connection:scanned", "salesforce:prod", {"listed": "61"}),
        ("system", "connection:scanned", "salesforce:prod", {"listed": "62"}),
    ]
    for decision in of.decisions:
        deed = "request:approved" if decision.approved else "request:denied"
        found.append((decision.approver, deed, of.ref, {"digest": of.digest, "reason": decision.reason}))
    for receipt in of.receipts:
        if receipt.acted and not receipt.step.startswith("undo:"):
            found.append(
                ("system", "safety_limit:counted", "safety_limit:salesforce:prod", {"request": of.ref})
            )
            found.append(("system", "step:intended", of.ref, {"step": receipt.step}))
        signer = receipt.facts.get(f"attested_by.{receipt.step}", "system")
        found.append((signer, "step:recorded", of.ref, {
            "step": receipt.step, "acted": str(receipt.acted), "record": receipt.record_id, "detail": receipt.detail,
            "facts": receipt.facts_digest,
        }))  # fmt: skip
        if of.rollback and len(of.receipts[: of.rollback.at]) and receipt is of.receipts[of.rollback.at - 1]:
            way = {"steps": " ".join(of.rollback.keys)}
            found.append((of.rollback.by, "request:turned_back", of.ref, way))
    if of.state in (RequestState.DONE, RequestState.ROLLED_BACK):
        found.append(("system", f"request:{of.state.value}", of.ref, {"plan": of.plan.title}))
    return [*found, ("system", "connection:scanned", "salesforce:prod", {"listed": "63"})]


async def put(store: Store, of: ChangeRequest, trail: list[Line] | None = None) -> None:
    """Write the request with its people and its trail."""
    async with store.write() as unit:
        await unit[PersonRepository].put(
            Person(slack_id="UASKER", name="Ona Asker", email="ona@larkspur.example")
        )
        await unit[PersonRepository].put(
            Person(slack_id="UAPPROVER", name="Ada Approver", email="ada@larkspur.example")
        )
        await unit[RequestRepository].add(of)
        for actor, action, subject, detail in lines(of) if trail is None else trail:
            await unit[AuditLog].append(actor, action, subject, detail)


def packed(of: ChangeRequest, trail: list[Line] | None = None) -> Pack:
    """The pack of a request, made in a store of its own."""

    async def made(directory: Path) -> Pack:
        clock = FixedClock(NOW)
        source = FileKeySource.create(directory / "key")
        store = await open_store(f"sqlite+aiosqlite:///{directory / 'inventory.db'}", source, clock)
        try:
            await put(store, of, trail)
            return await Evidence(store, clock).pack(of.ref, "cli:ona")
        finally:
            await store.aclose()

    with tempfile.TemporaryDirectory() as directory:
        return asyncio.run(made(Path(directory)))


def verifier() -> ModuleType:
    """The program that auditors run, as a module."""
    spec = importlib.util.spec_from_file_location("verify_evidence", ROOT / "deploy" / "verify_evidence.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFIER = verifier()


def failed(files: Mapping[str, bytes], fingerprint: str | None = None) -> set[str]:
    """The checks that did not hold."""
    trusted = VERIFIER.Trusted(fingerprint=fingerprint)
    return {what for ok, what, _ in VERIFIER.verify(dict(files), trusted) if not ok}


def forged(files: Mapping[str, bytes], change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The pack with its content changed and everything around it made to fit, signed with another key."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    own = {"public_key": public.hex(), "fingerprint": hashlib.sha256(public).hexdigest()}
    content = {**json.loads(files["evidence.json"]), **own}
    change(content)
    manifest = {**json.loads(files["signature.json"])["manifest"], **own}
    new = {**files, "evidence.json": VERIFIER.canonical(content)}
    for name in ("evidence.json", "evidence.html"):
        manifest["files"][name] = {"bytes": len(new[name]), "sha256": hashlib.sha256(new[name]).hexdigest()}
    signature = key.sign(VERIFIER.CONTEXT + VERIFIER.canonical(manifest)).hex()
    new["signature.json"] = VERIFIER.canonical({"manifest": manifest, "signature": signature})
    return new
