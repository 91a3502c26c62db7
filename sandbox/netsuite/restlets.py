"""
RESTlets: `restlet.nl?script=&deploy=` answers for the few scripts this account has.

Source: facts §1 (refusals) and §4; the error of an unknown script is from general knowledge.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.callers import Caller
from sandbox.netsuite.auth.door import enter
from sandbox.netsuite.errors import ApiError

PATH = "/app/site/hosting/restlet.nl"
Script = Callable[[Caller, str, dict[str, str], Any], Any]


def echo(caller: Caller, method: str, parameters: dict[str, str], body: Any) -> Any:
    """Says who called, and with what."""
    return {
        "method": method, "parameters": parameters, "body": body, "user": str(caller.entity), "role": str(caller.role)
    }  # fmt: skip


def role_assignments(caller: Caller, method: str, parameters: dict[str, str], body: Any) -> Any:
    """Who holds which role, for accounts whose SuiteQL does not show it."""
    rows = caller.account["assignments"]
    return [{"entity": str(row["entity"]), "role": str(row["role"])} for row in rows]


SCRIPTS: dict[str, tuple[str, Script]] = {
    "6": ("customscript_echo", echo),
    "101": ("customscript_role_assignments", role_assignments),
}
"""By number: script id and what it does. Each has one deployment, number 1."""


class Restlets:
    """The RESTlet host."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [web.route(method, PATH, self.run) for method in ("GET", "POST", "PUT", "DELETE")]

    async def run(self, request: web.Request) -> web.Response:
        caller = enter(self._account, request, "restlets")
        role = self._account["role"].get(caller.role)
        if role is not None and role["_web_services_only"]:
            raise ApiError(403, "INSUFFICIENT_PERMISSION", "This role is for web services only.")
        named, deployment = request.query.get("script", ""), request.query.get("deploy", "")
        script = SCRIPTS.get(named) or next((one for one in SCRIPTS.values() if one[0] == named), None)
        if script is None or deployment not in ("1", script[0].replace("customscript", "customdeploy")):
            raise ApiError(
                400, "SSS_INVALID_SCRIPTLET_ID", "That Suitelet is invalid, disabled, or no longer exists."
            )
        parameters = {
            name: value for name, value in request.query.items() if name not in ("script", "deploy")
        }
        return web.json_response(script[1](caller, request.method, parameters, await _body(request)))


async def _body(request: web.Request) -> Any:
    text = await request.text()
    if not text:
        return None
    if request.content_type != "application/json":
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise ApiError(400, "INVALID_REQUEST", "The body is not JSON.") from None
