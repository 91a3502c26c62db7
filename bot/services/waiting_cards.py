"""The words of requests that wait: a reminder, and who decides once approvers have left."""

from __future__ import annotations

from bot.domain.conversation import Data, Mention, Note, Para, Part, Reply, Span, Typed, When
from bot.domain.records import ChangeRequest, Routing
from bot.domain.text import clean, plural


def reminder(request: ChangeRequest, left: int, called: tuple[Mention, ...], able: int) -> Reply:
    """Said once, in the thread. ``called``: whom it names; ``able``: how many can decide, 0 if unknown."""
    need = plural(max(left, 1), "approval")
    spans: list[Span] = [
        f"Still waiting: {need} more. " if request.decisions else f"Still waiting for {need}. "
    ]
    if called:
        spans += [*_listed(called), " can decide. "]
    elif able:
        spans.append(f"{plural(able, 'person', 'people')} can decide. ")
    spans += ["Without an answer it is a no: ", When(request.expires_at, "time"), "."]
    twins = Note(("Type ", Typed(f"approve {request.ref}"), " or ", Typed(f"deny {request.ref} <reason>")))
    title = clean(request.plan.title, 120)
    return Reply(summary=f"Still waiting for a decision: {title}.", parts=(Para(tuple(spans)), twins))


def rerouted(
    request: ChangeRequest, able: int, needed: int, called: tuple[Mention, ...], added: int
) -> Reply:
    """Who decides now, as the request's ``routing`` says. ``called``, ``added``: those the fallback brings in."""
    title = Data(clean(request.plan.title, 140), strong=True)
    if request.routing is Routing.NAMED:
        words = "Enough approvers are there again, so only those whom the rule names decide."
        return Reply(summary=words, parts=(Para((words,)),))
    if request.routing is Routing.FALLBACK:
        words = "Approvers have left, and too few are there. From now on the rule's fallback decides too"
        whom: tuple[Span, ...] = (": ", *_listed(called)) if called else ()
        more = f": {plural(added, 'person', 'people')}" if added and not called else ""
        parts: list[Part] = [Para((title, ": ", words, *whom, more, "."))]
        return Reply(summary=f"{words}: request {request.ref}.", parts=tuple(parts))
    words = (
        f"Approvers have left: it needs {plural(needed, 'approval')}, and only {able} could be given. "
        "Ask an administrator to add an approver; until then it waits, and unanswered it is a no."
    )
    return Reply(
        summary=f"Too few approvers are left for request {request.ref}.", parts=(Para((title, ": ", words)),)
    )


def _listed(called: tuple[Mention, ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for number, one in enumerate(called):
        if number:
            spans.append(" and " if number == len(called) - 1 else ", ")
        spans.append(one)
    return tuple(spans)
