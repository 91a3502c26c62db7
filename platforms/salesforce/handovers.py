"""Recipes that move an integration from a person to an integration user."""

from __future__ import annotations

from collections.abc import Mapping

from bot.platform.model import CredentialKind
from bot.platform.plan import Action, Draft, How, Manner, Plan, PlanKind, Step, StepMode, Twin
from platforms.salesforce import apps, preflight
from platforms.salesforce.config import Settings
from platforms.salesforce.handover_facts import Examined, examine
from platforms.salesforce.org import Org
from platforms.salesforce.preflight import Case


async def draft(org: Org, credential_id: str, target: str, how: How) -> Draft:
    """
    The plan that moves one OAuth grant, or one app's client credentials, to ``target``.

    Raises:
        NotFound, BadArgument: no such credential or user.
        NotSupported: no recipe for this kind. Forbidden: we may not see what we must.
    """
    found = await examine(org, credential_id, target)
    of_grant = found.kind is CredentialKind.OAUTH_GRANT
    hostile = of_grant and how.manner is Manner.HOSTILE
    steps = _grant_steps(org.settings, found, how) if of_grant else _run_as_steps(found)
    case = found.case
    plan = Plan(
        kind=PlanKind.HANDOVER,
        connection=org.client.wire.connection,
        title=f"Hand over {case.app_name} from {_holder(case)} to {case.target.username}",
        subject_id=credential_id,
        subject_label=case.app_name,
        steps=(_preflight(found), *steps),
        application=case.app_name,
        holder_id=case.holder.id if case.holder else "",
        holder_email=case.holder.principal.email if case.holder else "",
        target_id=case.target.id,
        target_label=case.target.username,
        downtime=f"from the revocation until {case.app_name} is approved again as {case.target.username}"
        if hostile
        else "none expected",
        manner=Manner.HOSTILE if hostile else Manner.GRACEFUL,
        notes=(*preflight.notes(case), *([] if of_grant else [f"{_holder(case)} is left as it is."])),
    )
    return Draft(plan=plan, objections=found.objections)


def _holder(case: Case) -> str:
    return case.holder.username if case.holder else "nobody"


def _preflight(found: Examined) -> Step:
    return Step(
        key="preflight",
        mode=StepMode.AUTO,
        title="Check again that nothing blocks this plan",
        action=Action(
            verb="preflight",
            subject=found.credential_id,
            params={"target": found.case.target.id},
        ),
        evidence="every condition, read again from Salesforce",
    )


def _grant_steps(settings: Settings, found: Examined, how: How) -> list[Step]:
    """Admit, authorize, prove, wait until unused, revoke; or, where the old grant must go now, revoke first."""
    case, target = found.case, found.case.target
    app = {"application": found.application_id, "application_name": case.app_name}
    to = {"user": target.id, "username": target.username}
    holder_id = case.holder.id if case.holder else ""
    old = {"user": holder_id, "username": _holder(case), "consumer": how.consumer} | app
    approving = to | app | {"before": ",".join(found.held_before)}
    window_s = round(how.cadence.total_seconds()) if how.cadence else settings.unused_for_s
    move = [
        *_admit(case),
        Step(
            key="authorize",
            mode=StepMode.GUIDED,
            title=f"Approve {case.app_name} as {target.username}",
            action=Action(verb="authorize-app", subject="", params=approving),
            instructions=(
                "Open a private browser window, so that Salesforce does not know you.",
                f"In {case.app_name} itself, open its Salesforce connection and choose to connect or authorize"
                " again. Do not disconnect the old one.",
                f"Sign in to Salesforce as {target.username} at {settings.url} and press Allow.",
                "If Salesforce does not let an API-only user onto that page, it is not documented whether it"
                " should: take API Only off that user's profile for these minutes and put it back at once.",
                "Leave the old grant alone. The bot revokes it once it is unused long enough.",
            ),
            evidence=f"a new OAuth grant of {target.username} for {case.app_name}",
            undo=f"revoke the new grant in Setup → Users → {target.username} → OAuth Connected Apps",
            twin=Twin(
                mode=StepMode.AUTO,
                title=f"Revoke the new grant of {target.username}",
                action=Action(verb="revoke-new-grants", subject="", params=approving),
                evidence="no new grant in a complete listing",
            ),
        ),
        Step(
            key="prove",
            mode=StepMode.WATCH,
            title="Check that the new grant works",
            action=Action(verb="prove-grant", subject="", params=to | app),
            evidence="its use count rises, and Login History shows a success of that user through that app"
            " (failures raise the count too)",
        ),
    ]
    silence = Step(
        key="silence",
        mode=StepMode.WATCH,
        title=f"Wait until the grant of {_holder(case)} is unused",
        action=Action(
            verb="grant-silent", subject=found.credential_id, params=old | {"window_s": str(window_s)}
        ),
        evidence="the old grant stays unused for the whole time; each use starts the wait again",
    )
    retire = Step(
        key="retire",
        mode=StepMode.AUTO,
        title=f"Revoke the grant of {_holder(case)}",
        action=Action(verb="revoke-grant", subject=found.credential_id, params=old),
        evidence="the grant is gone from a complete listing",
        destructive=True,
    )
    return [retire, *move] if how.manner is Manner.HOSTILE else [*move, silence, retire]


