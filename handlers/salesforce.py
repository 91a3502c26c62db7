"""What only Salesforce has: integration users made, restricted, frozen, and their sign-ins read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.dispatch import Ask, command, form
from bot.domain.conversation import (
    Bullets,
    Data,
    Form,
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
from bot.domain.grammar import Flag, FlagKind, Parsed
from bot.domain.identity import Area, Login, Principal
from bot.domain.records import ChangeRequest
from bot.domain.text import clean, plural
from bot.errors import BadArgument, BotError, PlatformError, UserError
from bot.services.request_cards import asked_card
from bot.services.wording import gap_line

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
            hint="Whole hours in the organisation's time zone; days not named are closed.",
        ),
    ),
    "freeze": (USER,),
    "unfreeze": (USER,),
}
TITLES = {
    "create": "Create account",
    "restrict": "Restrict sign-in",
    "hours": "Restrict hours",
    "freeze": "Freeze user",
    "unfreeze": "Unfreeze user",
}
EXPLAINED = {
    "create": "Makes a user that can only use the API, with the Salesforce Integration licence.",
    "restrict": "Adds addresses from which the users of one profile may sign in.",
    "hours": "Sets the hours at which the users of one profile may sign in.",
    "freeze": "Stops sign-in at once and can be undone. Tokens stay; the integration may stop.",
    "unfreeze": "Lets the user sign in again.",
}
TYPED_FIRST = {"create": "name", "restrict": "user", "hours": "user", "freeze": "user", "unfreeze": "user"}
OWN_VALUE = {
    "create": "username",
    "restrict": "ranges",
    "hours": "hours",
    "freeze": "user",
    "unfreeze": "user",
}
EXAMPLES = {
    "create": '"Marketo sync" --email svc.marketo@example.com --username svc.marketo@example.com --reason "New sync"',
    "restrict": 'svc.marketo@example.com --ranges 203.0.113.7 --reason "Fixed egress address"',
    "hours": 'svc.marketo@example.com --hours "mon-fri 6-20" --reason "Nightly sync only"',
    "freeze": 'ana@example.com --reason "Laptop was stolen"',
    "unfreeze": 'ana@example.com --reason "Laptop was found"',
}

Handler = Callable[[Ask], Awaitable[Reply]]


def _change(verb: str) -> Callable[[Handler], Handler]:
    """One of Salesforce's changes: the same flags, form and examples for each, from the tables above."""
    fields = [f for f in FIELDS[verb] if f.name != TYPED_FIRST[verb]]
    needed = [f.name for f in fields if not f.optional]

    def opens(parsed: Parsed) -> str | None:
        complete = parsed.args and "reason" in parsed.flags and all(name in parsed.flags for name in needed)
        return None if complete else TITLES[verb]

    shown = "".join(f" --{name} …" for name in needed)
    return command(
        f"salesforce {verb}",
        usage=f'salesforce {verb} <{TYPED_FIRST[verb]}>{shown} --reason "…"',
        role=Role.OPERATOR,
        flags={
            **{f.name: _flag(f) for f in fields},
            "reason": Flag(help="why; approvers read it"),
            "connection": CONNECTION,
        },
        examples=(f"salesforce {verb} {EXAMPLES[verb]}",),
        opens=opens,
    )


def _flag(asked: Input) -> Flag:
    """The typed twin of a question of the form."""
    kind = FlagKind.CHOICE if asked.options else FlagKind.TEXT
    return Flag(kind, tuple(option.value for option in asked.options), asked.hint or asked.label)


@_change("create")
@form("salesforce.create", role=Role.OPERATOR)
async def create(ask: Ask) -> Reply:
    """Create an API-only integration user, the way Salesforce recommends."""
    return await _asked_for(ask, "create")


@_change("restrict")
@form("salesforce.restrict", role=Role.OPERATOR)
async def restrict(ask: Ask) -> Reply:
    """Allow sign-in only from given addresses, by the user's profile."""
    return await _asked_for(ask, "restrict")


@_change("hours")
@form("salesforce.hours", role=Role.OPERATOR)
async def hours(ask: Ask) -> Reply:
    """Allow sign-in only at given hours, by the user's profile."""
    return await _asked_for(ask, "hours")


@_change("freeze")
@form("salesforce.freeze", role=Role.OPERATOR)
async def freeze(ask: Ask) -> Reply:
    """Stop a user from signing in, reversibly; its tokens stay."""
    return await _asked_for(ask, "freeze")


