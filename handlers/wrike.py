"""Service accounts in Wrike, invited and given content, and users who leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.chat.grammar import Flag, FlagKind, Parsed
from bot.chat.model import Form, Input, InputKind, Option, Para, Reply, Role
from bot.dispatch import Context, command, form, search
from bot.errors import BadArgument, BotError, PlatformError, UserError
from bot.platform.model import Content, Credential
from bot.platform.ports import ShowsContent
from bot.requests.messages import asked_card
from bot.requests.model import ChangeRequest
from bot.text import clean

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
        Option("Delete permanently", "delete"),
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
        "user-type": Flag(help="its license level, by name"),
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
    modal=_invites,
)
async def invite(context: Context) -> Reply:
    """Make a service account in Wrike: invited, followed until accepted, given content and a token."""
    connection = context.connection("wrike")
    given = {name: value for name, value in context.flags.items() if name not in ("reason", "connection")}
    params = {name.replace("-", "_"): value for name, value in given.items()}
    if context.words:
        params["email"] = context.text
    if {"email", "system"} <= set(params) and "reason" in context.flags:
        return asked_card(await _request(context, connection, "provision", params, context.flags["reason"]))
    return await _invite_form(context, connection, params)


async def _invite_form(context: Context, connection: str, params: Mapping[str, str]) -> Reply:
    """At most six questions. What was typed and has no question of its own travels along."""
    platform = _platform(context, connection)
    chosen = await _chosen(platform, params.get("folders", ""))
    inputs = [
        replace(EMAIL, initial=params.get("email", "")),
        replace(SYSTEM, initial=params.get("system", "")),
        replace(CONTENT, options=chosen, initial=",".join(option.value for option in chosen)),
    ]
    kept = {name: params[name] for name in ("credential", "name") if name in params}
    for question in (
        await _licences(platform, params.get("user_type", "")),
        await _flows(context, connection, params.get("flow", "")),
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
    titles = await platform.licenses()
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


async def _flows(context: Context, connection: str, initial: str) -> Input | None:
    """The declared flows of the connection, where there are any."""
    catalogue = await context.services.inventory.catalogue()
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
        hint="Its old token is revoked last, once the new one has worked.",
    )


@form("wrike.invite", role=Role.OPERATOR)
async def invited(context: Context) -> Reply:
    """A sent Invite form."""
    return await _sent(context, lambda answers: "provision", "email")


@search(FOLDERS)
async def find_folders(context: Context) -> tuple[Option, ...]:
    """Folders and spaces of every Wrike whose path has the words typed."""
    wanted = context.request.state.get("connection", "")
    found: list[Content] = []
    for connection, platform in context.services.platforms.items():
        if isinstance(platform, ShowsContent) and wanted in ("", connection):
            found += await platform.find_content(context.request.text)
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
    modal=_leaves,
)
async def offboard(context: Context) -> Reply:
    """Deactivate a user who leaves, or have them deleted; two people approve."""
    connection = context.connection("wrike")
    how = context.flags.get("how", "deactivate")
    if context.words and "reason" in context.flags:
        return asked_card(
            await _request(context, connection, how, {"user": context.text}, context.flags["reason"])
        )
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
            replace(USER, initial=context.text),
            replace(AWAY, initial=how),
            replace(REASON, initial=context.flags.get("reason", "")),
        ),
    )
    return Reply(summary="Leaver in Wrike", form=asked)


@form("wrike.offboard", role=Role.OPERATOR)
async def offboarded(context: Context) -> Reply:
    """A sent Leaver form."""
    return await _sent(context, lambda answers: answers.pop("how", "deactivate"), "user")


async def _sent(context: Context, verb_of: Callable[[dict[str, str]], str], first: str) -> Reply:
    """Ask for what a form says; errors stay in the form, at the field they are about."""
    answers = {NAMES.get(name, name): value for name, value in context.request.answers.items() if value}
    state = dict(context.request.state)
    params = {name: state[name] for name in ("credential", "name") if name in state} | answers
    reason, verb = params.pop("reason", ""), verb_of(params)
    try:
        return asked_card(await _request(context, state["connection"], verb, params, reason))
    except (UserError, PlatformError) as exc:  # what was typed stays: it may work in a minute
        return Reply(summary=exc.hint, errors={_field_of(exc, set(context.request.answers), first): exc.hint})


def _field_of(exc: BotError, fields: set[str], first: str) -> str:
    """The input an error is about: the one it names, the reason, else the first."""
    named = exc.hint.partition(":")[0]
    shown = next((field for field, name in NAMES.items() if name == named), named)
    if shown in fields:
        return shown
    return "reason" if isinstance(exc, BadArgument) and "reason" in exc.hint.casefold() else first


async def _request(
    context: Context, connection: str, verb: str, params: Mapping[str, str], reason: str
) -> ChangeRequest:
    draft = await context.services.platforms[connection].change(verb, params)
    return await context.services.approvals.open(draft, context.caller, reason, {"verb": verb, **params})


def _platform(context: Context, connection: str) -> ShowsContent:
    platform = context.services.platforms[connection]
    if not isinstance(platform, ShowsContent):
        raise BadArgument(f"{connection} shows no content.")
    return platform
