"""The words of requests: what is asked, what stands in the thread, how it ended."""

from __future__ import annotations

from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Code,
    Data,
    Fields,
    Heading,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Role,
    Span,
    Typed,
    Verbatim,
    When,
)
from bot.platform import secret_steps
from bot.platform.plan import Draft, Manner, Plan, PlanKind, Receipt, Step, StepMode
from bot.platform.secret_steps import MANUAL
from bot.requests.buttons import buttons, sealed_page, twins, waits_for_secrets
from bot.requests.model import ChangeRequest, RequestState, Routing, Rule
from bot.text import clean, plural

ENDINGS = {
    RequestState.APPROVED: "Approved, starting now.",
    RequestState.RUNNING: "Approved, running.",
    RequestState.WAITING: "Approved, waiting for proof.",
    RequestState.HELD: "On hold: a person must look.",
    RequestState.DONE: "Done.",
    RequestState.DENIED: "Denied, nothing was changed.",
    RequestState.EXPIRED: "Timed out, nothing was changed.",
    RequestState.CANCELLED: "Cancelled.",
    RequestState.VOIDED: "Void: the plan changed since it was shown. Nothing was changed.",
    RequestState.ROLLED_BACK: "Rolled back: every change was undone.",
    RequestState.PENDING: "Waiting for approval.",
}
ROUTES = {
    Routing.NAMED: "",
    Routing.FALLBACK: "Approvers have left, so the fallback approvers can decide too. ",
    Routing.NOBODY: "Approvers have left and too few remain. Ask an administrator to add one. ",
}
HEADS = {StepMode.GUIDED: "Your turn", StepMode.ATTESTED: "Please confirm"}


def asked_card(request: ChangeRequest) -> Reply:
    """What whoever asked for a plan is told. The plan itself stands in the channel, for all who read there."""
    title = clean(request.plan.title, 140)
    return Reply(
        summary=f"Asked: {title}. Request {request.ref} waits for an approver.",
        parts=(
            Para((Data(title, strong=True),)),
            Para((f"{request.ref} waits for an approver. Handover tells you the result.",)),
            Buttons(
                (Button("Show Request", "run", f"requests {request.ref}", hint=f"Request {request.ref}"),)
            ),
            Note(("Or type ", Typed(f"requests {request.ref}"))),
        ),
    )


def request_card(
    request: ChangeRequest, discounted: frozenset[str] = frozenset(), *, decidable: bool = True
) -> Reply:
    """The request's own message, in whatever state it is; the only buttons are those that work now.

    ``discounted``: members whose approval does not count any more, because they left or lost the role.
    ``decidable``: whether whoever looks may decide it, where only one person looks.
    """
    plan = request.plan
    title = clean(plan.title, 140)
    parts: list[Part] = [
        Heading("Approval needed" if request.state is RequestState.PENDING else "Request"),
        Para((Data(title, strong=True),)),
        Fields(
            (
                ("Asked by", (Mention(request.requester),)),
                ("Reason", (Data(clean(request.reason, 500)),)),
                ("State", _state(request, discounted)),
            )
        ),
    ]
    if request.state is RequestState.PENDING:
        parts += plan_parts(plan)
    else:
        parts.append(Bullets(tuple(_progress(request, step) for step in plan.steps), numbered=True))
        if request.rollback:
            back = tuple(_progress(request, step) for step in request.steps)
            parts += [Para(("Rollback:",)), Bullets(back, numbered=True)]
    parts += _decisions(request, discounted)
    if offered := buttons(request, decidable):
        parts.append(Buttons(offered))
    parts.append(Note(twins(request)))
    return Reply(summary=_headline(request), parts=tuple(parts))


def _headline(request: ChangeRequest) -> str:
    title = clean(request.plan.title, 120)
    if request.state is RequestState.PENDING:
        return f"{title}? Approve or deny request {request.ref}."
    return f"{title}: {ending(request)}"


def ending(request: ChangeRequest) -> str:
    """Where it is, in a sentence."""
    if request.rollback and request.state.live:
        return ENDINGS[request.state].replace("Approved", "Going back")
    return ENDINGS[request.state]


