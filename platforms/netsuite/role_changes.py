"""The roles of an employee, read and written the careful way: look, add, look again.

Whether the list merges by role or appends is not documented for REST, so nothing here depends on it.
Source: NetSuite help, section_1545295601 and section_1545297048 (sublists), read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import ProtocolChanged
from platforms.netsuite.client import Client
from platforms.netsuite.suiteql import record_id


async def lines(client: Client, entity: str) -> list[str]:
    """The ids of the roles in the employee's record, one for each line, in its order.

    Raises:
        ProtocolChanged: the list is not whole.
    """
    record = await client.record("read the employee's roles", "employee", entity)
    roles = record.get("roles")
    if not isinstance(roles, dict) or not isinstance(roles.get("items"), list) or roles.get("hasMore"):
        raise ProtocolChanged("the employee's record lacks its list of roles", operation="read roles")
    found = []
    for item in roles["items"]:
        chosen = item.get("selectedRole") if isinstance(item, dict) else None
        id_ = str(chosen.get("id", "")) if isinstance(chosen, dict) else ""
        if not id_:
            raise ProtocolChanged("a line of the employee's roles names no role", operation="read roles")
        found.append(id_)
    return found


async def send(client: Client, entity: str, roles: Iterable[str], *, replace: bool = False) -> None:
    """Send lines, once. With ``replace`` the list becomes exactly these; without, they are merged or added."""
    items = [{"selectedRole": {"id": record_id(role)}} for role in roles]
    deed = "set the employee's roles" if replace else "assign the role"
    await client.patch(
        deed, "employee", entity, {"roles": {"items": items}}, replace="roles" if replace else ""
    )
