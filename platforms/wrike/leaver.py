"""Plans for a user who leaves: deactivated, which can be undone, or deleted, which cannot."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import BadArgument
from bot.platform.plan import Action, Draft, Plan, PlanKind, Step, StepMode, Twin
from bot.text import fold, plural
from platforms.wrike import account, people, planning
from platforms.wrike.account import Account
from platforms.wrike.declared import Flow
from platforms.wrike.org import Org, find, label
from platforms.wrike.people import Contact, Directory
from platforms.wrike.planning import Params

PARAMS = frozenset({"user", "email", "id"})
APPROVERS = 2


async def deactivate(org: Org, params: Params) -> Draft:
    """The plan that deactivates a user: nobody can sign in as it; whether its tokens end is not documented."""
    directory, one, flows = await _who(org, params)
    bought = await account.read(org.client)
    name = label(one)
    objections = [*_barred(directory, one, flows), *_not_by_api(directory, one, bought)]
    if one.active is None and not await org.sees_audit():
        objections.append(
            "neither the filter for deactivated users nor the audit log is open to the bot, so nobody could see that it"
            " worked: do it in Account Management → Users"
        )
    if one.active is False:
        objections.append(f"{name} is deactivated already")
    step = Step(
        key="deactivate",
        mode=StepMode.AUTO,
        title=f"Deactivate {name}",
        action=Action(verb="set-active", subject=one.id, params={"active": "false"}),
        evidence="the user is among those that are not active, or the audit log says so",
        destructive=True,
        twin=_reactivated(one),
    )
    notes = [
        "The user is signed out everywhere and cannot sign in. It can be activated again.",
        "Whether their permanent tokens stop is not documented: declared flows with a `secret` are tried at each scan.",
        "Members of other Wrike accounts cannot be deactivated; where the bot cannot see that, Wrike refuses.",
        "A deactivated user may keep a paid seat. Make it a collaborator first if you need the seat.",
        *_plan_unknown(bought),
    ]
    return _draft(org, "deactivate", params, one, f"Deactivate {name} in Wrike", (step,), notes, objections)


async def activate(org: Org, params: Params) -> Draft:
    """The plan that takes a deactivation back."""
    directory, one, _ = await _who(org, params)
    objections = ["that is the bot's own user"] if one.id == directory.own_id else []
    if one.deleted:
        objections.append(f"{label(one)} is deleted, and that cannot be undone")
    twin = _reactivated(one)
    step = Step(
        key="activate",
        mode=StepMode.AUTO,
        title=twin.title,
        action=twin.action,
        evidence=twin.evidence,
        undo="deactivate it again",
    )
    title = f"Activate {label(one)} in Wrike"
    return _draft(org, "activate", params, one, title, (step,), ["It takes a seat."], objections)


async def delete(org: Org, params: Params) -> Draft:
    """The plan that deletes a user. Only a person can, by hand; the bot guards it and proves it."""
    directory, one, flows = await _who(org, params)
    name = label(one)
    objections = list(_barred(directory, one, flows))
    if one.owner:
        objections.append(f"{name} owns the account: an owner makes somebody else owner first, in Wrike")
    step = Step(
        key="delete",
        mode=StepMode.GUIDED,
        title=f"Delete {name} for ever",
        action=Action(verb="user-deleted", subject=one.id),
        instructions=(
            f"Account Management → Users → {name} → Delete. Wrike asks who takes over tasks and folders: name them.",
            "This cannot be undone. Stop here if anything they own is still needed.",
        ),
        evidence="Wrike shows the user as deleted, or not at all",
        destructive=True,
    )
    notes = [
        "Deletion cannot be undone by anybody. Deactivation can: `wrike offboard` without --delete.",
        "What they own and have not passed on goes with them; webhooks made by their tokens too.",
        f"{plural(APPROVERS, 'person', 'people')} must approve this, whatever the rules say.",
    ]
    return _draft(org, "delete", params, one, f"Delete {name} in Wrike", (step,), notes, objections)


async def _who(org: Org, params: Params) -> tuple[Directory, Contact, list[Flow]]:
    named = [params[name] for name in ("user", "email", "id") if params.get(name)]
    if len(named) != 1:
        raise BadArgument("user: name one user by e-mail address, for example ana@example.com")
    directory = await people.directory(org.client)
    one = find(directory, named[0])
    flows = await org.register.known_flows()
    return directory, one, [f for f in flows if one.email and fold(f.account) == fold(one.email)]


def _barred(directory: Directory, one: Contact, flows: list[Flow]) -> Iterable[str]:
    """Why a user must not go, by any way."""
    if one.id == directory.own_id:
        yield "that is the bot's own user"
    if one.deleted:
        yield f"{label(one)} is deleted already"
    if flows:
        names = ", ".join(flow.name for flow in flows[:5])
        yield f"these flows act as {label(one)}; hand them over first: {names}"
    others = [
        o for o in directory.contacts.values() if o.id != one.id and (o.admin or o.owner) and not o.deleted
    ]
    if (one.admin or one.owner) and not any(o.active is not False for o in others):
        yield f"{label(one)} is the last administrator"


def _not_by_api(directory: Directory, one: Contact, bought: Account) -> Iterable[str]:
    """Whom Wrike does not let anybody deactivate. Source: help.wrike.com 115004530005."""
    name = label(one)
    if one.owner:
        yield f"{name} owns the account, and owners cannot be deactivated: an owner makes somebody else owner first"
    if len(one.accounts) > 1:
        yield (
            f"{name} is a member of several Wrike accounts, and such users cannot be deactivated: remove them from this"
            " account by hand"
        )
    if bought.may_deactivate is False:
        yield f"users cannot be deactivated on the plan {bought.plan}: only deleted, which cannot be undone"


def _plan_unknown(bought: Account) -> list[str]:
    if bought.may_deactivate is None:
        return [
            "Whether this account's plan lets users be deactivated is not known; Wrike refuses where it does not."
        ]
    return []


def _reactivated(one: Contact) -> Twin:
    return Twin(
        mode=StepMode.AUTO,
        title=f"Activate {label(one)} again",
        action=Action(verb="set-active", subject=one.id, params={"active": "true"}),
        evidence="the user is among the active ones, or the audit log says so",
    )


def _draft(
    org: Org,
    verb: str,
    params: Params,
    one: Contact,
    title: str,
    steps: tuple[Step, ...],
    notes: list[str],
    objections: list[str],
) -> Draft:
    plan = Plan(
        kind=PlanKind.CHANGE,
        connection=org.client.connection,
        title=title,
        subject_id=one.id,
        subject_label=label(one),
        steps=(planning.preflight(verb, params), *steps),
        holder_id=one.id,
        holder_email=one.email,
        notes=tuple(notes),
        approvers_at_least=APPROVERS if verb != "activate" else 1,
    )
    return Draft(plan=plan, objections=tuple(objections))
