"""Setup > Integration, Access Tokens and M2M mappings: what only a click makes, and secrets that are shown once."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.asked import Asked, refuse
from sandbox.netsuite import holdings, lifecycle
from sandbox.netsuite.account import Account
from sandbox.netsuite.auth import certificates
from sandbox.netsuite.auth.minting import new_token
from sandbox.netsuite.auth.tokenservices import consent
from sandbox.netsuite.errors import ApiError
from sandbox.netsuite.levers.choosing import Choosing
from sandbox.netsuite.seed.applications import application
from sandbox.world import Json


class CredentialLevers:
    """Tokens, mappings, integration records and the sandbox refresh."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/netsuite/token", self.token),
            web.post("/netsuite/token_state", self.token_state),
            web.post("/netsuite/integration", self.integration),
            web.post("/netsuite/mapping", self.mapping),
            web.post("/netsuite/mapping_revoke", self.mapping_revoke),
            web.post("/netsuite/authorize", self.authorize),
            web.post("/netsuite/refresh", self.refresh),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """
        {"application", "email", "role"[, "name", "by"]}: Access Tokens > New. `by` is who clicks, else the user.

        Answers {"id", "token_id", "token_secret"}, the only time the secret is shown; 409 with NetSuite's reason.
        """
        asked = await Asked.of(request)
        chosen = Choosing(self._account, asked)
        app, employee, role = chosen.application(), chosen.employee(), chosen.role()
        by = chosen.employee("by") if asked.text("by", None) else employee
        if by["id"] != employee["id"] and not any(
            self._account.may(r, "ADMI_MANAGE_OAUTH_TOKENS", 4) for r in by["_roles"]
        ):
            refuse(
                f"{by['email']} lacks Access Token Management and can make tokens for themselves only", 409
            )
        name = asked.text("name", f"{app['name']} - {employee['entityid']}, {role['name']}")
        try:
            made = new_token(self._account, app, employee["id"], role["id"], name, by=by["id"])
        except ValueError as problem:
            refuse(str(problem), 409)
        return self._done({"id": made["id"], "token_id": made["_token_id"], "token_secret": made["_secret"]})

    async def token_state(self, request: web.Request) -> web.Response:
        """{"token"[, "inactive": bool, "revoke": true]}: the token's own page. Revoking is for good."""
        asked = await Asked.of(request)
        row = Choosing(self._account, asked).token()
        if (inactive := asked.flag("inactive", None)) is not None:
            self._account["oauthtoken"].change(row, binactive="T" if inactive else "F")
        if asked.flag("revoke", False):
            lifecycle.revoke_token(self._account, row)
        return self._done(
            {"id": row["id"], "inactive": row["binactive"] == "T", "revoked": row["brevoked"] == "T"}
        )

    async def integration(self, request: web.Request) -> web.Response:
        """
        {"application", "do": create | block | enable | delete | reset[, "tba", "m2m"]}.

        create and reset answer the keys, the only time they are shown.
        """
        asked = await Asked.of(request)
        deed = asked.text("do")
        if deed == "create":
            return self._create(asked)
        app = Choosing(self._account, asked).application()
        answer: Json = {"application": app["name"]}
        if deed in ("block", "enable"):
            answer["state"] = "Blocked" if deed == "block" else "Enabled"
            self._account["integrationapp"].change(app, state=answer["state"])
        elif deed == "delete":
            lifecycle.delete_application(self._account, app)
        elif deed == "reset":
            lifecycle.reset_credentials(self._account, app)
            answer = _keys(app)
        else:
            refuse("do must be create, block, enable, delete or reset")
        return self._done(answer)

    def _create(self, asked: Asked) -> web.Response:
        name, tba, m2m = asked.text("application"), asked.flag("tba", False), asked.flag("m2m", False)
        if tba and not self._account.switches.new_tba_integrations:
            refuse("from 2027.1 no new integration can use token-based authentication", 409)
        if self._account.application(name) is not None:
            refuse(f"there is an integration {name!r} already", 409)
        return self._done(_keys(application(self._account, name, tba=tba, m2m=m2m)))

    async def mapping(self, request: web.Request) -> web.Response:
        """
        {"application", "email", "role"[, "certificate": PEM, "days"]}: OAuth 2.0 Client Credentials Setup > New.

        Without a certificate one is made, and its key comes back as "private_key". Answers {"certificate_id", ...}.
        """
        asked = await Asked.of(request)
        chosen = Choosing(self._account, asked)
        app, employee, role = chosen.application(), chosen.employee(), chosen.role()
        if not app["_m2m"]:
            refuse("the integration is not enabled for client credentials", 409)
        pem, key = asked.text("certificate", None), None
        if pem is None:
            pem, key = self._certificate(asked.whole("days", 365))
        try:
            made = certificates.add(self._account, app, employee["id"], role["id"], pem)
        except ApiError as problem:
            refuse(problem.detail, 409)
        answer: Json = {
            "certificate_id": made.certificate_id,
            "client_id": app["_client_id"],
            "valid_until": made.valid_until.isoformat(),
        }
        return self._done(answer | ({"private_key": key} if key else {}))

    def _certificate(self, days: int) -> tuple[str, str]:
        key, name = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "m2m")]),
        )
        begins = self._account.now - timedelta(minutes=5)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        plain = serialization.NoEncryption()
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()

    async def mapping_revoke(self, request: web.Request) -> web.Response:
        """{"certificate_id"}: for good."""
        mapping = Choosing(self._account, await Asked.of(request)).mapping()
        mapping.revoked = True
        return self._done({"certificate_id": mapping.certificate_id, "revoked": True})

    async def authorize(self, request: web.Request) -> web.Response:
        """
        {"oauth_token", "email", "role"}: somebody signs in on the authorization page and allows the integration.

        Answers {"callback_url"}, where the browser is sent with the verifier.
        """
        asked = await Asked.of(request)
        chosen = Choosing(self._account, asked)
        employee, role = chosen.employee(), chosen.role()
        try:
            url = consent(self._account, asked.text("oauth_token"), employee["id"], role["id"])
        except LookupError:
            refuse("no such request token is waiting", 404)
        return self._done({"callback_url": url})

    async def refresh(self, request: web.Request) -> web.Response:
        """{}: the sandbox is refreshed from production: every token and every M2M mapping is gone."""
        lifecycle.refresh_sandbox(self._account)
        return self._done({"refreshed": True})

    def _done(self, answer: Json) -> web.Response:
        holdings.refresh(self._account)
        self._account.world.notify("netsuite:changed", {})
        return web.json_response(answer)


def _keys(app: Json) -> Json:
    answer: Json = {"application": app["name"], "id": app["id"]}
    if app["_tba"]:
        answer |= {"consumer_key": app["_consumer_key"], "consumer_secret": app["_consumer_secret"]}
    if app["_m2m"]:
        answer |= {"client_id": app["_client_id"]}
    return answer
