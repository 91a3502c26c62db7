"""HashiCorp Vault's key/value engine, version 2: every write by check-and-set, every version kept by Vault.

Source: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import http
from bot.destination_settings import VaultPlace
from bot.destinations.fields import Held, holds, merged
from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    ProtocolChanged,
    Rejected,
    Unreachable,
)
from bot.platform.ports import Landing
from bot.text import Secret

READ_S = 20.0
_CHANGED = "check-and-set"  # in the error of a write that came second


@dataclass(frozen=True, slots=True)
class _Version:
    """One version. ``held`` is None where it is deleted, or nothing was ever written (number 0)."""

    number: int
    held: Held | None


class KeyValue:
    """One secret of one engine. See ``Destination``."""

    def __init__(self, name: str, place: VaultPlace, token: Secret) -> None:
        self.name = name
        self._place = place
        self._token = token
        self._client = http.client(place.url, connection=name, read_s=READ_S)

    async def landed(self, values: Mapping[str, Secret], key: str) -> Landing | None:
        """As ``Destination``; the first of the latest versions in a row that hold the values is ours."""
        at = await self._version()
        if at.held is None or not holds(at.held, values, self._place.fields):
            return None
        while True:
            before = await self._version(at.number - 1) if at.number > 1 else _Version(0, None)
            if before.held is None:
                return Landing(version=str(at.number), before="")
            if not holds(before.held, values, self._place.fields):
                return Landing(version=str(at.number), before=str(before.number))
            at = before

    async def write(self, values: Mapping[str, Secret], key: str) -> None:
        """As ``Destination``. Refused when another was written in between, or Vault keeps one version only."""
        await self._keeps_versions()
        at = await self._version()
        await self._write(merged(at.held or {}, values, self._place.fields), at.number)

    async def returned(self, landing: Landing) -> bool:
        """As ``Destination``: what was held before is held again, all of it."""
        now = await self._version()
        if str(now.number) == landing.version and now.held is not None:
            return False
        if not landing.before:
            return now.held is None
        return now.held == (await self._version(int(landing.before))).held

    async def put_back(self, landing: Landing) -> None:
        """As ``Destination``: what was held before becomes a new version; where nothing was, ours is deleted."""
        now = await self._version()
        if str(now.number) != landing.version:
            raise self._refusal(
                f"{self.name} holds version {now.number}, which is not ours ({landing.version}): somebody wrote "
                "since. Look at it before anything is put back.",
                400,
            )
        if landing.before:
            before = await self._version(int(landing.before))
            if before.held is None:
                raise self._refusal(f"{self.name} does not keep version {landing.before} any more.", 404)
            await self._write(before.held, now.number)
            return
        if now.number > 1 and await self._lost(now.number - 1):
            raise self._refusal(f"{self.name} kept no version before ours.", 404)
        await self._call("POST", "delete", "delete our version", {"versions": [now.number]})

    async def aclose(self) -> None:
        """Let go of sockets."""
        await self._client.aclose()

    async def _version(self, number: int | None = None) -> _Version:
        """One version, or the latest; number 0 where nothing was ever written."""
        query = "" if number is None else f"?version={number}"
        status, answer = await self._read(f"data/{self._place.path}{query}", "read the secret")
        if status == 404 and "data" not in answer:
            return _Version(number or 0, None)
        data = answer.get("data")
        meta = data.get("metadata") if isinstance(data, dict) else None
        if (
            not isinstance(data, dict)
            or not isinstance(meta, dict)
            or not isinstance(meta.get("version"), int)
        ):
            raise ProtocolChanged(
                f"{self.name}: what answers there is no key/value engine of version 2.", connection=self.name
            )
        held = data.get("data")
        gone = status == 404 or not isinstance(held, dict)
        return _Version(meta["version"], None if gone else held)

    async def _lost(self, number: int) -> bool:
        """Whether Vault destroyed or forgot a version, so that nobody can say what it held."""
        status, answer = await self._read(
            f"data/{self._place.path}?version={number}", "read the version before"
        )
        data = answer.get("data")
        meta = data.get("metadata") if isinstance(data, dict) else None
        return status == 404 and not (isinstance(meta, dict) and meta.get("destroyed") is False)

    async def _keeps_versions(self) -> None:
        try:
            status, answer = await self._read(f"metadata/{self._place.path}", "read its settings")
        except Forbidden:
            return  # optional; without it Vault's default of ten versions is taken for granted
        settings = answer.get("data")
        if status == 200 and isinstance(settings, dict) and settings.get("max_versions") == 1:
            raise self._refusal(
                f"{self.name} keeps one version only, so there would be no way back: raise max_versions.", 400
            )

    async def _write(self, held: Held, over: int) -> None:
        body = {"options": {"cas": over}, "data": dict(held)}
        answer = await self._call("POST", "data", "write a version", body)
        data = answer.get("data")
        if not isinstance(data, dict) or data.get("version") != over + 1:
            raise OutcomeUnknown(f"{self.name} did not say which version it wrote.", connection=self.name)

    async def _read(self, path: str, operation: str) -> tuple[int, dict[str, Any]]:
        async for attempt in http.reads(connection=self.name, operation=operation):
            with attempt:
                with http.translating(connection=self.name, operation=operation, wrote=False):
                    response = await self._client.get(
                        f"/v1/{self._place.mount}/{path}", headers=self._headers()
                    )
                answer = _decoded(response)
                if response.status_code == 200:
                    return 200, answer
                if response.status_code == 404 and not answer.get("errors"):
                    return 404, answer  # with errors it is the engine that is not there
                raise self._error(response, answer, operation, wrote=False)
        raise AssertionError("unreachable: the loop returns or raises")

    async def _call(self, method: str, what: str, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with http.translating(connection=self.name, operation=operation, wrote=True):
            response = await self._client.request(
                method,
                f"/v1/{self._place.mount}/{what}/{self._place.path}",
                json=body,
                headers=self._headers(),
            )
        answer = _decoded(response)
        if response.status_code in (200, 204):
            return answer
        raise self._error(response, answer, operation, wrote=True)

    def _error(
        self, response: http.Response, answer: dict[str, Any], operation: str, *, wrote: bool
    ) -> PlatformError:
        where = {"connection": self.name, "operation": operation}
        if busy := http.unavailable(response, wrote=wrote, **where):
            return busy
        status = response.status_code
        said = " ".join(str(line) for line in answer.get("errors") or ())
        if status == 403 and "invalid token" in said:
            return AuthFailed(f"{self.name}: Vault does not know the token.", **where)
        if status == 403:
            scope = f"{self._place.mount}/data/{self._place.path}"
            return Forbidden(f"{self.name}: the token may not {operation}.", scope=scope, **where)
        if status == 400 and _CHANGED in said:
            return self._refusal(
                f"{self.name}: somebody wrote another version just now; nothing was changed.", status
            )
        if status == 404:
            return self._refusal(f"{self.name}: no engine is mounted at {self._place.mount}.", status)
        if status >= 500:
            hint = f"{self.name} answered {operation} with HTTP {status}"
            if wrote:
                return OutcomeUnknown(f"{hint}; it may have happened.", **where)
            return Unreachable(f"{hint}.", **where)
        return self._refusal(f"{self.name} refused to {operation} (HTTP {status}).", status)

    def _refusal(self, hint: str, status: int) -> Rejected:
        return Rejected(hint, status=status, connection=self.name)

    def _headers(self) -> dict[str, str]:
        namespace = {"X-Vault-Namespace": self._place.namespace} if self._place.namespace else {}
        return {"X-Vault-Token": self._token.reveal(), "X-Vault-Request": "true"} | namespace


def _decoded(response: http.Response) -> dict[str, Any]:
    """The answer's object; an empty one where there is none. What else it holds is judged by whoever needs it."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
