"""A plan's drawer: the secrets that it made or was given, sealed in the store for as long as it needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.audit.repository import AuditLog
from bot.db.unit import Unit
from bot.errors import NotFound
from bot.requests.repository import RequestRepository
from bot.secrets.repository import SecretRepository
from bot.text import Secret

PREFIX = "@plan:"  # begins as no name can that ``secret put`` takes, so that nobody overwrites one


async def put(unit: Unit, request_id: str, secrets: Mapping[str, Secret]) -> None:
    """Put secrets in; those of the same names are overwritten."""
    for name, secret in secrets.items():
        await unit[SecretRepository].put(_place(request_id, name), secret)


async def take(unit: Unit, request_id: str, names: Iterable[str]) -> dict[str, Secret]:
    """Those of the names that are there."""
    found = {name: await unit[SecretRepository].get(_place(request_id, name)) for name in names}
    return {name: secret for name, secret in found.items() if secret is not None}


async def forget(unit: Unit, request_id: str, names: Iterable[str]) -> tuple[str, ...]:
    """Delete those of the names that are there; gives which."""
    return tuple([name for name in names if await unit[SecretRepository].forget(_place(request_id, name))])


async def names(unit: Unit, request_id: str) -> tuple[str, ...]:
    """What is in the drawer, by name, sorted."""
    start = _place(request_id, "")
    return tuple(
        name.removeprefix(start) for name in await unit[SecretRepository].names() if name.startswith(start)
    )


async def empty(unit: Unit, request_id: str) -> tuple[str, ...]:
    """Delete everything in the drawer, and note it in the trail where there was something."""
    gone = await forget(unit, request_id, await names(unit, request_id))
    if gone:
        try:
            about = (await unit[RequestRepository].get(request_id)).ref
        except NotFound:
            about = request_id
        await unit[AuditLog].append("system", "plan_secrets:deleted", about, {"names": ",".join(gone)})
    return gone


async def of_requests(unit: Unit) -> frozenset[str]:
    """The ids of requests whose drawer holds something."""
    held = (
        name.removeprefix(PREFIX) for name in await unit[SecretRepository].names() if name.startswith(PREFIX)
    )
    return frozenset(name.partition(":")[0] for name in held)


def _place(request_id: str, name: str) -> str:
    return f"{PREFIX}{request_id}:{name}"
