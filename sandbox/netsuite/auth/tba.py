"""
Token-based authentication: what a signed request must be, in the order in which this stand-in looks.

Source: token-based authentication, the authorization header and its troubleshooting, facts §1, 2026-11. Names of
details that Oracle's page does not show are switches.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.netsuite.account import Account
from sandbox.netsuite.auth import signing
from sandbox.netsuite.auth.callers import Attempt, Caller, LoginRefused, standing
from sandbox.netsuite.tables import Row

SHORTEST_NONCE = 6
_REQUIRED = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_signature_method",
    "oauth_signature",
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as far as signing is concerned. `addresses`: the ways its address may have been written."""

    method: str
    addresses: list[str]
    query: str
    header: str

    def bases(self, oauth: dict[str, str]) -> list[str]:
        return [signing.base_string(self.method, one, self.query, oauth) for one in self.addresses]


def caller(account: Account, request: Signed, permission: str = "ADMI_LOGIN_OAUTH") -> Caller:
    """
    Who signed this request with a token of theirs.

    Raises:
        LoginRefused: with the reason that the audit trail shows.
    """
    oauth, attempt = _opened(account, request, ("oauth_token",))
    application = _application(account, oauth, attempt)
    token = _token(account, oauth, application, attempt)
    attempt.token, attempt.entity, attempt.role = token, token["entity_name"], token["role_name"]
    prove(account, request, oauth, attempt, application["_consumer_secret"], token["_secret"])
    if detail := state(account, attempt, permission):
        raise LoginRefused(detail, attempt)
    return Caller(account, token["entity_name"], token["role_name"], application, token)


def state(account: Account, attempt: Attempt, permission: str = "ADMI_LOGIN_OAUTH") -> str | None:
    """Why the token of this attempt cannot sign in now, whoever signs; None when it can."""
    token, app = attempt.token, attempt.application
    if app is None or app["state"] != "Enabled":
        return "consumer_key_refused" if app else "consumer_key_unknown"
    if token is None:
        return account.switches.token_unknown_detail
    if token["brevoked"] == "T":
        return account.switches.token_revoked_detail
    if token["binactive"] == "T":
        return account.switches.token_inactive_detail
    return standing(account, token["entity_name"], token["role_name"], permission)


def application(account: Account, request: Signed, *also: str) -> tuple[Row, dict[str, str], Attempt]:
    """
    The integration that sent a request of the three-step flow, its parameters, and what the audit trail may say.

    The signature is not yet checked: call `prove`. Raises LoginRefused.
    """
    oauth, attempt = _opened(account, request, also)
    return _application(account, oauth, attempt), oauth, attempt


def _opened(account: Account, request: Signed, also: tuple[str, ...]) -> tuple[dict[str, str], Attempt]:
    oauth, attempt = signing.parameters(request.header), Attempt()
    if not account.switches.tba_feature:
        raise LoginRefused("FeatureDisabled", attempt)
    if any(not oauth.get(name) for name in (*_REQUIRED, *also)) or "realm" not in oauth:
        raise LoginRefused("MissingTokenPassportRequiredFields", attempt)
    if oauth["realm"] != account.id:
        raise LoginRefused(account.switches.wrong_realm_detail, attempt)
    return oauth, attempt


def _application(account: Account, oauth: dict[str, str], attempt: Attempt) -> Row:
    found = account["integrationapp"].where(_consumer_key=oauth["oauth_consumer_key"])
    if not found or not found[0]["_tba"]:
        raise LoginRefused("consumer_key_unknown", attempt)
    attempt.application = found[0]
    if found[0]["state"] != "Enabled":
        raise LoginRefused("consumer_key_refused", attempt)
    return found[0]


def _token(account: Account, oauth: dict[str, str], application: Row, attempt: Attempt) -> Row:
    found = account["oauthtoken"].where(_token_id=oauth["oauth_token"], tba_app_name=application["id"])
    if not found:
        raise LoginRefused(account.switches.token_unknown_detail, attempt)
    return found[0]


def prove(
    account: Account,
    request: Signed,
    oauth: dict[str, str],
    attempt: Attempt,
    consumer_secret: str,
    token_secret: str,
) -> None:
    """Check method, clock, signature and nonce. Raises LoginRefused."""
    if oauth["oauth_signature_method"] != "HMAC-SHA256" or oauth.get("oauth_version", "1.0") != "1.0":
        raise LoginRefused("InvalidSignature", attempt)
    stamped, now = oauth["oauth_timestamp"], account.now.timestamp()
    if not stamped.isdigit() or abs(int(stamped) - now) > account.switches.timestamp_window_s:
        raise LoginRefused("InvalidTimestamp", attempt)
    if not signing.matches(oauth["oauth_signature"], request.bases(oauth), consumer_secret, token_secret):
        raise LoginRefused("InvalidSignature", attempt)
    if len(oauth["oauth_nonce"]) < SHORTEST_NONCE:
        raise LoginRefused("nonce_rejected", attempt)
    _spend(account, oauth, int(stamped), attempt)


def _spend(account: Account, oauth: dict[str, str], stamped: int, attempt: Attempt) -> None:
    """A nonce is good once per consumer for as long as its timestamp can still be accepted."""
    key = (oauth["oauth_consumer_key"], oauth["oauth_nonce"])
    if account.nonces.get(key) == stamped:
        raise LoginRefused("nonce_used", attempt)
    account.nonces[key] = stamped
    if len(account.nonces) > 50_000:
        oldest = account.now.timestamp() - account.switches.timestamp_window_s
        account.nonces = {k: at for k, at in account.nonces.items() if at >= oldest}
