"""What only NetSuite has: whose name is on changes, licences, the Connector, and an employee's roles and access."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.dispatch import Ask, command, form
from bot.domain.conversation import Form, Input, InputKind, Option, Para, Reply, Role
from bot.domain.grammar import Flag, FlagKind, Parsed
from bot.domain.identity import Credential, Principal
from bot.domain.records import ChangeRequest
from bot.errors import BadArgument, BotError, NotSupported, PlatformError, UserError
from bot.ports import Reports
from bot.services.report_cards import report_reply
from bot.services.request_cards import asked_card

CONNECTION = Flag(help="which NetSuite, where there are several")
USER = Input(name="user", label="Employee", placeholder="svc.orders@example.com", max_length=120)
ROLE = Input(
    name="role",
    label="Role",
    placeholder="Integration: orders",
    hint="Its name or internal id.",
    max_length=120,
)
FIELDS: dict[str, tuple[Input, ...]] = {
    "assign": (USER, ROLE),
    "unassign": (USER, ROLE),
    "access": (
        USER,
        Input(
            name="access",
            label="Access",
            kind=InputKind.CHOICE,
            options=(Option("Give access", "yes"), Option("Take access away", "no")),
            initial="yes",
            optional=True,
            hint="yes gives it, no takes it away",
        ),
        replace(ROLE, optional=True, hint="Needed when it has no role yet."),
    ),
    "inactive": (USER,),
    "active": (USER,),
    "revoke": (
        Input(
            name="token",
            label="Token",
            placeholder="7K2QXM",
            hint="Its id, as list shows it.",
            max_length=120,
        ),
        Input(
            name="secret",
            label="Its secret",
            kind=InputKind.CHOICE,
            options=(
                Option("Nobody has it: guide a person", "no"),
                Option("We hold it: revoke by API", "held"),
            ),
            initial="no",
            optional=True,
            hint="NetSuite lets only a token's own secret revoke it by API",
        ),
    ),
}
TITLES = {
    "assign": "Assign role",
    "unassign": "Take role away",
    "access": "Change access",
    "inactive": "Make inactive",
    "active": "Make active",
    "revoke": "Revoke token",
}
EXPLAINED = {
    "assign": "Adds one role to an employee and leaves the others as they are.",
    "unassign": "Takes one role away. NetSuite is sent exactly the roles that stay; never Administrator.",
    "access": "Ticks or clears Give Access. NetSuite mails a newcomer how to choose a password.",
    "inactive": "Stops sign-in at once and can be undone. Tokens sleep and come back with the employee.",
    "active": "Lets the employee sign in again; tokens that were not revoked work again.",
    "revoke": "Ends one access token for good.",
}
EXAMPLES = {
    "assign": 'svc.orders@example.com --role "Integration: orders" --reason "New order feed"',
    "unassign": 'svc.orders@example.com --role 1057 --reason "No longer the token user"',
    "access": 'svc.orders@example.com --role "Integration: orders" --reason "New integration account"',
    "inactive": 'ana@example.com --reason "Left last Friday"',
    "active": 'ana@example.com --reason "Back from leave"',
    "revoke": '7K2QXM --reason "Nobody uses it"',
}

Handler = Callable[[Ask], Awaitable[Reply]]


def _change(verb: str) -> Callable[[Handler], Handler]:
    """One of NetSuite's changes: the same flags, form and examples for each, from the tables above."""
    first, *fields = FIELDS[verb]
    needed = [f.name for f in fields if not f.optional]

    def opens(parsed: Parsed) -> str | None:
        complete = parsed.args and "reason" in parsed.flags and all(name in parsed.flags for name in needed)
        return None if complete else TITLES[verb]

    shown = "".join(f" --{name} …" for name in needed)
    return command(
        f"netsuite {verb}",
        usage=f'netsuite {verb} <{first.name}>{shown} --reason "…"',
        role=Role.OPERATOR,
        flags={
            **{f.name: _flag(f) for f in fields},
            "reason": Flag(help="why; approvers read it"),
            "connection": CONNECTION,
        },
        examples=(f"netsuite {verb} {EXAMPLES[verb]}",),
        opens=opens,
    )


def _flag(asked: Input) -> Flag:
    """The typed twin of a question of the form."""
    kind = FlagKind.CHOICE if asked.options else FlagKind.TEXT
    return Flag(kind, tuple(option.value for option in asked.options), asked.hint or asked.label)


@_change("assign")
@form("netsuite.assign", role=Role.OPERATOR)
async def assign(ask: Ask) -> Reply:
    """Assign a role to an employee, leaving the others as they are."""
    return await _asked_for(ask, "assign")


@_change("unassign")
@form("netsuite.unassign", role=Role.OPERATOR)
async def unassign(ask: Ask) -> Reply:
    """Take one role away from an employee; never Administrator."""
    return await _asked_for(ask, "unassign")


@_change("access")
@form("netsuite.access", role=Role.OPERATOR)
async def access(ask: Ask) -> Reply:
    """Give an employee access, or take it away."""
    return await _asked_for(ask, "access")


@_change("inactive")
@form("netsuite.inactive", role=Role.OPERATOR)
async def inactive(ask: Ask) -> Reply:
    """Make an employee inactive; its tokens sleep."""
    return await _asked_for(ask, "inactive")


@_change("active")
@form("netsuite.active", role=Role.OPERATOR)
async def active(ask: Ask) -> Reply:
    """Make an employee active again."""
    return await _asked_for(ask, "active")


