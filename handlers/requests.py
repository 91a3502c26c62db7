"""What was asked for, and the deciding of it."""

from __future__ import annotations

from bot.dispatch import Ask, button, command, form
from bot.domain.conversation import (
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
    Role,
    Span,
    Typed,
    When,
)
from bot.domain.grammar import Flag, FlagKind
from bot.domain.records import ChangeRequest, RequestState
from bot.domain.text import clean, plural
from bot.errors import BadArgument, Conflict, UserError
from bot.services.request_cards import ENDINGS, ending, request_card, settled_words
from bot.services.wording import PAGE, page_note, page_of, pages

OPEN = frozenset(state for state in RequestState if state.live)
VIEWS = {
    "waiting": frozenset({RequestState.PENDING}),
    "mine": frozenset(RequestState),
    "all": frozenset(RequestState),
}


@command(
    "requests",
    usage="requests [mine|waiting|all] [--page n] · requests <id>",
    aliases=("reqs", "approvals"),
    flags={"page": Flag(FlagKind.INT, help="ten a page")},
    examples=("requests", "requests waiting", "requests 7K2QXM"),
)
async def requests(ask: Ask) -> Reply:
    """Handovers and changes that were asked for, and where each of them is."""
    word = ask.text.casefold()
    if word and word not in VIEWS:
        request = await ask.services.approvals.get(ask.text)
        return request_card(request, decidable=await ask.services.approvals.decidable(request, ask.caller))
    states = VIEWS.get(word, OPEN)
    requester = ask.caller.user_id if word == "mine" else None
    async with ask.services.store.read() as unit:
        rows, total = await unit.requests.page(states, requester, PAGE, 0)
        page = page_of(ask.flags.get("page"), total)
        if page > 1:
            rows, _ = await unit.requests.page(states, requester, PAGE, (page - 1) * PAGE)
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
    ref, reason = _typed(ask)
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
    ref, reason = _typed(ask)
    return await _decide(ask, ref, None, approved=False, reason=reason)


@button("request.approve", writes=True)
async def press_approve(ask: Ask) -> Reply:
    """The Approve button."""
    ref, rev = _shown(ask)
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
    ref, rev = _shown(ask)
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


@command(
    "requests cancel",
    usage="requests cancel <request>",
    role=Role.OPERATOR,
    examples=("requests cancel 7K2QXM",),
)
async def cancel(ask: Ask) -> Reply:
    """Stop a request; what is done stays done."""
    return await _cancel(ask, ask.text)


@button("request.cancel", role=Role.OPERATOR)
async def press_cancel(ask: Ask) -> Reply:
    """The Stop Here button."""
    return await _cancel(ask, _shown(ask)[0])


async def _cancel(ask: Ask, ref: str) -> Reply:
    request = await ask.services.approvals.cancel(ref, ask.caller)
    done = [s for s in request.plan.steps[: len(request.receipts)] if s.undo or s.twin]
    parts: list[Part] = [Para(("Stopped. What was done stays done; nothing further happens.",))]
    if done:
        undo = (s.undo or (s.twin.title if s.twin else "") for s in reversed(done))
        parts += [Para(("To undo by hand:",)), Bullets(tuple((Data(clean(u, 300)),) for u in undo))]
    return Reply(summary=f"Request {request.ref} was stopped.", parts=tuple(parts))


@command(
    "requests check",
    usage="requests check <request>",
    role=Role.OPERATOR,
    examples=("requests check 7K2QXM",),
)
async def check(ask: Ask) -> Reply:
    """Look now for what a request waits for, or try a held step again."""
    return await _check(ask, ask.text)


@button("request.check", role=Role.OPERATOR)
async def press_check(ask: Ask) -> Reply:
    """The Check Now button."""
    return await _check(ask, _shown(ask)[0])


@button("request.retry", role=Role.OPERATOR)
async def press_retry(ask: Ask) -> Reply:
    """The Try Again button."""
    return await _check(ask, _shown(ask)[0])


