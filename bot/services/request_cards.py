"""The words of requests: what is asked, what stands in the thread, how it ended."""

from __future__ import annotations

from bot.domain.approval_rule import Rule
from bot.domain.conversation import (
    Bullets,
    Button,
    Buttons,
    Code,
    Confirm,
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
    When,
)
from bot.domain.plan import Plan, Receipt, Step, StepMode
from bot.domain.records import ChangeRequest, RequestState
from bot.domain.text import clean, plural

ENDINGS = {
    RequestState.APPROVED: "Approved, starting now.",
    RequestState.RUNNING: "Approved, running.",
    RequestState.WAITING: "Approved, waiting for evidence.",
    RequestState.HELD: "Held: a person must look.",
    RequestState.DONE: "Done.",
    RequestState.DENIED: "Denied, nothing was changed.",
    RequestState.EXPIRED: "Timed out, nothing was changed.",
    RequestState.CANCELLED: "Cancelled.",
    RequestState.VOIDED: "Void: it is no longer what was shown. Nothing was changed.",
    RequestState.PENDING: "Waiting for approval.",
}
MODES = {
    StepMode.AUTO: "by Handover",
    StepMode.GUIDED: "by a person, closed by evidence",
    StepMode.WATCH: "watched until the platform's record shows it",
}


def plan_parts(plan: Plan) -> tuple[Part, ...]:
    """A plan in full: what changes, in which order, who acts, how it is undone."""
    fields: list[tuple[str, tuple[Span, ...]]] = [
        ("Where", (Data(plan.connection),)),
        ("Subject", (Data(clean(plan.subject_label, 120)),)),
    ]
    if plan.target_label:
        fields.append(("Target", (Data(clean(plan.target_label, 120)),)))
    if plan.holder_email:
        fields.append(("Held by", (Data(clean(plan.holder_email, 120)),)))
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


def _step_line(step: Step) -> tuple[Span, ...]:
    spans: list[Span] = [Data(clean(step.title, 200)), f", {MODES[step.mode]}"]
    if step.destructive:
        spans.append(". Ends something that is alive")
    if step.undo:
        spans += [". To undo: ", Data(clean(step.undo, 200))]
    return tuple(spans)


def asked_card(request: ChangeRequest) -> Reply:
    """What whoever asked for a plan is told, with the plan in full."""
    title = clean(request.plan.title, 140)
    return Reply(
        summary=f"Asked: {title}. Request {request.ref} waits for an approver.",
        parts=(
            Para(
                (
                    "Asked. Request ",
                    Typed(f"requests {request.ref}"),
                    " waits for an approver; you will be told.",
                )
            ),
            *plan_parts(request.plan),
        ),
    )


