"""Setup > Users/Roles: who has which role, who has access, who is there at all."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.netsuite import holdings, lifecycle
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth import audit
from sandbox.netsuite.auth.callers import Attempt
from sandbox.netsuite.catalogue import PERMISSIONS
from sandbox.netsuite.levers.choosing import Choosing
from sandbox.netsuite.records.orders import new_order


class PeopleLevers:
    """Every change is made by the account's administrator, and noted as such."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/netsuite/roles", self.roles),
            web.post("/netsuite/role", self.role),
            web.post("/netsuite/employee", self.employee),
            web.post("/netsuite/delete", self.delete),
            web.post("/netsuite/login", self.login),
            web.post("/netsuite/change", self.change),
        ]

    async def roles(self, request: web.Request) -> web.Response:
        """{"email", "roles": [names or numbers]}: the Access subtab, saved with exactly these roles."""
        chosen = Choosing(self._account, await Asked.of(request))
        employee = chosen.employee()
        lifecycle.set_roles(
            self._account, employee, chosen.roles(), by=lifecycle.administrator(self._account)
        )
        return self._done({"roles": [self._account.name("role", one) for one in employee["_roles"]]})

    async def role(self, request: web.Request) -> web.Response:
        """{"role"[, "inactive", "permission", "level"]}: a role is changed for everybody who holds it."""
        asked = await Asked.of(request)
        row = Choosing(self._account, asked).role()
        if (inactive := asked.flag("inactive", None)) is not None:
            self._account["role"].change(row, isinactive="T" if inactive else "F")
        if (key := asked.text("permission", None)) is not None:
            level = asked.whole("level")
            if key not in PERMISSIONS or not 0 <= level <= 4:
                refuse("permission must be a known key, and level 0 to 4")
            self._permit(row["id"], key, level)
        return self._done({"role": row["name"], "inactive": row["isinactive"] == "T"})

    def _permit(self, role: int, key: str, level: int) -> None:
        self._account.permissions[role][key] = level
        rows = self._account["rolepermissions"]
        for old in rows.where(role=role, permkey=key):
            rows.delete(old)
        if level:
            rows.insert({"role": role, "name": PERMISSIONS[key], "permkey": key, "permlevel": level})

    async def employee(self, request: web.Request) -> web.Response:
        """{"email"[, "inactive", "give_access", "release_date": day or null, "nexonia"]}: the record is edited."""
        asked = await Asked.of(request)
        row = Choosing(self._account, asked).employee()
        changes: dict[str, Any] = {}
        for key, column in (
            ("inactive", "isinactive"),
            ("give_access", "giveaccess"),
            ("nexonia", "custentity_nexonia"),
        ):
            if (value := asked.flag(key, None)) is not None:
                changes[column] = "T" if value else "F"
        if "release_date" in asked.values:
            given = asked.text("release_date", None)
            try:
                changes["releasedate"] = date.fromisoformat(given) if given is not None else None
            except ValueError:
                refuse("release_date must be a day such as 2026-12-01, or null")
        lifecycle.change_employee(self._account, row, changes, by=lifecycle.administrator(self._account))
        return self._done(
            {"id": row["id"], "inactive": row["isinactive"] == "T", "give_access": row["giveaccess"] == "T"}
        )

    async def delete(self, request: web.Request) -> web.Response:
        """{"email"}: the employee record is deleted, its tokens with it."""
        row = Choosing(self._account, await Asked.of(request)).employee()
        lifecycle.delete_employee(self._account, row, by=lifecycle.administrator(self._account))
        return self._done({"deleted": row["id"]})

    async def login(self, request: web.Request) -> web.Response:
        """{"email"[, "failed"]}: somebody signs in to the user interface."""
        asked = await Asked.of(request)
        row = Choosing(self._account, asked).employee()
        failed = asked.flag("failed", False) or row["isinactive"] == "T" or row["giveaccess"] != "T"
        role = next(iter(row["_roles"]), None)
        origin = audit.Origin("/app/login/secure/enterpriselogin.nl", "203.0.113.40", "Mozilla/5.0")
        made = audit.record(
            self._account, Attempt(None, None, row["id"], role), origin, "InvalidLogin" if failed else None
        )
        return self._done({"status": made["status"]})

    async def change(self, request: web.Request) -> web.Response:
        """{"email"}: somebody enters a sales order by hand, so that people's and integrations' changes mix."""
        row = Choosing(self._account, await Asked.of(request)).employee()
        order = new_order(self._account, row["id"], next(iter(row["_roles"]), None), lifecycle.UI)
        return self._done({"order": order["tranid"], "id": order["id"]})

    def _done(self, answer: dict[str, object]) -> web.Response:
        holdings.refresh(self._account)
        self._account.world.notify("netsuite:changed", {})
        return web.json_response(answer)