async def _check(ask: Ask, ref: str) -> Reply:
    request = await ask.services.approvals.get(ref)
    if request.state is RequestState.HELD and not await ask.services.handover.resume(
        request, ask.caller.user_id
    ):
        raise Conflict("Somebody else moved it a moment ago. Nothing changed.")
    if request.state not in (RequestState.HELD, RequestState.WAITING):
        raise Conflict(f"Request {request.ref}: {ENDINGS[request.state]} There is nothing to look for.")
    await ask.services.begin(request.id)
    return Reply(
        summary="Looking now; the thread says what was found.",
        parts=(Para(("Looking now; the thread says what was found.",)),),
    )


@command(
    "requests sign",
    usage="requests sign <request> [note]",
    role=Role.OPERATOR,
    examples=("requests sign 7K2QXM entered into Celigo, flow runs",),
)
async def sign(ask: Ask) -> Reply:
    """Sign for a step that leaves no evidence: you say that it was done, and it is recorded under your name."""
    ref, note = _typed(ask)
    return await _sign(ask, ref, note)


@button("request.attest", role=Role.OPERATOR, opens="Sign for a step")
async def press_sign(ask: Ask) -> Reply:
    """The Sign for It button asks for a note."""
    ref, rev = _shown(ask)
    request = await ask.services.approvals.get(ref)
    step = request.step
    if step is None or request.state is not RequestState.WAITING:
        raise Conflict(settled_words(request))
    about = (Para((Data(clean(step.title, 200), strong=True),)), Para(("It is recorded under your name.",)))
    note = Input(
        name="note",
        label="What you did or saw",
        kind=InputKind.TEXT,
        optional=True,
        hint="It stands in the trail and in the evidence.",
        max_length=500,
    )
    asked = Form(
        name="sign",
        title="Sign for a step",
        submit="Sign",
        state={"ref": ref, "rev": str(rev)},
        parts=about,
        inputs=(note,),
    )
    return Reply(summary="Sign for a step", form=asked)


@form("sign", role=Role.OPERATOR)
async def signed(ask: Ask) -> Reply:
    """A sent note: the step is closed under the signer's name."""
    try:
        return await _sign(ask, ask.request.state["ref"], ask.request.answers.get("note", ""))
    except UserError as exc:
        return Reply(summary=exc.hint, errors={"note": exc.hint})


async def _sign(ask: Ask, ref: str, note: str) -> Reply:
    request = await ask.services.approvals.get(ref)
    await ask.services.handover.attest(request, ask.caller.user_id, note.strip())
    await ask.services.begin(request.id)
    return Reply(summary="Signed; the thread has it.", parts=(Para(("Signed; the thread has it.",)),))


@command(
    "rollback",
    usage="rollback <request>",
    role=Role.OPERATOR,
    aliases=("undo",),
    examples=("rollback 7K2QXM",),
)
async def rollback(ask: Ask) -> Reply:
    """Take back what a request did; possible until the old credential is ended."""
    return await _roll_back(ask, _typed(ask)[0])


@button("request.rollback", role=Role.OPERATOR)
async def press_rollback(ask: Ask) -> Reply:
    """The Roll Back button, confirmed."""
    return await _roll_back(ask, _shown(ask)[0])


async def _roll_back(ask: Ask, ref: str) -> Reply:
    request = await ask.services.handover.roll_back(ref, ask.caller.user_id)
    await ask.services.begin(request.id)
    said = "Going back: the last step first. The thread says what is taken back."
    return Reply(
        summary=said,
        parts=(
            Para((said,)),
            Bullets(tuple((Data(clean(step.title, 200)),) for step in request.steps), numbered=True),
        ),
    )


def _typed(ask: Ask) -> tuple[str, str]:
    if not ask.words:
        raise BadArgument("Say which request, for example `approve 7K2QXM`. `requests waiting` lists them.")
    return ask.words[0].value, " ".join(w.value for w in ask.words[1:])


def _shown(ask: Ask) -> tuple[str, int]:
    ref, _, rev = ask.request.value.partition(".")
    if not rev.isdecimal():
        raise BadArgument("This button is from an older version. `requests` shows what can be decided now.")
    return ref, int(rev)
