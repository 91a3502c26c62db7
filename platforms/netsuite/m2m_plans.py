"""Recipes for OAuth 2.0 client credentials: our own certificate renewed by API, others' by a person and proven.

Sources: NetSuite help, section_162686838198 (mappings), article_0209112025 and article_0209112818 (certificate
endpoint), read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import Forbidden, NotFound, NotSupported
from bot.platform.plan import Action, Draft, How, Manner, Plan, PlanKind, Step, StepMode, Twin
from bot.platform.secret_steps import deliver, make_key, receive
from platforms.netsuite import certificates, planning, preflight
from platforms.netsuite.certificates import LONGEST_DAYS, MENU, PREFIX, SLOTS
from platforms.netsuite.preflight import Case
from platforms.netsuite.scene import Employee, Scene
from platforms.netsuite.snapshot import MAPPING

_HELD = ("private_key", "certificate_id", "client_id")
ALGORITHM = "EC-P256"
_NAME = "Handover"
NOT_OUT_AT_ONCE = "Access tokens that were already given out may work for up to 60 minutes after the end."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapping:
    """A mapping as far as it shows: through what, as whom, in which role."""

    credential_id: str
    application_id: str
    application: str
    holder: Employee
    role: str


async def handover(scene: Scene, credential_id: str, target: str, how: How) -> Draft:
    """A new mapping for ``target``, proven before the consumer gets it; the old one rests, then ends."""
    mapping = await _mapping(scene, credential_id)
    to = await scene.find(target)
    return await _draft(scene, mapping, to, how, {"target": to.id})


async def rotate(scene: Scene, credential_id: str, how: How) -> Draft:
    """A new certificate for the same user. Ours goes without a person; anybody else's is mapped by one."""
    own = (await scene.client.wire.keys.current()).certificate_id
    if own and credential_id == PREFIX + own:
        return await _own(scene, own, how)
    mapping = await _mapping(scene, credential_id)
    return await _draft(scene, mapping, mapping.holder, how, {})


async def _mapping(scene: Scene, credential_id: str) -> _Mapping:
    if credential_id.startswith(PREFIX):
        raise NotSupported(
            "NetSuite does not say whose this certificate is; move the OAuth 2.0 sign-in of its integration instead",
            operation="plan a handover",
        )
    application_id, _, rest = credential_id.removeprefix(MAPPING).rpartition(":")[0].rpartition(":")
    role = credential_id.rpartition(":")[2]
    holder = await scene.employee(rest) if rest else None
    if holder is None:
        raise NotFound("that OAuth 2.0 sign-in has no user the bot may see")
    name = application_id.removeprefix("name:")
    if not application_id.startswith("name:"):
        try:
            record = await scene.application(id_=application_id)
            name = record.name if record else name
        except Forbidden:
            pass  # then its number has to do
    return _Mapping(
        credential_id=credential_id, application_id=application_id, application=name, holder=holder, role=role
    )


