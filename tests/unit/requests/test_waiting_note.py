"""What the thread says while a person must act."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.chat.model import Verbatim
from bot.platform.plan import Plan, PlanKind, Receipt, Step
from bot.platform.secret_steps import CERTIFICATE, make_key, receive
from bot.requests.messages import waiting_note
from bot.requests.model import ChangeRequest, RequestState

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
STEPS = (
    make_key(algorithm="EC-P256", common_name="handover", days=90),
    receive(("certificate_id",), title="Map the new certificate", instructions=("Save it.",)),
)


def _request(*receipts: Receipt) -> ChangeRequest:
    plan = Plan(
        kind=PlanKind.ROTATION,
        connection="netsuite:prod",
        title="Give it a new key",
        subject_id="1",
        subject_label="mapping",
        steps=STEPS,
    )
    return ChangeRequest(
        id="1",
        ref="7K2QXM",
        state=RequestState.WAITING,
        rev=3,
        plan=plan,
        digest=plan.digest,
        requester="U1",
        reason="It ends soon",
        created_at=AT,
        expires_at=AT,
        needed=1,
        cursor=len(receipts),
        receipts=receipts,
    )


def _shown(request: ChangeRequest, step: Step) -> list[str]:
    return [part.text for part in waiting_note(request, step).parts if isinstance(part, Verbatim)]


def test_whoever_must_upload_a_certificate_is_shown_it() -> None:
    """The public half that an earlier step made stands letter for letter beside the instructions that need it."""
    made = Receipt(step="key", at=AT, acted=True, detail="made", facts={CERTIFICATE: PEM})
    assert _shown(_request(made), STEPS[1]) == [PEM]


def test_without_a_certificate_nothing_is_shown() -> None:
    """A step that needs none has no empty box."""
    assert _shown(_request(), STEPS[1]) == []
