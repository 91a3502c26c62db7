"""Every verb of our plans: how to see whether it is so, and how to bring it about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.errors import NotSupported, PlatformError, Rejected, UserError
from bot.platform.plan import Action, Confirmation, Outcome
from platforms.salesforce import account_actions as accounts
from platforms.salesforce import changes, rotation
from platforms.salesforce import grant_actions as granted
from platforms.salesforce import pair_actions as paired
from platforms.salesforce import rule_changes as ruled
from platforms.salesforce.handover_facts import examine
from platforms.salesforce.org import Org


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``apply`` is None where a person acts, or nobody does."""

    confirm: Callable[[Org, Action], Awaitable[Confirmation]]
    apply: Callable[[Org, Action], Awaitable[None]] | None = None


async def objections(org: Org, action: Action) -> tuple[str, ...]:
    """Why the plan of a preflight step must not run, read anew."""
    if verb := action.params.get("change"):
        asked = {name: value for name, value in action.params.items() if name != "change"}
        return (await changes.draft(org, verb, asked)).objections
    if credential := action.params.get("rotate"):
        return await rotation.objections(org, credential)
    return (await examine(org, action.subject, action.params["target"])).objections


async def _clear(org: Org, action: Action) -> Confirmation:
    found = await objections(org, action)
    if found:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="; ".join(found))
    return Confirmation(outcome=Outcome.DONE, detail="no blockers found")


async def _stop(org: Org, action: Action) -> None:
    if found := await objections(org, action):
        raise Rejected(f"Blocked: {'; '.join(found)}", status=409, vendor_code="PREFLIGHT")


VERBS = {
    "preflight": Verb(_clear, _stop),
    "assign-licence": Verb(accounts.licence_held, accounts.assign_licence),
    "assign-set": Verb(accounts.set_held, accounts.assign_set),
    "unassign-licence": Verb(accounts.licence_absent, accounts.unassign_licence),
    "unassign-set": Verb(accounts.set_absent, accounts.unassign_set),
    "authorize-app": Verb(granted.app_authorized),
    "prove-grant": Verb(granted.grant_proven),
    "grant-silent": Verb(granted.grant_silent),
    "revoke-grant": Verb(granted.grant_gone, granted.revoke),
    "revoke-new-grants": Verb(granted.new_grants_gone, granted.revoke_new),
    "set-run-as": Verb(granted.runs_as),
    "prove-run-as": Verb(granted.run_as_proven),
    "sign-in-seen": Verb(granted.signed_in),
    "create-user": Verb(accounts.user_exists, accounts.create_user),
    "set-freeze": Verb(accounts.freeze_state, accounts.set_freeze),
    "deactivate-user": Verb(accounts.deactivated, accounts.deactivate),
    "stage-pair": Verb(paired.staged, paired.stage),
    "unstage-pair": Verb(paired.unstaged, paired.unstage),
    "pair-works": Verb(paired.works),
    "pair-rested": Verb(paired.rested),
    "promote-pair": Verb(paired.promoted, paired.promote),
    "end-former-pair": Verb(paired.former_gone, paired.end_former),
    "deactivate-made-user": Verb(accounts.made_user_deactivated, accounts.deactivate_made),
    "allow-ranges": Verb(ruled.ranges_hold, ruled.add_ranges),
    "drop-ranges": Verb(ruled.ranges_dropped, ruled.drop_ranges),
    "set-hours": Verb(ruled.hours_hold, ruled.set_hours),
}


async def confirm(org: Org, action: Action) -> Confirmation:
    """Whether the target state holds. What could not be looked at is UNKNOWN, with the reason; nothing is raised."""
    found_verb = VERBS.get(action.verb)
    if found_verb is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=f"Salesforce has no verb {action.verb}")
    try:
        return await found_verb.confirm(org, action)
    except (PlatformError, UserError) as error:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=error.hint)


async def apply(org: Org, action: Action) -> None:
    """
    Bring the target state about, with one write.

    Raises:
        OutcomeUnknown: it may have happened.
        Rejected, Forbidden, RateLimited, Unreachable, AuthFailed: it did not.
        NotSupported: no such verb, or one that only a person can carry out.
    """
    found_verb = VERBS.get(action.verb)
    if found_verb is None or found_verb.apply is None:
        raise NotSupported(f"{action.verb} is not for the bot to do", operation=action.verb)
    try:
        await found_verb.apply(org, action)
    except UserError as error:
        raise Rejected(error.hint, status=409, vendor_code=error.code) from error
