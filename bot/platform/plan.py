"""A handover or change as data: ordered steps, each a target state that can be looked up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class PlanKind(StrEnum):
    """What a plan is for."""

    HANDOVER = "handover"  # move an integration to another account, old one alive until the new is proven
    ROTATION = "rotation"  # replace a credential by a new one of the same account
    CHANGE = "change"  # one deliberate change to an account: create, restrict, freeze, revoke, deactivate


class Manner(StrEnum):
    """In which order a plan ends the old credential."""

    GRACEFUL = "graceful"  # last, when the new one is proven and the old one has rested
    HOSTILE = "hostile"  # first: its holder must lose it now, and the downtime is stated and accepted


class StepMode(StrEnum):
    """Who acts."""

    AUTO = "auto"  # we do, by API
    GUIDED = "guided"  # a person does; closes only on evidence we read
    WATCH = "watch"  # nobody does; closes when the platform's record shows it
    ATTESTED = "attested"  # a person does, and signs for it by name, because no evidence can be reached


class Hands(StrEnum):
    """Whose verbs an action uses."""

    PLATFORM = "platform"  # those of the plan's connection
    VAULT = "vault"  # our own: making, receiving and handing over secrets (``bot.platform.secret_steps``)


class Outcome(StrEnum):
    """What a look at the platform says of an action's target state."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"  # could not look: never taken for either


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One target state on one platform. ``known`` holds what earlier receipts established."""

    verb: str  # the platform's own, for example "revoke-grant"
    subject: str  # native id, or "" where the action makes it
    params: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    hands: Hands = Hands.PLATFORM
    uses: tuple[str, ...] = ()  # secrets of the plan's drawer that carrying it out, or looking, needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """What takes a step back: itself a target state that can be looked up."""

    mode: StepMode
    title: str
    action: Action
    instructions: tuple[str, ...] = ()
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. ``key`` is unique within its plan and names the write for ever."""

    key: str
    mode: StepMode
    title: str
    action: Action
    instructions: tuple[str, ...] = ()  # for a person, exact menu paths
    evidence: str = ""  # what will close it, in words
    undo: str = ""  # how it is taken back, in words; empty where there is nothing to take back
    destructive: bool = False
    twin: Twin | None = None  # takes it back and is looked up; without one, a person signs for ``undo``

    @property
    def for_good(self) -> bool:
        """Whether it ends something that no twin brings back."""
        return self.destructive and self.twin is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is approved, whole. Two plans with one digest are the same plan."""

    kind: PlanKind
    connection: str
    title: str  # what will be done, for example "Hand over Marketo sync from Ana to svc-marketo"
    subject_id: str  # native id of the credential or account changed
    subject_label: str
    steps: tuple[Step, ...]
    application: str = ""
    holder_id: str = ""  # native id of who holds it now
    holder_email: str = ""
    target_id: str = ""
    target_label: str = ""
    downtime: str = "none expected"
    notes: tuple[str, ...] = ()  # risks and differences in words, shown before approval
    manner: Manner = Manner.GRACEFUL
    consumer: str = ""  # who holds the credential and must be given the new one, for people
    destination: str = ""  # where a new secret goes: of [destinations], "manual", or "" where none is made
    criticality: str = "normal"  # of the integration: low, normal or high
    approvers_at_least: int = 1  # however few the rules ask for

    @property
    def digest(self) -> str:
        """SHA-256 in hex over every field of the plan."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    @property
    def destructive(self) -> bool:
        """Whether any step ends something that is alive."""
        return any(step.destructive for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What whoever asks decides about a plan, besides its subject and its target."""

    manner: Manner = Manner.GRACEFUL
    consumer: str = ""
    destination: str = "manual"
    cadence: timedelta | None = (
        None  # one full beat of the integration; None: the connection's ``unused_for_s``
    )
    criticality: str = "normal"

    @property
    def written(self) -> dict[str, str]:
        """As the inputs of a request, so that the same plan can be drawn up again."""
        beat = {} if self.cadence is None else {"cadence_s": str(round(self.cadence.total_seconds()))}
        return {
            "manner": self.manner.value,
            "consumer": self.consumer,
            "destination": self.destination,
            "criticality": self.criticality,
        } | beat

    @classmethod
    def read(cls, inputs: Mapping[str, str]) -> How:
        """What ``written`` wrote; what is missing is as usual."""
        beat = inputs.get("cadence_s")
        return cls(
            manner=Manner(inputs.get("manner", Manner.GRACEFUL)),
            consumer=inputs.get("consumer", ""),
            destination=inputs.get("destination", "manual"),
            criticality=inputs.get("criticality", "normal"),
            cadence=None if beat is None else timedelta(seconds=int(beat)),
        )


AS_USUAL = How()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A plan as a platform proposes it, with the reasons it must not run, if there are any."""

    plan: Plan
    objections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What reading the platform says of one action. ``facts`` feed later steps; never a secret."""

    outcome: Outcome
    detail: str = ""
    record_id: str = ""  # the platform's own id of what proves it
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof of one step: what was found before, what was done, what is true after."""

    step: str
    at: datetime
    acted: bool  # False: it was already so
    detail: str
    record_id: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts_digest(self) -> str:
        """SHA-256 in hex over the facts, so that the trail holds them without saying them."""
        written = json.dumps(dict(self.facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()


PREFIX = "undo:"


def to_take_back(plan: Plan, receipts: Mapping[str, Receipt], intended: Collection[str]) -> tuple[str, ...]:
    """
    Keys of the steps to take back, the last one first. ``intended``: keys of what we ever set out to do ourselves.

    What was so already before the plan is left as it is. A step that may have happened without a receipt is
    taken back too: its twin looks first. What a person may have begun counts as begun.
    """
    begun = len(receipts) + 1  # the one after the last receipt may have begun
    keys = []
    for step in plan.steps[:begun]:
        receipt = receipts.get(step.key)
        ours = step.key in intended if receipt is None else receipt.acted
        if (step.twin or step.undo) and (ours or step.mode is not StepMode.AUTO):
            keys.append(step.key)
    return tuple(reversed(keys))


def undoing(plan: Plan, keys: Sequence[str]) -> tuple[Step, ...]:
    """The steps that take those of ``keys`` back, in that order. Where only words say how, a person signs for it."""
    by_key = {step.key: step for step in plan.steps}
    return tuple(_back(by_key[key]) for key in keys)


def _back(step: Step) -> Step:
    if twin := step.twin:
        return Step(
            key=PREFIX + step.key,
            mode=twin.mode,
            title=twin.title,
            action=twin.action,
            instructions=twin.instructions,
            evidence=twin.evidence,
        )
    return Step(
        key=PREFIX + step.key,
        mode=StepMode.ATTESTED,
        title=step.undo[:1].upper() + step.undo[1:],
        action=Action(verb="attest", subject=""),
        evidence="the word of whoever did it",
    )
