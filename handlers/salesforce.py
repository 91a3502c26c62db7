"""What only Salesforce has: integration users made, restricted, frozen, and their sign-ins read."""

from __future__ import annotations

from datetime import timedelta

from bot.change_forms import ChangeForm
from bot.chat.grammar import Flag
from bot.chat.model import (
    Bullets,
    Data,
    Heading,
    Input,
    InputKind,
    Option,
    Para,
    Part,
    Reply,
    Role,
    Span,
    When,
)
from bot.dispatch import Context, command, form
from bot.errors import BadArgument
from bot.inventory.messages import gap_line
from bot.platform.model import Area, Login, Principal
from bot.text import clean, plural

CONNECTION = Flag(help="which Salesforce, where there are several")
USER = Input(name="user", label="User", placeholder="svc.marketo@example.com", max_length=120)
FIELDS: dict[str, tuple[Input, ...]] = {
    "create": (
        Input(name="name", label="Name of the integration", placeholder="Marketo sync", max_length=80),
        Input(name="email", label="Mailbox", placeholder="svc.marketo@example.com", hint="One you can read."),
        Input(
            name="username",
            label="User name",
            placeholder="svc.marketo@example.com",
            hint="Like an e-mail address, and unique in all of Salesforce.",
        ),
        Input(name="permission_sets", label="Permission sets", optional=True, hint="Names, between commas."),
        Input(
            name="security_token",
            label="Security token",
            kind=InputKind.CHOICE,
            options=(Option("Not needed", "no"), Option("Needed for SOAP or password sign-in", "yes")),
            initial="no",
            optional=True,
            hint="Salesforce has no API for it: the plan then says what to click.",
        ),
    ),
    "restrict": (
        USER,
        Input(
            name="ranges",
            label="Allowed addresses",
            placeholder="203.0.113.0-203.0.113.31, 198.51.100.7",
            hint="Added to those the profile has; everybody with that profile is bound by them.",
        ),
    ),
    "hours": (
        USER,
        Input(
            name="hours",
            label="Allowed hours",
            placeholder="mon-fri 6-20",
            hint="Whole hours in the organization's time zone. Days not named are closed.",
        ),
    ),
    "freeze": (USER,),
    "unfreeze": (USER,),
}
WORDS = {  # title, what it does, example
    "create": (
        "Create account",
        "Creates a user that can only use the API, with the Salesforce Integration license.",
        '"Marketo sync" --email svc.marketo@example.com --username svc.marketo@example.com --reason "New sync"',
    ),
    "restrict": (
        "Restrict sign-in",
        "Adds addresses from which the users of one profile may sign in.",
        'svc.marketo@example.com --ranges 203.0.113.7 --reason "Fixed egress address"',
    ),
    "hours": (
        "Restrict hours",
        "Sets the hours at which the users of one profile may sign in.",
        'svc.marketo@example.com --hours "mon-fri 6-20" --reason "Nightly sync only"',
    ),
    "freeze": (
        "Freeze user",
        "Stops sign-in at once and can be undone. Tokens stay; the integration may stop.",
        'ana@example.com --reason "Laptop was stolen"',
    ),
    "unfreeze": (
        "Unfreeze user",
        "Lets the user sign in again.",
        'ana@example.com --reason "Laptop was found"',
    ),
}
OWN_VALUE = {"create": "username", "restrict": "ranges", "hours": "hours"}
FORMS = {
    verb: ChangeForm(
        platform="salesforce",
        verb=verb,
        title=title,
        explained=explained,
        example=example,
        fields=FIELDS[verb],
        about=OWN_VALUE.get(verb, "user"),
        account="username" if verb == "create" else "user",
    )
    for verb, (title, explained, example) in WORDS.items()
}


@FORMS["create"].command
@form("salesforce.create", role=Role.OPERATOR)
async def create(context: Context) -> Reply:
    """Create an API-only integration user, the way Salesforce recommends."""
    return await FORMS["create"].asked(context)


@FORMS["restrict"].command
@form("salesforce.restrict", role=Role.OPERATOR)
async def restrict(context: Context) -> Reply:
    """Allow sign-in only from given addresses, by the user's profile."""
    return await FORMS["restrict"].asked(context)


@FORMS["hours"].command
@form("salesforce.hours", role=Role.OPERATOR)
async def hours(context: Context) -> Reply:
    """Allow sign-in only at given hours, by the user's profile."""
    return await FORMS["hours"].asked(context)


@FORMS["freeze"].command
@form("salesforce.freeze", role=Role.OPERATOR)
async def freeze(context: Context) -> Reply:
    """Stop a user from signing in, reversibly; its tokens stay."""
    return await FORMS["freeze"].asked(context)


@FORMS["unfreeze"].command
@form("salesforce.unfreeze", role=Role.OPERATOR)
async def unfreeze(context: Context) -> Reply:
    """Let a frozen user sign in again."""
    return await FORMS["unfreeze"].asked(context)


@command(
    "salesforce logins",
    usage="salesforce logins <user> [--connection …]",
    flags={"connection": CONNECTION},
    examples=("salesforce logins svc.marketo@example.com",),
)
async def logins(context: Context) -> Reply:
    """The last day's sign-ins of one user: from where, through what, and what failed."""
    connection = context.connection("salesforce")
    catalogue = await context.services.inventory.catalogue()
    item = catalogue.find(context.text)
    entry = catalogue.entry(item)
    who = item.body if isinstance(item.body, Principal) else entry.account if entry else None
    if who is None or item.connection != connection:
        raise BadArgument(f"Name a user of {connection}: its user name or its id here.")
    snapshot = await context.services.platforms[connection].snapshot(
        context.services.clock.now() - timedelta(days=1)
    )
    found = sorted(
        (x for x in snapshot.logins if x.principal_id == who.native_id), key=lambda x: x.at, reverse=True
    )
    blind = [gap for gap in snapshot.gaps if gap.area is Area.LOGINS]
    failed = sum(not login.succeeded for login in found)
    parts: list[Part] = [
        Heading("Sign-ins of the last day"),
        Para((Data(clean(who.username, 120), strong=True),)),
    ]
    if blind:
        parts.append(Bullets(tuple(gap_line(connection, gap) for gap in blind)))
    elif found:
        parts.append(Bullets(tuple(_line(login) for login in found[:15])))
        if len(found) > 15:
            parts.append(Para((f"… and {len(found) - 15} more.",)))
    else:
        parts.append(Para(("None in the last day.",)))
    summary = "Sign-ins are not visible." if blind else f"{plural(len(found), 'sign-in')}, {failed} failed."
    return Reply(summary=summary, parts=tuple(parts))


def _line(login: Login) -> tuple[Span, ...]:
    deed = "ok" if login.succeeded else "failed"
    by = " by hand" if login.interactive else ""
    why: tuple[Span, ...] = () if login.succeeded else (": ", Data(clean(login.status, 120)))
    through = Data(clean(f"{login.application} {login.channel}", 80))
    source = Data(clean(login.source or "an unknown address", 60))
    return (When(login.at, "time"), f" · {deed}{by} · ", through, " from ", source, *why)
