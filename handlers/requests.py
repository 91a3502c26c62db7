"""What was asked for, and the deciding of it."""

from __future__ import annotations

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import (
    Bullets,
    Buttons,
    Code,
    Data,
    Form,
    Heading,
    Input,
    InputKind,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Span,
    Typed,
    When,
)
from bot.dispatch import Ask, button, command, form
from bot.errors import UserError
from bot.inventory.messages import PAGE, page_note, page_of, pages
from bot.requests import plan_document
from bot.requests.buttons import shown, typed
from bot.requests.messages import ENDINGS, ending, request_card
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.text import clean, plural

OPEN = frozenset(state for state in RequestState if state.live)
VIEWS = {
    "waiting": frozenset({RequestState.PENDING}),
    "mine": frozenset(RequestState),
    "all": frozenset(RequestState),
}


@command(
    "requests",
    usage="requests [mine|waiting|all] [--page n] · requests <id> [--as markdown|json]",
    aliases=("reqs", "approvals"),
    flags={"page": Flag(FlagKind.INT, help="ten a page"), "as": plan_document.AS},
    examples=("requests", "requests waiting", "requests 7K2QXM", "requests 7K2QXM --as markdown"),
)
async def requests(ask: Ask) -> Reply:
    """Handovers and changes that were asked for, and where each of them is."""
    word = ask.text.casefold()
    if word and word not in VIEWS:
        request = await ask.services.approvals.get(ask.text)
        if form := ask.flags.get("as"):
            who = ask.caller.user_id
            return await plan_document.give(ask.services.files, who, request.plan, form, request.ref)
        return request_card(request, decidable=await ask.services.approvals.decidable(request, ask.caller))
    states = VIEWS.get(word, OPEN)
    requester = ask.caller.user_id if word == "mine" else None
    async with ask.services.store.read() as unit:
        rows, total = await unit[RequestRepository].page(states, requester, PAGE, 0)
        page = page_of(ask.flags.get("page"), total)
        if page > 1:
            rows, _ = await unit[RequestRepository].page(states, requester, PAGE, (page - 1) * PAGE)
    if not rows:
        return Reply(
            summary="No requests.",
            parts=(
                Para(
                    (
                        "Nothing is asked for just now. Try ",
                        Typed("list expiring"),
                        " or ",
                        Typed("handover"),
                        ".",
                    )
                ),
            ),
        )
    verb = f"requests {word}".strip()
    parts: list[Part] = [Heading("Requests"), Bullets(tuple(_line(row) for row in rows))]
    if turning := pages(verb, page, total):
        parts.append(Buttons(turning))
    parts.append(page_note(page, total, (Typed(f"requests {rows[0].ref}"), " shows one")))
    return Reply(summary=f"{plural(total, 'request')}.", parts=tuple(parts))


def _line(request: ChangeRequest) -> tuple[Span, ...]:
    return (
        Code(request.ref),
        " ",
        Data(clean(request.plan.title, 120), strong=True),
        " · asked by ",
        Mention(request.requester),
        " ",
        When(request.created_at, "ago"),
        f" · {ending(request)}",
    )


@command("approve", usage="approve <request> [reason]", writes=True, examples=("approve 7K2QXM",))
async def approve(ask: Ask) -> Reply:
    """Approve a request, exactly as it is shown; its rule names who may."""
    ref, reason = typed(ask.words)
    return await _approve(ask, ref, None, reason)


@command(
    "deny",
    usage="deny <request> [reason]",
    writes=True,
    aliases=("reject",),
    examples=("deny 7K2QXM not this week",),
)
async def deny(ask: Ask) -> Reply:
    """Deny a request; nothing is changed. Its rule names who may."""
    ref, reason = typed(ask.words)
    return await _decide(ask, ref, None, approved=False, reason=reason)


@button("request.approve", writes=True)
async def press_approve(ask: Ask) -> Reply:
    """The Approve button."""
    ref, rev = shown(ask.request.value)
    return await _approve(ask, ref, rev, "")


async def _approve(ask: Ask, ref: str, rev: int | None, reason: str) -> Reply:
    """Approve, or ask for the code first where the rule takes one: by button and by word alike."""
    request = await ask.services.approvals.wants_code(ref, rev, ask.caller)
    if request is None:
        return await _decide(ask, ref, rev, approved=True, reason=reason)
    asked = Form(
        name="approve",
        title="Approve request",
        submit="Approve",
        state={"ref": request.ref, "rev": str(request.rev if rev is None else rev)},
        parts=(
            Para((Data(clean(request.plan.title, 200), strong=True),)),
            Note(("Plan ", Code(request.digest[:12]), ". It starts at once with the last approval.")),
        ),
        inputs=(
            Input(
                name="code",
                label="Code",
                kind=InputKind.CODE,
                max_length=20,
                hint="The six digits your authenticator app shows now, or one of your recovery codes.",
            ),
            Input(
                name="reason",
                label="Comment",
                kind=InputKind.TEXT,
                optional=True,
                initial=reason,
                hint="Whoever asked reads it.",
            ),
        ),
    )
    return Reply(summary="Approve request", form=asked)


@form("approve")
async def approved_by_form(ask: Ask) -> Reply:
    """A sent Approve form with a code."""
    state, answers = ask.request.state, ask.request.answers
    said, code = answers.get("reason", ""), answers.get("code", "")
    try:
        return await _decide(ask, state["ref"], int(state["rev"]), approved=True, reason=said, code=code)
    except UserError as exc:
        return Reply(summary=exc.hint, errors={"code": exc.hint})


@button("request.deny", writes=True, opens="Deny request")
async def press_deny(ask: Ask) -> Reply:
    """The Deny button asks for a reason."""
    ref, rev = shown(ask.request.value)
    request = await ask.services.approvals.check(ref, rev, ask.caller, approve=False)
    asked = Form(
        name="deny",
        title="Deny request",
        submit="Deny",
        state={"ref": ref, "rev": str(rev)},
        parts=(Para((Data(clean(request.plan.title, 200), strong=True),)),),
        inputs=(
            Input(
                name="reason",
                label="Why not",
                kind=InputKind.TEXT,
                optional=True,
                hint="The requester reads it.",
            ),
        ),
    )
    return Reply(summary="Deny request", form=asked)


@form("deny")
async def submitted(ask: Ask) -> Reply:
    """A sent Deny form."""
    state = ask.request.state
    try:
        return await _decide(
            ask, state["ref"], int(state["rev"]), approved=False, reason=ask.request.answers.get("reason", "")
        )
    except UserError as exc:
        return Reply(summary=exc.hint, errors={"reason": exc.hint})


async def _decide(
    ask: Ask, ref: str, rev: int | None, *, approved: bool, reason: str, code: str = ""
) -> Reply:
    decided = await ask.services.approvals.decide(
        ref, rev, ask.caller, approve=approved, reason=reason, code=code
    )
    request, left = decided.request, decided.left
    if request.state is RequestState.APPROVED:
        await ask.services.begin(request.id)
    title = clean(request.plan.title, 140)
    if request.state is RequestState.PENDING:
        return Reply(
            summary=f"Noted. {plural(left, 'more approval')} needed for {title}.",
            parts=(Para((f"Noted. {plural(left, 'more approval')} needed.",)),),
        )
    words = ENDINGS[request.state]
    return Reply(summary=f"{title}: {words}", parts=(Para((Data(title, strong=True), ": ", words)),))
