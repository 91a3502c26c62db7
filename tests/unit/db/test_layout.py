"""Arrays inside sealed values: read for ever, by releases before and after the one that wrote them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from bot.alerts.repository import ALERT_LAYOUT, AlertBody
from bot.audit.repository import AUDIT_HEAD_LAYOUT, AUDIT_LAYOUT, AuditBody, AuditHead
from bot.db.layout import Layout
from bot.db.outbox import OUTBOX_LAYOUT, OutboxBody, Posting
from bot.errors import InvariantBroken, SchemaMismatch
from bot.findings.model import Finding, Severity
from bot.findings.repository import FINDING_LAYOUT, SUPPRESSION_LAYOUT, SuppressionBody
from bot.inventory.model import ConnectionState
from bot.inventory.repository import (
    APPLICATION_LAYOUT,
    CONNECTION_LAYOUT,
    CREDENTIAL_LAYOUT,
    PRINCIPAL_LAYOUT,
    TIE_LAYOUT,
    USAGE_LAYOUT,
    UsageBody,
)
from bot.people.model import Person, StepUp
from bot.people.repository import PERSON_LAYOUT, STEP_UP_LAYOUT
from bot.platform.model import (
    Application,
    Area,
    Capacity,
    CoverageGap,
    Credential,
    CredentialKind,
    CredentialStatus,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Tie,
)
from bot.platform.plan import Action, Hands, Manner, Plan, PlanKind, Receipt, Step, StepMode, Twin
from bot.requests.model import Decision, RequestState
from bot.requests.repository import (
    DECISION_LAYOUT,
    PLAN_LAYOUT,
    RECEIPT_LAYOUT,
    REQUEST_LAYOUT,
    STANDING_LAYOUT,
    RequestBody,
    Standing,
)

AT = datetime(2026, 11, 21, 9, 30, 0, 7, tzinfo=UTC)
ACTION = Action(verb="revoke-grant", subject="fp", params={"b": "2", "a": "1"}, known={"since": "x"})
STEP = Step(
    key="retire", mode=StepMode.GUIDED, title="t", action=ACTION, instructions=("a", "b"), evidence="e",
    undo="u", destructive=True,
)  # fmt: skip
PLAN = Plan(
    kind=PlanKind.CHANGE, connection="c", title="t", subject_id="s", subject_label="l", steps=(STEP,),
    application="ap", holder_id="hi", holder_email="he", target_id="ti", target_label="tl", downtime="d",
    notes=("n",),
)  # fmt: skip
POSTING = Posting(idem_key="k", channel="C", body=b"b", thread="t", edit=True)
T = msgspec.msgpack.Ext(-1, msgspec.msgpack.encode(AT)[2:])  # an instant, as msgpack writes it
A = ["revoke-grant", "fp", {"a": "1", "b": "2"}, {"since": "x"}]
S = ["retire", "guided", "t", A, ["a", "b"], "e", "u", True]
P = ["change", "c", "t", "s", "l", [S], "ap", "hi", "he", "ti", "tl", "d", ["n"]]

# What the first release writes. Lines are added when fields are, at the end; none is ever changed.
FIRST_RELEASE: list[tuple[Layout[Any], object, list[Any]]] = [
    (
        PRINCIPAL_LAYOUT,
        Principal(
            native_id="i", name="n", username="u", email="e", kind=PrincipalKind.SERVICE,
            status=PrincipalStatus.FROZEN, profile="p", license="l", privileges=("a", "b"), created_at=AT,
            last_login_at=None,
        ),
        ["i", "n", "u", "e", "service", "frozen", "p", "l", ["a", "b"], T, None],
    ),
    (
        APPLICATION_LAYOUT,
        Application(native_id="i", name="n", kind="k", contact_email="c", run_as_id="r", self_authorize=False),
        ["i", "n", "k", "c", "r", False],
    ),
    (
        CREDENTIAL_LAYOUT,
        Credential(
            native_id="i", kind=CredentialKind.RUN_AS, label="l", principal_id="p", application_id="a",
            status=CredentialStatus.REVOKED, created_at=AT, last_used_at=AT, use_count=7, expires_at=None,
        ),
        ["i", "run_as", "l", "p", "a", "revoked", T, T, 7, None],
    ),
    (
        TIE_LAYOUT,
        Tie(native_id="i", principal_id="p", kind="k", name="n", detail="d"),
        ["i", "p", "k", "n", "d"],
    ),
    (
        PERSON_LAYOUT,
        Person(slack_id="U", name="n", email="e", deactivated=True, restricted=True, tz="z", updated=9),
        ["U", "n", "e", True, True, "z", 9],
    ),
    (
        FINDING_LAYOUT,
        Finding(
            rule="r", subject="s", title="t", severity=Severity.P2, evidence="e", remedy="m", bucket="b",
            lasting=timedelta(days=7),
        ),
        ["r", "s", "t", "P2", "e", "m", "b", "P7D"],
    ),
    (
        CONNECTION_LAYOUT,
        ConnectionState(
            connection="c", last_attempt=AT, last_success=None, last_error="e", blind_polls=1,
            paused_until=AT, gaps=(CoverageGap(area=Area.TIES, what="w", reason="r", remedy="m"),),
            capacities=(Capacity(name="n", used=1, total=2),), requests=3, known_sources={"p": ("a", "b")},
            population=4,
        ),
        ["c", T, None, "e", 1, T, [["ties", "w", "r", "m"]], [["n", 1, 2]], 3, {"p": ["a", "b"]}, 4],
    ),
    (PLAN_LAYOUT, PLAN, P),
    (
        RECEIPT_LAYOUT,
        Receipt(step="s", at=AT, acted=True, detail="d", record_id="r", facts={"k": "v"}),
        ["s", T, True, "d", "r", {"k": "v"}],
    ),
    (
        REQUEST_LAYOUT,
        RequestBody(
            plan=PLAN, digest="d", requester="U", reason="r", inputs={"k": "v"}, needed=2, created_at=AT,
            expires_at=AT,
        ),
        [P, "d", "U", "r", {"k": "v"}, 2, T, T],
    ),
    (
        STANDING_LAYOUT,
        Standing(state=RequestState.HELD, rev=3, detail="d"),
        ["held", 3, "d"],
    ),
    (
        DECISION_LAYOUT,
        Decision(approver="U", approved=True, rev=3, at=AT, reason="r"),
        ["U", True, 3, T, "r"],
    ),
    (
        ALERT_LAYOUT,
        AlertBody(rule="r", subject="s", bucket="b", payload={"k": "v"}, note="n"),
        ["r", "s", "b", {"k": "v"}, "n"],
    ),
    (
        ALERT_LAYOUT,
        AlertBody(
            rule="r", subject="s", bucket="b", payload={}, note="n", assignee="U1", acknowledged_by="U2",
            acknowledged_at=AT, level=3,
        ),
        ["r", "s", "b", {}, "n", "U1", "U2", T, 3],
    ),
    (SUPPRESSION_LAYOUT, SuppressionBody(by="U", at=AT, reason="r"), ["U", T, "r"]),
    (USAGE_LAYOUT, UsageBody(uses=(AT,)), [[T]]),
    (OUTBOX_LAYOUT, OutboxBody(posting=POSTING, error="e"), [["k", "C", b"b", "t", True], "e"]),
    (
        AUDIT_LAYOUT,
        AuditBody(seq=1, salt=b"s" * 16, at=AT, actor="a", action="x", subject="s", detail=(("k", "v"),)),
        [1, b"s" * 16, T, "a", "x", "s", [["k", "v"]]],
    ),
    (AUDIT_HEAD_LAYOUT, AuditHead(rows=1, hash=b"h" * 32), [1, b"h" * 32]),
    (
        STEP_UP_LAYOUT,
        StepUp(
            slack_id="U", secret=b"s", pending=b"p", enrolled_at=AT, last_step=7, wrong=2, locked_until=AT,
            recovery=(b"a", b"b"), rev=3,
        ),
        ["U", b"s", b"p", T, 7, 2, T, [b"a", b"b"], 3],
    ),
]  # fmt: skip
NAMES = [type(record).__name__ for _, record, _ in FIRST_RELEASE]


@pytest.mark.parametrize(("kept", "record", "array"), FIRST_RELEASE, ids=NAMES)
def test_what_the_first_release_wrote_reads_the_same(
    kept: Layout[Any], record: object, array: list[Any]
) -> None:
    """A field has its place for ever: moving, renaming or retyping one would be found here."""
    assert kept.decode(msgspec.msgpack.encode(array)) == record


@pytest.mark.parametrize(("kept", "record", "array"), FIRST_RELEASE, ids=NAMES)
def test_a_record_is_written_as_the_first_release_read_it(
    kept: Layout[Any], record: object, array: list[Any]
) -> None:
    """What is written now begins as it always did, so that the release before can read it too."""
    written = msgspec.msgpack.decode(kept.encode(record))
    assert _begins(written, msgspec.msgpack.decode(msgspec.msgpack.encode(array)))


def _begins(written: object, plain: object) -> bool:
    """Whether each array, also inside of others, begins with what an earlier release knew of it."""
    if isinstance(written, list) and isinstance(plain, list):
        return len(written) >= len(plain) and all(map(_begins, written, plain))
    return written == plain


def test_a_step_keeps_its_twin() -> None:
    """The twin of a step, with the verbs it uses and the hands they are for, comes back as it was."""
    twin = Twin(mode=StepMode.AUTO, title="t", action=Action(verb="v", subject="s"), evidence="e")
    action = replace(ACTION, hands=Hands.VAULT, uses=("token_secret",))
    plan = replace(PLAN, steps=(replace(STEP, twin=twin, action=action),), manner=Manner.HOSTILE)
    assert PLAN_LAYOUT.decode(PLAN_LAYOUT.encode(plan)) == plan


def test_a_later_release_may_add_fields_at_the_end() -> None:
    """An array with more than we know reads as what we know; one with fewer takes the defaults."""
    person = Person(slack_id="U", name="n", email="e")
    longer = msgspec.msgpack.encode(
        ["U", "n", "e", False, False, "", 0, False, 0, [], False, "from the future", {"x": 1}]
    )
    assert PERSON_LAYOUT.decode(longer) == person
    assert PERSON_LAYOUT.decode(msgspec.msgpack.encode(["U", "n", "e"])) == person


@pytest.mark.parametrize("array", [["i", "a kind from the future", "l"], ["i"], {"native_id": "i"}, 7])
def test_what_we_have_no_word_for_is_told(array: object) -> None:
    """A value of a newer release that we cannot understand is refused by name, not guessed."""
    with pytest.raises(SchemaMismatch, match="Credential was written by a newer"):
        CREDENTIAL_LAYOUT.decode(msgspec.msgpack.encode(array))


def test_a_time_without_zone_is_not_stored() -> None:
    """A naive time is a fault of ours, found when it is written; another zone's is the same instant."""
    credential = Credential(native_id="i", kind=CredentialKind.RUN_AS, label="l", created_at=AT)
    with pytest.raises(InvariantBroken, match="timezone"):
        CREDENTIAL_LAYOUT.encode(replace(credential, created_at=AT.replace(tzinfo=None)))
    elsewhere = replace(credential, created_at=AT.astimezone(timezone(timedelta(hours=5))))
    assert CREDENTIAL_LAYOUT.encode(elsewhere) == CREDENTIAL_LAYOUT.encode(credential)


def test_a_field_of_another_type_is_not_stored() -> None:
    """What does not match its declaration is refused without showing the value."""
    wrong: Any = 1234567
    with pytest.raises(InvariantBroken) as refused:
        PERSON_LAYOUT.encode(Person(slack_id="U", name=wrong))
    assert "1234567" not in str(refused.value)


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person(slack_id="U", name="planted \ud800"), "half a character"),
        (Person(slack_id="U", name="planted", updated=1 << 64), "64 bits"),
    ],
)
def test_what_no_array_can_hold_is_told_without_the_value(person: Person, why: str) -> None:
    """A lone surrogate or an enormous number is an error of ours, neither altered nor shown."""
    with pytest.raises(InvariantBroken, match=why) as refused:
        PERSON_LAYOUT.encode(person)
    assert "planted" not in f"{refused.value} {refused.value.__cause__}"


def test_a_layout_must_name_every_field() -> None:
    """A field added to a record without a place in its layout stops the program, naming it."""
    with pytest.raises(InvariantBroken, match="total"):
        Layout(Capacity, "name used")
    with pytest.raises(InvariantBroken, match="spare"):
        Layout(Capacity, "name used total spare")
