"""Plans of one deliberate change: a role, access, activity, a token whose secret somebody holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.errors import BadArgument, Forbidden, NotFound, NotSupported
from bot.platform.model import PrincipalKind
from bot.platform.plan import Action, Draft, Plan, PlanKind, Step, StepMode, Twin
from bot.platform.secret_steps import receive
from bot.text import clean
from platforms.netsuite import planning, role_changes
from platforms.netsuite.planning import USERS
from platforms.netsuite.roles import ADMINISTRATOR, RoleRecord
from platforms.netsuite.scene import Employee, Scene
from platforms.netsuite.tokens import PREFIX

Params = Mapping[str, str]
_ACCOUNT = frozenset({"user", "username", "id"})
_HELD = ("consumer_key", "consumer_secret", "token_id", "token_secret")


async def draft(scene: Scene, verb: str, params: Params) -> Draft:
    """
    The plan of one change.

    Raises:
        BadArgument: a value is off; the hint says which and how to mend it.
        NotFound: no such user, role or token. NotSupported: no such verb.
    """
    if verb not in _VERBS:
        known = ", ".join(sorted(_VERBS))
        raise NotSupported(f"NetSuite has no verb “{verb[:40]}”: there are {known}", operation="plan")
    planner, allowed = _VERBS[verb]
    for name in sorted(set(params) - allowed):
        raise BadArgument(f"“{name[:40]}” is not known here: there are {', '.join(sorted(allowed))}")
    return await planner(scene, {name: value.strip() for name, value in params.items()})


async def _who(scene: Scene, params: Params) -> Employee:
    named = [params[name] for name in ("user", "username", "id") if params.get(name)]
    if len(named) != 1:
        raise BadArgument("user: name one employee by e-mail or internal id")
    return await scene.find(named[0])


async def _role(scene: Scene, params: Params) -> RoleRecord:
    named = params.get("role", "")
    roles = (await scene.roles()).by_id
    if roles is None:
        raise Forbidden("the bot cannot see roles: it needs Setup > Bulk Manage Roles (View)", scope="role")
    found = [r for r in roles.values() if r.id == named or r.name.casefold() == named.casefold()]
    if not named or not found:
        raise NotFound(
            f"role: there is none called “{clean(named, 60)}”; see Setup > Users/Roles > Manage Roles"
        )
    if len(found) > 1:
        raise BadArgument(f"role: several are called that; use an id: {', '.join(r.id for r in found[:5])}")
    return found[0]


async def _assign(scene: Scene, params: Params) -> Draft:
    user, role = await _who(scene, params), await _role(scene, params)
    held = await role_changes.lines(scene.client, user.id)
    objections = await _own(scene, user)
    if role.inactive:
        objections.append(f"the role {role.name} is inactive")
    if role.id in held:
        objections.append(f"{user.username} holds {role.name} already")
    notes = [f"{user.username} keeps its {len(held)} other roles: the list is added to, never replaced."]
    if role.dangers:
        notes.append(f"The role can take the account over: {', '.join(role.dangers)}.")
    if role.full_licence and not user.principal.licence.startswith("full"):
        notes.append("It may cost a full licence (estimated by the role's centre).")
    (step,) = planning.grant(user, role.id, role.name, ())
    return _plan(
        scene, "assign", params, user, f"Assign {role.name} to {user.username}", [step], notes, objections
    )


async def _remove(scene: Scene, params: Params) -> Draft:
    user, role = await _who(scene, params), await _role(scene, params)
    held = await role_changes.lines(scene.client, user.id)
    keep = [one for one in held if one != role.id]
    roles = await scene.roles()
    objections = await _own(scene, user)
    if role.id not in held:
        objections.append(f"{user.username} does not hold {role.name}")
    if role.id == ADMINISTRATOR:
        objections.append(
            "the Administrator role is only ever taken away by a person, in the employee's record"
        )
    alive = [t for t in await scene.tokens(entity=user.id) if t.alive and t.role == role.id]
    if alive:
        named = ", ".join(f"{t.app} (“{t.name}”)" for t in alive[:5])
        objections.append(f"these tokens stop with it, and come back with it; hand them over first: {named}")
    left = ", ".join(roles.name(one) for one in keep) or "none"
    step = Step(
        key="remove",
        mode=StepMode.AUTO,
        title=f"Take the role {role.name} from {user.username}",
        action=Action(
            verb="remove-role",
            subject=user.id,
            params={
                "role": role.id,
                "role_name": role.name,
                "username": user.username,
                "keep": ",".join(sorted(set(keep), key=int)),
            },
        ),
        evidence="the employee's record, read back: exactly the roles that are to stay",
        destructive=True,
        twin=Twin(
            mode=StepMode.AUTO,
            title=f"Assign {role.name} again",
            action=Action(
                verb="assign-role",
                subject=user.id,
                params={"role": role.id, "role_name": role.name, "username": user.username},
            ),
            evidence="the role stands in the employee's record",
        ),
    )
    notes = [f"NetSuite can only be sent the whole list. What stays: {left}."]
    title = f"Take {role.name} from {user.username}"
    return _plan(scene, "unassign", params, user, title, [step], notes, objections)


async def _activity(scene: Scene, params: Params, *, inactive: bool) -> Draft:
    user = await _who(scene, params)
    objections = await _own(scene, user)
    notes = []
    if inactive:
        alive = [t for t in await scene.tokens(entity=user.id) if t.alive]
        if alive:
            named = ", ".join(f"{t.app} (“{t.name}”)" for t in alive[:5])
            objections.append(f"these tokens stop with it; hand them over first: {named}")
        objections += await _last_administrator(scene, user)
        notes.append("Tokens are not ended by this: they work again if the employee is made active again.")
        notes.append(
            "Give Access stays ticked, and with it perhaps the licence: clear it with `netsuite access`."
        )
    word = "inactive" if inactive else "active"
    step = _toggle(
        "inactive",
        f"Make {user.username} {word}",
        "set-inactive",
        user,
        "inactive",
        inactive,
        destructive=inactive,
    )
    verb = "inactive" if inactive else "active"
    return _plan(scene, verb, params, user, f"Make {user.username} {word}", [step], notes, objections)


async def _inactive(scene: Scene, params: Params) -> Draft:
    return await _activity(scene, params, inactive=True)


async def _active(scene: Scene, params: Params) -> Draft:
    return await _activity(scene, params, inactive=False)


async def _access(scene: Scene, params: Params) -> Draft:
    user = await _who(scene, params)
    wanted = params.get("access", "yes").lower()
    if wanted not in ("yes", "no"):
        raise BadArgument("access: yes or no")
    given = wanted == "yes"
    objections, notes, extra = await _own(scene, user), [], {}
    if given:
        role = await _role(scene, params) if params.get("role") else None
        held = await role_changes.lines(scene.client, user.id)
        if role is not None and role.id not in held:
            if role.id == ADMINISTRATOR:
                objections.append(f"Administrator is given by a person only: {USERS} > the user > Access")
            extra["role"] = role.id
        if not user.principal.email:
            objections.append("it has no e-mail, which NetSuite needs to give access")
        if not held and role is None:
            objections.append("role: it has none yet, so name one")
        notes.append("NetSuite itself mails the user how to choose a password; none passes through Handover.")
        notes.append(
            "Each e-mail with access to a full role takes a licence; at the limit NetSuite refuses and says so."
        )
    else:
        notes.append("Whether this alone stops tokens is not documented; the licence is freed.")
        objections += await _last_administrator(scene, user)
    title = f"{'Give access to' if given else 'Take access from'} {user.username}"
    step = _toggle("access", title, "set-access", user, "access", given, destructive=not given, extra=extra)
    return _plan(scene, "access", params, user, title, [step], notes, objections)


def _toggle(
    key: str,
    title: str,
    verb: str,
    user: Employee,
    param: str,
    value: bool,
    *,
    destructive: bool,
    extra: Mapping[str, str] | None = None,
) -> Step:
    """One mark of an employee's record, and the way back."""
    back = Action(verb=verb, subject=user.id, params={param: str(not value).lower()})
    return Step(
        key=key,
        mode=StepMode.AUTO,
        title=title,
        action=Action(verb=verb, subject=user.id, params={param: str(value).lower(), **(extra or {})}),
        evidence="the employee's record, read back",
        destructive=destructive,
        twin=Twin(mode=StepMode.AUTO, title="Set it back", action=back, evidence="the record, read back"),
    )


