"""
The roles sublist of an employee, whose behaviour over REST is documented as "different" and no further.

Source: facts §4. Keyed or appended is the switch `roles_sublist`; `?replace=roles` makes the list what is sent.
"""

from __future__ import annotations

from typing import Any

from sandbox.netsuite import lifecycle
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.catalogue import ADMINISTRATOR, EDIT
from sandbox.netsuite.errors import ApiError
from sandbox.netsuite.tables import Row

ACCESS_COLUMNS = frozenset({"isinactive", "giveaccess", "_password"})


def wanted(caller: Caller, employee: Row, value: Any, *, replace: bool) -> list[int]:
    """
    The roles an employee shall have after this request.

    Raises:
        ApiError: 400 for a list that cannot be read, an unknown or inactive role, or a line twice; 403.
    """
    account = caller.account
    lines = value.get("items") if isinstance(value, dict) else None
    if not isinstance(lines, list):
        raise _invalid("roles", "The sublist must be an object with items.")
    sent = [_role(caller, line, place) for place, line in enumerate(lines)]
    if len(set(sent)) != len(sent):
        raise _invalid("roles", "A role is listed twice.")
    before = list(employee["_roles"])
    if not replace and account.switches.roles_sublist == "append" and set(sent) & set(before):
        raise _invalid("roles", "This role has already been assigned.")
    after = sent if replace else before + [one for one in sent if one not in before]
    check(caller, employee, before, after)
    return after


def check(caller: Caller, employee: Row, before: list[int], after: list[int]) -> None:
    """Who may change roles at all, and who the Administrator role. Raises ApiError 403."""
    switches = caller.account.switches
    if switches.employee_access_needed:
        caller.need("LIST_EMPLOYEE_ACCESS", EDIT)
    if set(before) != set(after):
        check_administrator(caller, before, after)


def check_administrator(caller: Caller, before: list[int], after: list[int]) -> None:
    """Nobody but an Administrator touches what an Administrator may do. Raises ApiError 403."""
    if (
        not caller.account.switches.administrator_needed_to_grant_administrator
        or caller.role == ADMINISTRATOR
    ):
        return
    if ADMINISTRATOR in (*before, *after):
        detail = "Only an administrator can change the access of an administrator."
        raise ApiError(403, "INSUFFICIENT_PERMISSION", detail)


def change(caller: Caller, employee: Row, roles: list[int]) -> None:
    if roles != employee["_roles"]:
        context = caller.account.switches.rest_context
        lifecycle.set_roles(
            caller.account, employee, roles, by=caller.entity, role=caller.role, context=context
        )


def _role(caller: Caller, line: Any, place: int) -> int:
    path = f"roles.items[{place}].selectedRole"
    selected = line.get("selectedRole") if isinstance(line, dict) else None
    number = selected.get("id") if isinstance(selected, dict) else selected
    try:
        role = caller.account["role"].get(int(str(number)))
    except ValueError:
        role = None
    if role is None or role["isinactive"] == "T":
        raise _invalid(path, f"Invalid role reference {str(number)[:40]}.")
    return int(role["id"])


def _invalid(path: str, detail: str) -> ApiError:
    return ApiError(400, "INVALID_CONTENT", f"Error while accessing a resource. {detail}", path=path)