def request_card(request: ChangeRequest, discounted: frozenset[str] = frozenset()) -> Reply:
    """The request's own message, in whatever state it is; the only buttons are those that work now.

    ``discounted``: members whose approval does not count any more, because they left or lost the role.
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
        parts.append(
            Bullets(tuple(_progress(request, n, s) for n, s in enumerate(plan.steps)), numbered=True)
        )
    parts += _decisions(request, discounted)
    if buttons := _buttons(request):
        parts.append(Buttons(buttons))
    parts.append(Note(_twins(request)))
    return Reply(summary=_headline(request), parts=tuple(parts))


def _headline(request: ChangeRequest) -> str:
    title = clean(request.plan.title, 120)
    if request.state is RequestState.PENDING:
        return f"{title}? Approve or deny request {request.ref}."
    return f"{title}: {ENDINGS[request.state]}"


def _state(request: ChangeRequest, discounted: frozenset[str]) -> tuple[Span, ...]:
    if request.state is RequestState.PENDING:
        yes = sum(
            d.approved and d.rev == request.rev and d.approver not in discounted for d in request.decisions
        )
        who = f" by {_approvers(request.rule)}" if request.rule else ""
        return (
            f"Waiting for approval{who}, {yes} of {request.needed}. Unanswered is no at ",
            When(request.expires_at, "time"),
        )
    if request.detail:
        return (ENDINGS[request.state].rstrip("."), ": ", Data(clean(request.detail, 600)))
    return (ENDINGS[request.state],)


def _approvers(rule: Rule) -> str:
    """Who may decide, in words. Groups and members are counted, not named: naming them would call them."""
    words = [f"the {name} role" for name in rule.approvers if name in set(Role)]
    groups = sum(name.startswith("S") for name in rule.approvers)
    people = len(rule.approvers) - len(words) - groups
    words += [plural(groups, "group")] if groups else []
    words += [plural(people, "named person", "named people")] if people else []
    return " or ".join(words)


def _progress(request: ChangeRequest, number: int, step: Step) -> tuple[Span, ...]:
    receipt = next((r for r in request.receipts if r.step == step.key), None)
    line: tuple[Span, ...] = (Data(clean(step.title, 160)),)
    if receipt:
        return (*line, " – done ", When(receipt.at, "time"))
    if number == request.cursor and request.state.live and request.state is not RequestState.PENDING:
        return (*line, " – now")
    return (*line, " – not begun")


def _decisions(request: ChangeRequest, discounted: frozenset[str] = frozenset()) -> list[Part]:
    lines: list[tuple[Span, ...]] = []
    for decision in request.decisions:
        said: tuple[Span, ...] = (": ", Data(clean(decision.reason, 300))) if decision.reason else ()
        void = (" · does not count: no longer an active approver",) if decision.approver in discounted else ()
        deed = "Approved by " if decision.approved else "Denied by "
        lines.append((deed, Mention(decision.approver), " · ", When(decision.at, "time"), *said, *void))
    return [Bullets(tuple(lines))] if lines else []


def _buttons(request: ChangeRequest) -> tuple[Button, ...]:
    value = f"{request.ref}.{request.rev}"
    if request.state is RequestState.PENDING:
        confirm = Confirm(
            title="Approve this plan",
            text=f"{clean(request.plan.title, 200)}. It starts at once.",
            yes="Approve",
            no="Not Now",
        )
        return (
            Button(
                "Approve",
                "request.approve",
                value,
                style="primary",
                confirm=confirm,
                hint=f"Approve {request.ref}",
            ),
            Button("Deny", "request.deny", value, hint=f"Deny {request.ref}"),
        )
    if request.state is RequestState.HELD:
        return (
            Button("Try Again", "request.retry", value, hint=f"Try the held step of {request.ref} again"),
            Button("Stop Here", "request.cancel", value, style="danger", hint=f"Stop {request.ref}"),
        )
    if request.state is RequestState.WAITING:
        return (
            Button("Check Now", "request.check", value, hint=f"Look for the evidence of {request.ref} now"),
            Button("Stop Here", "request.cancel", value, style="danger", hint=f"Stop {request.ref}"),
        )
    return ()


def _twins(request: ChangeRequest) -> tuple[Span, ...]:
    if request.state is RequestState.PENDING:
        twin = (Typed(f"approve {request.ref}"), " · ", Typed(f"deny {request.ref} <reason>"))
    elif request.state in (RequestState.HELD, RequestState.WAITING):
        twin = (Typed(f"requests check {request.ref}"), " · ", Typed(f"requests cancel {request.ref}"))
    else:
        return (f"request {request.ref} · ", Typed(f"audit {request.ref}"))
    return ("Or type ", *twin, f" · request {request.ref}")


def step_note(request: ChangeRequest, step: Step, receipt: Receipt) -> Reply:
    """A receipt, in the thread."""
    deed = "Done" if receipt.acted else "Checked" if step.key == "preflight" else "Seen"
    said = [clean(step.title, 200), clean(receipt.detail, 600)][1 if deed == "Checked" else 0 :]
    spans: list[Span] = [f"{deed}: ", Data(". ".join(part for part in said if part))]
    if receipt.record_id:
        spans += [" Record ", Code(clean(receipt.record_id, 80))]
    return Reply(summary=f"{deed}: {clean(step.title, 160)}", parts=(Para(tuple(spans)),))


def waiting_note(request: ChangeRequest, step: Step) -> Reply:
    """What a person must do, or what is watched for, in the thread."""
    head = "Your turn" if step.mode is StepMode.GUIDED else "Watching"
    parts: list[Part] = [Para((f"{head}: ", Data(clean(step.title, 200), strong=True)))]
    if step.instructions:
        parts.append(Bullets(tuple((Data(clean(line, 500)),) for line in step.instructions)))
    if step.evidence:
        parts.append(Para(("Closes when ", Data(clean(step.evidence, 400)))))
    if request.detail:
        parts.append(Para((Data(clean(request.detail, 600)),)))
    return Reply(summary=f"{head}: {clean(step.title, 160)}", parts=tuple(parts))


def held_note(request: ChangeRequest) -> Reply:
    """Why nothing goes on."""
    return Reply(
        summary=f"Held: request {request.ref} needs a person.",
        parts=(
            Para(("Held. ", Data(clean(request.detail, 800)))),
            Para(("Nothing further happens until somebody presses Try Again or Stop Here above.",)),
        ),
    )


def result_card(request: ChangeRequest) -> Reply:
    """How it ended, for its requester."""
    title = clean(request.plan.title, 140)
    words = ENDINGS[request.state]
    parts: list[Part] = [Para((Data(title, strong=True), ": ", words))]
    if request.detail:
        parts.append(Para((Data(clean(request.detail, 600)),)))
    parts += _decisions(request)
    parts.append(Note((f"request {request.ref} · ", Typed(f"audit {request.ref}"))))
    return Reply(summary=f"{title}: {words}", parts=tuple(parts))


def settled_words(request: ChangeRequest) -> str:
    """Why it can no longer be decided or stopped, for whoever came late."""
    return f"Request {request.ref}: {ENDINGS[request.state]}"