@_change("revoke")
@form("netsuite.revoke", role=Role.OPERATOR)
async def revoke(ask: Ask) -> Reply:
    """End one access token for good."""
    return await _asked_for(ask, "revoke")


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
    first = FIELDS[verb][0].name
    params = {f.name: ask.flags[f.name] for f in FIELDS[verb] if f.name in ask.flags}
    if ask.words:
        params[first] = ask.text
    if {f.name for f in FIELDS[verb] if not f.optional} <= set(params) and "reason" in ask.flags:
        return asked_card(await _request(ask, connection, verb, params, ask.flags["reason"]))
    return _form(connection, verb, {**params, "reason": ask.flags.get("reason", "")})


def _field_of(verb: str, exc: BotError) -> str:
    """The input an error is about: the one it names, else the first."""
    named = exc.hint.partition(":")[0]
    if named in {f.name for f in FIELDS[verb]}:
        return named
    if isinstance(exc, BadArgument) and "reason" in exc.hint.casefold():
        return "reason"
    return FIELDS[verb][0].name


async def _request(
    ask: Ask, connection: str, verb: str, params: Mapping[str, str], reason: str
) -> ChangeRequest:
    asked = {**params}
    if "token" in asked:
        asked["token"] = await _token(ask, asked["token"])
    draft = await ask.services.platforms[connection].change(verb, asked)
    return await ask.services.approvals.open(draft, ask.caller, reason, {"verb": verb, **asked})


async def _token(ask: Ask, words: str) -> str:
    """The platform's own id of the token that somebody means."""
    item = (await ask.services.inventory.catalogue()).find(words)
    if not isinstance(item.body, Credential):
        raise BadArgument("token: that is no token. Use the six-character id that `list` shows.")
    return item.body.native_id


def _form(connection: str, verb: str, given: Mapping[str, str]) -> Reply:
    reason = Input(
        name="reason", label="Why", kind=InputKind.TEXT, hint="At least 10 characters.", max_length=500
    )
    asked = Form(
        name=f"netsuite.{verb}",
        title=TITLES[verb],
        submit="Ask for Approval",
        state={"connection": connection},
        parts=(Para((EXPLAINED[verb],)),),
        inputs=tuple(replace(f, initial=given.get(f.name) or f.initial) for f in (*FIELDS[verb], reason)),
    )
    return Reply(summary=TITLES[verb], form=asked)


def _connection(ask: Ask) -> str:
    named = ask.flags.get("connection", "")
    known = [c for c in ask.services.settings.connections if c.startswith("netsuite:")]
    if not known:
        raise BadArgument("No NetSuite connection is configured. Add one to the configuration and restart.")
    chosen = [c for c in known if named in ("", c, c.partition(":")[2])]
    if len(chosen) != 1:
        raise BadArgument(f"Say which with `--connection`: {', '.join(f'`{c}`' for c in known)}.")
    return chosen[0]


async def _report(ask: Ask, name: str, params: Mapping[str, str] | None = None) -> Reply:
    platform = ask.services.platforms[_connection(ask)]
    if not isinstance(platform, Reports):
        raise NotSupported("This connection has no views of its own.", operation=name)
    return report_reply(await platform.report(name, params or {}))


@command(
    "netsuite changes",
    usage="netsuite changes [account|@user] [--since 30]",
    flags={"since": Flag(help="how many days back, at most 90; 7 unless said"), "connection": CONNECTION},
    examples=("netsuite changes", "netsuite changes svc.orders@example.com --since 30"),
)
async def changes(ask: Ask) -> Reply:
    """Whose name is on record changes ("Set By"): integrations against people, per kind of record."""
    params = {"since": ask.flags["since"]} if "since" in ask.flags else {}
    if ask.words:
        params["user"] = await _account(ask)
    return await _report(ask, "changes", params)


async def _account(ask: Ask) -> str:
    """The employee that a mention, a name, an e-mail or an id of the inventory means."""
    catalogue = await ask.services.inventory.catalogue()
    word = ask.words[0]
    if (person := catalogue.people.get(word.value)) and person.email:
        return person.email
    try:
        item = catalogue.find(ask.text)
    except UserError:
        return ask.text  # NetSuite may know it all the same
    entry = catalogue.entry(item)
    who = item.body if isinstance(item.body, Principal) else entry.account if entry else None
    return who.native_id if who and item.connection == _connection(ask) else ask.text


@command(
    "netsuite licences",
    usage="netsuite licences",
    aliases=("netsuite licenses",),
    flags={"connection": CONNECTION},
    examples=("netsuite licences",),
)
async def licences(ask: Ask) -> Reply:
    """What another integration user costs, which account could be shared, and who still holds a licence. Estimated."""
    return await _report(ask, "licences")


@command(
    "netsuite connector",
    usage="netsuite connector",
    flags={"connection": CONNECTION},
    examples=("netsuite connector",),
)
async def connector(ask: Ask) -> Reply:
    """NetSuite Connector: its record, its token's user and roles, its sign-ins, Set By, and what would break it."""
    return await _report(ask, "connector")


@command(
    "netsuite capabilities",
    usage="netsuite capabilities",
    flags={"connection": CONNECTION},
    examples=("netsuite capabilities",),
)
async def capabilities(ask: Ask) -> Reply:
    """What can be done in NetSuite by interface, what needs a person, and what a probe has settled here."""
    return await _report(ask, "capabilities")