async def _revoke(scene: Scene, params: Params) -> Draft:
    wanted = params.get("token") or params.get("id") or ""
    if not wanted.startswith(PREFIX):
        raise BadArgument("token: name one access token, as `list` and `show` print it")
    token = await scene.token(wanted.removeprefix(PREFIX))
    if token is None:
        raise NotFound("that token is no longer in the list")
    holder, me = await scene.employee(token.entity), await scene.me()
    objections = []
    if token.revoked:
        objections.append("it is revoked already")
    if me.token_name and (me.entity, me.token_name) == (token.entity, token.name):
        objections.append("this is the bot's own token")
    by_secret = params.get("secret", "no") == "held"
    done = Action(verb="token-revoked", subject=wanted)
    steps: list[Step]
    if by_secret:
        steps = [
            receive(
                _HELD,
                title="Enter the token's own values",
                instructions=("NetSuite lets a token be revoked by API only with its own secret.",),
            ),
            Step(
                key="revoke",
                mode=StepMode.AUTO,
                title=f"Revoke the token of {token.person} for {token.app}",
                action=Action(verb="revoke-token", subject=wanted, uses=_HELD),
                evidence="the token's row says revoked",
                destructive=True,
            ),
        ]
    else:
        steps = [
            Step(
                key="revoke",
                mode=StepMode.GUIDED,
                title=f"Revoke the token of {token.person} for {token.app}",
                action=done,
                instructions=(f"{planning.TOKENS} (tick Show Inactives) > “{token.name}” > Edit > Revoke.",),
                evidence="the token's row says revoked",
                destructive=True,
            )
        ]
    plan = Plan(
        kind=PlanKind.CHANGE,
        connection=scene.client.wire.connection,
        title=f"Revoke the token of {token.person} for {token.app}",
        subject_id=wanted,
        subject_label=token.name or token.app,
        steps=(planning.preflight("change", "", {"change": "revoke", **params}), *steps),
        application=token.app,
        holder_id=token.entity,
        holder_email=holder.principal.email if holder else "",
        notes=(f"{token.app} stops working where it uses this token, for good.",),
    )
    return Draft(plan=plan, objections=tuple(objections))


