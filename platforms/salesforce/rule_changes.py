"""Plans that change from where and when the users of a profile may sign in."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import Forbidden, Rejected
from bot.platform.model import LoginRule
from bot.platform.plan import Action, Confirmation, Draft, Outcome, Step, StepMode, Twin
from bot.text import plural
from platforms.salesforce import grants, logins, permissions, plans, queries, rules, soap
from platforms.salesforce.answers import text
from platforms.salesforce.org import Org, Survey, User, names_of
from platforms.salesforce.plans import Params

_RECENT = timedelta(days=7)  # sign-ins that a new range would have refused are looked for this far back


async def restrict(org: Org, params: Params) -> Draft:
    """Add login IP ranges to the profile of an account."""
    wanted = rules.parse_ranges(params.get("ranges", ""))
    known, user = await plans.find_account(org, params)
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
    if gap := permissions.gap(permissions.LOGINS, known.rights):
        notes.append(f"Where other users sign in from cannot be seen: {gap.reason}.")
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
        twin=_dropped(user, _rule_params(user, name), rules.in_words(after[len(have.ranges) :]))
        if have.ranges and len(after) > len(have.ranges)
        else None,
    )
    return Draft(
        plan=plans.one_step(org, "restrict", params, user, title, step, notes), objections=tuple(objections)
    )


def _dropped(user: User, params: dict[str, str], added: str) -> Twin:
    """Only what was added goes; ranges that others added since stay."""
    return Twin(
        mode=StepMode.AUTO,
        title=f"Take {added} out of the login IP ranges of profile {user.principal.profile} again",
        action=Action(verb="drop-ranges", subject=user.profile_id, params=params | {"ranges": added}),
        evidence="the profile's ranges, read back",
    )


async def hours(org: Org, params: Params) -> Draft:
    """Set the login hours of the profile of an account."""
    wanted = rules.parse_hours(params.get("hours", ""))
    known, user = await plans.find_account(org, params)
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
    plan = plans.one_step(org, "hours", params, user, f"Set login hours of {user.username}", step, notes)
    return Draft(plan=plan, objections=tuple(objections))


def _rule_params(user: User, name: str) -> dict[str, str]:
    return {"profile": user.principal.profile, "full_name": name}


async def _profile_rule(org: Org, user: User) -> tuple[str, LoginRule]:
    name = rules.full_name(user.profile_id, await soap.listed(org.client, ["Profile"]))
    found = await rules.read(org.client, [name]) if name else {}
    if name not in found:
        raise Forbidden(
            f"the Metadata interface does not show profile {user.principal.profile or user.profile_id}, whose rules"
            f" would change. {permissions.tick(*permissions.METADATA)}.",
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
        f"The rule is the profile's: {plural(len(others), 'other user')} of {user.principal.profile} are affected:"
        f" {names_of(others)}."
    ]


async def _would_refuse(org: Org, users: list[User], after: tuple[rules.Range, ...]) -> dict[User, set[str]]:
    """Addresses from which these users lately signed in and could not any more. Our own are always seen."""
    since = org.client.wire.now() - _RECENT
    by_id = {user.id: user for user in users}
    found: dict[User, set[str]] = {}
    for part in grants.slices(list(by_id)):
        for row in await org.rows(queries.logins_of(part, since)):
            login = logins.read(row)
            if login.succeeded and login.source and not rules.contains(after, login.source):
                found.setdefault(by_id[login.principal_id], set()).add(login.source)
    return found


async def ranges_hold(org: Org, action: Action) -> Confirmation:
    """Whether every wanted range is in the profile's list."""
    rule = await _rule(org, action)
    wanted = rules.parse_ranges(action.params["ranges"])
    have = rule.ranges
    missing = [one for one in wanted if one in rules.merged(have, wanted)[len(have) :]]
    if missing or not have:
        return Confirmation(outcome=Outcome.NOT_DONE, detail=f"allowed now: {rules.in_words(have)}")
    return Confirmation(
        outcome=Outcome.DONE, detail=f"allowed: {rules.in_words(have)}", record_id=action.subject
    )


async def add_ranges(org: Org, action: Action) -> None:
    """Read the list, add what is missing, write it whole: the interface has no way to add one."""
    rule = await _rule(org, action)
    wanted = rules.parse_ranges(action.params["ranges"])
    await rules.write_ranges(org.client, action.params["full_name"], rules.merged(rule.ranges, wanted))


async def ranges_dropped(org: Org, action: Action) -> Confirmation:
    """Whether none of the given ranges is in the profile's list any more."""
    rule = await _rule(org, action)
    there = rules.without(rule.ranges, rules.parse_ranges(action.params["ranges"]))
    done = len(there) == len(rule.ranges)
    return Confirmation(
        outcome=Outcome.DONE if done else Outcome.NOT_DONE, detail=f"allowed: {rules.in_words(rule.ranges)}"
    )


async def drop_ranges(org: Org, action: Action) -> None:
    """Take the given ranges out and leave all others, also those that came since.

    Raises:
        Rejected: nothing would be left; what an empty list does is not documented, so a person must do it.
    """
    rule = await _rule(org, action)
    left = rules.without(rule.ranges, rules.parse_ranges(action.params["ranges"]))
    if not left:
        raise Rejected("no range would be left: empty the list by hand in the profile", status=409)
    await rules.write_ranges(org.client, action.params["full_name"], left)


async def hours_hold(org: Org, action: Action) -> Confirmation:
    """Whether the profile's hours are exactly the wanted ones."""
    rule = await _rule(org, action)
    done = sorted(rule.hours) == sorted(rules.parse_hours(action.params["hours"]))
    return Confirmation(
        outcome=Outcome.DONE if done else Outcome.NOT_DONE,
        detail=f"hours: {rules.hours_in_words(rule.hours)}",
        record_id=action.subject if done else "",
    )


async def set_hours(org: Org, action: Action) -> None:
    """Replace the profile's hours."""
    hours = rules.parse_hours(action.params["hours"])
    await rules.write_hours(org.client, action.params["full_name"], hours)


async def _rule(org: Org, action: Action) -> LoginRule:
    name = action.params["full_name"]
    found = await rules.read(org.client, [name])
    if name not in found:
        raise Rejected(
            f"the Metadata interface shows no profile {action.params['profile']}",
            status=404,
            operation="read",
        )
    return found[name]
