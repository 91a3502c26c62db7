"""What becomes of approved requests at people's hands: looked at again, signed for, stopped, taken back."""

from __future__ import annotations

from bot.chat.model import Bullets, Data, Form, Input, InputKind, Para, Part, Reply, Role
from bot.dispatch import Context, button, command, form
from bot.errors import Conflict, UserError
from bot.requests.buttons import shown, typed
from bot.requests.messages import ENDINGS, settled_words
from bot.requests.model import RequestState
from bot.text import clean


@command(
    "requests cancel",
    usage="requests cancel <request>",
    role=Role.OPERATOR,
    examples=("requests cancel 7K2QXM",),
)
async def cancel(context: Context) -> Reply:
    """Stop a request; what is done stays done."""
    return await _cancel(context, context.text)


@button("request.cancel", role=Role.OPERATOR)
async def press_cancel(context: Context) -> Reply:
    """The Stop Here button."""
    return await _cancel(context, shown(context.request.value)[0])


async def _cancel(context: Context, ref: str) -> Reply:
    request = await context.services.approvals.cancel(ref, context.caller)
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
async def check(context: Context) -> Reply:
    """Look now for what a request waits for, or try a held step again."""
    return await _check(context, context.text)


@button("request.check", role=Role.OPERATOR)
async def press_check(context: Context) -> Reply:
    """The Check Now button."""
    return await _check(context, shown(context.request.value)[0])


@button("request.retry", role=Role.OPERATOR)
async def press_retry(context: Context) -> Reply:
    """The Try Again button."""
    return await _check(context, shown(context.request.value)[0])


async def _check(context: Context, ref: str) -> Reply:
    request = await context.services.approvals.get(ref)
    if request.state is RequestState.HELD and not await context.services.executor.resume(
        request, context.caller.user_id
    ):
        raise Conflict("Somebody else moved it a moment ago. Nothing changed.")
    if request.state not in (RequestState.HELD, RequestState.WAITING):
        raise Conflict(f"Request {request.ref}: {ENDINGS[request.state]} There is nothing to look for.")
    await context.services.begin(request.id)
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
async def sign(context: Context) -> Reply:
    """Sign for a step that leaves no evidence: you say that it was done, and it is recorded under your name."""
    ref, note = typed(context.words)
    return await _sign(context, ref, note)


@button("request.attest", role=Role.OPERATOR, modal="Sign for a step")
async def press_sign(context: Context) -> Reply:
    """The Sign for It button asks for a note."""
    ref, rev = shown(context.request.value)
    request = await context.services.approvals.get(ref)
    step = request.step
    if step is None or request.state is not RequestState.WAITING:
        raise Conflict(settled_words(request))
    about = (Para((Data(clean(step.title, 200), strong=True),)), Para(("It is recorded under your name.",)))
    note = Input(
        name="note",
        label="What you did or saw",
        kind=InputKind.TEXT,
        optional=True,
        hint="It is kept in the audit log and in the evidence.",
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
async def signed(context: Context) -> Reply:
    """A sent note: the step is closed under the signer's name."""
    try:
        return await _sign(context, context.request.state["ref"], context.request.answers.get("note", ""))
    except UserError as exc:
        return Reply(summary=exc.hint, errors={"note": exc.hint})


async def _sign(context: Context, ref: str, note: str) -> Reply:
    request = await context.services.approvals.get(ref)
    await context.services.executor.attest(request, context.caller.user_id, note.strip())
    await context.services.begin(request.id)
    return Reply(summary="Signed; the thread has it.", parts=(Para(("Signed; the thread has it.",)),))


@command(
    "rollback",
    usage="rollback <request>",
    role=Role.OPERATOR,
    aliases=("undo",),
    examples=("rollback 7K2QXM",),
)
async def rollback(context: Context) -> Reply:
    """Take back what a request did; possible until the old credential is ended."""
    return await _roll_back(context, typed(context.words)[0])


@button("request.rollback", role=Role.OPERATOR)
async def press_rollback(context: Context) -> Reply:
    """The Roll Back button, confirmed."""
    return await _roll_back(context, shown(context.request.value)[0])


async def _roll_back(context: Context, ref: str) -> Reply:
    request = await context.services.executor.roll_back(ref, context.caller.user_id)
    await context.services.begin(request.id)
    said = "Going back: the last step first. The thread says what is taken back."
    return Reply(
        summary=said,
        parts=(
            Para((said,)),
            Bullets(tuple((Data(clean(step.title, 200)),) for step in request.steps), numbered=True),
        ),
    )
