"""Recipes that move a token or a certificate mapping to an integration account, or renew it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.errors import Forbidden, NotFound, NotSupported
from bot.platform.plan import Draft, How, Manner, Plan, PlanKind, Step
from platforms.netsuite import certificates, connector, m2m_plans, planning, preflight
from platforms.netsuite.preflight import Case
from platforms.netsuite.scene import Employee, Scene
from platforms.netsuite.snapshot import MAPPING
from platforms.netsuite.tokens import PREFIX, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A token's move as it stands at this moment."""

    token: Token
    to: Employee
    case: Case
    before: tuple[Token, ...]  # those that the target has for this application
    objections: tuple[str, ...]


async def handover(scene: Scene, credential_id: str, target: str, how: How) -> Draft:
    """The plan that moves one credential to ``target``.

    Raises:
        NotFound, BadArgument: the credential or the target is not there. NotSupported: no recipe.
    """
    if credential_id.startswith((MAPPING, certificates.PREFIX)):
        return await m2m_plans.handover(scene, credential_id, target, how)
    token = await _wanted(scene, credential_id)
    to = await scene.find(target)
    return await _draft(scene, token, to, how, {"target": to.id})


async def rotate(scene: Scene, credential_id: str, how: How) -> Draft:
    """The plan that replaces one credential by a new one of the same user."""
    if credential_id.startswith((MAPPING, certificates.PREFIX)):
        return await m2m_plans.rotate(scene, credential_id, how)
    token = await _wanted(scene, credential_id)
    holder = await scene.employee(token.entity)
    if holder is None:
        raise NotFound("the user of this token is not among those the bot may see")
    return await _draft(scene, token, holder, how, {})


async def _wanted(scene: Scene, credential_id: str) -> Token:
    if not credential_id.startswith(PREFIX):
        raise NotSupported(
            "NetSuite has recipes for access tokens and OAuth 2.0 certificates only",
            operation="plan a handover",
        )
    token = await scene.token(credential_id.removeprefix(PREFIX))
    if token is None:
        raise NotFound(
            "that token is no longer in the list: its user was deleted, or a sandbox was refreshed"
        )
    return token


async def _draft(scene: Scene, token: Token, to: Employee, how: How, params: Mapping[str, str]) -> Draft:
    rotation = not params
    found = await examine(scene, token, to, rotation=rotation)
    role = token.role
    extra: tuple[str, ...] = ()
    if token.app == scene.settings.connector_application and not rotation:
        role, extra = await connector.role_of_token(scene, token)
    steps = await _steps(scene, found, role, how, rotation=rotation)
    kind = "rotate" if rotation else "handover"
    first = planning.preflight(kind, PREFIX + token.id, {**params, **how.written})
    hostile = how.manner is Manner.HOSTILE
    moved = (
        f"Rotate the token of {token.app} ({to.username})"
        if rotation
        else (f"Hand over {token.app} from {_holder(found)} to {to.username}")
    )
    plan = Plan(
        kind=PlanKind.ROTATION if rotation else PlanKind.HANDOVER,
        connection=scene.client.wire.connection,
        title=moved,
        subject_id=PREFIX + token.id,
        subject_label=token.name or token.app,
        steps=(first, *steps),
        application=token.app,
        holder_id=token.entity,
        holder_email=found.case.holder.principal.email if found.case.holder else "",
        target_id=to.id,
        target_label=to.username,
        downtime=f"{token.app} stands still from the revocation until its new token is in"
        if hostile
        else "none expected: both tokens work until the old one is parked",
        notes=(*preflight.notes(found.case), *_after(scene, token), planning.TBA_ENDS),
        manner=how.manner,
        consumer=how.consumer or token.app,
        destination=how.destination,
    )
    return Draft(plan=plan, objections=(*found.objections, *extra))


async def examine(scene: Scene, token: Token, to: Employee, *, rotation: bool) -> Examined:
    """Read everything a token's move depends on, and object where it must not run."""
    roles, me = await scene.roles(), await scene.me()
    holder = await scene.employee(token.entity)
    objections = [*preflight.about_token(token)]
    try:
        record = await scene.application(id_=token.app_id)
        state = record.state if record else ""
    except Forbidden:
        state = ""
    try:
        await scene.uses(days=1, application=token.app)
    except Forbidden as error:
        objections.append(f"without the Login Audit Trail nothing could be proven: {error.hint}")
    theirs = await scene.tokens(entity=to.id)
    case = Case(
        application=token.app,
        state=state,
        holder=holder,
        target=to,
        role=(roles.by_id or {}).get(token.role),
        role_id=token.role,
        role_name=roles.name(token.role),
        me=me,
        own=bool(me.token_name)
        and (me.entity, me.token_name, me.application) == (token.entity, token.name, token.app),
        own_known=bool(me.entity),
        target_tokens=sum(one.alive for one in theirs),
        roles_held=None if roles.of_entity is None else roles.held(to.id),
        same_user=rotation,
    )
    before = tuple(one for one in theirs if one.app_id == token.app_id)
    return Examined(
        token=token, to=to, case=case, before=before, objections=(*objections, *preflight.objections(case))
    )


async def _steps(scene: Scene, found: Examined, role: str, how: How, *, rotation: bool) -> Sequence[Step]:
    token, to = found.token, found.to
    roles = await scene.roles()
    held = tuple(found.case.roles_held or ())
    if token.app == scene.settings.connector_application:
        return connector.steps(scene.settings, token, to, role, roles, found.before, how, rotation=rotation)
    granted = [] if rotation else planning.grant(to, role, roles.name(role), held)
    fresh = [
        *granted,
        planning.mint(
            token, to, role, roles.name(role), found.before, "keep the page open for the next step"
        ),
        *planning.hand_on(token, how),
        planning.prove(token, to, by_name=rotation or bool(found.before)),
    ]
    if how.manner is Manner.HOSTILE:
        return [planning.retire(token, first=True), *fresh]
    return [
        *fresh,
        planning.silence(scene.settings, token, how),
        planning.park(token),
        planning.retire(token),
    ]


def _after(scene: Scene, token: Token) -> tuple[str, ...]:
    return (connector.AFTER,) if token.app == scene.settings.connector_application else ()


def _holder(found: Examined) -> str:
    return found.case.holder.username if found.case.holder else found.token.person or "an unknown user"
