"""What only NetSuite has: whose name is on changes, licences, the Connector, and an employee's roles and access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.change_forms import ChangeForm
from bot.chat.grammar import Flag
from bot.chat.model import Input, InputKind, Option, Reply, Role
from bot.dispatch import Context, command, form
from bot.errors import BadArgument, NotSupported, UserError
from bot.platform.model import Credential, Principal
from bot.platform.ports import Reports
from bot.platform.report import report_reply

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


async def _native(context: Context, params: Mapping[str, str]) -> Mapping[str, str]:
    """A token is told to the platform by its own id, whichever way somebody means it."""
    if "token" not in params:
        return params
    item = (await context.services.inventory.catalogue()).find(params["token"])
    if not isinstance(item.body, Credential):
        raise BadArgument("token: that is no token. Use the six-character id that `list` shows.")
    return {**params, "token": item.body.native_id}


WORDS = {  # title, what it does, example
    "assign": (
        "Assign role",
        "Adds one role to an employee and leaves the others as they are.",
        'svc.orders@example.com --role "Integration: orders" --reason "New order feed"',
    ),
    "unassign": (
        "Take role away",
        "Takes one role away. NetSuite is sent exactly the roles that stay; never Administrator.",
        'svc.orders@example.com --role 1057 --reason "No longer the token user"',
    ),
    "access": (
        "Change access",
        "Ticks or clears Give Access. NetSuite mails a newcomer how to choose a password.",
        'svc.orders@example.com --role "Integration: orders" --reason "New integration account"',
    ),
    "inactive": (
        "Make inactive",
        "Stops sign-in at once and can be undone. Tokens sleep and come back with the employee.",
        'ana@example.com --reason "Left last Friday"',
    ),
    "active": (
        "Make active",
        "Lets the employee sign in again; tokens that were not revoked work again.",
        'ana@example.com --reason "Back from leave"',
    ),
    "revoke": ("Revoke token", "Revokes one access token for good.", '7K2QXM --reason "Nobody uses it"'),
}
FORMS = {
    verb: ChangeForm(
        platform="netsuite",
        verb=verb,
        title=title,
        explained=explained,
        example=example,
        fields=FIELDS[verb],
        told=_native,
    )
    for verb, (title, explained, example) in WORDS.items()
}


@FORMS["assign"].command
@form("netsuite.assign", role=Role.OPERATOR)
async def assign(context: Context) -> Reply:
    """Assign a role to an employee, leaving the others as they are."""
    return await FORMS["assign"].asked(context)


@FORMS["unassign"].command
@form("netsuite.unassign", role=Role.OPERATOR)
async def unassign(context: Context) -> Reply:
    """Take one role away from an employee; never Administrator."""
    return await FORMS["unassign"].asked(context)


@FORMS["access"].command
@form("netsuite.access", role=Role.OPERATOR)
async def access(context: Context) -> Reply:
    """Give an employee access, or take it away."""
    return await FORMS["access"].asked(context)


@FORMS["inactive"].command
@form("netsuite.inactive", role=Role.OPERATOR)
async def inactive(context: Context) -> Reply:
    """Make an employee inactive; its tokens sleep."""
    return await FORMS["inactive"].asked(context)


@FORMS["active"].command
@form("netsuite.active", role=Role.OPERATOR)
async def active(context: Context) -> Reply:
    """Make an employee active again."""
    return await FORMS["active"].asked(context)


@FORMS["revoke"].command
@form("netsuite.revoke", role=Role.OPERATOR)
async def revoke(context: Context) -> Reply:
    """End one access token for good."""
    return await FORMS["revoke"].asked(context)


async def _report(context: Context, name: str, params: Mapping[str, str] | None = None) -> Reply:
    platform = context.services.platforms[context.connection("netsuite")]
    if not isinstance(platform, Reports):
        raise NotSupported("This connection has no views of its own.", operation=name)
    return report_reply(await platform.report(name, params or {}))


@command(
    "netsuite changes",
    usage="netsuite changes [account|@user] [--since 30]",
    flags={"since": Flag(help="how many days back, at most 90; 7 unless said"), "connection": CONNECTION},
    examples=("netsuite changes", "netsuite changes svc.orders@example.com --since 30"),
)
async def changes(context: Context) -> Reply:
    """Whose name is on record changes ("Set By"): integrations against people, per kind of record."""
    params = {"since": context.flags["since"]} if "since" in context.flags else {}
    if context.words:
        params["user"] = await _account(context)
    return await _report(context, "changes", params)


async def _account(context: Context) -> str:
    """The employee that a mention, a name, an e-mail or an id of the inventory means."""
    catalogue = await context.services.inventory.catalogue()
    word = context.words[0]
    if (person := catalogue.people.get(word.value)) and person.email:
        return person.email
    try:
        item = catalogue.find(context.text)
    except UserError:
        return context.text  # NetSuite may know it all the same
    entry = catalogue.entry(item)
    who = item.body if isinstance(item.body, Principal) else entry.account if entry else None
    return who.native_id if who and item.connection == context.connection("netsuite") else context.text


@command(
    "netsuite licenses",
    usage="netsuite licenses",
    flags={"connection": CONNECTION},
    examples=("netsuite licenses",),
)
async def licenses(context: Context) -> Reply:
    """What another integration user costs, which account could be shared, and who still holds a licence. Estimated."""
    return await _report(context, "licences")


@command(
    "netsuite connector",
    usage="netsuite connector",
    flags={"connection": CONNECTION},
    examples=("netsuite connector",),
)
async def connector(context: Context) -> Reply:
    """NetSuite Connector: its record, its token's user and roles, its sign-ins, Set By, and what would break it."""
    return await _report(context, "connector")


@command(
    "netsuite capabilities",
    usage="netsuite capabilities",
    flags={"connection": CONNECTION},
    examples=("netsuite capabilities",),
)
async def capabilities(context: Context) -> Reply:
    """What can be done in NetSuite by interface, what needs a person, and what a probe has settled here."""
    return await _report(context, "capabilities")
