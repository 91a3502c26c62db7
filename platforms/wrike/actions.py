"""Every verb of our plans: how to see whether it is so, and how to bring it about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.errors import NotSupported, PlatformError, Rejected, UserError
from bot.platform.plan import Action, Confirmation, Draft
from bot.text import Secret
from platforms.wrike import account_actions as accounts
from platforms.wrike import share_actions as shares
from platforms.wrike import token_actions as tokens
from platforms.wrike.org import Org, done, not_done, unknown

Look = Callable[[Org, Action, str], Awaitable[Confirmation]]
LookWith = Callable[[Org, Action, Mapping[str, Secret]], Awaitable[Confirmation]]
Deed = Callable[[Org, Action, str], Awaitable[None]]
Redraft = Callable[[Org, Action], Awaitable[Draft]]


@dataclass(frozen=True, slots=True)
class Verb:
    """``apply`` is None where a person acts, or nobody does."""

    confirm: Look
    apply: Deed | None = None


def _asking(look: LookWith, secrets: Mapping[str, Secret]) -> Look:
    async def confirm(org: Org, action: Action, key: str) -> Confirmation:
        return await look(org, action, secrets)

    return confirm


def verbs(secrets: Mapping[str, Secret], redraft: Redraft) -> Mapping[str, Verb]:
    """Every verb, for a step that has these secrets."""

    async def clear(org: Org, action: Action, key: str) -> Confirmation:
        found = (await redraft(org, action)).objections
        return not_done("; ".join(found)) if found else done("nothing speaks against it")

    async def stop(org: Org, action: Action, key: str) -> None:
        if found := (await redraft(org, action)).objections:
            raise Rejected(f"Must not run: {'; '.join(found)}", status=409, vendor_code="PREFLIGHT")

    async def move(org: Org, action: Action, key: str) -> None:
        await tokens.move(org, action)

    return {
        "preflight": Verb(clear, stop),
        "invite": Verb(accounts.invited, accounts.invite),
        "uninvite": Verb(accounts.uninvited, accounts.uninvite),
        "accept": Verb(accounts.accepted),
        "set-user-type": Verb(accounts.has_type, accounts.set_type),
        "set-active": Verb(accounts.activity, accounts.set_activity),
        "user-deleted": Verb(accounts.deleted),
        "remember-account": Verb(accounts.remembered, accounts.remember),
        "share": Verb(shares.shared, shares.share),
        "unshare": Verb(shares.unshared, shares.unshare),
        "prove-token": Verb(_asking(tokens.proven, secrets)),
        "rest": Verb(_asking(tokens.rested, secrets)),
        "old-token-alive": Verb(_asking(tokens.proven_old, secrets)),
        "token-dead": Verb(_asking(tokens.dead, secrets)),
        "new-token-dead": Verb(_asking(tokens.new_dead, secrets)),
        "consent": Verb(_asking(tokens.consented, secrets)),
        "consent-ended": Verb(_asking(tokens.consent_ended, secrets)),
        "move-flow": Verb(_asking(tokens.moved, secrets), move),
    }


async def confirm(
    org: Org, action: Action, key: str, secrets: Mapping[str, Secret], redraft: Redraft
) -> Confirmation:
    """Whether the target state holds. What could not be looked at is UNKNOWN, with the reason; nothing is raised."""
    verb = verbs(secrets, redraft).get(action.verb)
    if verb is None:
        return unknown(f"Wrike has no verb {action.verb}")
    try:
        return await verb.confirm(org, action, key)
    except (PlatformError, UserError) as error:
        return unknown(error.hint)


async def apply(org: Org, action: Action, key: str, secrets: Mapping[str, Secret], redraft: Redraft) -> None:
    """
    Bring the target state about, with one write.

    Raises:
        OutcomeUnknown: it may have happened.
        Rejected, Forbidden, RateLimited, Unreachable, AuthFailed: it did not.
        NotSupported: no such verb, or one that only a person can carry out.
    """
    verb = verbs(secrets, redraft).get(action.verb)
    if verb is None or verb.apply is None:
        raise NotSupported(f"{action.verb} is not for the bot to do", operation=action.verb)
    try:
        await verb.apply(org, action, key)
    except UserError as error:
        raise Rejected(error.hint, status=409, vendor_code=error.code) from error
