"""A NetSuite stand-in on a real port, and what drives it: oauthlib and PyJWT sign, nothing of ours does."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from sandbox.company import load
from sandbox.netsuite import NetSuite
from sandbox.netsuite.switches import Switches
from sandbox.world import World

ALICE = "alice.doherty@larkspur.example"
ADA = "ada.okonkwo@larkspur.example"
BOT = "handover.bot@integrations.larkspur.example"
SHARED = "svc.netsuite@integrations.larkspur.example"
CONNECTOR_ROLE = "NetSuite Connector Web Services"
SUITEQL = "/services/rest/query/v1/suiteql"
RECORD = "/services/rest/record/v1"
TOKEN = "/services/rest/auth/oauth2/v1/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_NONCES = (f"nonce{number:08d}" for number in itertools.count())


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers, and the body as JSON where it is JSON, else as text."""

    status: int
    headers: Any
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["o:errorDetails"][0]["o:errorCode"])

    @property
    def detail(self) -> str:
        return str(self.body["o:errorDetails"][0]["detail"])


@dataclass(slots=True)
class Keys:
    """What signs a token request. `realm` is sent as it stands."""

    realm: str
    consumer_key: str
    consumer_secret: str
    token_id: str = ""
    token_secret: str = ""


@dataclass(slots=True)
class Running:
    """A served stand-in. `keys` are the bot's token; `http` speaks to it and to its levers."""

    world: World
    stand_in: NetSuite
    url: str
    hello: dict[str, Any]
    levers_url: str
    http: aiohttp.ClientSession
    keys: Keys = field(init=False)

    def __post_init__(self) -> None:
        names = ("consumer_key", "consumer_secret", "token_id", "token_secret")
        self.keys = Keys(self.hello["account"], *(self.hello[name] for name in names))

    @property
    def account(self) -> Any:
        return self.stand_in.account

    def switch(self, **values: Any) -> None:
        """Replace all switches: what is not named has its default, but audit rows show at once."""
        self.account.switches = Switches(**({"audit_lag_s": 0} | values))

    def now(self) -> int:
        return int(self.world.now.timestamp())

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        async with self.http.request(method, self.url + path, **how) as answer:
            is_json = "json" in answer.content_type
            body = await answer.json(content_type=None) if is_json else await answer.text()
            return Answer(answer.status, answer.headers, body)

    async def lever(self, path: str, **body: Any) -> Answer:
        async with self.http.post(f"{self.levers_url}/netsuite/{path}", json=body) as answer:
            return Answer(answer.status, answer.headers, await answer.json())

    async def done(self, path: str, **body: Any) -> dict[str, Any]:
        """A lever that must work."""
        answer = await self.lever(path, **body)
        assert answer.status == 200, answer.body
        made: dict[str, Any] = answer.body
        return made

    def signed(self, method: str, path: str, keys: Keys | None = None, **how: Any) -> dict[str, str]:
        """oauthlib's Authorization header for a request, with a fresh nonce and the world's clock."""
        keys = keys or self.keys
        client = Client(
            keys.consumer_key,
            client_secret=keys.consumer_secret,
            resource_owner_key=keys.token_id or None,
            resource_owner_secret=keys.token_secret or None,
            realm=keys.realm,
            **(
                {
                    "signature_method": SIGNATURE_HMAC_SHA256,
                    "nonce": next(_NONCES),
                    "timestamp": str(self.now()),
                }
                | how
            ),
        )
        return dict(client.sign(self.url + path, http_method=method)[1])

    async def tba(self, method: str, path: str, keys: Keys | None = None, **how: Any) -> Answer:
        """A request signed by token; `signing` are oauthlib's own options."""
        signing = how.pop("signing", {})
        headers = self.signed(method, path, keys, **signing) | how.pop("headers", {})
        return await self.ask(method, path, headers=headers, **how)

    def assertion(
        self, key: str | None = None, alg: str = "ES256", kid: str | None = None, **claims: Any
    ) -> str:
        """PyJWT's client assertion, with any claims changed; None leaves one out."""
        full = {
            "iss": self.hello["client_id"],
            "scope": ["rest_webservices", "restlets"],
            "aud": self.url + TOKEN,
            "iat": self.now(),
            "exp": self.now() + 3300,
        } | claims
        kept = {name: value for name, value in full.items() if value is not None}
        headers = {"kid": kid or self.hello["certificate_id"]}
        return jwt.encode(kept, key or self.hello["private_key"], algorithm=alg, headers=headers)

    async def grant(self, assertion: str | None = None, **form: str) -> Answer:
        full = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
        } | form
        return await self.ask("POST", TOKEN, data={name: value for name, value in full.items() if value})

    async def bearer(self, **how: Any) -> str:
        answer = await self.grant(self.assertion(**how))
        assert answer.status == 200, answer.body
        return str(answer.body["access_token"])

    async def m2m(self, method: str, path: str, bearer: str, **how: Any) -> Answer:
        headers = {"Authorization": f"Bearer {bearer}"} | how.pop("headers", {})
        return await self.ask(method, path, headers=headers, **how)

    async def query(self, text: str, keys: Keys | None = None, **page: int) -> Answer:
        path = SUITEQL + (f"?{urlencode(page)}" if page else "")
        return await self.tba("POST", path, keys, json={"q": text}, headers={"Prefer": "transient"})

    async def rows(self, text: str, keys: Keys | None = None) -> list[dict[str, Any]]:
        """All rows, without their empty links."""
        answer = await self.query(text, keys)
        assert answer.status == 200, answer.body
        assert not answer.body["hasMore"], "use pages"
        return [
            {name: value for name, value in row.items() if name != "links"} for row in answer.body["items"]
        ]

    async def new_keys(self, email: str, role: str, application: str = "Handover by token") -> Keys:
        """A token that somebody makes for themselves, and what signs with it."""
        made = await self.done("token", application=application, email=email, role=role)
        app = self.account.application(application)
        pair = (app["_consumer_key"], app["_consumer_secret"])
        return Keys(self.hello["account"], *pair, made["token_id"], made["token_secret"])

    async def details(self) -> list[str]:
        """The audit trail's details of failures, oldest first, as an Administrator reads them."""
        keys = await self.new_keys(ADA, "Administrator")
        rows = await self.rows(
            "SELECT l.detail FROM LoginAudit l WHERE l.status = 'Failure' ORDER BY l.date", keys
        )
        return [row["detail"] for row in rows]

    def last_failure(self) -> str | None:
        """The newest failure's detail, straight from the state: for tests whose own sign-in is the subject."""
        rows = [row for row in self.account["loginaudit"] if row["status"] == "Failure"]
        detail: str | None = rows[-1]["detail"]
        return detail

    def employee(self, email: str) -> dict[str, Any]:
        found: dict[str, Any] = self.account["employee"].where(email=email)[0]
        return found

    def role(self, name: str) -> int:
        return int(self.account["role"].where(name=name)[0]["id"])


PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(key: PrivateKey, begins: datetime, days: int = 365) -> str:
    """A self-signed X.509 certificate in PEM form."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(minutes=1))
        .not_valid_after(begins + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def pem(key: PrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@asynccontextmanager
async def serving(*, people: int | None = None, **switches: Any) -> AsyncIterator[Running]:
    """A stand-in with the demo company, its audit trail without lag, and its levers on a port of their own."""
    world = World(load(people=people))
    stand_in = NetSuite(world, Switches(**({"audit_lag_s": 0} | switches)))
    levers = web.Application()
    levers.add_routes(stand_in.routes())
    runners = [web.AppRunner(app, shutdown_timeout=0.1) for app in (stand_in.application(), levers)]
    urls = []
    for runner in runners:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        async with aiohttp.ClientSession() as http:
            yield Running(world, stand_in, urls[0], stand_in.hello(urls[0]), urls[1], http)
    finally:
        world.close()
        for runner in runners:
            await runner.cleanup()
