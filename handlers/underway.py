"""What becomes of approved requests at people's hands: looked at again, signed for, stopped, taken back."""

from __future__ import annotations

from bot.chat.model import Bullets, Data, Form, Input, InputKind, Para, Part, Reply, Role
from bot.dispatch import Ask, button, command, form
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
async def cancel(ask: Ask) -> Reply:
    """Stop a request; what is done stays done."""
    return await _cancel(ask, ask.text)


@button("request.cancel", role=Role.OPERATOR)
async def press_cancel(ask: Ask) -> Reply:
    """The Stop Here button."""
    return await _cancel(ask, shown(ask.request.value)[0])


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
    return await _check(ask, shown(ask.request.value)[0])


@button("request.retry", role=Role.OPERATOR)
async def press_retry(ask: Ask) -> Reply:
    """The Try Again button."""
    return await _check(ask, shown(ask.request.value)[0])


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
    ref, note = typed(ask.words)
    return await _sign(ask, ref, note)


@button("request.attest", role=Role.OPERATOR, opens="Sign for a step")
async def press_sign(ask: Ask) -> Reply:
    """The Sign for It button asks for a note."""
    ref, rev = shown(ask.request.value)
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
    return await _roll_back(ask, typed(ask.words)[0])


@button("request.rollback", role=Role.OPERATOR)
async def press_rollback(ask: Ask) -> Reply:
    """The Roll Back button, confirmed."""
    return await _roll_back(ask, shown(ask.request.value)[0])


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
