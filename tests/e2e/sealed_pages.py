"""Plans that wait for secrets, and a browser without a screen that keeps cookies and follows forms."""

from __future__ import annotations

import json
import re
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import aiohttp

from bot.chat.codec import encode_reply
from bot.config import Settings
from bot.db.outbox import Posting
from bot.platform import secret_steps
from bot.platform.plan import Plan, PlanKind, Step
from bot.requests.messages import request_card
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.text import new_ref
from tests.e2e.desk import Desk, words_of

NAMES = ("token_id", "private_key")
RECEIVE = secret_steps.receive(
    NAMES, title="Make the new token", instructions=("Setup > Access Tokens > New",)
)
BY_HAND = secret_steps.deliver(NAMES, destination="manual", consumer="Shopify <b>connector</b>")
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIPlantedPageKey+Yt5\n-----END PRIVATE KEY-----"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def with_page(settings: Settings) -> Settings:
    """The bot with a sealed page on this machine."""
    at = f"127.0.0.1:{free_port()}"
    web = settings.web.model_copy(update={"listen": at, "public_url": f"http://{at}"})
    return settings.model_copy(update={"web": web})


def approved(requester: str, channel: str, now: datetime, *steps: Step) -> tuple[ChangeRequest, Posting]:
    """An approved request at its first step, and the message that it has in the channel."""
    plan = Plan(
        kind=PlanKind.ROTATION,
        connection="salesforce:prod",
        title=f"Rotate <i>Celigo</i> {secrets.token_hex(3)}",
        subject_id=f"made-up-{secrets.token_hex(4)}",
        subject_label="Celigo",
        steps=steps,
        consumer="Shopify",
        destination="manual",
    )
    request = ChangeRequest(
        id=uuid4().hex,
        ref=new_ref(secrets.randbits),
        state=RequestState.APPROVED,
        rev=1,
        plan=plan,
        digest=plan.digest,
        requester=requester,
        reason="to try the sealed page",
        created_at=now,
        expires_at=now + timedelta(days=1),
        needed=1,
    )
    card = Posting(
        idem_key=f"request:{request.id}:card",
        channel=channel,
        body=encode_reply(request_card(request)),
        thread=f"request:{request.id}",
    )
    return request, card


async def asked(desk: Desk, *steps: Step, requester: str = "") -> ChangeRequest:
    """An approved request of an operator in the desk's own bot, running."""
    app = desk.app
    assert app
    by = requester or desk.who("operator")
    request, card = approved(by, desk.channel, app.clock.now(), *steps)
    async with app.store.write() as unit:
        await unit[RequestRepository].add(request)
        await unit.outbox.put(card)
    await app.services.begin(request.id)
    return request


def link_in(message: Mapping[str, Any]) -> tuple[str, str]:
    """The link and the code of an answer that only one person sees."""
    found = re.search(r'"url": "(http[^"]+/s/[^"]+)"', json.dumps(message))
    code = re.search(r"\b([0-9A-Z]{4}-[0-9A-Z]{4})\b", words_of(message))
    assert found, words_of(message)
    assert code, words_of(message)
    return found[1], code[1]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.shown: dict[str, str] = {}
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        if tag == "input" and "name" in found:
            self.fields[found["name"]] = found.get("value", "")
        if tag == "input" and "readonly" in found:
            self.shown[found["id"]] = found["value"]
        if tag == "textarea":
            self._area = found["id"]
            if "name" in found:
                self.fields[found["name"]] = ""

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.shown[self._area] = self.shown.get(self._area, "") + data.removeprefix("\n")


@dataclass
class Page:
    """One page as it came."""

    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def form(self) -> _Forms:
        read = _Forms()
        read.feed(self.html)
        return read


@dataclass
class Browser:
    """Keeps cookies; sends what browsers send."""

    http: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    async def open(self, url: str, method: str = "GET") -> Page:
        async with self.http.request(method, url) as answer:
            return Page(answer.status, dict(answer.headers), await answer.text())

    async def send(self, url: str, page: Page, **fields: str) -> Page:
        """Fill in a page's form and send it."""
        body = page.form.fields | fields
        async with self.http.post(url, data=body, headers=self.headers) as answer:
            return Page(answer.status, dict(answer.headers), await answer.text())


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http)
