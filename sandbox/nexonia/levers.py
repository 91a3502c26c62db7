"""What an administrator does in Nexonia, and what HR does in NetSuite where none is played."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.nexonia import export
from sandbox.nexonia.records import Record
from sandbox.nexonia.sync import SyncFailed

if TYPE_CHECKING:
    from sandbox.nexonia import Nexonia


class Levers:
    """The world's own API for this directory. Every answer is JSON, the CSV export aside."""

    def __init__(self, nexonia: Nexonia) -> None:
        self._nexonia = nexonia

    def routes(self) -> list[web.RouteDef]:
        """All paths begin with /nexonia/."""
        return [
            web.get("/nexonia/state", self.state),
            web.post("/nexonia/sync", self.sync),
            web.get("/nexonia/export", self.export),
            web.post("/nexonia/user", self.user),
            web.post("/nexonia/record", self.record),
            web.post("/nexonia/switches", self.switches),
        ]

    async def state(self, request: web.Request) -> web.Response:
        """Users, records, when the last sync ran and what it did."""
        nexonia = self._nexonia
        return web.json_response(
            {
                "users": [user.shown() for user in nexonia.directory.users.values()],
                "records": [record.shown() for record in nexonia.records.all()],
                "synced": nexonia.synced.isoformat() if nexonia.synced else None,
                "last": [outcome.shown() for outcome in nexonia.last],
                "mailed": list(nexonia.mailed),
            }
        )

    async def sync(self, request: web.Request) -> web.Response:
        """{"full": true, "today": day}: an administrator starts the Configuration Sync. {"status", "rows"}."""
        asked = await Asked.of(request)
        try:
            day = date.fromisoformat(asked.text("today", self._nexonia.today().isoformat()))
        except ValueError:
            refuse("today must be a day such as 2026-12-01")
        try:
            rows = self._nexonia.run_sync(day, full=asked.flag("full", True))
        except SyncFailed as failed:
            return web.json_response({"status": "Failed", "why": str(failed), "rows": []})
        return web.json_response({"status": "Success", "rows": [row.shown() for row in rows]})

    async def export(self, request: web.Request) -> web.Response:
        """`?format=csv|json&hidden=true&headers=labels|keys`: the user list as a file."""
        hidden = request.query.get("hidden", "false") == "true"
        if request.query.get("format", "csv") == "json":
            text = export.as_json(self._nexonia.directory, hidden=hidden)
            return web.Response(text=text, content_type="application/json")
        headers = request.query.get("headers", "labels")
        text = export.as_csv(self._nexonia.directory, hidden=hidden, headers=headers)
        return web.Response(text=text, content_type="text/csv")

    async def user(self, request: web.Request) -> web.Response:
        """{"id" | "email", any of "first", "last", "active", "ignore", "role"}: by hand, in Settings > Users."""
        asked = await Asked.of(request)
        directory = self._nexonia.directory
        number = asked.text("id", None)
        found = (
            directory.users.get(number)
            if number
            else next(iter(directory.by_email(asked.text("email"))), None)
        )
        if found is None:
            refuse("there is no such user", 404)
        for name in ("first", "last", "role"):
            setattr(found, name, asked.text(name, getattr(found, name)))
        found.active = asked.flag("active", found.active)
        found.ignore = asked.flag("ignore", found.ignore)
        self._nexonia.refresh()
        return web.json_response(found.shown())

    async def record(self, request: web.Request) -> web.Response:
        """
        {"id", any field of a record}: NetSuite changes, adds ("kind" given) or, with "delete", loses a record.

        Only where no NetSuite is played in this sandbox.
        """
        asked = await Asked.of(request)
        records, number = self._nexonia.records, asked.text("id")
        if self._nexonia.netsuite_is_played:
            refuse("NetSuite is played here: change the record there", 409)
        if asked.flag("delete", False):
            records.delete(number)
            return web.json_response({"deleted": number})
        values = self._values(asked)
        kind = asked.text("kind", None)
        if kind is not None:
            empty = Record("vendor" if kind == "vendor" else "employee", number, "", "", "")
            records.add(replace(empty, **values))
        else:
            try:
                records.change(number, values)
            except LookupError:
                refuse(f"there is no record {number}", 404)
        return web.json_response(next(row.shown() for row in records.all() if row.id == number))

    async def switches(self, request: web.Request) -> web.Response:
        """Any switches by name; answers all of them."""
        asked = await Asked.of(request)
        now = self._nexonia.switches
        known = {field.name for field in fields(now)}
        if unknown := asked.values.keys() - known:
            refuse(f"no such switch: {', '.join(sorted(unknown))}")
        for name, value in asked.values.items():
            if type(value) is not type(getattr(now, name)):
                refuse(f"{name} has another type")
        try:
            ZoneInfo(asked.text("company_timezone", "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            refuse("company_timezone is no time zone")
        self._nexonia.switches = replace(now, **asked.values)
        return web.json_response(asdict(self._nexonia.switches))

    def _values(self, asked: Asked) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in ("first", "last", "email"):
            if name in asked.values:
                values[name] = asked.text(name)
        for name in ("active", "flag"):
            if name in asked.values:
                values[name] = asked.flag(name)
        if "manager_id" in asked.values:
            values["manager_id"] = asked.text("manager_id", None)
        if "termination_date" in asked.values:
            day = asked.text("termination_date", None)
            try:
                values["termination_date"] = date.fromisoformat(day) if day else None
            except ValueError:
                refuse("termination_date must be a day such as 2026-12-01")
        return values