def _state(request: ChangeRequest, discounted: frozenset[str]) -> tuple[Span, ...]:
    if request.state is RequestState.PENDING:
        yes = sum(
            d.approved and d.rev == request.rev and d.approver not in discounted for d in request.decisions
        )
        who = f" by {_approvers(request.rule)}" if request.rule else ""
        code = (
            "To approve, enter a code from your authenticator app. "
            if request.rule and request.rule.step_up
            else ""
        )
        return (
            f"Waiting for approval{who}, {yes} of {request.needed}. {code}{ROUTES[request.routing]}"
            "Expires without an answer: ",
            When(request.expires_at, "time"),
        )
    if request.detail:
        return (ending(request).rstrip("."), ": ", Data(clean(request.detail, 600)))
    return (ending(request),)


def _approvers(rule: Rule) -> str:
    """Who may decide, in words. Groups and members are counted, not named: naming them would call them."""
    words = [f"the {name} role" for name in rule.approvers if name in set(Role)]
    groups = sum(name.startswith("S") for name in rule.approvers)
    people = len(rule.approvers) - len(words) - groups
    words += [plural(groups, "group")] if groups else []
    words += [plural(people, "named person", "named people")] if people else []
    return " or ".join(words)


def _progress(request: ChangeRequest, step: Step) -> tuple[Span, ...]:
    receipt = next((r for r in request.receipts if r.step == step.key), None)
    line: tuple[Span, ...] = (Data(clean(step.title, 160)),)
    if receipt:
        return (*line, " – done ", When(receipt.at, "time"))
    now = request.step
    if now and now.key == step.key and request.state.live and request.state is not RequestState.PENDING:
        return (*line, " – now")
    return (*line, " – not begun")


def _decisions(request: ChangeRequest, discounted: frozenset[str] = frozenset()) -> list[Part]:
    lines: list[tuple[Span, ...]] = []
    for decision in request.decisions:
        said: tuple[Span, ...] = (": ", Data(clean(decision.reason, 300))) if decision.reason else ()
        void = (" · not counted: no longer an active approver",) if decision.approver in discounted else ()
        deed = "Approved by " if decision.approved else "Denied by "
        lines.append((deed, Mention(decision.approver), " · ", When(decision.at, "time"), *said, *void))
    return [Bullets(tuple(lines))] if lines else []


def step_note(request: ChangeRequest, step: Step, receipt: Receipt) -> Reply:
    """A receipt, in the thread."""
    deed = "Done" if receipt.acted else "Checked" if step.key == "preflight" else "Confirmed"
    detail = clean(receipt.detail, 600)
    if deed != "Checked":  # the title of the check is what it says
        detail = f"{clean(step.title, 200)}. {detail[:1].upper()}{detail[1:]}".strip()
    spans: list[Span] = [f"{deed}: ", Data(detail)]
    if receipt.record_id:
        spans += [" · record ", Code(clean(receipt.record_id, 80))]
    return Reply(summary=f"{deed}: {clean(step.title, 160)}", parts=(Para(tuple(spans)),))


def waiting_note(request: ChangeRequest, step: Step) -> Reply:
    """What a person must do, or what is watched for, in the thread."""
    head = HEADS.get(step.mode, "Watching")
    parts: list[Part] = [Para((f"{head}: ", Data(clean(step.title, 200), strong=True)))]
    if step.instructions:
        parts.append(Bullets(tuple((Data(clean(line, 500)),) for line in step.instructions)))
    if step.evidence:
        parts.append(Para(("Proof: ", Data(clean(step.evidence, 400)))))
    if request.detail:
        parts.append(Para((Data(clean(request.detail, 600)),)))
    if step.mode is StepMode.GUIDED and (certificate := _certificate(request)):
        parts += [Para(("The new certificate (public):",)), Verbatim(certificate)]
    if waits_for_secrets(request):
        parts.append(Buttons((sealed_page(request),)))
        parts.append(
            Note(
                ("Or type ", Typed(f"secret {request.ref}"), ". Only for the person who asked for this plan.")
            )
        )
    return Reply(summary=f"{head}: {clean(step.title, 160)}", parts=tuple(parts))


def _certificate(request: ChangeRequest) -> str:
    """What an earlier step made for others to see."""
    made = (receipt.facts.get(secret_steps.CERTIFICATE, "") for receipt in request.receipts)
    return next(filter(None, made), "")


def turned_note(request: ChangeRequest) -> Reply:
    """That it goes back from here, and how."""
    said = "Rollback started: changes are undone, the last step first."
    lines = tuple((Data(clean(step.title, 200)),) for step in request.steps)
    by = (Mention(request.rollback.by), " decided. ") if request.rollback else ()
    return Reply(summary=said, parts=(Para((*by, said)), Bullets(lines, numbered=True)))