def _admit(case: Case) -> list[Step]:
    """Assign the permission set that admits the target to the app, with its licence first."""
    admission = case.admission
    if not case.needs_admission or admission is None:
        return []
    target, steps = case.target, []
    to = {"user": target.id, "username": target.username}
    if admission.license.startswith("0PL") and admission.license not in case.set_licences_held:
        steps.append(
            Step(
                key="grant-licence",
                mode=StepMode.AUTO,
                title=f"Give {target.username} the permission set license of {admission.label}",
                action=Action(verb="assign-licence", subject="", params=to | {"licence": admission.license}),
                evidence="the assignment, read back",
                twin=Twin(
                    mode=StepMode.AUTO,
                    title=f"Remove the permission set license of {admission.label} from {target.username}",
                    action=Action(
                        verb="unassign-licence", subject="", params=to | {"licence": admission.license}
                    ),
                    evidence="the assignment is gone",
                ),
            )
        )
    steps.append(
        Step(
            key="grant",
            mode=StepMode.AUTO,
            title=f"Assign permission set {admission.label} to {target.username}",
            action=Action(verb="assign-set", subject="", params=to | {"set": admission.set_id}),
            evidence="the assignment, read back",
            twin=Twin(
                mode=StepMode.AUTO,
                title=f"Remove permission set {admission.label} from {target.username}",
                action=Action(verb="unassign-set", subject="", params=to | {"set": admission.set_id}),
                evidence="the assignment is gone",
            ),
        )
    )
    return steps


def _run_as_steps(found: Examined) -> list[Step]:
    """A person changes the run-as user; metadata and a sign-in prove it. The old user stays as it is."""
    case, target = found.case, found.case.target
    params = {
        "application": found.application_id,
        "application_name": case.app_name,
        "user": target.id,
        "username": target.username,
    }
    return [
        Step(
            key="run-as",
            mode=StepMode.GUIDED,
            title=f"Make {case.app_name} run as {target.username}",
            action=Action(verb="set-run-as", subject=found.application_id, params=params),
            instructions=_run_as_menu(case, target.username),
            evidence=f"the app's configuration names {target.username}",
            undo=f"choose {_holder(case)} there again",
            twin=_run_as_again(case, params) if case.holder else None,
        ),
        Step(
            key="prove",
            mode=StepMode.WATCH,
            title="Check that the app signs in as the new user",
            action=Action(verb="prove-run-as", subject=found.application_id, params=params),
            evidence=f"Login History shows a success of {target.username} through {case.app_name}",
        ),
    ]


def _run_as_again(case: Case, params: Mapping[str, str]) -> Twin:
    assert case.holder  # noqa: S101  asked for only where there is one
    back = {"user": case.holder.id, "username": case.holder.username}
    return Twin(
        mode=StepMode.GUIDED,
        title=f"Make {case.app_name} run as {case.holder.username} again",
        action=Action(verb="set-run-as", subject=params["application"], params={**params, **back}),
        instructions=_run_as_menu(case, case.holder.username),
        evidence=f"the app's configuration names {case.holder.username}",
    )


def _run_as_menu(case: Case, name: str) -> tuple[str, ...]:
    if case.app is not None and case.app.kind == apps.CONNECTED:
        return (
            f"Setup → Quick Find: App Manager → {case.app_name} → ▾ → Manage → Edit Policies.",
            f"Client Credentials Flow → Run As: choose {name}.",
            "Save. The app uses the new user with its next token.",
        )
    return (
        f"Setup → Quick Find: External Client App Manager → {case.app_name} → Policies → Edit.",
        f"OAuth Policies → Enable Client Credentials Flow → Run As: enter {name}.",
        "Save. The app uses the new user with its next token.",
    )
