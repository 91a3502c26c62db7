"""How records are written inside a sealed value: positional arrays, readable by later and earlier releases.

A field has its place for ever. New ones go at the end and have a default: an older array lacks them, and an
older release passes over them. Nothing else may change; ``tests/unit/store/test_layout.py`` holds arrays of the
first release against this.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from bot.domain.approval_rule import Rule
from bot.domain.finding import Finding
from bot.domain.identity import Application, Capacity, Credential, Gap, Principal, Tie
from bot.domain.plan import Action, Plan, Receipt, Step, Twin
from bot.domain.records import ConnectionState, Decision, Person, Posting, RequestState, Rollback
from bot.domain.step_up import StepUp
from bot.errors import InvariantBroken, SchemaMismatch

VERSION = (
    1  # bound into each sealed value beside its row; only a new way of writing, not a new field, raises it
)

T = TypeVar("T")
_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_shapes: dict[type, type[msgspec.Struct]] = {}


class Layout(Generic[T]):
    """One kind of record and the places of its fields."""

    def __init__(self, kind: type[T], places: str) -> None:
        self._kind = kind
        self._shape = _shapes[kind] = _shape(kind, places.split())
        self._decoder = msgspec.msgpack.Decoder(self._shape)

    def encode(self, record: T) -> bytes:
        """The record as an array; equal records give equal bytes.

        Raises:
            InvariantBroken: a field has another type than it declares, a time has no zone, a number has more
                than 64 bits, or a text holds half a character (a lone surrogate).
        """
        try:
            shaped = msgspec.convert(record, self._shape, from_attributes=True)
            return msgspec.msgpack.encode(shaped, order="deterministic")
        except msgspec.ValidationError as exc:
            raise InvariantBroken(f"{self._kind.__name__} cannot be stored: {exc}") from exc
        except (UnicodeEncodeError, OverflowError) as exc:
            why = (
                "half a character" if isinstance(exc, UnicodeEncodeError) else "a number of more than 64 bits"
            )
            raise InvariantBroken(f"{self._kind.__name__} cannot be stored: it holds {why}") from None

    def decode(self, raw: bytes) -> T:
        """The record of an array of this release, or of one before or after it.

        Raises:
            SchemaMismatch: it holds what this release has no word for.
        """
        try:
            return msgspec.convert(self._decoder.decode(raw), self._kind, from_attributes=True)
        except msgspec.MsgspecError as exc:
            raise SchemaMismatch(
                f"a stored {self._kind.__name__} was written by a newer Handover: update this one"
            ) from exc


def _shape(kind: type[Any], places: list[str]) -> type[msgspec.Struct]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if set(places) != set(fields):
        raise InvariantBroken(f"{kind.__name__}: no place, or no field, for {set(places) ^ set(fields)}")
    hints = get_type_hints(kind)
    return msgspec.defstruct(
        kind.__name__,
        [_field(name, _wire(hints[name]), fields[name]) for name in places],
        array_like=True,
        frozen=True,
        gc=False,
    )


def _field(name: str, kind: Any, field: dataclasses.Field[Any]) -> tuple[str, Any] | tuple[str, Any, Any]:
    if field.default is not dataclasses.MISSING:
        return name, kind, field.default
    if field.default_factory is not dataclasses.MISSING:
        return name, kind, msgspec.field(default_factory=field.default_factory)
    return name, kind


def _wire(kind: Any) -> Any:
    """The type a field has inside the array: nested records become arrays too."""
    if kind is datetime:
        return _AWARE
    if isinstance(kind, type) and kind in _shapes:
        return _shapes[kind]
    if args := get_args(kind):
        inner = tuple(_wire(arg) for arg in args)
        origin = get_origin(kind)
        return Union[inner] if origin in (Union, UnionType) else origin[inner]  # noqa: UP007  built at run time
    return kind


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionBody:
    """Why a finding may wait, and who says so."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RhythmBody:
    """Uses, oldest first."""

    uses: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxBody:
    """A message, and why it could not be sent the last time."""

    posting: Posting
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditBody:
    """A line of the trail. The salt keeps its hash, which lies open, from being searched for names."""

    seq: int
    salt: bytes
    at: datetime
    actor: str
    action: str
    subject: str
    detail: tuple[tuple[str, str], ...]  # sorted


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """Where the trail ends."""

    rows: int
    hash: bytes


PRINCIPAL = Layout(
    Principal,
    "native_id name username email kind status profile licence privileges created_at last_login_at roles "
    "ends_at",
)
APPLICATION = Layout(Application, "native_id name kind contact_email run_as_id self_authorize state")
CREDENTIAL = Layout(
    Credential,
    "native_id kind label principal_id application_id status created_at last_used_at use_count expires_at "
    "role",
)
TIE = Layout(Tie, "native_id principal_id kind name detail")
PERSON = Layout(Person, "slack_id name email deactivated restricted tz updated struck_off struck_at")
FINDING = Layout(Finding, "rule subject title severity evidence remedy bucket lasting")
GAP = Layout(Gap, "area what reason remedy")
CAPACITY = Layout(Capacity, "name used total")
CONNECTION = Layout(
    ConnectionState,
    "connection last_attempt last_success last_error blind_polls paused_until gaps capacities requests "
    "known_sources population",
)
ACTION = Layout(Action, "verb subject params known hands uses")
TWIN = Layout(Twin, "mode title action instructions evidence")
STEP = Layout(Step, "key mode title action instructions evidence undo destructive twin")
PLAN = Layout(
    Plan,
    "kind connection title subject_id subject_label steps application holder_id holder_email target_id "
    "target_label downtime notes manner consumer destination criticality approvers_at_least",
)
RECEIPT = Layout(Receipt, "step at acted detail record_id facts")
RULE = Layout(
    Rule, "connection kind verb destructive requesters approvers needed criticality step_up fallback"
)
REQUEST = Layout(RequestBody, "plan digest requester reason inputs needed created_at expires_at rule")
ROLLBACK = Layout(Rollback, "by at keys")
STANDING = Layout(Standing, "state rev detail rollback")
DECISION = Layout(Decision, "approver approved rev at reason basis")
ALERT = Layout(AlertBody, "rule subject bucket payload note assignee acknowledged_by acknowledged_at rung")
SUPPRESSION = Layout(SuppressionBody, "by at reason")
RHYTHM = Layout(RhythmBody, "uses")
POSTING = Layout(Posting, "idem_key channel body thread edit")
OUTBOX = Layout(OutboxBody, "posting error")
AUDIT = Layout(AuditBody, "seq salt at actor action subject detail")
AUDIT_HEAD = Layout(AuditHead, "rows hash")
STEP_UP = Layout(StepUp, "slack_id secret pending enrolled_at last_step wrong locked_until recovery rev")