@_change("unfreeze")
@form("salesforce.unfreeze", role=Role.OPERATOR)
async def unfreeze(ask: Ask) -> Reply:
    """Let a frozen user sign in again."""
    return await _asked_for(ask, "unfreeze")


async def _asked_for(ask: Ask, verb: str) -> Reply:
    """Ask for the change when everything is there, else open its form with what is; errors stay in the form."""
    if ask.request.answers:
        answers = {name: value for name, value in ask.request.answers.items() if value}
        reason = answers.pop("reason", "")
        try:
            return asked_card(await _request(ask, ask.request.state["connection"], verb, answers, reason))
        except (UserError, PlatformError) as exc:  # what was typed stays: it may work in a minute
            return Reply(summary=exc.hint, errors={_field_of(verb, exc): exc.hint})
    connection = _connection(ask)
    params = {f.name: ask.flags[f.name] for f in FIELDS[verb] if f.name in ask.flags}
    if ask.words:
        params[TYPED_FIRST[verb]] = ask.text
    if {f.name for f in FIELDS[verb] if not f.optional} <= set(params) and "reason" in ask.flags:
        return asked_card(await _request(ask, connection, verb, params, ask.flags["reason"]))
    return _form(connection, verb, {**params, "reason": ask.flags.get("reason", "")})


def _field_of(verb: str, exc: BotError) -> str:
    """The input an error is about: the one it names, else the account, or the value that is the verb's own."""
    names = [f.name for f in FIELDS[verb]]
    if (named := exc.hint.partition(":")[0]) in names:
        return named
    if isinstance(exc, BadArgument) and "reason" in exc.hint.casefold():
        return "reason"
    if isinstance(exc, BadArgument) and " user" not in exc.hint:
        return OWN_VALUE[verb]
    return "username" if verb == "create" else "user"


async def _request(
    ask: Ask, connection: str, verb: str, params: Mapping[str, str], reason: str
) -> ChangeRequest:
    draft = await ask.services.platforms[connection].change(verb, params)
    return await ask.services.approvals.open(draft, ask.caller, reason, {"verb": verb, **params})


def _form(connection: str, verb: str, given: Mapping[str, str]) -> Reply:
    reason = Input(
        name="reason", label="Why", kind=InputKind.TEXT, hint="At least 10 characters.", max_length=500
    )
    asked = Form(
        name=f"salesforce.{verb}",
        title=TITLES[verb],
        submit="Ask for Approval",
        state={"connection": connection},
        parts=(Para((EXPLAINED[verb],)),),
        inputs=tuple(replace(f, initial=given.get(f.name) or f.initial) for f in (*FIELDS[verb], reason)),
    )
    return Reply(summary=TITLES[verb], form=asked)


def _connection(ask: Ask) -> str:
    named = ask.flags.get("connection", "")
    known = [c for c in ask.services.settings.connections if c.startswith("salesforce:")]
    if not known:
        raise BadArgument("No Salesforce connection is configured. Add one to the configuration and restart.")
    chosen = [c for c in known if named in ("", c, c.partition(":")[2])]
    if len(chosen) != 1:
        raise BadArgument(f"Say which with `--connection`: {', '.join(f'`{c}`' for c in known)}.")
    return chosen[0]


@command(
    "salesforce logins",
    usage="salesforce logins <user> [--connection …]",
    flags={"connection": CONNECTION},
    examples=("salesforce logins svc.marketo@example.com",),
)
async def logins(ask: Ask) -> Reply:
    """The last day's sign-ins of one user: from where, through what, and what failed."""
    connection = _connection(ask)
    catalogue = await ask.services.inventory.catalogue()
    item = catalogue.find(ask.text)
    entry = catalogue.entry(item)
    who = item.body if isinstance(item.body, Principal) else entry.account if entry else None
    if who is None or item.connection != connection:
        raise BadArgument(f"Name a user of {connection}: its user name or its id here.")
    snapshot = await ask.services.platforms[connection].snapshot(ask.services.clock.now() - timedelta(days=1))
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
    summary = "Sign-ins cannot be seen." if blind else f"{plural(len(found), 'sign-in')}, {failed} failed."
    return Reply(summary=summary, parts=tuple(parts))


def _line(login: Login) -> tuple[Span, ...]:
    deed = "ok" if login.succeeded else "failed"
    by = " by hand" if login.interactive else ""
    why: tuple[Span, ...] = () if login.succeeded else (": ", Data(clean(login.status, 120)))
    through = Data(clean(f"{login.application} {login.channel}", 80))
    source = Data(clean(login.source or "an unknown address", 60))
    return (When(login.at, "time"), f" · {deed}{by} · ", through, " from ", source, *why)
