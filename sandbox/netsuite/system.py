"""Small services: the account's limits, its clock and its addresses."""

from __future__ import annotations

from aiohttp import web

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth.door import enter
from sandbox.netsuite.catalogue import ADMINISTRATOR
from sandbox.netsuite.errors import ApiError

_BASE = "/services/rest/system/v1"


class System:
    """Source: governance limits (sample seen in public), server time, data centre addresses; facts §1, §3."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{_BASE}/governanceLimits", self.limits),
            web.get(f"{_BASE}/serverTime", self.time),
            web.get("/rest/datacenterurls", self.addresses),
        ]

    async def limits(self, request: web.Request) -> web.Response:
        """Administrators only."""
        caller = enter(self._account, request, "rest_webservices")
        if caller.role != ADMINISTRATOR:
            raise ApiError(
                403, "INSUFFICIENT_PERMISSION", "Only an administrator can read governance limits."
            )
        limit = self._account.switches.concurrency_limit
        return web.json_response(
            {
                "type": "accountLimit",
                "accountConcurrencyLimit": limit,
                "accountUnallocatedConcurrencyLimit": limit,
            }
        )

    async def time(self, request: web.Request) -> web.Response:
        enter(self._account, request, "rest_webservices")
        return web.json_response({"serverTime": self._account.now.isoformat()})

    async def addresses(self, request: web.Request) -> web.Response:
        """No sign-in. Every host of this account is the one address that is served here."""
        account = request.query.get("account", "")
        if account.upper().replace("-", "_") != self._account.id:
            raise ApiError(400, "INVALID_ACCOUNT", f"Account {account[:40]} does not exist.")
        url = self._account.base_url
        return web.json_response({"restDomain": url, "systemDomain": url, "webservicesDomain": url})
