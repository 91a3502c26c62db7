"""Target states of handovers: an app is approved, proven, silent, revoked; an app runs as somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from bot.errors import Forbidden
from bot.platform.plan import Action, Confirmation, Outcome
from bot.text import plural
from platforms.salesforce import apps, grants, logins, permissions
from platforms.salesforce.answers import Row, instant, number, text
from platforms.salesforce.handover_facts import same_app
from platforms.salesforce.logins import format_time
from platforms.salesforce.org import Org
from platforms.salesforce.wire import Call

_HOUR = timedelta(hours=1)
_APPROVING = timedelta(seconds=2)


async def app_authorized(org: Org, action: Action) -> Confirmation:
    """Whether the user has approved the app anew: a grant that was not there when the plan was made."""
    await org.must_see(permissions.GRANTS)
    params = action.params
    fresh = await _fresh(org, action)
    if not fresh:
        return Confirmation(outcome=Outcome.NOT_DONE, detail=f"{params['username']} has not approved it yet")
    newest = max(fresh, key=lambda row: text(row, "CreatedDate"))
    name = grants.fingerprint(text(newest, "DeleteToken"))
    return Confirmation(
        outcome=Outcome.DONE,
        detail=f"approved at {format_time(instant(newest, 'CreatedDate'))}",
        record_id=name,
        facts={
            "new_grant": name,
            "new_use_count": str(number(newest, "UseCount")),
            "new_seen_at": org.client.wire.now().isoformat(),
        },
    )


async def grant_proven(org: Org, action: Action) -> Confirmation:
    """
    Whether the new grant works: used since it was first seen, and a success in Login History since then.

    A use count alone proves nothing, because failures raise it as well.
    """
    await org.must_see(permissions.GRANTS, permissions.LOGINS)
    params, known = action.params, action.known
    since = logins.parse_time(known.get("new_seen_at", ""))
    if since is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="no new grant is on record")
    mine = {
        grants.fingerprint(text(row, "DeleteToken")): row
        for row in await grants.grants_of(org.client, params["user"])
        if same_app(row, params["application"], params["application_name"])
    }
    row = mine.pop(known.get("new_grant", ""), None)
    if row is None:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="the new grant is gone: approve the app again")
    if any((used_at := instant(other, "LastUsedDate")) and used_at > since for other in mine.values()):
        return Confirmation(
            outcome=Outcome.NOT_DONE,
            detail="an older grant of the same user and app is in use, so a success cannot be told to be the new one's",
        )
    # approving is itself a sign-in, logged at about the time of the grant
    since = max(since, (instant(row, "CreatedDate") or since) + _APPROVING)
    used = number(row, "UseCount") - int(known.get("new_use_count", "0"))
    tries = await logins.since(org, params["user"], params["application_name"], since)
    good = [login for login in tries if login.succeeded]
    if used > 0 and good:
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"used {plural(used, 'time')}; success at {format_time(good[-1].at)} from {good[-1].source}",
            record_id=good[-1].native_id,
        )
    # every new wording is said to people, so counts and times stay out of it
    failed = f"; last attempt: {tries[-1].status}" if tries and not good else ""
    return Confirmation(
        outcome=Outcome.NOT_DONE,
        detail=f"{'used' if used > 0 else 'not used'} since, no successful sign-in found{failed}",
    )


async def grant_silent(org: Org, action: Action) -> Confirmation:
    """
    Whether the old grant has rested for ``params["window_s"]`` seconds since the step began.

    A use restarts the time, and is named with its source. A grant that is gone is silent for good.
    """
    await org.must_see(permissions.GRANTS)
    params = action.params
    since = logins.begun(action)
    if since is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="the start of this step is not on record")
    row = await _row(org, params["user"], action.subject)
    if row is None:
        return Confirmation(outcome=Outcome.DONE, detail="the old grant is gone already")
    used_at = instant(row, "LastUsedDate")
    quiet_from = max(since, used_at) if used_at else since
    until = quiet_from + timedelta(seconds=int(params["window_s"]))
    if until <= org.client.wire.now():
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"unused since {format_time(quiet_from)}, {plural(number(row, 'UseCount'), 'use')} in all",
            record_id=action.subject,
        )
    if used_at is None or used_at <= since:
        return Confirmation(
            outcome=Outcome.NOT_DONE,
            detail=f"unused since {format_time(since)}; must stay unused until {format_time(until)}",
        )
    # said anew whenever the words change, so a busy grant is named once an hour and not at every use
    about = used_at if until - quiet_from < _HOUR else used_at.replace(minute=0, second=0, microsecond=0)
    when = f"at {format_time(used_at)}" if about == used_at else f"within the hour from {format_time(about)}"
    where = await _from_where(org, action, used_at)
    by = f" by {consumer}" if (consumer := params.get("consumer", "")) else ""
    return Confirmation(
        outcome=Outcome.NOT_DONE,
        detail=f"still in use{by}: {when}{where}; each use starts the wait again",
    )


async def grant_gone(org: Org, action: Action) -> Confirmation:
    """Whether the grant is absent from a complete listing of its user's grants."""
    await org.must_see(permissions.GRANTS)
    if await _row(org, action.params["user"], action.subject) is not None:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="the grant is still listed")
    return Confirmation(
        outcome=Outcome.DONE,
        detail="gone from a complete listing of the user's grants",
        record_id=action.subject,
    )


