"""Plans that replace an app's consumer key and secret; the former pair works until the last step."""

from __future__ import annotations

from bot.errors import Forbidden, NotFound, NotSupported
from bot.platform.plan import Action, Draft, How, Manner, Plan, PlanKind, Step, StepMode, Twin
from bot.platform.secret_steps import deliver
from platforms.salesforce import apps, consumers
from platforms.salesforce.apps import App
from platforms.salesforce.handover_facts import RUN_AS
from platforms.salesforce.org import Org, User, survey

PAIR = ("client_id", "client_secret")


async def draft(org: Org, credential_id: str, how: How) -> Draft:
    """
    The plan that gives the app of a client credentials login a new key and secret.

    Raises:
        NotFound: no such app. NotSupported: no recipe for this credential, or the app has several consumers.
        Forbidden: the org does not let us read or make consumer secrets; the hint says what to turn on.
    """
    app, found = await _read(org, credential_id)
    user = await (await survey(org)).find(app.run_as)
    who = how.consumer or "the consumer"
    steps = _steps(org, app, user, how)
    hostile = how.manner is Manner.HOSTILE
    plan = Plan(
        kind=PlanKind.ROTATION,
        connection=org.client.wire.connection,
        title=f"Give {app.name} a new consumer key and secret",
        subject_id=credential_id,
        subject_label=f"consumer key and secret of {app.name}",
        steps=(_preflight(credential_id), *steps),
        application=app.name,
        target_label=app.run_as,
        holder_id=user.id,
        holder_email=user.principal.email,
        downtime=f"from the deletion of the old pair until {who} has the new one"
        if hostile
        else "none: both pairs work until the last step",
        notes=(
            f"The consumer key changes with the secret: {who} needs both.",
            "Login History does not show which pair was used, so a person confirms it.",
            "The last step deletes the old pair. Without it, the old pair expires after 30 days.",
        ),
        manner=how.manner,
        destination=how.destination,
    )
    return Draft(plan=plan, objections=_objections(org, app, found))


async def _read(org: Org, credential_id: str) -> tuple[App, consumers.Consumer]:
    if not credential_id.startswith(RUN_AS):
        raise NotSupported(
            "only an app's client credentials can be rotated: hand over OAuth grants, and replace certificates"
            " in the app's OAuth settings",
            operation="rotate",
        )
    app_id = credential_id.removeprefix(RUN_AS)
    app = next((a for a in (await apps.load(org.client)).apps if a.id == app_id), None)
    if app is None:
        raise NotFound("that app is no longer there, or the bot may no longer see it")
    if app.kind != apps.EXTERNAL:
        raise NotSupported(
            f"{app.name} is a connected app: Salesforce stages pairs for external client apps only",
            operation="rotate",
        )
    if not app.run_as:
        raise NotSupported(
            f"{app.name} does not sign in with client credentials, as far as the bot can see",
            operation="rotate",
        )
    try:
        return app, await consumers.read(org.client, app_id)
    except Forbidden as error:
        raise Forbidden(
            f"{consumers.SETTING}.", scope="consumer secrets", connection=error.connection, operation="rotate"
        ) from error


def _objections(org: Org, app: App, found: consumers.Consumer) -> tuple[str, ...]:
    objections = []
    if org.settings.client_id in {found.key.reveal(), app.consumer_key}:
        objections.append(f"{app.name} is the app the bot itself signs in with")
    if found.staged and found.staged.status == consumers.ROTATED:
        objections.append(
            "the old pair of an earlier rotation is still staged: wait up to 30 days, or delete it"
        )
    elif found.staged:
        objections.append("somebody has staged a new pair already: promote or delete it first")
    return tuple(objections)


async def objections(org: Org, credential_id: str) -> tuple[str, ...]:
    """Why a rotation must not begin, read anew."""
    return _objections(org, *await _read(org, credential_id))


def _preflight(credential_id: str) -> Step:
    return Step(
        key="preflight",
        mode=StepMode.AUTO,
        title="Check again that nothing blocks this plan",
        action=Action(verb="preflight", subject=credential_id, params={"rotate": credential_id}),
        evidence="every condition, read again from Salesforce",
    )


def _steps(org: Org, app: App, user: User, how: How) -> list[Step]:
    who = how.consumer or "the consumer"
    params = {"application": app.id, "application_name": app.name, "user": user.id, "username": user.username}
    window = how.cadence.total_seconds() if how.cadence else org.settings.unused_for_s
    stage = Step(
        key="stage",
        mode=StepMode.AUTO,
        title=f"Stage a new pair for {app.name}; the old one still works",
        action=Action(verb="stage-pair", subject="", params=params),
        evidence="the staged pair, read back",
        twin=Twin(
            mode=StepMode.AUTO,
            title="Delete the new pair",
            action=Action(verb="unstage-pair", subject="", params=params),
            evidence="the slot, read back",
        ),
    )
    works = Step(
        key="try",
        mode=StepMode.WATCH,
        title="Check that the new pair signs in",
        action=Action(verb="pair-works", subject="", params=params),
        evidence="a token for the new pair",
    )
    give = deliver(PAIR, destination=how.destination, consumer=how.consumer, made_by="stage")
    prove = Step(
        key="prove",
        mode=StepMode.WATCH,
        title=f"Check that {app.name} signs in",
        action=Action(verb="prove-run-as", subject=app.id, params=params),
        evidence=f"Login History shows a success of {app.run_as} through {app.name} since then",
    )
    say = Step(
        key="in-use",
        mode=StepMode.ATTESTED,
        title=f"Confirm that {who} signs in with the new pair",
        action=Action(verb="attest", subject=""),
        evidence="the confirmation of the person who checked",
    )
    rest = Step(
        key="silence",
        mode=StepMode.WATCH,
        title="Wait one usage interval without a refused sign-in",
        action=Action(verb="pair-rested", subject="", params=params | {"window_s": str(round(window))}),
        evidence="Login History; each refused sign-in starts the wait again",
    )
    promote = Step(
        key="promote",
        mode=StepMode.AUTO,
        title="Make the new pair the main one; the old pair moves to the staged slot",
        action=Action(verb="promote-pair", subject="", params=params),
        evidence="the main key, read back",
        undo="no undo needed: the old pair works from the slot for 30 days",
    )
    retire = Step(
        key="retire",
        mode=StepMode.AUTO,
        title="Delete the old pair",
        action=Action(verb="end-former-pair", subject="", params=params),
        evidence="main key and slot, read back",
        destructive=True,
    )
    if how.manner is Manner.HOSTILE:
        return [stage, works, promote, retire, give, prove, say]
    return [stage, works, give, prove, say, rest, promote, retire]
