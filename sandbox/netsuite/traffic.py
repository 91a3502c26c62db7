"""The consumers at work: every integration signs in at its cadence, and the Connector posts sales orders."""

from __future__ import annotations

from sandbox.netsuite.account import Account, Mapping
from sandbox.netsuite.auth import audit, tba
from sandbox.netsuite.auth.callers import Attempt, standing
from sandbox.netsuite.records.orders import new_order
from sandbox.netsuite.tables import Row
from sandbox.traffic import Pulse

CONNECTOR = "NetSuite Connector"
_ORDERS = audit.Origin("/services/rest/record/v1/salesOrder", agent="NetSuite Connector")
_WORK = audit.Origin("/services/rest/record/v1/vendor", agent="integration/1.0")
_GRANT = audit.Origin("/services/rest/auth/oauth2/v1/token", agent="integration/1.0")


def use(account: Account, token: Row, *, orders: bool = False) -> str | None:
    """
    One call of a token's consumer, signed rightly: a row in the audit trail, and a sales order where it posts some.

    Gives the audit trail's detail when it was refused.
    """
    app = account["integrationapp"].get(token["tba_app_name"])
    attempt = Attempt(app, token, token["entity_name"], token["role_name"])
    detail = tba.state(account, attempt)
    audit.record(account, attempt, _ORDERS if orders else _WORK, detail)
    if detail is None and orders:
        new_order(account, token["entity_name"], token["role_name"], account.switches.rest_context)
        account.world.counters["netsuite.orders"] += 1
    return detail


def use_mapping(account: Account, mapping: Mapping) -> str | None:
    """One token grant of a certificate's consumer."""
    app = account["integrationapp"].get(mapping.integration)
    attempt = Attempt(app, None, mapping.entity, mapping.role)
    if mapping.revoked or mapping.invalidated or mapping.valid_until < account.now.date():
        detail: str | None = "ClientAuthenticationFailed"
    elif app is None or app["state"] != "Enabled":
        detail = "InvalidIntegration"
    else:
        detail = standing(account, mapping.entity, mapping.role, "ADMI_LOGIN_OAUTH2")
    audit.record(account, attempt, _GRANT, detail)
    return detail


def post_order(account: Account) -> str | None:
    """
    NetSuite Connector posts one order with the token that was entered in its settings.

    Gives the refusal's detail. A token that NetSuite does not know leaves a failure without a user.
    """
    token = next(iter(account["oauthtoken"].where(_token_id=account.connector_token)), None)
    app = account.application(CONNECTOR)
    if token is None or app is None or token["tba_app_name"] != app["id"]:
        detail = account.switches.token_unknown_detail
        audit.record(account, Attempt(app), _ORDERS, detail)
        return detail
    if account.connector_secret_wrong:
        audit.record(
            account,
            Attempt(app, token, token["entity_name"], token["role_name"]),
            _ORDERS,
            "InvalidSignature",
        )
        return "InvalidSignature"
    return use(account, token, orders=True)


class Traffic(Pulse):
    """Uses of the integrations, while `world.traffic` is on."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._account = account

    def tick(self) -> int:
        """Every use that is due by the world's clock. Gives how many there were."""
        account, done = self._account, 0
        for token in account["oauthtoken"]:
            if token["_cadence_s"] and not token["_orders"]:
                for _ in range(self.behind(token["_token_id"], token["_cadence_s"])):
                    use(account, token)
                    done += 1
        for mapping in list(account.mappings.values()):
            if mapping.cadence_s:
                for _ in range(self.behind(mapping.certificate_id, mapping.cadence_s)):
                    use_mapping(account, mapping)
                    done += 1
        if account.connector_token:
            for _ in range(self.behind(CONNECTOR, 15 * 60)):
                post_order(account)
                done += 1
        return done
