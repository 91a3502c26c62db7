"""What can be done with an alert: plan, snooze, say it is not yours."""

from __future__ import annotations

from bot.alerts.lifecycle import LIVE, find
from bot.alerts.model import Alert, severity_of
from bot.alerts.notes import alert_line, alert_words
from bot.alerts.repository import AlertRepository
from bot.chat.grammar import Flag, FlagKind, WordKind
from bot.chat.model import (
    Bullets,
    Buttons,
    Data,
    Form,
    Heading,
    Input,
    InputKind,
    Mention,
    Option,
    Para,
    Part,
    Reply,
    Role,
    Typed,
    When,
)
from bot.chat.tokens import end_of
from bot.dispatch import Context, button, command, form
from bot.errors import BadArgument, Conflict, UserError
from bot.inventory.holdings import holdings
from bot.inventory.messages import PAGE, kind_of, page_note, page_of, pages
from bot.requests.target_choice import none_fits, target_input
from bot.requests.targets import Targets
from bot.text import clean, fold, plural


async def _alert(context: Context, ref: str) -> Alert:
    async with context.services.store.read() as unit:
        return await find(unit, ref)


@button("alert.handover", role=Role.OPERATOR, modal="Hand over")
async def plan_handover(context: Context) -> Reply:
    """The Plan Handover button: pick one of the person's credentials and where it should go."""
    alert = await _alert(context, context.request.value)
    catalogue = await context.services.inventory.catalogue()
    email = alert.payload.get("email", "")
    held = holdings(catalogue, email)
    if not held.entries:
        raise Conflict("They no longer hold a credential, so there is nothing to hand over.")
    options = tuple(
        Option(f"{clean(e.name, 36)} · {kind_of(e)} · {e.item.ref}", e.item.ref) for e in held.entries[:100]
    )
    first = options[0].value if len(options) == 1 else ""
    connections = sorted({e.item.connection for e in held.entries})
    offered = Targets(catalogue).on(connections)
    asked = Form(
        name="handover",
        title="Hand over",
        submit="Ask for Approval",
        state={"connections": " ".join(connections)},
        parts=(Para((Data(clean(email, 120), strong=True), " holds these.")), *none_fits(offered, None)),
        inputs=(
            Input(
                name="credential",
                label="What to hand over",
                kind=InputKind.CHOICE,
                options=options,
                initial=first,
            ),
            target_input(offered, best=False),
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


@button("alert.snooze", role=Role.OPERATOR, modal="Snooze alert")
async def open_snooze(context: Context) -> Reply:
    """The Snooze button asks for how long and why."""
    alert = await _alert(context, context.request.value)
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
async def submit_snooze(context: Context) -> Reply:
    """A sent Snooze form."""
    answers = context.request.answers
    try:
        return await _snooze(
            context, context.request.state["ref"], answers.get("days", ""), answers.get("reason", "")
        )
    except UserError as exc:
        return Reply(summary=exc.hint, errors={"days" if "days" in exc.hint else "reason": exc.hint})


@command(
    "snooze",
    usage="snooze <alert> <days|date> <reason>",
    role=Role.OPERATOR,
    examples=(
        'snooze 7K2QXM 3 "Ana is on leave until Monday"',
        "snooze 7K2QXM until 2026-12-01 frozen for audit",
    ),
)
async def snooze(context: Context) -> Reply:
    """Be quiet about an alert for some days or until a date, with a reason."""
    words = [word.value for word in context.words]
    if len(words) > 2 and words[1].lower() == "until":
        del words[1]
    if len(words) < 2:
        raise BadArgument('Type the alert, the days and a reason: `snooze 7K2QXM 3 "on leave"`.')
    return await _snooze(context, words[0], words[1], " ".join(words[2:]))


async def _snooze(context: Context, ref: str, typed: str, reason: str) -> Reply:
    end = end_of(typed, context.services.clock.now())
    alert = await _alert(context, ref)
    async with context.services.store.write() as unit:
        until = await context.services.alerts.answers.snooze(unit, alert, context.caller.user_id, end, reason)
    return Reply(
        summary="Snoozed.",
        parts=(
            Para(
                ("Snoozed until ", When(until, "time"), ". It speaks again then if the cause still stands.")
            ),
        ),
    )


@button("alert.notmine", modal="Not mine")
async def open_not_mine(context: Context) -> Reply:
    """The Not Mine button asks whose it is."""
    alert = await _alert(context, context.request.value)
    asked = Form(
        name="reassign",
        title="Not mine",
        submit="Say So",
        state={"ref": alert.ref},
        parts=(Para(("The alert stays open; the thread says that you are not the one.",)),),
        inputs=(
            Input(name="instead", label="Who should look instead", kind=InputKind.PERSON, optional=True),
        ),
    )
    return Reply(summary="Not mine", form=asked)


@form("reassign")
async def submit_not_mine(context: Context) -> Reply:
    """A sent Not Mine form."""
    return await _not_mine(context, context.request.state["ref"], context.request.answers.get("instead", ""))


@command(
    "reassign",
    usage="reassign <alert> [@person]",
    aliases=("reassign",),
    examples=("reassign 7K2QXM @ben",),
    writes=True,
)
async def not_mine(context: Context) -> Reply:
    """Say that an alert is not yours, and whose it is if you know."""
    if not context.words:
        raise BadArgument("Type the alert: `reassign 7K2QXM @ben`.")
    instead = context.words[1:]
    if len(instead) > 1 or any(word.kind is not WordKind.PERSON for word in instead):
        raise BadArgument("Mention one person who should look instead: `reassign 7K2QXM @ben`.")
    return await _not_mine(context, context.words[0].value, instead[0].value if instead else "")


async def _not_mine(context: Context, ref: str, instead: str) -> Reply:
    alert = await _alert(context, ref)
    async with context.services.store.write() as unit:
        await context.services.alerts.answers.not_mine(unit, alert, context.caller.user_id, instead)
    named = (" and that ", Mention(instead), " should look") if instead else ()
    return Reply(summary="Noted.", parts=(Para(("The thread now says that this is not yours", *named, ".")),))


@command(
    "ack", usage="ack <alert> [note]", aliases=("acknowledge", "take"), examples=("ack 7K2QXM",), writes=True
)
async def acknowledge(context: Context) -> Reply:
    """Say that you see to an alert: it calls nobody else then."""
    if not context.words:
        raise BadArgument("Type the alert: `ack 7K2QXM`.")
    return await _acknowledge(context, context.words[0].value, " ".join(w.value for w in context.words[1:]))


@button("alert.ack", writes=True)
async def press_acknowledge(context: Context) -> Reply:
    """The I Am On It button of a message to one person."""
    return await _acknowledge(context, context.request.value, "")


async def _acknowledge(context: Context, ref: str, note: str) -> Reply:
    alert = await _alert(context, ref)
    async with context.services.store.write() as unit:
        await context.services.alerts.answers.acknowledge(unit, alert, context.caller, note)
    return Reply(
        summary="You are on it.",
        parts=(Para(("You are on it. It calls nobody else, and stays open until its cause is gone.",)),),
    )


@command("assign", usage="assign <alert> @person", role=Role.OPERATOR, examples=("assign 7K2QXM @ben",))
async def assign(context: Context) -> Reply:
    """Ask somebody to see to an alert; it climbs on until they say that they do."""
    named = context.words[1:]
    if len(named) != 1 or named[0].kind is not WordKind.PERSON:
        raise BadArgument("Type the alert and mention one person: `assign 7K2QXM @ben`.")
    alert = await _alert(context, context.words[0].value)
    async with context.services.store.write() as unit:
        await context.services.alerts.answers.assign(unit, alert, context.caller.user_id, named[0].value)
    return Reply(
        summary="Assigned.",
        parts=(Para(("It is for ", Mention(named[0].value), " now. They hear of it as owners do.")),),
    )


@command(
    "alerts",
    usage="alerts [P1|P2|P3] [expiry|owner|missed|text…] [--page n]",
    flags={"page": Flag(FlagKind.INT, help="ten a page")},
    examples=("alerts", "alerts P1", "alerts expiry --page 2"),
)
async def listed(context: Context) -> Reply:
    """Every alert that is open or quiet, most urgent first, with who has it."""
    catalogue = await context.services.inventory.catalogue()
    async with context.services.store.read() as unit:
        live = await unit[AlertRepository].all(LIVE)
    wanted = [fold(word.value) for word in context.words]
    rows = [a for a in live if all(word in fold(alert_words(a, catalogue)) for word in wanted)]
    rows.sort(key=lambda a: (severity_of(a).value, a.opened_at, a.ref))
    if not rows:
        return Reply(
            summary="No alerts.", parts=(Para(("No alert", " matches." if wanted else " is open.")),)
        )
    page = page_of(context.flags.get("page"), len(rows))
    parts: list[Part] = [
        Heading("Alerts"),
        Bullets(tuple(alert_line(a, catalogue) for a in rows[(page - 1) * PAGE : page * PAGE])),
    ]
    if turning := pages(f"alerts {context.text}".strip(), page, len(rows)):
        parts.append(Buttons(turning))
    twin = (Typed(f"ack {rows[0].ref}"), " · ", Typed(f"snooze {rows[0].ref} 3"))
    parts.append(page_note(page, len(rows), twin))
    urgent = sum(severity_of(a).value == "P1" for a in rows)
    return Reply(summary=f"{plural(len(rows), 'alert')}, {urgent} urgent.", parts=tuple(parts))
