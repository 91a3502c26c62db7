"""What can be done with an alert: plan, snooze, say it is not yours."""

from __future__ import annotations

from bot.dispatch import Ask, button, command, form
from bot.domain.conversation import (
    Data,
    Form,
    Input,
    InputKind,
    Mention,
    Option,
    Para,
    Reply,
    Role,
    When,
)
from bot.domain.grammar import WordKind
from bot.domain.records import Alert
from bot.domain.text import clean, fold
from bot.errors import BadArgument, Conflict, NotFound, UserError
from bot.services.holdings import holdings
from bot.services.wording import candidates, kind_of


async def _alert(ask: Ask, ref: str) -> Alert:
    async with ask.services.store.read() as unit:
        alert = await unit.alerts.by_ref(ref)
    if alert is None:
        raise NotFound("No alert has that id.")
    return alert


@button("alert.handover", role=Role.OPERATOR, opens="Hand over")
async def plan_handover(ask: Ask) -> Reply:
    """The Plan Handover button: pick one of the person's credentials and where it should go."""
    alert = await _alert(ask, ask.request.value)
    catalogue = await ask.services.inventory.catalogue()
    email = alert.payload.get("email", "")
    person = next((p for p in catalogue.people.values() if p.email and fold(p.email) == fold(email)), None)
    held = holdings(catalogue, email, person)
    if not held.entries:
        raise Conflict("They no longer hold a credential, so there is nothing to hand over.")
    options = tuple(
        Option(f"{clean(e.name, 36)} · {kind_of(e)} · {e.item.ref}", e.item.ref) for e in held.entries[:100]
    )
    first = options[0].value if len(options) == 1 else ""
    asked = Form(
        name="handover",
        title="Hand over",
        submit="Ask for Approval",
        parts=(
            Para((Data(clean(email, 120), strong=True), " stands behind these.")),
            candidates(catalogue, {e.item.connection for e in held.entries}),
        ),
        inputs=(
            Input(
                name="credential",
                label="What to hand over",
                kind=InputKind.CHOICE,
                options=options,
                initial=first,
            ),
            Input(
                name="target",
                label="To which account",
                placeholder="svc.marketo@example.com",
                hint="User name of an integration account on the same system. The plan is checked first.",
                max_length=200,
            ),
            Input(
                name="reason",
                label="Why",
                kind=InputKind.TEXT,
                initial=f"{email} was deactivated",
                max_length=500,
            ),
        ),
    )
    return Reply(summary="Hand over", form=asked)


@button("alert.snooze", role=Role.OPERATOR, opens="Snooze alert")
async def open_snooze(ask: Ask) -> Reply:
    """The Snooze button asks for how long and why."""
    alert = await _alert(ask, ask.request.value)
    asked = Form(
        name="snooze",
        title="Snooze alert",
        submit="Snooze",
        state={"ref": alert.ref},
        inputs=(
            Input(
                name="days",
                label="For how many days",
                kind=InputKind.CHOICE,
                options=tuple(Option(f"{n} day{'s' if n > 1 else ''}", str(n)) for n in (1, 2, 3, 5, 7)),
                initial="1",
                hint="At most seven while an owner is deactivated.",
            ),
            Input(name="reason", label="Why", kind=InputKind.TEXT, max_length=300),
        ),
    )
    return Reply(summary="Snooze alert", form=asked)


@form("snooze", role=Role.OPERATOR)
async def submit_snooze(ask: Ask) -> Reply:
    """A sent Snooze form."""
    answers = ask.request.answers
    try:
        return await _snooze(
            ask, ask.request.state["ref"], answers.get("days", ""), answers.get("reason", "")
        )
    except UserError as exc:
        return Reply(summary=exc.hint, errors={"days" if "days" in exc.hint else "reason": exc.hint})


@command(
    "snooze",
    usage="snooze <alert> <days> <reason>",
    role=Role.OPERATOR,
    examples=('snooze 7K2QXM 3 "Ana is on leave until Monday"',),
)
async def snooze(ask: Ask) -> Reply:
    """Be quiet about an alert for some days, with a reason."""
    if len(ask.words) < 2:
        raise BadArgument('Type the alert, the days and a reason: `snooze 7K2QXM 3 "on leave"`.')
    days = ask.words[1].value.rstrip("d")
    return await _snooze(ask, ask.words[0].value, days, " ".join(w.value for w in ask.words[2:]))


async def _snooze(ask: Ask, ref: str, days: str, reason: str) -> Reply:
    if not (days.isascii() and days.isdecimal() and len(days) < 4):
        raise BadArgument("Give the days as a whole number, for example `3`.")
    alert = await _alert(ask, ref)
    async with ask.services.store.write() as unit:
        until = await ask.services.alerts.snooze(unit, alert, ask.caller.user_id, int(days), reason)
    return Reply(
        summary="Snoozed.",
        parts=(
            Para(
                ("Snoozed until ", When(until, "time"), ". It speaks again then if the cause still stands.")
            ),
        ),
    )


@button("alert.notmine", opens="Not mine")
async def open_not_mine(ask: Ask) -> Reply:
    """The Not Mine button asks whose it is."""
    alert = await _alert(ask, ask.request.value)
    asked = Form(
        name="notmine",
        title="Not mine",
        submit="Say So",
        state={"ref": alert.ref},
        parts=(Para(("The alert stays open; the thread says that you are not the one.",)),),
        inputs=(
            Input(name="instead", label="Who should look instead", kind=InputKind.PERSON, optional=True),
        ),
    )
    return Reply(summary="Not mine", form=asked)


@form("notmine")
async def submit_not_mine(ask: Ask) -> Reply:
    """A sent Not Mine form."""
    return await _not_mine(ask, ask.request.state["ref"], ask.request.answers.get("instead", ""))


@command("notmine", usage="notmine <alert> [@person]", examples=("notmine 7K2QXM @ben",), writes=True)
async def not_mine(ask: Ask) -> Reply:
    """Say that an alert is not yours, and whose it is if you know."""
    if not ask.words:
        raise BadArgument("Type the alert: `notmine 7K2QXM @ben`.")
    instead = ask.words[1:]
    if len(instead) > 1 or any(word.kind is not WordKind.PERSON for word in instead):
        raise BadArgument("Mention one person who should look instead: `notmine 7K2QXM @ben`.")
    return await _not_mine(ask, ask.words[0].value, instead[0].value if instead else "")


async def _not_mine(ask: Ask, ref: str, instead: str) -> Reply:
    alert = await _alert(ask, ref)
    async with ask.services.store.write() as unit:
        await ask.services.alerts.not_mine(unit, alert, ask.caller.user_id, instead)
    named = (" and that ", Mention(instead), " should look") if instead else ()
    return Reply(summary="Noted.", parts=(Para(("The thread now says that this is not yours", *named, ".")),))
