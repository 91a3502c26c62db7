"""Target states of access tokens: made, parked, revoked; and how the audit trail shows them in use or at rest."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.platform.plan import Action, Confirmation, Outcome
from bot.text import Secret, clean
from platforms.netsuite import notes, trail
from platforms.netsuite.account_actions import said
from platforms.netsuite.rows import Row, instant, text
from platforms.netsuite.scene import Scene
from platforms.netsuite.signing import Signer
from platforms.netsuite.tokens import PREFIX, Token


def _id(action: Action) -> str:
    """The token an action is about: planned, or made by an earlier step."""
    return action.subject.removeprefix(PREFIX) or action.known.get("token", "")


def _since(action: Action, *steps: str) -> datetime:
    """When the first of these steps ended, else when this one began."""
    known = next((action.known[f"at.{s}"] for s in steps if f"at.{s}" in action.known), action.known["since"])
    return datetime.fromisoformat(known)


async def made(scene: Scene, action: Action) -> Confirmation:
    """Whether a new token of that application, user and role is in the list."""
    params = action.params
    before = set(params["before"].split(","))
    found = [
        token
        for token in await scene.tokens(application_id=params["application"], entity=params["user"])
        if token.id not in before and token.alive
    ]
    right = [token for token in found if token.role == params["role"]]
    if not right:
        wrong = f"; one with another role is there: {clean(found[0].name, 60)}" if found else ""
        return said(
            False, f"no new token of {params['username']} for {params['application_name']} yet{wrong}"
        )
    token = max(right, key=lambda t: int(t.id))
    return said(
        True,
        f"token “{clean(token.name, 60)}” is there",
        PREFIX + token.id,
        token=token.id,
        token_name=token.name,
    )


async def parked(scene: Scene, action: Action) -> Confirmation:
    """Whether the token is set inactive, or revoked."""
    token = await _token(scene, action)
    if token is None:
        return said(True, "the token is gone", _id(action))
    word = "revoked" if token.revoked else "inactive" if token.inactive else "active"
    return said(not token.alive, f"the token is {word}", PREFIX + token.id)


async def unparked(scene: Scene, action: Action) -> Confirmation:
    """Whether the token is active again."""
    token = await _token(scene, action)
    if token is None or token.revoked:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="the token was revoked, which is for ever")
    return said(token.alive, f"the token is {'active' if token.alive else 'inactive'}", PREFIX + token.id)


async def revoked(scene: Scene, action: Action) -> Confirmation:
    """Whether the token is revoked, by its own row; one that is gone from the list can sign nobody in."""
    token = await _token(scene, action)
    if token is None:
        return said(True, "the token is gone from the list", PREFIX + _id(action))
    when = text(token.row, "revoked_at")
    word = f"revoked at {when}" if token.revoked else "not revoked"
    return said(token.revoked, f"the token is {word}", PREFIX + token.id)


async def revoke(scene: Scene, action: Action, held: Mapping[str, Secret]) -> None:
    """End the token with its own secret, which is the only way NetSuite has."""
    token = held["token_id"].reveal()
    consumer = held["consumer_key"].reveal()
    signer = Signer(
        realm=scene.settings.account.realm,
        consumer_key=consumer,
        token=token,
        consumer_secret=held["consumer_secret"],
        token_secret=held["token_secret"],
    )

    def sign(method: str, url: str) -> str:
        timestamp = int(scene.client.wire.now().timestamp())
        return signer.header(method, url, nonce=secrets.token_hex(10), timestamp=timestamp)

    await scene.client.revoke_token(consumer, token, sign)


async def proven(scene: Scene, action: Action) -> Confirmation:
    """Whether the trail shows the new credential signing in."""
    params, since = action.params, _since(action, "mint", "map")
    wanted = trail.concerning(
        application=params["application_name"],
        entity=params["user"],
        token=action.known.get("token_name", "") if params.get("by_name") else "",
    )
    rows = await _rows(scene, since, *wanted)
    good = [row for row in rows if text(row, "status") == trail.SUCCESS]
    if good:
        return said(
            True, f"signed in as {params['username']} {_when(scene, good[-1])}", trail.login_id(good[-1])
        )
    if rows:
        why = clean(text(rows[-1], "detail") or "no detail", 80)
        return said(
            False, f"{params['application_name']} tries as {params['username']} and is refused: {why}"
        )
    return said(
        False, f"no sign-in of {params['application_name']} as {params['username']} yet (the trail lags)"
    )


async def silent(scene: Scene, action: Action) -> Confirmation:
    """Whether the old credential has not signed in for the whole window, which begins anew with each use."""
    params, now = action.params, scene.client.wire.now()
    began = _since(action, "prove")
    window = timedelta(seconds=int(params["window_s"]))
    wanted = trail.concerning(
        application=params["application_name"],
        entity=params["user"],
        token=params.get("token_name", ""),
        not_token="" if params.get("token_name") else action.known.get("token_name", ""),
        status=trail.SUCCESS,
    )
    rows = await _rows(scene, began, *wanted)
    if rows:
        last = instant(rows[-1], "at_", scene.settings.zone) or now
        if now - last < window + trail.LAG:
            source = clean(text(rows[-1], "ip") or "an unknown address", 60)
            return said(
                False, f"the old one was used {_when(scene, rows[-1])} from {source}: somebody still holds it"
            )
        began = last
    if now - began < window + trail.LAG:
        return said(False, f"at rest since {began:%Y-%m-%d %H:%M} UTC; it has to rest {_span(window)}")
    return said(True, f"not used since {began:%Y-%m-%d %H:%M} UTC")


async def set_by(scene: Scene, action: Action) -> Confirmation:
    """Whether the newest transactions stand under the new user's name, in System Notes."""
    params, since = action.params, _since(action, "mint")
    found = [note for note in await notes.newest_orders(scene.client, since) if note.entity == params["user"]]
    if not found:
        return said(False, f"no new transaction is Set By {params['username']} yet")
    return said(True, f"transaction {found[0].record} is Set By {params['username']}", found[0].record)


async def _token(scene: Scene, action: Action) -> Token | None:
    return await scene.token(_id(action))


async def _rows(scene: Scene, since: datetime, *where: str) -> list[Row]:
    until = scene.client.wire.now() + timedelta(seconds=1)
    return await trail.rows_since(scene.client, since, until, *where) if since < until else []


def _when(scene: Scene, row: Row) -> str:
    when = instant(row, "at_", scene.settings.zone)
    return f"at {when:%Y-%m-%d %H:%M} UTC" if when else "at an unknown time"


def _span(window: timedelta) -> str:
    hours = window.total_seconds() / 3600
    return (
        f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours" if hours >= 1 else f"{window.seconds} s"
    )