def held_note(request: ChangeRequest) -> Reply:
    """Why nothing goes on."""
    return Reply(
        summary=f"On hold: request {request.ref} needs a person.",
        parts=(
            Para(("On hold. ", Data(clean(request.detail, 800)))),
            Para(("Nothing happens until somebody presses Try Again or Stop Here above.",)),
        ),
    )


def result_card(request: ChangeRequest) -> Reply:
    """How it ended, for its requester."""
    title = clean(request.plan.title, 140)
    words = ending(request)
    parts: list[Part] = [Para((Data(title, strong=True), ": ", words))]
    if request.detail:
        parts.append(Para((Data(clean(request.detail, 600)),)))
    parts += _decisions(request)
    parts.append(Note((f"request {request.ref} · ", Typed(f"audit {request.ref}"))))
    return Reply(summary=f"{title}: {words}", parts=tuple(parts))


def settled_words(request: ChangeRequest) -> str:
    """Why it can no longer be decided or stopped, for whoever came late."""
    return f"Request {request.ref}: {ending(request)}"


MODES = {
    StepMode.AUTO: "by Handover",
    StepMode.GUIDED: "by a person, then checked by Handover",
    StepMode.WATCH: "Handover waits until the system shows it",
    StepMode.ATTESTED: "by a person, who confirms it",
}
KINDS = {
    PlanKind.HANDOVER: "Handover",
    PlanKind.ROTATION: "Rotation: the same account, a new credential",
    PlanKind.CHANGE: "Change",
}
MANNERS = {
    Manner.GRACEFUL: "overlap (no downtime): the old credential is revoked last",
    Manner.HOSTILE: "revoke first (downtime): the old credential stops before the new one works",
}


def draft_parts(draft: Draft) -> tuple[Part, ...]:
    """A plan that nobody has asked for yet, with every reason it must not run."""
    parts: list[Part] = [Heading("Plan"), Para((Data(clean(draft.plan.title, 200), strong=True),))]
    if draft.objections:
        parts += [Para(("Blockers:",)), Bullets(tuple((Data(clean(o, 400)),) for o in draft.objections))]
    return (*parts, *plan_parts(draft.plan))


def plan_parts(plan: Plan) -> tuple[Part, ...]:
    """A plan in full: what changes, in which order, who acts, how it is undone."""
    kind = KINDS[plan.kind] + ("" if plan.kind is PlanKind.CHANGE else f", {MANNERS[plan.manner]}")
    fields: list[tuple[str, tuple[Span, ...]]] = [
        ("Kind", (kind,)),
        ("System", (Data(plan.connection),)),
        ("Subject", (Data(clean(plan.subject_label, 120)),)),
    ]
    if plan.target_label:
        fields.append(("Target", (Data(clean(plan.target_label, 120)),)))
    if plan.holder_email:
        fields.append(("Held by", (Data(clean(plan.holder_email, 120)),)))
    if plan.consumer:
        fields.append(("Consumer", (Data(clean(plan.consumer, 120)),)))
    if plan.destination:
        fields.append(("New secret", (Data(clean(destination_words(plan.destination), 120)),)))
    fields.append(("Downtime", (Data(clean(plan.downtime, 200)),)))
    steps = tuple(_step_line(step) for step in plan.steps)
    order = f"{plural(len(plan.steps), 'step')}, in this order:"
    parts: list[Part] = [Fields(tuple(fields)), Para((order,)), Bullets(steps, numbered=True)]
    if plan.notes:
        parts += [
            Para(("Before you decide:",)),
            Bullets(tuple((Data(clean(n, 400)),) for n in plan.notes)),
        ]
    parts.append(Note(("Plan ", Code(plan.digest[:12]), ". Any change to it voids the approval.")))
    return tuple(parts)


def destination_words(name: str) -> str:
    """Where a new secret goes."""
    return "shown once, carried over by a person" if name == MANUAL else f"to {name}"


def _step_line(step: Step) -> tuple[Span, ...]:
    spans: list[Span] = [Data(clean(step.title, 200)), f", {MODES[step.mode]}"]
    if step.destructive:
        spans.append(". Stops something that is in use")
    if step.evidence:
        spans += [". Proof: ", Data(clean(step.evidence, 200))]
    if undo := step.twin.title if step.twin else step.undo:
        spans += [". To undo: ", Data(clean(undo[:1].lower() + undo[1:], 200))]
    return tuple(spans)
