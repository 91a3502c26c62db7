"""What only Wrike has: service accounts invited and given content, users who leave, shares, and the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.dispatch import Ask, command, form, search
from bot.domain.conversation import (
    Bullets,
    Code,
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
    Typed,
    When,
)
from bot.domain.grammar import Flag, FlagKind, Parsed
from bot.domain.identity import Change, Content, Credential, Gap
from bot.domain.records import ChangeRequest
from bot.domain.text import clean, plural
from bot.errors import BadArgument, BotError, NotFound, PlatformError, UserError
from bot.ports import ShowsContent
from bot.services.request_cards import asked_card
from bot.services.wording import gap_line

SHOWN = 20
LONGEST_VALUE = 75  # Slack's bound for an option's value
FOLDERS = "wrike_folders"
CONNECTION = Flag(help="which Wrike, where there are several")
REASON = Input(
    name="reason", label="Why", kind=InputKind.TEXT, hint="At least 10 characters.", max_length=500
)
EMAIL = Input(
    name="email",
    label="Mailbox of the new account",
    placeholder="wrike.netsuite@example.com",
    hint="A shared one that outlives people: the invitation goes there.",
    max_length=120,
)
SYSTEM = Input(
    name="system",
    label="For which system",
    placeholder="NetSuite",
    hint="One account for each system.",
    max_length=60,
)
CONTENT = Input(
    name=FOLDERS,
    label="Folders and spaces to share",
    kind=InputKind.SEARCH_MANY,
    placeholder="Type a name",
    hint="Whatever the integration may need; more can be shared later.",
    optional=True,
)
USER = Input(name="user", label="User", placeholder="ana@example.com", max_length=120)
AWAY = Input(
    name="how",
    label="What",
    kind=InputKind.CHOICE,
    options=(
        Option("Deactivate, can be undone", "deactivate"),
        Option("Delete for ever", "delete"),
        Option("Activate again", "activate"),
    ),
    initial="deactivate",
)
# Inputs of the form → what the platform calls them.
NAMES = {FOLDERS: "folders"}


def _invites(parsed: Parsed) -> str | None:
    complete = parsed.args and {"system", "reason"} <= set(parsed.flags)
    return None if complete else "Invite to Wrike"


@command(
    "wrike invite",
    usage='wrike invite <mailbox> --system … --reason "…" [--folders "A, B"] [--user-type …] [--flow …]',
    role=Role.OPERATOR,
    flags={
        "system": Flag(help="which system the account is for"),
        "folders": Flag(help="what to share with it: titles, paths or ids, between commas"),
        "user-type": Flag(help="its licence level, by name"),
        "flow": Flag(help="the declared flow that shall act as it from then on"),
        "credential": Flag(
            FlagKind.CHOICE,
            ("permanent_token", "oauth", "none"),
            "what is made for it; the flow's kind unless said",
        ),
        "name": Flag(help="its name in Wrike"),
        "reason": Flag(help="why; approvers read it"),
        "connection": CONNECTION,
    },
    examples=(
        'wrike invite wrike.netsuite@example.com --system NetSuite --folders "Finance close" --reason "New sync"',
    ),
    opens=_invites,
)
async def invite(ask: Ask) -> Reply:
    """Make a service account in Wrike: invited, followed until accepted, given content and a token."""
    connection = _connection(ask)
    given = {name: value for name, value in ask.flags.items() if name not in ("reason", "connection")}
    params = {name.replace("-", "_"): value for name, value in given.items()}
    if ask.words:
        params["email"] = ask.text
    if {"email", "system"} <= set(params) and "reason" in ask.flags:
        return asked_card(await _request(ask, connection, "provision", params, ask.flags["reason"]))
    return await _invite_form(ask, connection, params)


async def _invite_form(ask: Ask, connection: str, params: Mapping[str, str]) -> Reply:
    """At most six questions. What was typed and has no question of its own travels along."""
    platform = _platform(ask, connection)
    chosen = await _chosen(platform, params.get("folders", ""))
    inputs = [
        replace(EMAIL, initial=params.get("email", "")),
        replace(SYSTEM, initial=params.get("system", "")),
        replace(CONTENT, options=chosen, initial=",".join(option.value for option in chosen)),
    ]
    kept = {name: params[name] for name in ("credential", "name") if name in params}
    for question in (
        await _licences(platform, params.get("user_type", "")),
        await _flows(ask, connection, params.get("flow", "")),
    ):
        inputs += [question] if question else []
    asked = Form(
        name="wrike.invite",
        title="Invite to Wrike",
        submit="Ask for Approval",
        state={"connection": connection, **kept},
        parts=(
            Para(
                (
                    "Plans a service account: invitation, password on the sealed page, content, and proof."
                    " It waits for the mailbox as long as it takes.",
                )
            ),
        ),
        inputs=(*inputs, REASON),
    )
    return Reply(summary="Invite to Wrike", form=asked)


async def _chosen(platform: ShowsContent, written: str) -> tuple[Option, ...]:
    """Folders that were typed, as options; asking also warms the tree that the search looks in."""
    chosen: dict[str, Option] = {}
    for name in written.split(","):
        wanted = name.strip().casefold()
        for one in await platform.find_content(name):
            if wanted in (one.name.casefold(), one.path.casefold()):
                chosen[one.native_id] = _option(one)
    return tuple(chosen.values())


async def _licences(platform: ShowsContent, initial: str) -> Input | None:
    titles = await platform.licences()
    fitting = [title for title in titles if not any(word in title.casefold() for word in ("admin", "owner"))]
    if not fitting:
        return None
    options = tuple(Option(clean(title, 70), title) for title in fitting)
    return Input(
        name="user_type",
        label="User type",
        kind=InputKind.CHOICE,
        options=options,
        initial=initial,
        optional=True,
    )


async def _flows(ask: Ask, connection: str, initial: str) -> Input | None:
    """The declared flows of the connection, where there are any."""
    catalogue = await ask.services.inventory.catalogue()
    flows = [
        item.body
        for item in catalogue.items
        if item.connection == connection and isinstance(item.body, Credential) and item.missing_since is None
    ]
    if not flows:
        return None
    options = tuple(
        Option(clean(flow.label, 70), flow.label)
        for flow in sorted(flows, key=lambda flow: flow.label)
        if len(flow.label) <= LONGEST_VALUE
    )
    return Input(
        name="flow",
        label="Flow that shall act as it",
        kind=InputKind.CHOICE,
        options=options,
        initial=initial,
        optional=True,
        hint="Its old token is ended last, and only when the new one has worked.",
    )


@form("wrike.invite", role=Role.OPERATOR)
async def invited(ask: Ask) -> Reply:
    """A sent Invite form."""
    return await _sent(ask, lambda answers: "provision", "email")


@search(FOLDERS)
async def find_folders(ask: Ask) -> tuple[Option, ...]:
    """Folders and spaces of every Wrike whose path has the words typed."""
    wanted = ask.request.state.get("connection", "")
    found: list[Content] = []
    for connection, platform in ask.services.platforms.items():
        if isinstance(platform, ShowsContent) and wanted in ("", connection):
            found += await platform.find_content(ask.request.text)
    return tuple(map(_option, found))


def _option(content: Content) -> Option:
    value = content.native_id if len(content.native_id) <= LONGEST_VALUE else content.handle
    path = content.path if len(content.path) <= LONGEST_VALUE else f"…{content.path[-(LONGEST_VALUE - 1) :]}"
    return Option(clean(path, LONGEST_VALUE), value)


def _leaves(parsed: Parsed) -> str | None:
    return None if parsed.args and "reason" in parsed.flags else "Leaver in Wrike"


@command(
    "wrike offboard",
    usage='wrike offboard <user> --reason "…" [--how deactivate|delete|activate]',
    role=Role.OPERATOR,
    flags={
        "how": Flag(FlagKind.CHOICE, ("deactivate", "delete", "activate"), "deactivate unless said"),
        "reason": Flag(help="why; approvers read it"),
        "connection": CONNECTION,
    },
    examples=('wrike offboard ana@example.com --reason "Ana has left"',),
    opens=_leaves,
)
async def offboard(ask: Ask) -> Reply:
    """Deactivate a user who leaves, or have them deleted; two people approve."""
    connection = _connection(ask)
    how = ask.flags.get("how", "deactivate")
    if ask.words and "reason" in ask.flags:
        return asked_card(await _request(ask, connection, how, {"user": ask.text}, ask.flags["reason"]))
    asked = Form(
        name="wrike.offboard",
        title="Leaver in Wrike",
        submit="Ask for Approval",
        state={"connection": connection},
        parts=(
            Para(
                (
                    "Owners and members of several accounts cannot be deactivated. Deletion cannot be undone by"
                    " anybody. Two people must approve.",
                )
            ),
        ),
        inputs=(
            replace(USER, initial=ask.text),
            replace(AWAY, initial=how),
            replace(REASON, initial=ask.flags.get("reason", "")),
        ),
    )
    return Reply(summary="Leaver in Wrike", form=asked)


@form("wrike.offboard", role=Role.OPERATOR)
async def offboarded(ask: Ask) -> Reply:
    """A sent Leaver form."""
    return await _sent(ask, lambda answers: answers.pop("how", "deactivate"), "user")


async def _sent(ask: Ask, verb_of: Callable[[dict[str, str]], str], first: str) -> Reply:
    """Ask for what a form says; errors stay in the form, at the field they are about."""
    answers = {NAMES.get(name, name): value for name, value in ask.request.answers.items() if value}
    state = dict(ask.request.state)
    params = {name: state[name] for name in ("credential", "name") if name in state} | answers
    reason, verb = params.pop("reason", ""), verb_of(params)
    try:
        return asked_card(await _request(ask, state["connection"], verb, params, reason))
    except (UserError, PlatformError) as exc:  # what was typed stays: it may work in a minute
        return Reply(summary=exc.hint, errors={_field_of(exc, set(ask.request.answers), first): exc.hint})


def _field_of(exc: BotError, fields: set[str], first: str) -> str:
    """The input an error is about: the one it names, the reason, else the first."""
    named = exc.hint.partition(":")[0]
    shown = next((field for field, name in NAMES.items() if name == named), named)
    if shown in fields:
        return shown
    return "reason" if isinstance(exc, BadArgument) and "reason" in exc.hint.casefold() else first


async def _request(
    ask: Ask, connection: str, verb: str, params: Mapping[str, str], reason: str
) -> ChangeRequest:
    draft = await ask.services.platforms[connection].change(verb, params)
    return await ask.services.approvals.open(draft, ask.caller, reason, {"verb": verb, **params})


@command(
    "wrike shares",
    usage="wrike shares <user> [--connection …]",
    flags={"connection": CONNECTION},
    examples=("wrike shares wrike.netsuite@example.com",),
)
async def shares(ask: Ask) -> Reply:
    """What is shared with one account in Wrike, read live."""
    connection = _connection(ask)
    if not ask.words:
        raise BadArgument("Name a user by e-mail address: `wrike shares ana@example.com`.")
    account, found, gaps = await _platform(ask, connection).content_of(ask.text)
    lines = tuple(_content_line(one) for one in found[:SHOWN])
    parts: list[Part] = [
        Heading("Shared in Wrike"),
        Para((Data(clean(account.username, 120), strong=True), ", ", Data(clean(account.profile, 60)), ".")),
        Bullets(lines) if lines else Para(("Nothing that the bot can see.",)),
    ]
    if len(found) > SHOWN:
        parts.append(Para((f"… and {len(found) - SHOWN} more.",)))
    parts += _gaps(connection, gaps)
    return Reply(
        summary=f"{plural(len(found), 'folder')} shared with that account, as far as seen.",
        parts=tuple(parts),
    )


@command(
    "wrike folders",
    usage="wrike folders [words] [--connection …]",
    flags={"connection": CONNECTION},
    examples=("wrike folders finance close",),
)
async def folders(ask: Ask) -> Reply:
    """Folders and spaces that the bot can share, by words of their path."""
    found = await _platform(ask, _connection(ask)).find_content(ask.text, SHOWN + 1)
    if not found:
        raise NotFound("No folder that the bot sees has these words. Share it with the bot's own user first.")
    more = (Para(("… and more. Say more words.",)),) if len(found) > SHOWN else ()
    return Reply(
        summary=f"{plural(min(len(found), SHOWN), 'folder')} found.",
        parts=(
            Heading("Folders in Wrike"),
            Bullets(tuple(_content_line(one) for one in found[:SHOWN])),
            *more,
            Para(("Share them with a new account: ", Typed("wrike invite"), ".")),
        ),
    )


@command(
    "wrike audit",
    usage="wrike audit [user] [--since date] [--connection …]",
    flags={
        "since": Flag(FlagKind.DATE, help="since which day, or how far back: 7d unless said"),
        "connection": CONNECTION,
    },
    examples=("wrike audit ana@example.com --since 2026-11-01",),
)
async def audit(ask: Ask) -> Reply:
    """Wrike's own audit log, newest first, of everybody or of one account."""
    connection = _connection(ask)
    now = ask.services.clock.now()
    since = _since(ask.flags.get("since", "7d"), now)
    if since >= now:
        raise BadArgument("--since lies ahead: give a day that has been, for example `--since 2026-11-01`.")
    rows, gaps = await _platform(ask, connection).trail(since, ask.text)
    parts: list[Part] = [Heading("Audit log of Wrike"), Para(("Since ", When(since), "."))]
    if rows:
        names = await _names(ask, connection)
        parts.append(Bullets(tuple(_row_line(row, names) for row in rows[:SHOWN])))
    elif not gaps:
        parts.append(Para(("Nothing.",)))
    if len(rows) > SHOWN:
        parts.append(Para((f"… and {len(rows) - SHOWN:,} more. Name a user, or a later day.",)))
    parts += _gaps(connection, gaps)
    summary = "The audit log cannot be seen." if gaps else f"{plural(len(rows), 'row')} of the audit log."
    return Reply(summary=summary, parts=tuple(parts))


