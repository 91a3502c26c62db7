"""The metadata catalogue: which record types there are, and their properties as JSON schema."""

from __future__ import annotations

from sandbox.netsuite.account import Account
from sandbox.netsuite.records.properties import TYPES, Property, RecordType
from sandbox.netsuite.records.reading import self_link
from sandbox.world import Json

_TYPES = {"bool": "boolean", "number": "number"}


def listed(account: Account, names: list[str]) -> Json:
    """The catalogue as `application/json`: names and links."""
    return {
        "items": [{"name": name, "links": self_link(account, f"metadata-catalog/{name}")} for name in names]
    }


def schema(kind: RecordType) -> Json:
    """One record type as JSON schema; custom fields carry `x-n:custom-field`."""
    made: Json = {"id": {"title": "Internal ID", "type": "string"}}
    for name, one in kind.properties.items():
        made[name] = _property(name, one)
    return {"type": "object", "properties": made}


def _property(name: str, one: Property) -> Json:
    made: Json = {"title": one.title or name, "type": _TYPES.get(one.kind, "string"), "nullable": True}
    if one.kind in ("day", "instant"):
        made["format"] = "date" if one.kind == "day" else "date-time"
    if one.kind in ("employee", "reference", "sublist"):
        made |= {"type": "object", "properties": {"id": {"type": "string"}, "refName": {"type": "string"}}}
    if name.startswith("custentity"):
        made["x-n:custom-field"] = True
    if one.read_only:
        made["readOnly"] = True
    return made


def openapi(account: Account, names: list[str]) -> Json:
    """The catalogue as `application/swagger+json`."""
    paths: Json = {f"/{name}": {"get": {}, "post": {}} for name in names}
    paths |= {f"/{name}/{{id}}": {"get": {}, "patch": {}, "delete": {}} for name in names}
    return {
        "openapi": "3.0.1",
        "info": {"title": "NetSuite REST Record API", "version": "v1"},
        "servers": [{"url": f"{account.base_url}/services/rest/record/v1"}],
        "paths": paths,
        "components": {"schemas": {name: schema(TYPES[name]) for name in names}},
    }
