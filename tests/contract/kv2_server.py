"""A stand-in for Vault's key/value engine, version 2, over a real socket: its shapes, statuses and refusals.

Source: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, read 2026-11-24. It shares no code with the client.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "hvs.CAESIPlantedTokenOfTheStandIn"
READER = "hvs.CAESIPlantedReadOnly"


@dataclass
class Version:
    data: dict[str, Any]
    created: str
    deleted: str = ""
    destroyed: bool = False

    def meta(self, number: int) -> dict[str, Any]:
        return {
            "created_time": self.created,
            "custom_metadata": None,
            "deletion_time": self.deleted,
            "destroyed": self.destroyed,
            "version": number,
        }


@dataclass
class Engine:
    """One engine at ``secret/`` with every secret's versions. ``blind``: the token may not read metadata."""

    secrets: dict[str, dict[int, Version]] = field(default_factory=dict)
    max_versions: int = 10
    namespace: str = ""
    blind: bool = False
    url: str = ""

    def put(self, path: str, data: dict[str, Any]) -> int:
        """Write as somebody else would."""
        kept = self.secrets.setdefault(path, {})
        number = max(kept, default=0) + 1
        kept[number] = Version(dict(data), _now())
        for old in sorted(kept)[: -self.max_versions]:
            del kept[old]
        return number


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".123456789Z"


def _fail(status: int, *errors: str) -> web.Response:
    return web.json_response({"errors": list(errors)}, status=status)


def _told(data: Any, status: int = 200) -> web.Response:
    envelope = {"request_id": "r", "lease_id": "", "renewable": False, "lease_duration": 0}
    return web.json_response(
        envelope | {"data": data, "wrap_info": None, "warnings": None, "auth": None}, status=status
    )


@asynccontextmanager
async def running() -> AsyncIterator[Engine]:
    """Serve one engine on a free port."""
    engine = Engine()

    @web.middleware
    async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
        token = request.headers.get("X-Vault-Token", "")
        if not token:
            return _fail(403, "permission denied")
        if token not in (TOKEN, READER):
            return _fail(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n")
        if request.headers.get("X-Vault-Namespace", "") != engine.namespace:
            return _fail(403, "permission denied")
        if token == READER and request.method != "GET":
            return _fail(403, "1 error occurred:\n\t* permission denied\n\n")
        if request.match_info.get("mount", "secret") != "secret":
            return _fail(404, f'no handler for route "{request.path[4:]}". route entry not found.')
        answer: web.StreamResponse = await handler(request)
        return answer

    async def read(request: web.Request) -> web.Response:
        kept = engine.secrets.get(request.match_info["path"])
        if not kept:
            return _fail(404)
        number = int(request.query.get("version", "0")) or max(kept)
        if number not in kept:
            return _fail(404)
        version = kept[number]
        gone = bool(version.deleted) or version.destroyed
        body = {"data": None if gone else version.data, "metadata": version.meta(number)}
        return _told(body, 404 if gone else 200)

    async def write(request: web.Request) -> web.Response:
        body = await request.json()
        path = request.match_info["path"]
        if not isinstance(body.get("data"), dict):
            return _fail(400, "no data provided")
        unknown = set(body) - {"data", "options"}
        assert not unknown, f"Vault would ignore {unknown}"
        current = max(engine.secrets.get(path, {}), default=0)
        cas = (body.get("options") or {}).get("cas")
        if cas is not None and cas != current:
            return _fail(400, "check-and-set parameter did not match the current version")
        number = engine.put(path, body["data"])
        return _told(engine.secrets[path][number].meta(number))

    async def delete(request: web.Request) -> web.Response:
        for number in (await request.json())["versions"]:
            engine.secrets[request.match_info["path"]][number].deleted = _now()
        return web.Response(status=204)

    async def metadata(request: web.Request) -> web.Response:
        if engine.blind:
            return _fail(403, "1 error occurred:\n\t* permission denied\n\n")
        kept = engine.secrets.get(request.match_info["path"])
        if not kept:
            return _fail(404)
        settings = {"cas_required": False, "current_version": max(kept), "oldest_version": min(kept)}
        return _told(
            settings | {"max_versions": engine.max_versions, "custom_metadata": None, "versions": {}}
        )

    app = web.Application(middlewares=[guarded])
    app.router.add_get("/v1/{mount}/data/{path:.+}", read)
    app.router.add_post("/v1/{mount}/data/{path:.+}", write)
    app.router.add_post("/v1/{mount}/delete/{path:.+}", delete)
    app.router.add_get("/v1/{mount}/metadata/{path:.+}", metadata)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    engine.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield engine
    finally:
        await runner.cleanup()