def _since(text: str, now: datetime) -> datetime:
    """A span back from now (``7d``), or the beginning of a day."""
    if text.endswith("d"):
        return now - timedelta(days=int(text[:-1]))
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


async def _names(ask: Ask, connection: str) -> Mapping[str, str]:
    """Accounts by id, as the inventory knows them."""
    catalogue = await ask.services.inventory.catalogue()
    return {
        item.body.native_id: getattr(item.body, "username", "")
        for item in catalogue.items
        if item.connection == connection and hasattr(item.body, "username")
    }


def _row_line(row: Change, names: Mapping[str, str]) -> tuple[Span, ...]:
    who = names.get(row.actor_id) or row.actor_id or "somebody"
    about: tuple[Span, ...] = (" · ", Data(clean(row.display, 120))) if row.display else ()
    return (When(row.at, "time"), " · ", Data(clean(row.action, 60)), " · ", Data(clean(who, 80)), *about)


def _content_line(content: Content) -> tuple[Span, ...]:
    return (Data(clean(content.path, 150)), f", {content.kind} ", Code(content.handle))


def _gaps(connection: str, gaps: tuple[Gap, ...]) -> list[Part]:
    return [Bullets(tuple(gap_line(connection, gap) for gap in gaps))] if gaps else []


def _platform(ask: Ask, connection: str) -> ShowsContent:
    platform = ask.services.platforms[connection]
    if not isinstance(platform, ShowsContent):
        raise BadArgument(f"{connection} shows no content.")
    return platform


def _connection(ask: Ask) -> str:
    named = ask.flags.get("connection", "")
    known = [c for c in ask.services.settings.connections if c.startswith("wrike:")]
    if not known:
        raise BadArgument("No Wrike connection is configured. Add one to the configuration and restart.")
    chosen = [c for c in known if named in ("", c, c.partition(":")[2])]
    if len(chosen) != 1:
        raise BadArgument(f"Say which with `--connection`: {', '.join(f'`{c}`' for c in known)}.")
    return chosen[0]
