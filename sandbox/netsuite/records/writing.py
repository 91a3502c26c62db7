"""Creating and changing records: which properties are understood, which values, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.netsuite import lifecycle
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.errors import ApiError
from sandbox.netsuite.records import roles
from sandbox.netsuite.records.orders import new_order
from sandbox.netsuite.records.properties import EMPLOYEE, SALES_ORDER, RecordType, stored
from sandbox.netsuite.records.reading import full_licences_used
from sandbox.netsuite.seed.people import employee as new_employee
from sandbox.netsuite.seed.people import vendor as new_vendor
from sandbox.netsuite.tables import Row

NO_LICENCE = "Adding access for this user exceeds the number of licenses you have purchased."
_NAME_HEADER, _VALUE_HEADER = "X-NetSuite-PropertyNameValidation", "X-NetSuite-PropertyValueValidation"
Values = dict[str, Any]
"""Columns and their new values."""


def understood(kind: RecordType, body: Any, headers: Mapping[str, str]) -> Values:
    """
    The columns that a body sets; sublists stay as they were sent.

    A property that nobody knows is left out in silence, unless X-NetSuite-PropertyNameValidation says Error; a value
    that cannot be read is refused, unless X-NetSuite-PropertyValueValidation says otherwise.

    Raises:
        ApiError: 400 INVALID_CONTENT with the path.
    """
    if not isinstance(body, dict):
        raise ApiError(400, "INVALID_CONTENT", "The body must be a JSON object.")
    strict_names = headers.get(_NAME_HEADER, "Warning").lower() == "error"
    strict_values = headers.get(_VALUE_HEADER, "Error").lower() == "error"
    values: Values = {}
    for name, value in body.items():
        one = kind.properties.get(name)
        if one is None or (one.read_only and name != "id"):
            if strict_names and name not in ("id", "links"):
                raise _invalid(name, f"Unknown reference or field {name[:60]} in the request body.")
            continue
        if one.kind == "sublist":
            values[one.column] = value
            continue
        try:
            values[one.column] = stored(one.kind, value)
        except (ValueError, TypeError, KeyError) as problem:
            if strict_values:
                raise _invalid(name, f"Invalid value of field {name}: {problem}.") from None
    return values


def create(caller: Caller, kind: RecordType, values: Values) -> Row:
    """
    A new record, with its System Notes.

    Raises:
        ApiError: 400 when something needed is missing, 403.
    """
    for name in kind.required:
        if values.get(kind.properties[name].column) in (None, ""):
            raise _invalid(name, f"Please enter value(s) for: {kind.properties[name].title}.")
    account, context = caller.account, caller.account.switches.rest_context
    if kind is SALES_ORDER:
        own = {key: value for key, value in values.items() if not key.startswith("_")}
        return new_order(account, caller.entity, caller.role, context, values=own)
    if kind is EMPLOYEE:
        full = " ".join(part for part in (values.get("firstname"), values.get("lastname")) if part)
        row = new_employee(account, values.get("entityid") or full, None, None, account.now.date())
    else:
        named = values.get("companyname") or values.get("lastname") or values.get("entityid")
        if not named:
            raise _invalid("companyName", "Please enter value(s) for: Company Name.")
        row = new_vendor(account, {"name": named, "email": None}, len(account["vendor"]))
    try:
        change(caller, kind, row, values, replace=frozenset())
    except ApiError:
        account[kind.table].delete(row)
        raise
    return row


def change(caller: Caller, kind: RecordType, row: Row, values: Values, *, replace: frozenset[str]) -> None:
    """
    Apply a body's values to a record: everything or nothing.

    Raises:
        ApiError: 400 or 403.
    """
    account, context = caller.account, caller.account.switches.rest_context
    values = dict(values)
    sent_roles = values.pop("_roles", None)
    new_roles = row.get("_roles", [])
    if kind is EMPLOYEE:
        if roles.ACCESS_COLUMNS & {key for key, value in values.items() if row.get(key) != value}:
            roles.check(caller, row, [], [])
            roles.check_administrator(caller, row["_roles"], row["_roles"])
        if sent_roles is not None:
            new_roles = roles.wanted(caller, row, sent_roles, replace="roles" in replace)
        _check_access(caller, row, values)
    values = {
        key: value
        for key, value in values.items()
        if key not in ("_password", "_password2", "_sendemail", "_item")
    }
    if kind is EMPLOYEE:
        changes = {key: value for key, value in values.items() if row.get(key) != value}
        lifecycle.change_employee(account, row, changes, by=caller.entity, role=caller.role, context=context)
        roles.change(caller, row, new_roles)
        return
    noted = {
        f"ENTITY.{key.strip('_').upper()}": (row.get(key), value)
        for key, value in values.items()
        if row.get(key) != value
    }
    account[kind.table].change(row, **values, lastmodifieddate=account.now)
    account.note(kind.table, row, noted, caller.entity, caller.role, context)


def _check_access(caller: Caller, row: Row, values: Values) -> None:
    """Giving access needs an address, a first password (or a mail that asks for one), and a licence."""
    if values.get("giveaccess") != "T" or row["giveaccess"] == "T":
        return
    if not (values.get("email") or row["email"]):
        raise _invalid("email", "Please enter an email address for this user.")
    password = values.get("_password")
    if password is not None and password != values.get("_password2"):
        raise _invalid("password2", "The passwords do not match.")
    if password is None and values.get("_sendemail") is not True:
        raise _invalid("password", "Please enter a password, or choose to send a notification email.")
    bought = caller.account.switches.full_licences
    if bought is not None and full_licences_used(caller.account) >= bought:
        raise ApiError(400, "USER_ERROR", NO_LICENCE)


def _invalid(path: str, detail: str) -> ApiError:
    return ApiError(400, "INVALID_CONTENT", f"Error while accessing a resource. {detail}", path=path)
