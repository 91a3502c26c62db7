"""What happens outside of NetSuite's setup pages: the Connector's own settings, integrations at work, switches."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.asked import Asked, refuse
from sandbox.netsuite import holdings, traffic
from sandbox.netsuite.account import Account
from sandbox.netsuite.levers.choosing import Choosing
from sandbox.netsuite.seed.bulk import generate
from sandbox.netsuite.switches import Switches
from sandbox.world import Json

MOST_USES = 1000
MOST_USERS = 300
MOST_ROWS = 200_000


class ConsumerLevers:
    """The consumers' side of the account, and the account's own settings."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/netsuite/cast", self.cast),
            web.post("/netsuite/connector", self.connector),
            web.post("/netsuite/order", self.order),
            web.post("/netsuite/use", self.use),
            web.post("/netsuite/generate", self.generate),
            web.post("/netsuite/switches", self.switches),
        ]

    async def cast(self, request: web.Request) -> web.Response:
        """
        What there is to choose from: integrations, tokens, mappings, active roles, and those with access (integration
        accounts first, cut at 300). No secret, no Token ID.
        """
        account = self._account
        answer: Json = {
            "account": account.id,
            "integrations": [
                {"name": row["name"], "state": row["state"]} for row in account["integrationapp"]
            ],
            "roles": [row["name"] for row in account["role"] if row["isinactive"] == "F"],
            "users": self._users(),
            "tokens": [
                {
                    "id": row["id"],
                    "name": row["tba_token_name"],
                    "application": account.name("integrationapp", row["tba_app_name"]),
                    "user": account.name("employee", row["entity_name"]),
                    "role": account.name("role", row["role_name"]),
                    "revoked": row["brevoked"] == "T",
                    "inactive": row["binactive"] == "T",
                    "in_connector": row["_token_id"] == account.connector_token,
                }
                for row in account["oauthtoken"]
            ],
            "mappings": [
                {
                    "certificate_id": one.certificate_id,
                    "application": account.name("integrationapp", one.integration),
                    "user": account.name("employee", one.entity),
                    "role": account.name("role", one.role),
                    "valid_until": one.valid_until.isoformat(),
                    "revoked": one.revoked,
                }
                for one in account.mappings.values()
            ],
        }
        return web.json_response(answer)

    def _users(self) -> list[Json]:
        account = self._account
        rows = [row for row in account["employee"] if row["giveaccess"] == "T"]
        rows.sort(key=lambda row: (row["id"] in account.people, row["entityid"]))
        return [
            {
                "email": row["email"],
                "name": row["entityid"],
                "active": row["isinactive"] == "F",
                "roles": [account.name("role", one) for one in row["_roles"]],
            }
            for row in rows[:MOST_USERS]
        ]

    async def connector(self, request: web.Request) -> web.Response:
        """
        {"token_id", "token_secret"}: somebody enters a token in NetSuite Connector's own settings.

        Whatever was typed is kept, right or wrong, as the Connector does; its next order tells.
        """
        asked = await Asked.of(request)
        token_id, secret = asked.text("token_id").strip(), asked.text("token_secret").strip()
        self._account.connector_token = token_id
        found = next(iter(self._account["oauthtoken"].where(_token_id=token_id)), None)
        self._account.connector_secret_wrong = found is not None and found["_secret"] != secret
        for row in self._account["oauthtoken"]:
            row["_orders"] = row["_token_id"] == token_id
        return self._done({"saved": True})

    async def order(self, request: web.Request) -> web.Response:
        """{["times"]}: the Connector posts orders with the token it holds. Answers {"posted", "detail"}."""
        return self._done(self._repeat(await Asked.of(request), lambda: traffic.post_order(self._account)))

    async def use(self, request: web.Request) -> web.Response:
        """{"token" | "certificate_id"[, "times"]}: a consumer works with its credential. {"posted", "detail"}."""
        asked = await Asked.of(request)
        chosen = Choosing(self._account, asked)
        if "certificate_id" in asked.values:
            mapping = chosen.mapping()
            return self._done(self._repeat(asked, lambda: traffic.use_mapping(self._account, mapping)))
        token = chosen.token()
        return self._done(self._repeat(asked, lambda: traffic.use(self._account, token)))

    def _repeat(self, asked: Asked, deed: Any) -> Json:
        times = asked.whole("times", 1)
        if not 1 <= times <= MOST_USES:
            refuse(f"times must lie between 1 and {MOST_USES}")
        details = [deed() for _ in range(times)]
        return {"posted": details.count(None), "detail": details[-1]}

    async def generate(self, request: web.Request) -> web.Response:
        """{["employees", "tokens", "audit_rows"]}: adds that many of each. Answers how many there are then."""
        asked = await Asked.of(request)
        counts = {key: asked.whole(key, 0) for key in ("employees", "tokens", "audit_rows")}
        if any(not 0 <= count <= MOST_ROWS for count in counts.values()):
            refuse(f"each must lie between 0 and {MOST_ROWS}")
        generate(self._account, **counts)
        tables = {"employees": "employee", "tokens": "oauthtoken", "audit_rows": "loginaudit"}
        return self._done({key: len(self._account[table]) for key, table in tables.items()})

    async def switches(self, request: web.Request) -> web.Response:
        """{switch: value}: sets switches; answers all of them. Lists become tuples or sets."""
        asked, known = await Asked.of(request), {field.name: field for field in fields(Switches)}
        if unknown := [name for name in asked.values if name not in known]:
            refuse(f"{unknown[0]!r} is not a switch; there are {', '.join(known)}")
        values = {name: self._value(name, value) for name, value in asked.values.items()}
        self._account.switches = replace(self._account.switches, **values)
        shown = {name: getattr(self._account.switches, name) for name in known}
        return self._done({k: sorted(v) if isinstance(v, frozenset) else v for k, v in shown.items()})

    def _value(self, name: str, value: Any) -> Any:
        now = getattr(self._account.switches, name)
        if name == "time_zone":
            try:
                ZoneInfo(str(value))
            except (KeyError, ValueError):
                refuse(f"{value!r} is not a time zone")
        if isinstance(now, tuple | frozenset):
            if not isinstance(value, list):
                refuse(f"{name} must be a list")
            return type(now)(value)
        if isinstance(now, bool) != isinstance(value, bool):
            refuse(f"{name} must be {'true or false' if isinstance(now, bool) else 'a text or a number'}")
        return value

    def _done(self, answer: Json) -> web.Response:
        holdings.refresh(self._account)
        self._account.world.notify("netsuite:changed", {})
        return web.json_response(answer)
