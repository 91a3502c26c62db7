"""Consumer key and secret of an external client app: the main pair, and a staged one that works beside it.

Key and secret change together. Secrets leave this module as ``Secret`` only; keys are told apart by fingerprint.

Sources: Connect REST API Developer Guide, "OAuth Credentials by App ID", "... by Consumer ID", "OAuth Staged
Credentials"; Salesforce Help, "Stage, Rotate, and Delete OAuth Credentials for an External Client App"; read
2026-11-24. From v65.0; one staged pair for each consumer, for thirty days.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from bot.errors import NotSupported, PlatformError, ProtocolChanged, Rejected
from bot.text import Secret
from platforms.salesforce import answers
from platforms.salesforce.client import Client
from platforms.salesforce.errors import refusal
from platforms.salesforce.wire import Call

SETTING = (
    "In Setup → External Client App Manager → Settings, turn on “Allow access to External Client App consumer"
    " secrets via REST API”; give the bot's user External Client App Developer and View Client Secret"
)
ACTIVE = "active"  # made, and not promoted yet
ROTATED = "rotated"  # the main pair of before


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A key and its secret. ``name`` tells pairs apart and opens nothing."""

    key: Secret
    secret: Secret

    @property
    def name(self) -> str:
        """Fingerprint of the key."""
        return hashlib.sha256(self.key.reveal().encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What is in the staged slot, and its address."""

    pair: Pair
    status: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """The one consumer of an app, as it is now."""

    main: str  # name of the main pair
    key: Secret
    path: str
    staged: Staged | None


async def read(client: Client, app_id: str) -> Consumer:
    """
    The consumer of an app with its staged slot, read live. Two calls.

    Raises:
        NotSupported: the app has several consumers, which the vendor's interface cannot tell apart by name.
        Forbidden: the org does not show secrets by REST, or not to us.
    """
    found = await client.resource("read the app's consumers", f"/apps/oauth/credentials/{app_id}")
    consumers = found.get("consumers") if isinstance(found, dict) else None
    if not isinstance(consumers, list) or not consumers:
        raise _changed(client, "no consumer of the app is listed")
    if len(consumers) > 1:
        raise NotSupported(
            "the app has several consumers: give each its own external client app first",
            operation="rotate",
        )
    one = consumers[0]
    path, staged_path = _path(client, one.get("url")), _path(client, one.get("stagedCredentialsUrl"))
    key = Secret(str(one.get("key") or (await _get(client, path, "?part=key")).get("key", "")))
    if not key:
        raise _changed(client, "the consumer has no key")
    slot = (await _get(client, staged_path)).get("stagedCredentials")
    if not isinstance(slot, list) or len(slot) > 1:
        raise _changed(client, "the staged slot is not a list of one at most")
    named = Pair(key=key, secret=Secret(""))
    return Consumer(main=named.name, key=key, path=path, staged=_staged(client, slot[0]) if slot else None)


async def main_pair(client: Client, consumer: Consumer) -> Pair:
    """The main key and its secret."""
    return _pair(client, await _get(client, consumer.path, "?part=keyandsecret"))


async def stage(client: Client, consumer: Consumer) -> None:
    """Make a new pair in the slot, once. Refused by the org where the slot is taken."""
    await _write(client, "stage a new pair", "POST", f"{consumer.path}/staged")


async def promote(client: Client, staged: Staged) -> None:
    """Make the staged pair the main one, once; the former goes to the slot and works for thirty days."""
    body = msgspec.json.encode({"command": "rotate"})
    await _write(client, "promote the new pair", "PATCH", staged.path, body)


async def discard(client: Client, staged: Staged) -> None:
    """End the pair in the slot, once."""
    await _write(client, "delete the pair in the staged slot", "DELETE", staged.path)


async def signs_in(client: Client, pair: Pair) -> str:
    """Ask for a token with the pair by client credentials: "" where it works, else the org's refusal in words.

    Raises:
        Unreachable, RateLimited: could not ask.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": pair.key.reveal(),
        "client_secret": pair.secret.reveal(),
    }
    call = Call(
        operation="sign in with the new pair",
        method="POST",
        path="/services/oauth2/token",
        body=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
        open=True,
        refuse=_refused,
    )
    try:
        await client.wire.send(call, client.meter, bytes)
    except Rejected as error:
        return error.hint
    return ""


def _refused(status: int, body: bytes, *, connection: str, operation: str, wrote: bool) -> PlatformError:
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        said = {}
    why = refusal(said if isinstance(said, dict) else {}, connection=connection)
    return Rejected(why.hint, status=status, connection=connection, operation=operation)


def _staged(client: Client, found: Any) -> Staged:
    if not isinstance(found, dict):
        raise _changed(client, "the staged pair is no object")
    status = str(found.get("status", "")).lower()
    return Staged(pair=_pair(client, found), status=status, path=_path(client, found.get("url")))


def _pair(client: Client, found: dict[str, Any]) -> Pair:
    key, secret = found.get("key"), found.get("secret")
    if not isinstance(key, str) or not isinstance(secret, str) or not key or not secret:
        raise _changed(client, "a pair lacks its key or its secret")
    return Pair(key=Secret(key), secret=Secret(secret))


def _path(client: Client, url: object) -> str:
    """The path of an address the org gave; other hosts are never followed."""
    path = urlsplit(str(url or "")).path
    if not path.startswith("/services/data/") or ".." in path:
        raise _changed(client, "an address of the app's credentials is not one of the data API")
    return path


async def _get(client: Client, path: str, query: str = "") -> dict[str, Any]:
    call = Call(operation="read the app's credentials", path=path + query)
    found = await client.wire.send(call, client.meter, answers.decode)
    if not isinstance(found, dict):
        raise _changed(client, "the app's credentials are no object")
    return found


async def _write(client: Client, operation: str, method: str, path: str, body: bytes = b"") -> None:
    call = Call(operation=operation, method=method, path=path, wrote=True, body=body)
    await client.wire.send(call, client.meter, bytes)


def _changed(client: Client, what: str) -> ProtocolChanged:
    said = f"{client.wire.connection}: {what}."
    return ProtocolChanged(said, connection=client.wire.connection, operation="read the app's credentials")