async def _draft(scene: Scene, found: _Mapping, to: Employee, how: How, params: dict[str, str]) -> Draft:
    rotation = not params
    roles, me = await scene.roles(), await scene.me()
    held = roles.held(to.id)
    case = Case(
        application=found.application,
        state="Enabled",
        holder=found.holder,
        target=to,
        role=(roles.by_id or {}).get(found.role),
        role_id=found.role,
        role_name=roles.name(found.role),
        me=me,
        own=found.holder.id == me.entity and found.role == me.role,
        own_known=bool(me.entity),
        target_tokens=0,
        roles_held=None if roles.of_entity is None else held,
        by_certificate=True,
        same_user=rotation,
    )
    hostile = how.manner is Manner.HOSTILE
    steps = [
        *([] if rotation else planning.grant(to, found.role, roles.name(found.role), tuple(held))),
        *_fresh(found, to, roles.name(found.role), how),
        *([_attest_use(found)] if rotation else [_prove(found, to)]),
    ]
    if hostile:
        steps = [_retire(found), *steps]
    else:
        steps += [*([] if rotation else [_silence(scene, found, how)]), _retire(found)]
    kind = "rotate" if rotation else "handover"
    verb = "Rotate the certificate of" if rotation else "Hand over"
    plan = Plan(
        kind=PlanKind.ROTATION if rotation else PlanKind.HANDOVER,
        connection=scene.client.wire.connection,
        title=f"{verb} {found.application}"
        + (f" ({to.username})" if rotation else f" from {found.holder.username} to {to.username}"),
        subject_id=found.credential_id,
        subject_label=f"OAuth 2.0 sign-in of {found.application}",
        steps=(planning.preflight(kind, found.credential_id, {**params, **how.written}), *steps),
        application=found.application,
        holder_id=found.holder.id,
        holder_email=found.holder.principal.email,
        target_id=to.id,
        target_label=to.username,
        downtime=f"{found.application} stands still from the revocation until its new key is in"
        if hostile
        else "none expected: both mappings work until the old certificate is revoked",
        notes=(
            *preflight.notes(case),
            f"An integration record has room for {SLOTS} active certificates; the page refuses more.",
            NOT_OUT_AT_ONCE,
        ),
        manner=how.manner,
        consumer=how.consumer or found.application,
        destination=how.destination,
    )
    return Draft(plan=plan, objections=tuple(preflight.objections(case)))


def _fresh(found: _Mapping, to: Employee, role_name: str, how: How) -> Sequence[Step]:
    """A key pair of ours, its certificate mapped by a person, tried by us, then given to the consumer."""
    params = {"entity": to.id, "role": found.role}
    return (
        make_key(algorithm=ALGORITHM, common_name=f"{_NAME} {found.application}"[:64], days=LONGEST_DAYS),
        _map(found, to, role_name),
        Step(
            key="try",
            mode=StepMode.WATCH,
            title="Sign in once with the new key",
            action=Action(verb="certificate-proven", subject="", params=params, uses=_HELD),
            evidence="the token endpoint accepts the new certificate, for that user",
        ),
        deliver(_HELD, destination=how.destination, consumer=how.consumer or found.application),
    )


def _map(found: _Mapping, to: Employee, role_name: str) -> Step:
    """A person maps the certificate, and takes that back. What was entered is forgotten with the request anyway."""
    step = receive(
        ("client_id", "certificate_id"),
        title=f"Map the new certificate to {to.username}",
        instructions=(
            "Save the certificate of the step before as handover.pem: it is public, and shown with the request.",
            f"{MENU} > Create New. Entity: {to.username}. Role: {role_name}. Application: {found.application}."
            " Certificate: handover.pem. Save.",
            "Enter on the sealed page the Certificate ID that the list now shows, and the Client ID of the"
            " integration (shown once when it was made; whoever runs the consumer has it).",
            "Do not press Reset Credentials on the integration record: it breaks every mapping of it.",
        ),
    )
    undo = f"revoke the new certificate of {found.application} and {to.username}, if it was mapped: {MENU} > Revoke"
    return replace(step, twin=None, undo=undo)


def _prove(found: _Mapping, to: Employee) -> Step:
    params = {"application_name": found.application, "user": to.id, "username": to.username}
    return Step(
        key="prove",
        mode=StepMode.WATCH,
        title=f"See {found.application} sign in as {to.username}",
        action=Action(verb="sign-in-proven", subject="", params=params),
        evidence="a success of that application and user in the Login Audit Trail, which lags some minutes",
    )


def _attest_use(found: _Mapping) -> Step:
    return Step(
        key="prove",
        mode=StepMode.ATTESTED,
        title=f"Say that {found.application} uses the new key",
        action=Action(verb="attested", subject=found.credential_id),
        instructions=(
            f"Look in {found.application} that its NetSuite connection works with the new certificate id.",
            "NetSuite's trail shows user and role, which are the same before and after, so it cannot tell.",
        ),
        evidence="your name: no interface shows which certificate signed in",
    )


