"""Whether a token is alive, and whose it is. Only refusals by every data centre make it dead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.errors import PlatformError
from bot.text import Secret
from platforms.wrike.client import Client
from platforms.wrike.errors import TokenRefused
from platforms.wrike.rows import needed, tables, text
from platforms.wrike.wire import Call


class Life(StrEnum):
    """What a look at a token says."""

    ALIVE = "alive"  # it answered, and said whose it is
    DEAD = "dead"  # every data centre refused it
    UNDETERMINED = "undetermined"  # not everybody could be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What came of a look. ``base`` is the data centre that knows the token."""

    life: Life
    detail: str
    contact_id: str = ""
    email: str = ""
    accounts: tuple[str, ...] = ()
    base: str = ""


async def probe(client: Client, token: Secret) -> Probe:
    """
    Ask ``/contacts?me=true`` with the token, at each data centre until one answers. Never raises for "could not look".

    The same 401 means a dead token, one of another data centre, and perhaps one of a deactivated user: the caller
    must not conclude which.
    """
    call = Call(operation="ask whose token it is", path="/contacts", params={"me": True})
    own = await _own_base(client)
    refusals = 0
    bases = [own, *(one for one in client.wire.bases if one != own)]
    for base in bases:
        try:
            rows = (await client.wire.as_token(call, token, base, client.meter))["data"]
        except TokenRefused:
            refusals += 1
            continue
        except PlatformError as error:
            return Probe(life=Life.UNDETERMINED, detail=error.hint)
        if len(rows) != 1:
            return Probe(life=Life.UNDETERMINED, detail="Wrike did not say whose token it is")
        profiles = tables(rows[0], "profiles")
        email = next((text(one, "email") for one in profiles if text(one, "email")), "")
        return Probe(
            life=Life.ALIVE,
            detail=f"it answers as {email or text(rows[0], 'firstName')}",
            contact_id=needed(rows[0], "id"),
            email=email,
            accounts=tuple(text(one, "accountId") for one in profiles),
            base=base,
        )
    return Probe(
        life=Life.DEAD, detail=f"refused (401) by {'every data centre' if refusals > 1 else 'Wrike'}"
    )


async def _own_base(client: Client) -> str:
    try:
        return await client.wire.base()
    except PlatformError:
        return client.wire.bases[0]
