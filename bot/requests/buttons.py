"""What can be done with a request now: its buttons, and what to type instead."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.grammar import Word
from bot.chat.model import Button, Confirm, Span, Typed
from bot.errors import BadArgument
from bot.platform import secret_steps
from bot.platform.plan import Step, StepMode
from bot.requests.model import ChangeRequest, RequestState
from bot.text import clean


def buttons(request: ChangeRequest, decidable: bool) -> tuple[Button, ...]:
    """Those that work now, three at most. ``decidable``: whether whoever looks may decide it."""
    value = f"{request.ref}.{request.rev}"
    stop = Button("Stop Here", "request.cancel", value, style="danger", hint=f"Stop {request.ref}")
    if request.state is RequestState.PENDING:
        return _decide(request, value) if decidable else (stop,)
    back = _back(request, value)
    if request.state is RequestState.HELD:
        again = Button("Try Again", "request.retry", value, hint=f"Try the held step of {request.ref} again")
        return (again, stop, *back)
    if request.state is RequestState.WAITING:
        if request.step and request.step.mode is StepMode.ATTESTED:
            go_on = Button("Confirm Step", "request.attest", value, hint=f"Confirm the step of {request.ref}")
        elif waits_for_secrets(request):
            go_on = sealed_page(request)
        else:
            hint = f"Look for the evidence of {request.ref} now"
            go_on = Button("Check Now", "request.check", value, hint=hint)
        return (go_on, stop, *back)
    return back


def waits_for_secrets(request: ChangeRequest) -> bool:
    """Whether the step it is at has secrets for a person to handle."""
    return _by_hand(request) is not None


def _by_hand(request: ChangeRequest) -> Step | None:
    return secret_steps.by_hand(request.steps, request.step) if request.step else None


def sealed_page(request: ChangeRequest) -> Button:
    """To the page where the step's secrets are entered, entered anew, or shown."""
    anew = _by_hand(request) != request.step
    label = "Enter Again" if anew else "Open Sealed Page"
    hint = f"Handle the secrets of {request.ref} on a page of your own"
    return Button(
        label, "secret.open", f"{request.ref}.{request.rev}", style="" if anew else "primary", hint=hint
    )


def _decide(request: ChangeRequest, value: str) -> tuple[Button, ...]:
    asks_anyway = request.rule is not None and request.rule.step_up  # the form for the code says it all
    confirm = (
        None
        if asks_anyway
        else Confirm(
            title="Approve this plan",
            text=f"{clean(request.plan.title, 200)}. It starts at once.",
            yes="Approve",
            no="Not Now",
        )
    )
    hint = f"Approve {request.ref}"
    return (
        Button("Approve", "request.approve", value, style="primary", confirm=confirm, hint=hint),
        Button("Deny", "request.deny", value, hint=f"Deny {request.ref}"),
    )


def _back(request: ChangeRequest, value: str) -> tuple[Button, ...]:
    """Roll Back, where something was done and nothing was ended."""
    done = {receipt.step for receipt in request.receipts}
    ended = any(step.for_good and step.key in done for step in request.plan.steps)
    begun = any((step.twin or step.undo) and step.key in done for step in request.plan.steps)
    turnable = request.state.live or request.state is RequestState.DONE
    if request.rollback or ended or not begun or not turnable:
        return ()
    confirm = Confirm(
        title="Roll back",
        text=f"{clean(request.plan.title, 200)}: changes are undone, the last step first.",
        yes="Roll Back",
        no="Not Now",
    )
    hint = f"Undo what {request.ref} did"
    return (Button("Roll Back", "request.rollback", value, confirm=confirm, hint=hint),)


def twins(request: ChangeRequest) -> tuple[Span, ...]:
    """What to type instead."""
    twin: tuple[Span, ...]
    if request.state is RequestState.PENDING:
        twin = (Typed(f"approve {request.ref}"), " · ", Typed(f"deny {request.ref} <reason>"))
    elif request.state in (RequestState.HELD, RequestState.WAITING):
        signs = request.step and request.step.mode is StepMode.ATTESTED
        verb = "sign" if signs and request.state is RequestState.WAITING else "check"
        deed = f"requests {verb} {request.ref}"
        if request.state is RequestState.WAITING and waits_for_secrets(request):
            deed = f"secret {request.ref}"
        twin = (Typed(deed), " · ", Typed(f"requests cancel {request.ref}"))
        if _back(request, ""):
            twin = (*twin, " · ", Typed(f"rollback {request.ref}"))
    elif _back(request, ""):
        twin = (Typed(f"rollback {request.ref}"), " · ", Typed(f"audit {request.ref}"))
    else:
        return (f"request {request.ref} · ", Typed(f"audit {request.ref}"))
    return ("Or type ", *twin, f" · request {request.ref}")


def typed(words: Sequence[Word]) -> tuple[str, str]:
    """The reference and the rest of what was typed.

    Raises:
        BadArgument: nothing was.
    """
    if not words:
        raise BadArgument("Say which request, for example `approve 7K2QXM`. `requests waiting` lists them.")
    return words[0].value, " ".join(word.value for word in words[1:])


def shown(value: str) -> tuple[str, int]:
    """The reference and the revision that a button was made with.

    Raises:
        BadArgument: an older release made it.
    """
    ref, _, rev = value.partition(".")
    if not rev.isdecimal():
        raise BadArgument("This button is from an older version. `requests` shows what can be decided now.")
    return ref, int(rev)
