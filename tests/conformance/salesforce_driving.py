"""A Salesforce stand-in on a real port, and what drives it from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import jwt
import requests
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce as Client

from sandbox.company import load
from sandbox.salesforce import Salesforce
from sandbox.salesforce.switches import Switches
from sandbox.world import World

T = TypeVar("T")
VERSION = "65.0"
DATA = f"/services/data/v{VERSION}"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@cache
def _read(pem: str) -> PrivateKeyTypes:
    """Reading a key checks it, which takes as long as everything else about a sign-in."""
    return load_pem_private_key(pem.encode(), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers, and the body as JSON where it is JSON, else as text."""

    status: int
    headers: Any
    body: Any


@dataclass(frozen=True, slots=True)
class Running:
    """A served stand-in. `hello` is its block of the ready line; `http` speaks to it and to its levers."""

    world: World
    stand_in: Salesforce
    url: str
    hello: dict[str, Any]
    levers_url: str
    http: aiohttp.ClientSession

    @property
    def org(self) -> Any:
        return self.stand_in.org

    def switch(self, **values: Any) -> None:
        """Replace all switches: what is not named has its default."""
        self.org.switches = Switches(**values)

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        async with self.http.request(method, self.url + path, **how) as answer:
            text = await answer.text()
            is_json = answer.content_type == "application/json"
            return Answer(answer.status, answer.headers, await answer.json() if is_json else text)

    async def lever(self, path: str, **body: Any) -> Answer:
        async with self.http.post(f"{self.levers_url}/salesforce/{path}", json=body) as answer:
            return Answer(answer.status, answer.headers, await answer.json())

    async def token_request(self, **form: str) -> Answer:
        return await self.ask("POST", "/services/oauth2/token", data=form)

    async def jwt(self, key: str | None = None, **claims: Any) -> Answer:
        """The JWT bearer flow with the bot's own app, with any claims changed; None leaves one out."""
        full = {
            "iss": self.hello["client_id"],
            "sub": self.hello["username"],
            "aud": "https://login.salesforce.com",
            "exp": int(time.time()) + 180,
        } | claims
        kept = {name: value for name, value in full.items() if value is not None}
        assertion = jwt.encode(kept, _read(key or self.hello["private_key"]), algorithm="RS256")
        return await self.token_request(grant_type=BEARER, assertion=assertion)

    async def token(self, **claims: Any) -> str:
        answer = await self.jwt(**claims)
        assert answer.status == 200, answer
        return str(answer.body["access_token"])

    async def call(self, method: str, path: str, token: str, **how: Any) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} | how.pop("headers", {})
        return await self.ask(method, DATA + path, headers=headers, **how)

    async def query(self, token: str, soql: str, **how: Any) -> Answer:
        return await self.call("GET", "/query", token, params={"q": soql}, **how)

    async def rows(self, token: str, soql: str) -> list[dict[str, Any]]:
        answer = await self.query(token, soql)
        assert answer.status == 200, answer.body
        assert answer.body["done"], "use pages"
        return list(answer.body["records"])

    def user(self, username: str) -> dict[str, Any]:
        found: dict[str, Any] = self.org["User"].where("Username", username)[0]
        return found

    def session(self) -> requests.Session:
        """A session that leads every https address of the vendor to the stand-in."""
        session = requests.Session()
        session.mount("https://", ToStandIn(self.url))
        return session

    async def client(self, **how: Any) -> Any:
        """An unmodified simple-salesforce client (its own annotations do not know what its attributes are)."""
        session = self.session()
        return await asyncio.to_thread(lambda: Client(session=session, version=VERSION, **how))

    async def bot_client(self) -> Any:
        """The same, signed in as the bot by the JWT bearer flow."""
        return await self.client(
            username=self.hello["username"],
            consumer_key=self.hello["client_id"],
            privatekey=self.hello["private_key"],
        )


class ToStandIn(HTTPAdapter):
    """Sends https requests to the stand-in's plain port, keeping the host they were meant for."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._netloc = urlsplit(url).netloc

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        split = urlsplit(request.url)
        request.headers["Host"] = split.netloc
        request.url = urlunsplit(("http", self._netloc, split.path, split.query, ""))
        return super().send(request, *args, **kwargs)


async def off_loop(work: Callable[[], T]) -> T:
    """Run blocking client code beside the server's event loop."""
    return await asyncio.to_thread(work)


@asynccontextmanager
async def serving(*, people: int | None = None, **switches: Any) -> AsyncIterator[Running]:
    """A stand-in with the demo company, and its levers on a port of their own."""
    world = World(load(people=people))
    stand_in = Salesforce(world, Switches(**switches))
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
