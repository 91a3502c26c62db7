"""Plans of one deliberate change: restrict, hours, freeze, unfreeze, revoke, deactivate; ``create`` has its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.concurrency import both
from bot.errors import BadArgument, NotFound, NotSupported
from bot.platform.model import Credential
from bot.platform.plan import Action, Draft, Step, StepMode, Twin
from platforms.salesforce import (
    apps,
    create,
    grants,
    people,
    permissions,
    plans,
    queries,
    rule_changes,
)
from platforms.salesforce.answers import text
from platforms.salesforce.handover_facts import every_grant_row
from platforms.salesforce.org import Org, Survey, User, survey
from platforms.salesforce.plans import Params

# A grant used within this counts as in use. Finer words would change every minute, and a plan must not.
_ALIVE = timedelta(days=30)


async def draft(org: Org, verb: str, params: Params) -> Draft:
    """
    The plan of one change.

    Raises:
        BadArgument: a value is off; the hint says which and how to mend it.
        NotFound: no such user or grant. NotSupported: no such verb. Forbidden: we may not see what we must.
    """
    if verb not in _VERBS:
        raise NotSupported(
            f"Salesforce has no verb “{verb[:40]}”: there are {', '.join(sorted(_VERBS))}", operation="plan"
        )
    planner, known = _VERBS[verb]
    for name in sorted(set(params) - known):
        raise BadArgument(f"“{name[:40]}” is not known here: there are {', '.join(sorted(known))}")
    return await planner(org, {name: value.strip() for name, value in params.items()})


async def _last_administrator(known: Survey, user: User) -> list[str]:
    if known.directory.set_rights is None or known.directory.frozen is None:
        return ["the bot cannot see who else is an administrator: it needs “Manage Users” and “View Setup”"]
    if await known.administrators() == {user.id}:
        return ["this is the last active administrator"]
    return []


async def _holdings(org: Org, known: Survey, user: User) -> tuple[list[str], list[str]]:
    """What stops with this user, in two lists: what is alive, and what has not been used for 30 days."""
    jobs, boards = await org.answers(queries.jobs_of(user.id), queries.dashboards_of(user.id))
    ties = people.jobs(jobs.rows) + people.dashboards(boards.rows)
    alive = [f"{tie.kind} {tie.name} ({tie.detail})" for tie in ties]
    quiet: list[str] = []
    if gap := permissions.gap(permissions.GRANTS, known.rights):
        alive.append(f"OAuth grants that the bot cannot see: {gap.reason}")
    else:
        for held in map(grants.read, await grants.grants_of(org.client, user.id)):
            (alive if _used_lately(org, held) else quiet).append(f"OAuth grant of {held.label}")
    found = await apps.load(org.client)
    alive += [
        f"client credentials of {a.name}" for a in found.apps if a.run_as.lower() == user.username.lower()
    ]
    if any(not app.configured for app in found.apps):
        quiet.append("run-as users of some apps, which the bot cannot see")
    return alive, quiet


def _used_lately(org: Org, held: Credential) -> bool:
    used = held.last_used_at
    return used is not None and used > org.client.wire.now() - _ALIVE


async def _freeze(org: Org, params: Params, *, frozen: bool) -> Draft:
    known, user = await plans.find_account(org, params)
    verb = "freeze" if frozen else "unfreeze"
    objections: list[str] = []
    notes = [f"{user.username} keeps its license."]
    if frozen:
        (alive, quiet), own = await both(_holdings(org, known, user), plans.own_user_objections(org, user))
        objections = [*own, *await _last_administrator(known, user)]
        notes.append(
            "OAuth grants are not revoked by freezing, but nothing can sign in with this account meanwhile."
        )
        if alive or quiet:
            notes.append(f"These would stop: {'; '.join(alive + quiet)}.")
    if not await org.rows(queries.login_state(user.id)):
        objections.append(
            "Salesforce shows no sign-in record of this user, so there is nothing to freeze by API"
        )
    step = Step(
        key=verb,
        mode=StepMode.AUTO,
        title=f"{verb.capitalize()} {user.username}",
        action=Action(verb="set-freeze", subject=user.id, params={"frozen": str(frozen).lower()}),
        evidence="the frozen mark of its sign-in record, read back",
        twin=Twin(
            mode=StepMode.AUTO,
            title=f"{'Unfreeze' if frozen else 'Freeze'} {user.username} again",
            action=Action(verb="set-freeze", subject=user.id, params={"frozen": str(not frozen).lower()}),
            evidence="the frozen mark of its sign-in record, read back",
        ),
    )
    plan = plans.one_step(org, verb, params, user, f"{verb.capitalize()} {user.username}", step, notes)
    return Draft(plan=plan, objections=tuple(objections))


async def _frozen(org: Org, params: Params) -> Draft:
    return await _freeze(org, params, frozen=True)


async def _unfrozen(org: Org, params: Params) -> Draft:
    return await _freeze(org, params, frozen=False)


async def _deactivate(org: Org, params: Params) -> Draft:
    known, user = await plans.find_account(org, params)
    (alive, quiet), own = await both(_holdings(org, known, user), plans.own_user_objections(org, user))
    objections = [*own, *await _last_administrator(known, user)]
    if alive:
        objections.append(f"these stop with it; hand them over first: {'; '.join(alive)}")
    notes = [
        "The license is freed. Tokens of this user stop at once.",
        "Salesforce itself refuses where the user has a part in lead, case or workflow settings; its reason is shown.",
    ]
    if quiet:
        notes.append(f"Also stops: {'; '.join(quiet)}.")
    step = Step(
        key="deactivate",
        mode=StepMode.AUTO,
        title=f"Deactivate {user.username}",
        action=Action(verb="deactivate-user", subject=user.id),
        evidence="the user's Active mark, read back",
        undo="tick Active again in Setup → Users, while a license is free; grants do not come back",
        destructive=True,
    )
    plan = plans.one_step(org, "deactivate", params, user, f"Deactivate {user.username}", step, notes)
    return Draft(plan=plan, objections=tuple(objections))


async def _revoke(org: Org, params: Params) -> Draft:
    wanted = params.get("grant") or params.get("id") or ""
    if not wanted.startswith(grants.PREFIX):
        raise BadArgument("name one OAuth grant, as `list` and `show` print it")
    known = await survey(org)
    known.require(permissions.GRANTS)
    rows = await every_grant_row(org)
    row = next((r for r in rows if grants.fingerprint(text(r, "DeleteToken")) == wanted), None)
    if row is None:
        raise NotFound("that OAuth grant is no longer there")
    held, user = grants.read(row), await known.find(text(row, "UserId"))
    said = "used" if _used_lately(org, held) else "not used"
    step = Step(
        key="revoke",
        mode=StepMode.AUTO,
        title=f"Revoke the grant of {user.username} for {held.label}",
        action=Action(
            verb="revoke-grant",
            subject=wanted,
            params={
                "user": user.id,
                "username": user.username,
                "application": held.application_id,
                "application_name": held.label,
            },
        ),
        evidence="the grant is gone from a complete listing",
        destructive=True,
    )
    title = f"Revoke the OAuth grant of {user.username} for {held.label}"
    notes = [
        f"The grant was {said} within {_ALIVE.days} days.",
        f"{held.label} stops working where it uses this grant, and cannot undo it.",
    ]
    return Draft(
        plan=plans.one_step(org, "revoke", params, user, title, step, notes),
        objections=tuple(await plans.own_user_objections(org, user)),
    )


_ACCOUNT = frozenset({"username", "id", "user"})
_VERBS: dict[str, tuple[Callable[[Org, Params], Awaitable[Draft]], frozenset[str]]] = {
    "create": (create.draft, create.PARAMS),
    "restrict": (rule_changes.restrict, _ACCOUNT | {"ranges"}),
    "hours": (rule_changes.hours, _ACCOUNT | {"hours"}),
    "freeze": (_frozen, _ACCOUNT),
    "unfreeze": (_unfrozen, _ACCOUNT),
    "deactivate": (_deactivate, _ACCOUNT),
    "revoke": (_revoke, frozenset({"grant", "id"})),
}
