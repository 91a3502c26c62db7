"""Every verb of our plans: how to see whether it is so, and how to bring it about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.errors import NotSupported, PlatformError, Rejected, UserError
from bot.platform.plan import Action, Confirmation, Draft, How, Outcome
from bot.text import Secret
from platforms.netsuite import account_actions as accounts
from platforms.netsuite import certificate_actions as certificates
from platforms.netsuite import changes, handovers
from platforms.netsuite import token_actions as tokens
from platforms.netsuite.scene import Scene


@dataclass(frozen=True, slots=True)
class Work:
    """One action to look at or to carry out, with the secrets it may use."""

    scene: Scene
    action: Action
    key: str
    held: Mapping[str, Secret]


Look = Callable[[Work], Awaitable[Confirmation]]
Act = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Deed:
    """One verb. ``apply`` is None where a person acts, or nobody does."""

    confirm: Look
    apply: Act | None = None


def _look(plain: Callable[[Scene, Action], Awaitable[Confirmation]]) -> Look:
    return lambda work: plain(work.scene, work.action)


def _act(plain: Callable[[Scene, Action], Awaitable[None]]) -> Act:
    return lambda work: plain(work.scene, work.action)


async def objections(scene: Scene, action: Action) -> tuple[str, ...]:
    """Why the plan of a preflight step must not run, drawn up anew."""
    params = dict(action.params)
    draft: Draft
    match params.pop("plan"):
        case "change":
            verb = params.pop("change")
            draft = await changes.draft(scene, verb, params)
        case "rotate":
            draft = await handovers.rotate(scene, action.subject, How.read(params))
        case _:
            draft = await handovers.handover(scene, action.subject, params["target"], How.read(params))
    return draft.objections


async def _clear(work: Work) -> Confirmation:
    found = await objections(work.scene, work.action)
    if found:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="; ".join(found))
    return Confirmation(outcome=Outcome.DONE, detail="nothing speaks against it")


async def _stop(work: Work) -> None:
    if found := await objections(work.scene, work.action):
        raise Rejected(f"Must not run: {'; '.join(found)}", status=409, vendor_code="PREFLIGHT")


async def _signed(work: Work) -> Confirmation:
    return Confirmation(outcome=Outcome.NOT_DONE, detail="waits for somebody to sign for it by name")


VERBS = {
    "preflight": Deed(_clear, _stop),
    "assign-role": Deed(_look(accounts.role_held), _act(accounts.assign_role)),
    "remove-role": Deed(_look(accounts.role_gone), _act(accounts.remove_role)),
    "set-inactive": Deed(_look(accounts.inactive_state), _act(accounts.set_inactive)),
    "set-access": Deed(_look(accounts.access_state), _act(accounts.set_access)),
    "token-made": Deed(_look(tokens.made)),
    "token-parked": Deed(_look(tokens.parked)),
    "token-unparked": Deed(_look(tokens.unparked)),
    "token-revoked": Deed(_look(tokens.revoked)),
    "revoke-token": Deed(
        _look(tokens.revoked), lambda work: tokens.revoke(work.scene, work.action, work.held)
    ),
    "sign-in-proven": Deed(_look(tokens.proven)),
    "token-silent": Deed(_look(tokens.silent)),
    "set-by-seen": Deed(_look(tokens.set_by)),
    "certificate-uploaded": Deed(
        lambda work: certificates.uploaded(work.scene, work.action, work.key),
        lambda work: certificates.upload(work.scene, work.action, work.key),
    ),
    "certificate-proven": Deed(lambda work: certificates.proven(work.scene, work.action, work.held)),
    "own-key": Deed(
        _look(certificates.adopted), lambda work: certificates.adopt(work.scene, work.action, work.held)
    ),
    "own-key-before": Deed(_look(certificates.stepped_back), _act(certificates.step_back)),
    "certificate-revoked": Deed(_look(certificates.gone), _act(certificates.revoke)),
    "attested": Deed(_signed),
}


async def confirm(work: Work) -> Confirmation:
    """Whether the target state holds. What could not be looked at is UNKNOWN, with the reason; nothing is raised."""
    deed = VERBS.get(work.action.verb)
    if deed is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=f"NetSuite has no verb {work.action.verb}")
    try:
        return await deed.confirm(work)
    except (PlatformError, UserError) as error:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=error.hint)


async def apply(work: Work) -> None:
    """
    Bring the target state about, with one write.

    Raises:
        OutcomeUnknown: it may have happened.
        Rejected, Forbidden, RateLimited, Unreachable, AuthFailed: it did not.
        NotSupported: no such verb, or one that only a person can carry out.
    """
    deed = VERBS.get(work.action.verb)
    if deed is None or deed.apply is None:
        raise NotSupported(f"{work.action.verb} is not for the bot to do", operation=work.action.verb)
    try:
        await deed.apply(work)
    except UserError as error:
        raise Rejected(error.hint, status=409, vendor_code=error.code) from error
    except KeyError as missing:
        raise Rejected(f"{missing.args[0]} is not there", status=409, vendor_code="MISSING") from missing
