"""Plans of one deliberate change: restrict, hours, freeze, unfreeze, revoke, deactivate; ``create`` has its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.domain.identity import Credential, LoginRule
from bot.domain.plan import Action, Draft, Plan, PlanKind, Step, StepMode
from bot.domain.text import plural
from bot.errors import BadArgument, Forbidden, NotFound, NotSupported
from platforms.salesforce import (
    apps,
    belongings,
    create,
    grants,
    logins,
    permissions,
    queries,
    rules,
    soap,
)
from platforms.salesforce.examination import every_grant_row
from platforms.salesforce.org import Org, Survey, User, names_of, survey
from platforms.salesforce.rows import text
from platforms.salesforce.together import both

_RECENT = timedelta(days=7)  # sign-ins that a new range would have refused are looked for this far back
_ALIVE = timedelta(
    days=30
)  # a grant used within this counts as in use; finer words would change every minute

Params = Mapping[str, str]


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


async def _who(org: Org, params: Params) -> tuple[Survey, User]:
    named = [params[name] for name in ("username", "id", "user") if params.get(name)]
    if len(named) != 1:
        raise BadArgument("name one account: username svc-crm@example.com, or its id")
    known = await survey(org)
    return known, await known.find(named[0])


def _plan(org: Org, verb: str, params: Params, user: User, title: str, step: Step, notes: list[str]) -> Plan:
    return Plan(
        kind=PlanKind.CHANGE,
        connection=org.client.wire.connection,
        title=title,
        subject_id=user.id,
        subject_label=user.username,
        steps=(create.preflight(verb, params), step),
        holder_id=user.id,
        holder_email=user.principal.email,
        notes=tuple(notes),
    )


async def _own(org: Org, user: User) -> list[str]:
    return ["this is the bot's own user"] if user.id == await org.own_id() else []


async def _last_administrator(known: Survey, user: User) -> list[str]:
    if known.directory.set_rights is None or known.directory.frozen is None:
        return ["the bot cannot see who else is an administrator: it needs “Manage Users” and “View Setup”"]
    if await known.administrators() == {user.id}:
        return ["this is the last active administrator"]
    return []


async def _holdings(org: Org, known: Survey, user: User) -> tuple[list[str], list[str]]:
    """What stops with this user, in two lists: what is alive, and what has not been used for 30 days."""
    jobs, boards = await org.answers(queries.jobs_of(user.id), queries.dashboards_of(user.id))
    ties = belongings.jobs(jobs.rows) + belongings.dashboards(boards.rows)
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
    known, user = await _who(org, params)
    verb = "freeze" if frozen else "unfreeze"
    objections: list[str] = []
    notes = [f"{user.username} keeps its licence."]
    if frozen:
        (alive, quiet), own = await both(_holdings(org, known, user), _own(org, user))
        objections = [*own, *await _last_administrator(known, user)]
        notes.append(
            "OAuth grants are not revoked by freezing, but nothing can sign in with this account meanwhile."
        )
        if alive or quiet:
            notes.append(f"Would stop or stall: {'; '.join(alive + quiet)}.")
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
        undo=f"{'unfreeze' if frozen else 'freeze'} it again",
        destructive=frozen,
    )
    plan = _plan(org, verb, params, user, f"{verb.capitalize()} {user.username}", step, notes)
    return Draft(plan=plan, objections=tuple(objections))


async def _frozen(org: Org, params: Params) -> Draft:
    return await _freeze(org, params, frozen=True)


async def _unfrozen(org: Org, params: Params) -> Draft:
    return await _freeze(org, params, frozen=False)


async def _deactivate(org: Org, params: Params) -> Draft:
    known, user = await _who(org, params)
    (alive, quiet), own = await both(_holdings(org, known, user), _own(org, user))
    objections = [*own, *await _last_administrator(known, user)]
    if alive:
        objections.append(f"these stop with it; hand them over first: {'; '.join(alive)}")
    notes = [
        "The licence is freed. Tokens of this user stop at once.",
        "Salesforce itself refuses where the user has a part in lead, case or workflow settings; its reason is shown.",
    ]
    if quiet:
        notes.append(f"Also ends: {'; '.join(quiet)}.")
    step = Step(
        key="deactivate",
        mode=StepMode.AUTO,
        title=f"Deactivate {user.username}",
        action=Action(verb="deactivate-user", subject=user.id),
        evidence="the user's Active mark, read back",
        undo="tick Active again in Setup → Users, while a licence is free; grants do not come back",
        destructive=True,
    )
    plan = _plan(org, "deactivate", params, user, f"Deactivate {user.username}", step, notes)
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
        plan=_plan(org, "revoke", params, user, title, step, notes), objections=tuple(await _own(org, user))
    )


async def _restrict(org: Org, params: Params) -> Draft:
    wanted = rules.parse_ranges(params.get("ranges", ""))
    known, user = await _who(org, params)
    name, have = await _profile_rule(org, user)
    after = rules.merged(have.ranges, wanted)
    others = await _others(known, user)
    refused = await _would_refuse(org, [user, *others], after)
    objections: list[str] = []
    notes = [f"Allowed now: {rules.in_words(have.ranges)}. Allowed then: {rules.in_words(after)}."]
    notes += _shared(user, others)
    own = await org.own_id()
    for who, sources in sorted(refused.items(), key=lambda pair: pair[0].username):
        said = f"{who.username} signed in from {', '.join(sorted(sources))} within a week, which would be refused"
        (objections if who.id == own else notes).append(said)
    if own in {user.id, *(other.id for other in others)}:
        notes.append("The bot signs in under this profile too: its own address must stay among the ranges.")
    if not have.ranges:
        notes.append("The profile has no ranges yet: from now on every other address is refused.")
    title = f"Allow {user.username} to sign in from {rules.in_words(wanted)}"
    params_of_step = _rule_params(user, name) | {"ranges": rules.in_words(wanted)}
    step = Step(
        key="restrict",
        mode=StepMode.AUTO,
        title=f"Set login IP ranges of profile {user.principal.profile}",
        action=Action(verb="allow-ranges", subject=user.profile_id, params=params_of_step),
        evidence="the profile's ranges, read back",
        undo=f"set them back to {rules.in_words(have.ranges)} in Setup → Profiles → {user.principal.profile} →"
        " Login IP Ranges",
    )
    return Draft(plan=_plan(org, "restrict", params, user, title, step, notes), objections=tuple(objections))


async def _hours(org: Org, params: Params) -> Draft:
    wanted = rules.parse_hours(params.get("hours", ""))
    known, user = await _who(org, params)
    name, have = await _profile_rule(org, user)
    others = await _others(known, user)
    objections = []
    if await org.own_id() in {user.id, *(other.id for other in others)}:
        objections.append("the bot signs in under this profile, at any hour")
    notes = [
        f"Hours now: {rules.hours_in_words(have.hours)}. Hours then: {rules.hours_in_words(wanted)}.",
        "Hours are in the org's default time zone, as it was when they were first set.",
        *_shared(user, others),
    ]
    step = Step(
        key="hours",
        mode=StepMode.AUTO,
        title=f"Set login hours of profile {user.principal.profile}",
        action=Action(
            verb="set-hours",
            subject=user.profile_id,
            params=_rule_params(user, name) | {"hours": params["hours"]},
        ),
        evidence="the profile's hours, read back",
        undo=f"set them back to {rules.hours_in_words(have.hours)} in Setup → Profiles →"
        f" {user.principal.profile} → Login Hours",
    )
    plan = _plan(org, "hours", params, user, f"Set login hours of {user.username}", step, notes)
    return Draft(plan=plan, objections=tuple(objections))


def _rule_params(user: User, name: str) -> dict[str, str]:
    return {"profile": user.principal.profile, "full_name": name}


async def _profile_rule(org: Org, user: User) -> tuple[str, LoginRule]:
    name = rules.full_name(user.profile_id, await soap.listed(org.client, ["Profile"]))
    found = await rules.read(org.client, [name]) if name else {}
    if name not in found:
        raise Forbidden(
            f"the Metadata interface does not show profile {user.principal.profile or user.profile_id}, whose rules"
            f" would change. {apps.METADATA_REMEDY}.",
            scope="Modify Metadata",
        )
    return name, found[name]


async def _others(known: Survey, user: User) -> list[User]:
    rows = await known.org.rows(queries.active_users_of([user.profile_id]))
    return [known.user(row) for row in rows if text(row, "Id") != user.id]


def _shared(user: User, others: list[User]) -> list[str]:
    if not others:
        return []
    return [
        f"The rule is the profile's: {plural(len(others), 'other user')} of {user.principal.profile} will feel it:"
        f" {names_of(others)}."
    ]


async def _would_refuse(org: Org, users: list[User], after: tuple[rules.Range, ...]) -> dict[User, set[str]]:
    """Addresses from which these users lately signed in and could not any more. Our own are always seen."""
    since = org.client.wire.now() - _RECENT
    by_id = {user.id: user for user in users}
    found: dict[User, set[str]] = {}
    ids = list(by_id)
    for i in range(0, len(ids), grants.USERS_PER_SLICE):
        for row in await org.rows(queries.logins_of(ids[i : i + grants.USERS_PER_SLICE], since)):
            login = logins.read(row)
            if login.succeeded and login.source and not rules.contains(after, login.source):
                found.setdefault(by_id[login.principal_id], set()).add(login.source)
    return found


_ACCOUNT = frozenset({"username", "id", "user"})
_VERBS: dict[str, tuple[Callable[[Org, Params], Awaitable[Draft]], frozenset[str]]] = {
    "create": (create.draft, create.PARAMS),
    "restrict": (_restrict, _ACCOUNT | {"ranges"}),
    "hours": (_hours, _ACCOUNT | {"hours"}),
    "freeze": (_frozen, _ACCOUNT),
    "unfreeze": (_unfrozen, _ACCOUNT),
    "deactivate": (_deactivate, _ACCOUNT),
    "revoke": (_revoke, frozenset({"grant", "id"})),
}