async def _own(scene: Scene, user: Employee) -> list[str]:
    me = await scene.me()
    return ["this is the bot's own user"] if me.entity and user.id == me.entity else []


async def _last_administrator(scene: Scene, user: Employee) -> list[str]:
    if "Administrator" not in user.principal.privileges:
        return []
    known = await scene.administrators()
    if known is None:
        return ["the bot cannot see who else is an administrator: it needs Lists > Employee Record (View)"]
    return ["this is the last active administrator"] if known <= {user.id} else []


def _plan(
    scene: Scene,
    verb: str,
    params: Params,
    user: Employee,
    title: str,
    steps: list[Step],
    notes: list[str],
    objections: list[str],
) -> Draft:
    if user.principal.kind is PrincipalKind.PERSON:
        notes = [*notes, f"{user.username} is a person."]
    plan = Plan(
        kind=PlanKind.CHANGE,
        connection=scene.client.wire.connection,
        title=title,
        subject_id=user.id,
        subject_label=user.username,
        steps=(planning.preflight("change", "", {"change": verb, **params}), *steps),
        holder_id=user.id,
        holder_email=user.principal.email,
        notes=tuple(notes),
    )
    return Draft(plan=plan, objections=tuple(objections))


_VERBS: dict[str, tuple[Callable[[Scene, Params], Awaitable[Draft]], frozenset[str]]] = {
    "assign": (_assign, _ACCOUNT | {"role"}),
    "unassign": (_remove, _ACCOUNT | {"role"}),
    "inactive": (_inactive, _ACCOUNT),
    "active": (_active, _ACCOUNT),
    "access": (_access, _ACCOUNT | {"role", "access"}),
    "revoke": (_revoke, frozenset({"token", "id", "secret"})),
}