def _silence(scene: Scene, found: _Mapping, how: How) -> Step:
    window_s = round(how.cadence.total_seconds()) if how.cadence else scene.settings.unused_for_s
    params = {
        "application_name": found.application,
        "user": found.holder.id,
        "window_s": str(window_s),
    }
    return Step(
        key="silence",
        mode=StepMode.WATCH,
        title=f"Wait until {found.application} has not signed in as {found.holder.username}",
        action=Action(verb="token-silent", subject=found.credential_id, params=params),
        evidence="no sign-in as the old user for the whole time; a use is named and the time begins anew",
    )


def _retire(found: _Mapping) -> Step:
    return Step(
        key="retire",
        mode=StepMode.ATTESTED,
        title=f"Revoke the old certificate of {found.holder.username}",
        action=Action(verb="attested", subject=found.credential_id),
        instructions=(
            f"{MENU} > the old mapping of {found.application} and {found.holder.username} > Revoke. It is for ever.",
        ),
        evidence="your name: NetSuite shows mappings on that page only",
        destructive=True,
    )


async def _own(scene: Scene, old: str, how: How) -> Draft:
    me, settings = await scene.me(), scene.settings
    listed = await certificates.listed(scene.client, settings.client_id)
    now = scene.client.wire.now()
    objections = []
    if not (me.entity and me.role):
        objections.append("the bot cannot tell its own user and role from its access token")
    if sum(one.active(now) for one in listed) >= SLOTS:
        objections.append(
            f"all {SLOTS} slots for certificates are taken: revoke one that nothing uses, in {MENU}"
        )
    if how.manner is Manner.HOSTILE:
        objections.append(
            "revoking first would lock the bot out; it is proven before the old one goes in any case"
        )
    before = ",".join(sorted(one.id for one in listed))
    revoke_new = Action(verb="certificate-revoked", subject="")
    steps = (
        planning.preflight("rotate", PREFIX + old, how.written),
        make_key(algorithm=ALGORITHM, common_name=_NAME, days=LONGEST_DAYS),
        Step(
            key="upload",
            mode=StepMode.AUTO,
            title="Map the new certificate to the bot's own user",
            action=Action(
                verb="certificate-uploaded",
                subject="",
                params={"entity": me.entity, "role": me.role, "before": before},
            ),
            evidence="a new certificate in the list, with the end date that NetSuite gave it",
            twin=Twin(
                mode=StepMode.AUTO,
                title="Revoke the new certificate",
                action=revoke_new,
                evidence="the list says revoked",
            ),
        ),
        Step(
            key="prove",
            mode=StepMode.WATCH,
            title="Sign in once with the new key",
            action=Action(
                verb="certificate-proven",
                subject="",
                params={"client_id": settings.client_id, "entity": me.entity},
                uses=("private_key",),
            ),
            evidence="the token endpoint accepts the new certificate",
        ),
        Step(
            key="switch",
            mode=StepMode.AUTO,
            title="Sign in with the new key from now on",
            action=Action(verb="own-key", subject="", uses=("private_key",)),
            evidence="the certificate id the bot signs with",
            twin=Twin(
                mode=StepMode.AUTO,
                title="Sign in with the old key again",
                action=Action(verb="own-key-before", subject="", params={"certificate": old}),
                evidence="the certificate id the bot signs with",
            ),
        ),
        Step(
            key="retire",
            mode=StepMode.AUTO,
            title="Revoke the old certificate",
            action=Action(verb="certificate-revoked", subject=PREFIX + old),
            evidence="the list says revoked",
            destructive=True,
        ),
    )
    plan = Plan(
        kind=PlanKind.ROTATION,
        connection=scene.client.wire.connection,
        title="Rotate the bot's own certificate",
        subject_id=PREFIX + old,
        subject_label=f"certificate {old[:12]}",
        steps=steps,
        holder_id=me.entity,
        target_id=me.entity,
        notes=(
            "The private key stays in Handover's own store. The configured one is no longer used; put another"
            " certificate_id into the configuration to leave this one.",
            f"The certificate is made for {LONGEST_DAYS} days; NetSuite may shorten it, and what it says counts.",
        ),
        manner=how.manner,
        destination="",
    )
    return Draft(plan=plan, objections=tuple(objections))