async def revoke(org: Org, action: Action) -> None:
    """
    End the grant with its own DeleteToken, read live and forgotten at once.

    Source: Object Reference, OauthToken, DeleteToken; OAuth revoke endpoint, read 2026-11-21.
    """
    await org.must_see(permissions.GRANTS)
    token = await grants.delete_token(org.client, action.params["user"], action.subject)
    if token is None:
        return  # gone since it was confirmed
    call = Call(
        operation="revoke the grant",
        method="POST",
        path="/services/oauth2/revoke",
        wrote=True,
        body=urlencode({"token": token.reveal()}).encode(),
        content_type="application/x-www-form-urlencoded",
        open=True,
    )
    await org.client.wire.send(call, org.client.meter, bytes)


async def new_grants_gone(org: Org, action: Action) -> Confirmation:
    """Whether the user holds no grant of the app but those that were there when the plan was made.

    Also one that nobody has recorded yet counts: a person may have approved the app a moment before the turn back.
    """
    await org.must_see(permissions.GRANTS)
    if fresh := await _fresh(org, action):
        return Confirmation(
            outcome=Outcome.NOT_DONE, detail=f"{plural(len(fresh), 'new grant')} of that user still listed"
        )
    return Confirmation(
        outcome=Outcome.DONE, detail="no new grant in a complete listing of the user's grants"
    )


async def revoke_new(org: Org, action: Action) -> None:
    """End each grant that came since the plan was made."""
    await org.must_see(permissions.GRANTS)
    for row in await _fresh(org, action):
        await revoke(org, replace(action, subject=grants.fingerprint(text(row, "DeleteToken"))))


async def _fresh(org: Org, action: Action) -> list[Row]:
    """The user's grants of the app that were not there when the plan was made."""
    params = action.params
    before = set(params["before"].split(","))
    return [
        row
        for row in await grants.grants_of(org.client, params["user"])
        if same_app(row, params["application"], params["application_name"])
        and grants.fingerprint(text(row, "DeleteToken")) not in before
    ]


async def runs_as(org: Org, action: Action) -> Confirmation:
    """Whether the app's configuration names the target."""
    found = next((a for a in (await apps.load(org.client)).apps if a.id == action.subject), None)
    if found is None or not found.configured:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="the bot cannot read this app's configuration")
    done = found.run_as.lower() == action.params["username"].lower()
    return Confirmation(
        outcome=Outcome.DONE if done else Outcome.NOT_DONE,
        detail=f"runs as {found.run_as or 'nobody'}",
        record_id=found.id,
    )


async def run_as_proven(org: Org, action: Action) -> Confirmation:
    """Whether the target signed in through the app since the step began."""
    await org.must_see(permissions.LOGINS)
    return await _success_since(org, action, action.params["application_name"])


async def signed_in(org: Org, action: Action) -> Confirmation:
    """Whether the user signed in, through whatever, since the step began."""
    await org.must_see(permissions.LOGINS)
    return await _success_since(org, action, "")


async def _success_since(org: Org, action: Action, application: str) -> Confirmation:
    since = logins.begun(action)
    if since is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="the start of this step is not on record")
    user = action.params.get("user") or action.known.get("user_id", "")
    tries = await logins.since(org, user, application, since)
    good = [login for login in tries if login.succeeded and not login.interactive]
    if good:
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"success at {format_time(good[-1].at)} from {good[-1].source}",
            record_id=good[-1].native_id,
        )
    last = f"; last attempt: {tries[-1].status}" if tries else ""
    return Confirmation(outcome=Outcome.NOT_DONE, detail=f"no success since {format_time(since)}{last}")


async def _row(org: Org, user: str, grant: str) -> Row | None:
    rows = await grants.grants_of(org.client, user)
    return next((r for r in rows if grants.fingerprint(text(r, "DeleteToken")) == grant), None)


async def _from_where(org: Org, action: Action, used_at: datetime) -> str:
    """The source of a use, from Login History around its time; empty where that may not be seen."""
    try:
        await org.must_see(permissions.LOGINS)
    except Forbidden:
        return ""
    around = used_at - timedelta(minutes=5)
    app = action.params["application_name"]
    found = [one for one in await logins.since(org, action.params["user"], app, around) if one.source]
    return f" from {found[-1].source} by {found[-1].application}" if found else ""
