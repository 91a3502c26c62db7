"""A plan as people read it before they decide: what changes, in which order, who acts, how it is undone."""

from __future__ import annotations

from bot.domain.conversation import Bullets, Code, Data, Fields, Heading, Note, Para, Part, Span
from bot.domain.plan import Draft, Manner, Plan, PlanKind, Step, StepMode
from bot.domain.secret_steps import MANUAL
from bot.domain.text import clean, plural

MODES = {
    StepMode.AUTO: "by Handover",
    StepMode.GUIDED: "by a person, closed by evidence",
    StepMode.WATCH: "watched until the platform's record shows it",
    StepMode.ATTESTED: "by a person, who signs for it",
}
KINDS = {
    PlanKind.HANDOVER: "Handover",
    PlanKind.ROTATION: "Rotation: the same account, a new credential",
    PlanKind.CHANGE: "Change",
}
MANNERS = {
    Manner.GRACEFUL: "graceful: the old credential ends last",
    Manner.HOSTILE: "hostile: the old credential ends first",
}


def draft_parts(draft: Draft) -> tuple[Part, ...]:
    """A plan that nobody has asked for yet, with every reason it must not run."""
    parts: list[Part] = [Heading("Plan"), Para((Data(clean(draft.plan.title, 200), strong=True),))]
    if draft.objections:
        parts += [Para(("It cannot run:",)), Bullets(tuple((Data(clean(o, 400)),) for o in draft.objections))]
    return (*parts, *plan_parts(draft.plan))


def plan_parts(plan: Plan) -> tuple[Part, ...]:
    """A plan in full: what changes, in which order, who acts, how it is undone."""
    kind = KINDS[plan.kind] + ("" if plan.kind is PlanKind.CHANGE else f", {MANNERS[plan.manner]}")
    fields: list[tuple[str, tuple[Span, ...]]] = [
        ("Kind", (kind,)),
        ("Where", (Data(plan.connection),)),
        ("Subject", (Data(clean(plan.subject_label, 120)),)),
    ]
    if plan.target_label:
        fields.append(("Target", (Data(clean(plan.target_label, 120)),)))
    if plan.holder_email:
        fields.append(("Held by", (Data(clean(plan.holder_email, 120)),)))
    if plan.consumer:
        fields.append(("Consumer", (Data(clean(plan.consumer, 120)),)))
    if plan.destination:
        fields.append(("New secret goes", (Data(clean(destination_words(plan.destination), 120)),)))
    fields.append(("Downtime", (Data(clean(plan.downtime, 200)),)))
    steps = tuple(_step_line(step) for step in plan.steps)
    order = f"{plural(len(plan.steps), 'step')}, in this order:"
    parts: list[Part] = [Fields(tuple(fields)), Para((order,)), Bullets(steps, numbered=True)]
    if plan.notes:
        parts += [
            Para(("Know before you decide:",)),
            Bullets(tuple((Data(clean(n, 400)),) for n in plan.notes)),
        ]
    parts.append(Note(("Plan ", Code(plan.digest[:12]), ". Any change to it voids the approval.")))
    return tuple(parts)


def destination_words(name: str) -> str:
    """Where a new secret goes."""
    return "by hand, shown once" if name == MANUAL else f"to {name}"


def _step_line(step: Step) -> tuple[Span, ...]:
    spans: list[Span] = [Data(clean(step.title, 200)), f", {MODES[step.mode]}"]
    if step.destructive:
        spans.append(". Ends something that is alive")
    if step.evidence:
        spans += [". Proof: ", Data(clean(step.evidence, 200))]
    if undo := step.twin.title if step.twin else step.undo:
        spans += [". To undo: ", Data(clean(undo[:1].lower() + undo[1:], 200))]
    return tuple(spans)
