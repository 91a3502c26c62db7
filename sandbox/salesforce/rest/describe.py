"""What exists: versions, resources, object types and their columns."""

from typing import Any

from sandbox.salesforce.access import may_write, sight
from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import visible
from sandbox.salesforce.rest.calls import Call, Reply, Route, route
from sandbox.salesforce.schema import Field, SObject

OLDEST, NEWEST = 31, 68
_SEASONS = ("Spring", "Summer", "Winter")
_SOAP = {
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "id": "tns:ID",
    "reference": "tns:ID",
}


class Describes:
    """The describing resources over one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            route("GET", r"", self.resources),
            route("GET", r"/sobjects", self.everything),
            route("GET", r"/sobjects/(\w+)/describe", self.one),
            route("GET", r"/tooling/sobjects/(\w+)/describe", self.one_tooling),
        ]

    def resources(self, call: Call) -> Reply:
        """The resources of a version."""
        names = ("sobjects", "query", "queryAll", "limits", "tooling", "composite")
        identity = f"/id/{self._org.row['Id']}/{call.caller.id}"
        return Reply(body={name: f"{call.base}/{name}" for name in names} | {"identity": identity})

    def everything(self, call: Call) -> Reply:
        """Every object type the caller may see."""
        kinds = [k for k in catalogue().values() if k.tooling != "only"]
        seen = [_summary(call, kind) for kind in kinds if sight(kind.name, call.caller.held) != "none"]
        return Reply(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": seen})

    def one(self, call: Call, name: str) -> Reply:
        """One object type with its columns."""
        kind = visible(self._org, call.caller, name)
        return Reply(body=_summary(call, kind) | {"fields": [_column(field) for field in kind.fields]})

    def one_tooling(self, call: Call, name: str) -> Reply:
        """One object type of the Tooling API."""
        kind = visible(self._org, call.caller, name, tooling=True)
        return Reply(body=_summary(call, kind) | {"fields": [_column(field) for field in kind.fields]})


def versions() -> list[dict[str, str]]:
    """
    Every supported version, oldest first; asking for them needs no token and costs no call.

    Source: REST API Developer Guide, "Versions", read 2026-11-21 (v67.0 is Summer '26, v68.0 Winter '27).
    """
    found = []
    for number in range(OLDEST, NEWEST + 1):
        releases, season = divmod(number - 30, 3)  # v30.0 was Spring '14; winters carry the next year's name
        label = f"{_SEASONS[season]} '{14 + releases + (season == 2)}"
        found.append({"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"})
    return found


def _summary(call: Call, kind: SObject) -> dict[str, Any]:
    writes = may_write(kind.name, call.caller.held)
    urls = {
        "sobject": f"{call.base}/sobjects/{kind.name}",
        "describe": f"{call.base}/sobjects/{kind.name}/describe",
    }
    return {
        "name": kind.name,
        "label": kind.name,
        "labelPlural": f"{kind.name}s",
        "keyPrefix": None if kind.prefix == "---" else kind.prefix,
        "custom": False,
        "queryable": "q" in kind.verbs,
        "retrieveable": "r" in kind.verbs,
        "createable": "c" in kind.verbs and writes,
        "updateable": "u" in kind.verbs and writes,
        "deletable": "d" in kind.verbs and writes,
        "urls": urls,
    }


def _column(column: Field) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": column.name,
        "type": column.kind,
        "soapType": _SOAP.get(column.kind, "xsd:string"),
        "length": column.length or (18 if column.kind in {"id", "reference"} else 0),
        "nillable": column.nillable,
        "createable": column.createable,
        "updateable": column.updateable,
        "filterable": column.filterable,
        "sortable": column.filterable,
        "groupable": column.filterable and column.kind != "datetime",
        "defaultedOnCreate": column.kind == "boolean",
        "referenceTo": list(column.refers_to),
        "relationshipName": column.relationship,
        "custom": False,
    }
