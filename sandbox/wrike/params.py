"""
Reading parameters: the query, form fields, multipart fields and a JSON body, all at once.

In a query or a form, arrays and objects are JSON text (the 2019 documents and the 2025 OpenAPI agree on that);
in a JSON body they are themselves. A parameter the method does not know is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from aiohttp import web

from sandbox.wrike.errors import Refusal, invalid_parameter, invalid_request

Kind = Literal["text", "flag", "whole", "texts", "table", "tables", "any"]
ALWAYS: Mapping[str, Kind] = {"state": "text", "access_token": "text", "method": "text"}
"""Taken by every method: what is echoed, the credential, and the method a GET stands for."""


async def collect(request: web.Request) -> dict[str, Any]:
    """
    Every parameter by name, values as sent.

    Raises:
        Refusal: 400, the body is not what its type says.
    """
    values: dict[str, Any] = dict(request.query)
    if not request.can_read_body:
        return values
    raw = await request.text() if request.content_type not in ("multipart/form-data",) else ""
    if request.content_type == "multipart/form-data":
        return values | {
            name: field for name, field in (await request.post()).items() if isinstance(field, str)
        }
    if not raw.strip():
        return values
    if request.content_type == "application/x-www-form-urlencoded":
        return values | {
            name: field for name, field in (await request.post()).items() if isinstance(field, str)
        }
    try:
        body = json.loads(raw)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise invalid_request("The request body is not valid JSON") from problem
    if not isinstance(body, dict):
        raise invalid_request("The request body must be a JSON object")
    return values | body


def read(values: Mapping[str, Any], allowed: Mapping[str, Kind]) -> dict[str, Any]:
    """
    The typed values of a method's own parameters.

    Raises:
        Refusal: 400 invalid_request for an unknown name, invalid_parameter for a value of another type.
    """
    found = {}
    for name, value in values.items():
        kind = allowed.get(name)
        if value is None and (kind is not None or name in ALWAYS):
            continue  # a JSON body's null is as good as nothing
        if kind is not None:
            found[name] = _typed(name, kind, value)
        elif name not in ALWAYS:
            raise invalid_request(f"Unknown parameter '{name}'")
    return found


def _typed(name: str, kind: Kind, value: Any) -> Any:
    if kind == "any":
        return _loaded(name, value)
    if kind == "text":
        if not isinstance(value, str):
            raise invalid_parameter(name, "must be a string")
        return value
    if kind == "flag":
        text = str(value).lower() if isinstance(value, str | bool) else ""
        if text not in ("true", "false"):
            raise invalid_parameter(name, "must be true or false")
        return text == "true"
    if kind == "whole":
        if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 9:
            raise invalid_parameter(name, "must be a whole number")
        return int(value)
    return _structure(name, kind, _loaded(name, value))


def _structure(name: str, kind: Kind, value: Any) -> Any:
    if kind == "table":
        if not isinstance(value, dict):
            raise invalid_parameter(name, "must be an object")
        return value
    inner = str if kind == "texts" else dict
    if not isinstance(value, list) or not all(isinstance(item, inner) for item in value):
        raise invalid_parameter(name, f"must be an array of {'strings' if inner is str else 'objects'}")
    return value


def _loaded(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise invalid_parameter(name, "must be JSON") from problem


def only(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value, if it is one of these. Raises the refusal of an enum otherwise."""
    if value not in allowed:
        raise invalid_parameter(name, f"must be one of {', '.join(allowed)}")
    return value


def need(given: Mapping[str, Any], name: str) -> Any:
    """The value of a required parameter."""
    value = given.get(name)
    if value is None or value == "":
        raise Refusal(400, "parameter_required", f"Parameter '{name}' is required")
    return value


def has_metadata(entries: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any]) -> bool:
    """Claims that one of the entries has everything a metadata filter asks for: a key, or a key and its value."""
    return any(all(entry.get(key) == value for key, value in wanted.items()) for entry in entries)
