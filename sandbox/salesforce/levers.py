"""What the World panel and tests do to the org: people come and go, apps are authorised and used."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.salesforce import appregistry, grants, logins, passwords, users
from sandbox.salesforce.access import permissions
from sandbox.salesforce.apps import App
from sandbox.salesforce.audit import note
from sandbox.salesforce.callers import administrator
from sandbox.salesforce.cast import cast
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.logins import Attempt
from sandbox.salesforce.oauth.flows import new_code
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed.history import attempt_of, browser
from sandbox.salesforce.tables import Row

MOST_USES = 1000


def set_active(org: Org, user_id: str, *, active: bool) -> None:
    """
    Deactivate or reactivate a user as an administrator would.

    Raises:
        ApiError: the vendor's refusal, such as LICENSE_LIMIT_EXCEEDED.
    """
    user = org["User"].get(user_id)
    if user is None:
        raise LookupError(user_id)
    if not active:
        for role, holder in list(org.defaults.items()):
            if holder == user_id:
                org.defaults[role] = org.administrator["Id"]
                note(
                    org,
                    org.administrator["Id"],
                    "changedDefaultOwner",
                    "Customize",
                    f"Changed the {role} to {org.administrator['Name']}",
                )
    if user["IsActive"] != active:
        with org.transaction():
            users.update(org, administrator(org), user, {"IsActive": active})


def let_leavers_go(org: Org) -> None:
    """Deactivate everybody whose last day has come."""
    for user_id in [user_id for user_id, on in org.leavers.items() if on <= org.now]:
        del org.leavers[user_id]
        try:
            set_active(org, user_id, active=False)
        except ApiError as refused:
            org.world.notify("salesforce:leaver_kept", {"user_id": user_id, "why": refused.message})


class Levers:
    """The world's own API for this org. Every answer is JSON; a wrong request is 400 {"error"}."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        """All paths begin with /salesforce/."""
        return [
            web.get("/salesforce/apps", self.apps),
            web.get("/salesforce/cast", self.cast),
            web.post("/salesforce/authorize", self.authorize),
            web.post("/salesforce/use", self.use),
            web.post("/salesforce/run_as", self.run_as),
            web.post("/salesforce/login", self.login),
            web.post("/salesforce/switches", self.switches),
        ]

    async def apps(self, request: web.Request) -> web.Response:
        """Every app, without its secrets."""
        shown = [
            {
                "name": app.name,
                "label": app.label,
                "kind": app.kind,
                "client_id": app.client_id,
                "run_as": app.run_as,
                "admin_approved": app.admin_approved,
                "grants": len(self._grants(app)),
            }
            for app in self._org.apps.values()
        ]
        return web.json_response({"apps": shown})

    async def cast(self, request: web.Request) -> web.Response:
        """What the World panel offers to choose from."""
        return web.json_response(cast(self._org))

    async def authorize(self, request: web.Request) -> web.Response:
        """
        {"email" | "username", "app"[, "code": true]}: somebody allows an app to act for them.

        Answers {"grants": n, "refresh_token"}; with "code" an authorisation code instead, and no grant yet.
        """
        asked = await Asked.of(request)
        app, user = self._app(asked), self._user(asked)
        if not user["IsActive"]:
            refuse(f"{user['Username']} is inactive and cannot log in to authorise anything")
        held = permissions(self._org, user["Id"])
        if not app.installed and "CanApproveUninstalledApps" not in held:
            refuse("invalid_client: app must be installed into org")
        if asked.flag("code", False):
            return web.json_response(
                {"code": new_code(self._org, user, app), "redirect_uri": app.callback_url}
            )
        grant = grants.approve(self._org, user, app)
        attempt = Attempt(app.source_ip, "Remote Access 2.0", app.label, sub_type="OauthWebServer")
        logins.record(self._org, user, attempt, logins.SUCCESS)
        self._org.world.notify("salesforce:app_authorized", {"app": app.label, "username": user["Username"]})
        count = len(grants.of(self._org, user["Id"], app))
        return web.json_response({"grants": count, "refresh_token": grant["_refresh_token"]})

    async def use(self, request: web.Request) -> web.Response:
        """
        {"app"[, "email" | "username", "failed", "times", "ip"]}: the consumer uses its newest grant, or its
        run-as user. Answers {"used": n, "status"} with LoginHistory's text.
        """
        asked = await Asked.of(request)
        app, times = self._app(asked), asked.whole("times", 1)
        if not 1 <= times <= MOST_USES:
            refuse(f"times must lie between 1 and {MOST_USES}")
        named = "username" in asked.values or "email" in asked.values
        user = self._user(asked) if named else self._actor(app)
        status = ""
        for _ in range(times):
            status = use(self._org, app, user, failed=asked.flag("failed", False), ip=asked.text("ip", None))
        self._org.world.notify("salesforce:app_used", {"app": app.label, "status": status, "times": times})
        return web.json_response({"used": times, "status": status})

    async def run_as(self, request: web.Request) -> web.Response:
        """{"app", "email" | "username"[, "by"]}: an administrator changes the run-as user of an app."""
        asked = await Asked.of(request)
        app, user = self._app(asked), self._user(asked)
        by = asked.text("by", None)
        actor = self._named(by) if by else self._org.administrator
        api_only = "ApiUserOnly" in permissions(self._org, user["Id"])
        if app.kind == "external" and not api_only and not asked.flag("force", False):
            refuse("the run-as user of an external client app must have API Only User")
        appregistry.set_run_as(self._org, actor["Id"], app, user["Username"])
        self._org.world.notify("salesforce:run_as_changed", {"app": app.label, "username": user["Username"]})
        return web.json_response({"app": app.name, "run_as": app.run_as})

    async def login(self, request: web.Request) -> web.Response:
        """{"email" | "username"[, "password", "ip"]}: somebody tries the login page. Without a password: theirs."""
        asked = await Asked.of(request)
        user, ip = self._user(asked), asked.text("ip", "192.0.2.200")
        attempt = replace(browser(self._org, ip), password=True)
        status = logins.refusal(self._org, user, attempt)
        offered = asked.text("password", None)
        if status is None and offered is not None and passwords.wrong(user, offered):
            status = logins.BAD_PASSWORD
        logins.record(self._org, user, attempt, status or logins.SUCCESS)
        return web.json_response({"status": status or logins.SUCCESS})

    async def switches(self, request: web.Request) -> web.Response:
        """Any switches by name; answers all of them. Times, lists and pairs are given as in the README."""
        asked = await Asked.of(request)
        known = {field.name for field in fields(self._org.switches)}
        if unknown := set(asked.values) - known:
            refuse(f"no such switch: {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in asked.values.items()}
        for name, value in values.items():
            if not _fits(getattr(self._org.switches, name), value):
                refuse(f"{name} has another type")
        self._org.switches = replace(self._org.switches, **values)
        return web.json_response({name: getattr(self._org.switches, name) for name in sorted(known)})

    def _grants(self, app: App) -> list[Row]:
        return self._org["OauthToken"].where("AppMenuItemId", app.menu_item_id)

    def _actor(self, app: App) -> Row:
        if app.run_as:
            return self._named(app.run_as)
        newest = self._grants(app)[-1:]
        if not newest:
            refuse(f"{app.label} has no grant and no run-as user: say who")
        user = self._org["User"].get(newest[0]["UserId"])
        return user if user is not None else refuse("its user is gone")

    def _app(self, asked: Asked) -> App:
        app = appregistry.find(self._org, asked.text("app"))
        return app if app is not None else refuse(f"no app is called {asked.text('app')!r}")

    def _user(self, asked: Asked) -> Row:
        return self._named(asked.text("username", None) or asked.text("email"))

    def _named(self, name: str) -> Row:
        found = self._org["User"].where("Username", name) or self._org["User"].where("Email", name)
        return found[0] if found else refuse(f"{name} has no user in this org")


def use(org: Org, app: App, user: Row, *, failed: bool = False, ip: str | None = None) -> str:
    """
    One use of an app by its consumer, as it shows afterwards: use count, last use, LoginHistory.

    Gives the status text, or "no grant" where the consumer holds nothing of this user's to use. A use that
    fails raises the use count all the same.
    """
    mine = grants.of(org, user["Id"], app) if app.flow == "oauth" else []
    if app.flow == "oauth" and not mine:
        return "no grant"
    attempt = replace(attempt_of(app), enforce_ip=app.enforce_ip or app.flow in {"jwt", "password"})
    attempt = replace(attempt, source_ip=ip or attempt.source_ip)
    if mine:
        grants.used(org, mine[-1])
    status = logins.BAD_TOKEN if failed else logins.refusal(org, user, attempt)
    logins.record(org, user, attempt, status or logins.SUCCESS)
    return status or logins.SUCCESS


def _fits(current: Any, value: Any) -> bool:
    if current is None:
        return value is None or isinstance(value, int)
    if isinstance(current, bool) or isinstance(value, bool):
        return isinstance(current, bool) and isinstance(value, bool)
    if isinstance(current, float):
        return isinstance(value, int | float)
    return isinstance(value, type(current)) or (value is None and isinstance(current, int))
