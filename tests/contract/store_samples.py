"""Records for the store's tests, with every field filled, so that one that is lost shows."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bot.alerts.model import Alert, AlertState
from bot.findings.model import Finding, FindingRow, FindingState, Severity
from bot.inventory.model import ConnectionState, Ownership, OwnershipState
from bot.people.model import Person
from bot.platform.model import (
    Application,
    Area,
    Capacity,
    Credential,
    CredentialKind,
    CredentialStatus,
    Gap,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Tie,
)
from bot.platform.plan import Action, Plan, PlanKind, Receipt, Step, StepMode
from bot.requests.model import ChangeRequest, Decision, RequestState, Rule
from bot.text import new_ref

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CONNECTION = "salesforce:prod"


def principal(native_id: str = "005A", **changes: Any) -> Principal:
    values: dict[str, Any] = {
        "native_id": native_id,
        "name": "Zoë Planted-Surname",
        "username": "zoe.planted@larkspur.example.prod",
        "email": "Zoe.Planted@larkspur.example",
        "kind": PrincipalKind.PERSON,
        "status": PrincipalStatus.ACTIVE,
        "profile": "Planted Profile",
        "licence": "Planted Licence",
        "privileges": ("Modify All Data", "View All Data"),
        "created_at": NOW - timedelta(days=900),
        "last_login_at": NOW - timedelta(hours=3, microseconds=7),
    }
    return Principal(**values | changes)


def credential(native_id: str = "fp-1", **changes: Any) -> Credential:
    values: dict[str, Any] = {
        "native_id": native_id,
        "kind": CredentialKind.OAUTH_GRANT,
        "label": "Planted Label",
        "principal_id": "005A",
        "application_id": "0H4-planted-app",
        "status": CredentialStatus.ACTIVE,
        "created_at": NOW - timedelta(days=400),
        "last_used_at": NOW - timedelta(minutes=1),
        "use_count": 12345,
        "expires_at": NOW + timedelta(days=30),
    }
    return Credential(**values | changes)


def application(native_id: str = "0H4") -> Application:
    return Application(
        native_id=native_id,
        name="Planted Connector",
        kind="external client app",
        contact_email="planted.contact@larkspur.example",
        run_as_id="005A",
        self_authorize=False,
    )


def tie(native_id: str = "08e") -> Tie:
    return Tie(
        native_id=native_id,
        principal_id="005A",
        kind="scheduled job",
        name="Planted Nightly",
        detail="0 0 2 * *",
    )


def person(slack_id: str = "U1", **changes: Any) -> Person:
    values: dict[str, Any] = {
        "slack_id": slack_id,
        "name": "Zoë Planted-Surname",
        "email": "Zoe.Planted@larkspur.example",
        "deactivated": False,
        "restricted": True,
        "tz": "Europe/Planted",
        "updated": 1_790_000_000,
    }
    return Person(**values | changes)


def ownership(item_id: str, **changes: Any) -> Ownership:
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "item_id": item_id,
        "person": "U1",
        "state": OwnershipState.PROPOSED,
        "proposed_by": "U2",
        "proposed_at": NOW,
    }
    return Ownership(**values | changes)


def finding(**changes: Any) -> FindingRow:
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "ref": new_ref(secrets.randbits),
        "connection": CONNECTION,
        "finding": Finding(
            rule="salesforce.grant-held-by-person",
            subject="planted-subject",
            title="Planted title",
            severity=Severity.P2,
            evidence="Planted evidence of Zoë Planted-Surname",
            remedy="Hand it over",
            bucket="2026-11",
            lasting=timedelta(days=7),
        ),
        "state": FindingState.OPEN,
        "opened_at": NOW,
        "last_seen": NOW,
    }
    return FindingRow(**values | changes)


def plan(subject_id: str = "fp-1", connection: str = CONNECTION) -> Plan:
    step = Step(
        key="retire",
        mode=StepMode.AUTO,
        title="Revoke Planted Label",
        action=Action(
            verb="revoke-grant", subject=subject_id, params={"user": "005A"}, known={"since": "planted-fact"}
        ),
        instructions=("Setup", "Planted Menu"),
        evidence="the row is gone",
        undo="none",
        destructive=True,
    )
    return Plan(
        kind=PlanKind.HANDOVER,
        connection=connection,
        title="Hand over Planted Connector",
        subject_id=subject_id,
        subject_label="Planted Label",
        steps=(step, step),
        application="Planted Connector",
        holder_id="005A",
        holder_email="zoe.planted@larkspur.example",
        target_id="005B",
        target_label="svc-planted",
        downtime="a minute",
        notes=("Planted note",),
    )


def request(**changes: Any) -> ChangeRequest:
    body = changes.pop("plan", plan())
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "ref": new_ref(secrets.randbits),
        "state": RequestState.PENDING,
        "rev": 1,
        "plan": body,
        "digest": body.digest,
        "requester": "U2",
        "reason": "Planted reason",
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=24),
        "needed": 1,
        "inputs": {"target": "planted-target"},
        "rule": Rule(connection="salesforce:*", destructive=True, approvers=("S0PLANTED",), needed=2),
        "detail": "Planted detail",
    }
    return ChangeRequest(**values | changes)


def decision(approver: str = "U3", **changes: Any) -> Decision:
    values: dict[str, Any] = {
        "approver": approver,
        "approved": True,
        "rev": 1,
        "at": NOW,
        "reason": "Planted why",
    }
    return Decision(**values | changes)


def receipt(step: str = "retire") -> Receipt:
    return Receipt(
        step=step,
        at=NOW,
        acted=True,
        detail="Planted receipt",
        record_id="planted-record",
        facts={"token": "planted-fact"},
    )


def alert(**changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": uuid4().hex,
        "ref": new_ref(secrets.randbits),
        "rule": "owner-inactive",
        "subject": "zoe.planted@larkspur.example",
        "bucket": "2026-11-21",
        "state": AlertState.OPEN,
        "opened_at": NOW,
        "payload": {"holds": "Planted Connector"},
        "note": "Planted note",
    }
    return Alert(**values | changes)


def connection_state() -> ConnectionState:
    return ConnectionState(
        connection=CONNECTION,
        last_attempt=NOW,
        last_success=NOW - timedelta(hours=1),
        last_error="Planted error",
        blind_polls=2,
        paused_until=NOW + timedelta(hours=1),
        gaps=(Gap(area=Area.CERTIFICATE, what="Planted gap", reason="permission", remedy="grant it"),),
        capacities=(Capacity(name="Planted Licences", used=3, total=5),),
        requests=17,
        known_sources={"005A": ("203.0.113.9", "planted-address")},
        population=60,
    )
