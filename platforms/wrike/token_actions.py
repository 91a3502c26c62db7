"""Target states of tokens and consents, judged by asking Wrike with the token itself, or by the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.platform.plan import Action, Confirmation
from bot.text import Secret, fold
from platforms.wrike import audit
from platforms.wrike.account_actions import contact_id
from platforms.wrike.org import Org, done, not_done, unknown
from platforms.wrike.probe import Life, Probe, probe

Secrets = Mapping[str, Secret]
NEW, OLD = "token", "old_token"


async def proven(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """The new token answers, as the account it was to be made by, in our account."""
    answer = await _asked(org, secrets.get(NEW))
    if answer is None:
        return not_done("the new token was not entered yet")
    if (seen := _not_alive(answer, "the new token")) is not None:
        return seen
    wanted, account = contact_id(action), action.params.get("account") or action.known.get("account", "")
    if answer.contact_id != wanted:
        return not_done(
            f"this token acts as {answer.email or answer.contact_id}, not as {action.params['label']}. Revoke it in"
            " Wrike, make one in a private window, signed in as the service account, and enter that instead"
        )
    if account and account not in answer.accounts:
        return not_done("this token belongs to another Wrike account")
    return done(answer.detail, answer.contact_id, proven=answer.contact_id)


async def proven_old(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """The old token answers, as who the flow acts as: its end could not be told from a mistyped one's else."""
    answer = await _asked(org, secrets.get(OLD))
    if answer is None:
        return not_done("the old token was not entered yet")
    if answer.life is Life.DEAD:
        return not_done(
            f"this token is {answer.detail} already: it is mistyped, or was ended before. Enter it again; if it was"
            " ended before, cancel what is left of this request"
        )
    if (seen := _not_alive(answer, "the old token")) is not None:
        return seen
    if answer.contact_id != (action.params["holder"] or answer.contact_id):
        return not_done(
            f"this token acts as {answer.email or answer.contact_id}, not as {action.params['label']}: it is another"
            f" one. Enter the one that {action.params['flow']} uses"
        )
    return done(answer.detail, answer.contact_id)


async def rested(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """
    A whole beat has passed since the step began, and the new token still answers.

    Nothing in Wrike shows the use of a token, so nobody can see the old one fall silent.
    """
    window = timedelta(seconds=int(action.params["window_s"]))
    until = datetime.fromisoformat(action.known["since"]) + window
    if org.client.wire.now() < until:
        return not_done(f"waiting until {until:%Y-%m-%d %H:%M} UTC")
    answer = await _asked(org, secrets.get(NEW))
    if answer is not None and (seen := _not_alive(answer, "the new token")) is not None:
        return seen
    return done("the time has passed" + (", and the new token still answers" if answer else ""))


async def dead(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """The old token is refused by every data centre."""
    token = secrets.get(OLD) or org.first_secret(action.params["flow"])
    answer = await _asked(org, token)
    if answer is None:
        return unknown("the old token is not there to be tried")
    if answer.life is Life.ALIVE:
        return not_done(f"the old token still answers, as {answer.email or answer.contact_id}")
    if answer.life is Life.UNDETERMINED:
        return unknown(answer.detail)
    return done(f"the old token is {answer.detail}")


async def new_dead(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """On the way back: the new token is refused by every data centre, if one was entered at all."""
    answer = await _asked(org, secrets.get(NEW))
    if answer is None:
        return done("no new token was entered; whoever made one revokes it in Wrike")
    if answer.life is Life.ALIVE:
        return not_done(f"the new token still answers, as {answer.email or answer.contact_id}")
    if answer.life is Life.UNDETERMINED:
        return unknown(answer.detail)
    return done(f"the new token is {answer.detail}")


async def consented(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """The audit log shows that the account said yes to an application since this was asked for."""
    return await _row(org, action, audit.GRANTED, contact_id(action))


async def consent_ended(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """The audit log shows that the old account's consent was taken back since this was asked for."""
    return await _row(org, action, audit.REVOKED, action.params["holder"])


async def _row(org: Org, action: Action, operation: str, who: str) -> Confirmation:
    since = datetime.fromisoformat(action.known["approved_at"])
    rows = await audit.events(org.client, since, (operation,))
    row = next((one for one in rows if one.user_id == who), None)
    if row is None:
        return not_done(f"the audit log has no {operation} of that account yet")
    about = f" ({row.object_name})" if row.object_name else ""
    return done(f"audit log: {operation} at {row.at:%Y-%m-%d %H:%M} UTC{about}", row.id)


async def moved(org: Org, action: Action, secrets: Secrets) -> Confirmation:
    """The bot's register names the account for this flow."""
    flow = await org.flow(action.params["flow"])
    if fold(flow.account) == fold(action.params["to"]):
        return done(f"{flow.name} is noted as acting as {action.params['to']}")
    return not_done(f"{flow.name} is noted as acting as {flow.account}")


async def move(org: Org, action: Action) -> None:
    """Note it, in our own memory only; the configuration is people's."""
    await org.register.moved(action.params["flow"], action.params["to"])


async def _asked(org: Org, token: Secret | None) -> Probe | None:
    return await probe(org.client, token) if token else None


def _not_alive(answer: Probe, what: str) -> Confirmation | None:
    if answer.life is Life.UNDETERMINED:
        return unknown(answer.detail)
    if answer.life is Life.DEAD:
        return not_done(f"{what} is {answer.detail}")
    return None
