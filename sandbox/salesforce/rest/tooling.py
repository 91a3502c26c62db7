"""The Tooling API: certificates, and a profile's login ranges and hours."""

from typing import Any

from sandbox.salesforce.callers import Caller
from sandbox.salesforce.catalogue import PERMISSIONS
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import DAYS, Restrictions
from sandbox.salesforce.records import Records, visible
from sandbox.salesforce.rest.calls import Call, Reply, Route, route
from sandbox.salesforce.rest.sobjects import shown
from sandbox.salesforce.restricting import restrict
from sandbox.salesforce.soql.columns import Extra
from sandbox.salesforce.tables import Row


class Tooling:
    """The Tooling resources over one org."""

    def __init__(self, org: Org, records: Records) -> None:
        self._org = org
        self._records = records

    def routes(self) -> list[Route]:
        """Its addresses. Profile is read only, unless the switch `tooling_profile_patch` says otherwise."""
        return [
            route("GET", r"/tooling/sobjects/(\w+)/(\w+)", self.read),
            route("PATCH", r"/tooling/sobjects/(Profile)/(\w+)", self.update),
        ]

    def extras(self) -> dict[str, dict[str, Extra]]:
        """Columns that only Tooling queries know, by object name."""
        profile = {
            "metadata": Extra("Metadata", self.metadata),
            "fullname": Extra("FullName", lambda row: row["Name"]),
        }
        namespace = Extra("NamespacePrefix", lambda row: None)
        return {"Profile": profile, "ConnectedApplication": {"namespaceprefix": namespace}}

    def read(self, call: Call, name: str, record_id: str) -> Reply:
        """One row, with Metadata where the type has it."""
        kind = visible(self._org, call.caller, name, tooling=True)
        row = self._records.find(call.caller, kind, record_id)
        found = shown(self._org, call, kind, row, call.query.get("fields"))
        found["attributes"]["url"] = f"{call.base}/tooling/sobjects/{kind.name}/{row['Id']}"
        if kind.name == "Profile":
            found |= {"FullName": row["Name"], "Metadata": self.metadata(row)}
        return Reply(body=found)

    def update(self, call: Call, name: str, record_id: str) -> Reply:
        """A change of Profile.Metadata: refused as today's pages have it."""
        if not self._org.switches.tooling_profile_patch:
            raise ApiError(405, "METHOD_NOT_ALLOWED", "HTTP Method 'PATCH' not allowed. Allowed are HEAD,GET")
        row = self._records.find(call.caller, visible(self._org, call.caller, name, tooling=True), record_id)
        body = call.body if isinstance(call.body, dict) else {}
        _patch(self._org, call.caller, row, body.get("Metadata") or {})
        return Reply(204)

    def metadata(self, row: Row) -> dict[str, Any]:
        """The Metadata of a profile: ranges, hours and permissions."""
        limits = self._org.restrictions.get(row["Id"], Restrictions())
        licence = self._org["UserLicense"].get(row["UserLicenseId"])
        granted = [name for name in PERMISSIONS if row[f"Permissions{name}"]]
        return {
            "custom": not row.get("_standard", False),
            "description": row["Description"],
            "loginHours": None if limits.hours is None else hours(limits),
            "loginIpRanges": [
                {
                    "description": span.description,
                    "endAddress": str(span.end),
                    "startAddress": str(span.start),
                }
                for span in limits.ranges
            ],
            "userLicense": licence["Name"] if licence else None,
            "userPermissions": [{"enabled": True, "name": name} for name in granted],
        }


def hours(limits: Restrictions) -> dict[str, str]:
    """Login hours as the Metadata API spells them: `mondayStart`, `mondayEnd`, … in minutes, as text."""
    spelled: dict[str, str] = {}
    for day in DAYS:
        if limits.hours and day in limits.hours:
            start, end = limits.hours[day]
            spelled |= {f"{day}Start": str(start), f"{day}End": str(end)}
    return spelled


def _patch(org: Org, caller: Caller, row: Row, metadata: dict[str, Any]) -> None:
    ranges = metadata.get("loginIpRanges")
    parsed = None
    if isinstance(ranges, list):
        parsed = [(r.get("startAddress", ""), r.get("endAddress", ""), r.get("description")) for r in ranges]
    timetable = {str(k): str(v) for k, v in (metadata.get("loginHours") or {}).items()}
    restrict(org, caller, row, parsed, timetable if "loginHours" in metadata else None)
