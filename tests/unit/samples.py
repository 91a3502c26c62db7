"""A small company's inventory, and replies read aloud, for tests of the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.chat.model import (
    Bullets,
    Buttons,
    Code,
    Data,
    Divider,
    Fields,
    Heading,
    Link,
    Mention,
    Note,
    Para,
    Reply,
    Span,
    Strong,
    Table,
    Typed,
    When,
)
from bot.inventory.model import Body, Item, Ownership, OwnershipState
from bot.people.model import Person
from bot.platform.model import (
    Application,
    Credential,
    CredentialKind,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Tie,
)
from bot.platform.plan import Action, Plan, PlanKind, Step, StepMode
from bot.requests.model import ChangeRequest, RequestState

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PROD = "salesforce:prod"


def item(ref: str, body: Body, connection: str = PROD) -> Item:
    """A row of the inventory, whose id is its reference in lower case."""
    return Item(
        id=ref.lower(), ref=ref, connection=connection, body=body, first_seen=NOW, last_seen=NOW, version=1
    )


def principal(
    native_id: str,
    name: str,
    status: PrincipalStatus = PrincipalStatus.ACTIVE,
    kind: PrincipalKind = PrincipalKind.PERSON,
    email: str = "",
) -> Principal:
    """An account called after its name."""
    username = f"{name.split()[0].lower()}@example.com"
    return Principal(
        native_id=native_id, name=name, username=username, email=email or username, status=status, kind=kind
    )


def grant(
    native_id: str, label: str, principal_id: str, application_id: str = "", ends_in: timedelta | None = None
) -> Credential:
    """An OAuth grant, or something that ends."""
    return Credential(
        native_id=native_id,
        kind=CredentialKind.CERTIFICATE if ends_in is not None else CredentialKind.OAUTH_GRANT,
        label=label,
        principal_id=principal_id,
        application_id=application_id,
        expires_at=None if ends_in is None else NOW + ends_in,
    )


def application(native_id: str, name: str, contact: str = "") -> Application:
    """A connected app."""
    return Application(native_id=native_id, name=name, kind="connected app", contact_email=contact)


def job(native_id: str, principal_id: str, name: str) -> Tie:
    """A scheduled job."""
    return Tie(native_id=native_id, principal_id=principal_id, kind="scheduled job", name=name)


def member(slack_id: str, name: str, *, deactivated: bool = False) -> Person:
    """Somebody in the workspace, with the same address as their account."""
    email = f"{name.split()[0].lower()}@example.com"
    return Person(slack_id=slack_id, name=name, email=email, deactivated=deactivated)


def owns(person: str, item_id: str, state: OwnershipState = OwnershipState.ACCEPTED) -> Ownership:
    """Somebody's answer for an item."""
    return Ownership(
        id=f"{person}{item_id}",
        item_id=item_id,
        person=person,
        state=state,
        proposed_by="U9",
        proposed_at=NOW,
    )


def step(
    key: str,
    title: str,
    mode: StepMode = StepMode.AUTO,
    *,
    undo: str = "",
    destructive: bool = False,
) -> Step:
    """One step of a plan."""
    action = Action(verb=key, subject="x")
    return Step(key=key, mode=mode, title=title, action=action, undo=undo, destructive=destructive)


PLAN = Plan(
    kind=PlanKind.HANDOVER,
    connection=PROD,
    title="Hand over Marketo sync from ana@example.com to svc@example.com",
    subject_id="grant:1",
    subject_label="Marketo sync",
    steps=(
        step("preflight", "Check once more that nothing speaks against it"),
        step("authorize", "Approve Marketo sync as svc@example.com", StepMode.GUIDED, undo="revoke it"),
        step("retire", "Revoke the grant of ana@example.com", destructive=True),
    ),
    application="Marketo sync",
    holder_id="005A",
    holder_email="ana@example.com",
    target_id="005B",
    target_label="svc@example.com",
    notes=("The integration loses: Modify All Data.",),
)


def request(state: RequestState = RequestState.PENDING, **more: object) -> ChangeRequest:
    """A request for that plan."""
    fields: dict[str, object] = {
        "id": "r1",
        "ref": "7K2QXM",
        "state": state,
        "rev": 1,
        "plan": PLAN,
        "digest": PLAN.digest,
        "requester": "U1",
        "reason": "Ana leaves on Friday",
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=1),
        "needed": 1,
    }
    return ChangeRequest(**(fields | more))  # type: ignore[arg-type]


def aloud(reply: Reply) -> str:
    """A reply as somebody would hear it: the summary, then every part on lines of its own."""
    return "\n".join([reply.summary, *_lines(reply)])


def _lines(reply: Reply) -> Iterator[str]:
    for part in reply.parts:
        match part:
            case Heading(text):
                yield f"# {text}"
            case Para(spans) | Note(spans):
                yield _said(spans)
            case Bullets(items):
                yield from (f"- {_said(line)}" for line in items)
            case Fields(pairs):
                yield from (f"{label}: {_said(spans)}" for label, spans in pairs)
            case Table(header, rows):
                yield " | ".join(header)
                yield from (" | ".join(_said(cell) for cell in row) for row in rows)
            case Buttons(items):
                yield " ".join(f"[{button.label}]" for button in items)
            case Divider():
                yield "---"


def _said(spans: Sequence[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    match span:
        case str():
            return span
        case Data(value) | Strong(value) | Code(value):
            return value
        case Typed(words):
            return f"/svc {words}".rstrip()
        case Mention(user_id):
            return f"@{user_id}"
        case Link(url, text):
            return f"{text} ({url})"
        case When(at, style):
            return f"{at:%Y-%m-%d}" if style == "date" else f"{at:%Y-%m-%d %H:%M}"
