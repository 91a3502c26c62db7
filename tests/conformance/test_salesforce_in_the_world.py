"""The stand-in as part of a running sandbox: levers, clock, faults, traffic, and what they leave behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import pytest

from sandbox.company import load
from sandbox.running import Sandbox, running
from sandbox.salesforce import Salesforce
from sandbox.salesforce.traffic import Traffic
from sandbox.traffic import MOST_AT_ONCE
from tests.conformance.driving import WorldClient
from tests.conformance.salesforce_driving import BEARER, DATA, serving

CAROL = "carol.ferreira@larkspur.example"
ALICE = "alice.doherty@larkspur.example"
BRENDAN = "brendan.kealoha@larkspur.example"


class Bot:
    """What a caller knows: the ready line, and nothing of the stand-in's inside."""

    def __init__(self, sandbox: Sandbox, http: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.hello = sandbox.ready["salesforce"]
        self.http = http
        self._token = ""

    async def sign_in(self) -> int:
        now = self.sandbox.world.now.timestamp()
        claims = {"iss": self.hello["client_id"], "sub": self.hello["username"], "aud": self.hello["url"]}
        assertion = jwt.encode(claims | {"exp": int(now) + 180}, self.hello["private_key"], algorithm="RS256")
        form = {"grant_type": BEARER, "assertion": assertion}
        async with self.http.post(self.hello["url"] + "/services/oauth2/token", data=form) as answer:
            self._token = (await answer.json()).get("access_token", "")
            return answer.status

    async def query(self, soql: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"{self.hello['url']}{DATA}/query"
        async with self.http.get(url, params={"q": soql}, headers=headers) as answer:
            return answer.status, await answer.json()

    async def rows(self, soql: str) -> list[dict[str, Any]]:
        status, body = await self.query(soql)
        assert status == 200, body
        return list(body["records"])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(load(), platforms=("salesforce",)) as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def world(sandbox: Sandbox, http: aiohttp.ClientSession) -> WorldClient:
    return WorldClient(sandbox.world_url, http)


@pytest.fixture
async def bot(sandbox: Sandbox, http: aiohttp.ClientSession) -> Bot:
    found = Bot(sandbox, http)
    assert await found.sign_in() == 200
    return found


async def test_deactivation_and_back(world: WorldClient, bot: Bot) -> None:
    """A person deactivated in the world is inactive in the org, even one who held the lead owner's post."""
    for email in (ALICE, BRENDAN):
        await world.post("/deactivate", email=email, where=["salesforce"])
    rows = await bot.rows("SELECT Email FROM User WHERE IsActive = false AND UserType = 'Standard'")
    assert {ALICE, BRENDAN} < {row["Email"] for row in rows}
    await world.post("/reactivate", email=ALICE, where=["salesforce"])
    assert (await bot.rows("SELECT IsActive FROM User WHERE Email = 'alice.doherty@larkspur.example'"))[0][
        "IsActive"
    ]


async def test_last_day(world: WorldClient, bot: Bot) -> None:
    """Somebody who is to leave is deactivated when the sandbox's clock reaches the day."""
    soql = "SELECT IsActive FROM User WHERE Email = 'alice.doherty@larkspur.example'"
    last = (bot.sandbox.world.now.date()).toordinal() + 10
    on = type(bot.sandbox.world.now.date()).fromordinal(last).isoformat()
    await world.post("/terminate", email=ALICE, where=["salesforce"], on=on)
    assert (await bot.rows(soql))[0]["IsActive"]
    await world.post("/advance", days=11)
    await bot.sign_in()
    assert not (await bot.rows(soql))[0]["IsActive"]


async def test_authorise_and_use(world: WorldClient, bot: Bot) -> None:
    """Somebody allows an app and its consumer works: a new grant whose use count and LoginHistory rise."""
    await world.post("/salesforce/authorize", app="Marketo sync", email=CAROL)
    soql = "SELECT UseCount, LastUsedDate FROM OauthToken WHERE User.Username = 'carol.ferreira@larkspur.example'"
    before = (await bot.rows(soql))[-1]
    assert before["UseCount"] == 0
    said = await world.post("/salesforce/use", app="Marketo sync", username=CAROL, times=3, ip="203.0.113.21")
    assert said == {"used": 3, "status": "Success"}
    after = (await bot.rows(soql))[-1]
    assert after["UseCount"] == 3
    assert after["LastUsedDate"] is not None
    logins = await bot.rows(
        "SELECT Application, LoginSubType, SourceIp, Status, CountryIso FROM LoginHistory"
        " WHERE UserId IN (SELECT Id FROM User WHERE Username = 'carol.ferreira@larkspur.example')"
        " ORDER BY LoginTime DESC, Id DESC LIMIT 3"
    )
    assert {row["Application"] for row in logins} == {"Marketo sync"}
    assert {(row["SourceIp"], row["CountryIso"]) for row in logins} == {("203.0.113.21", "US")}


async def test_failed_use(world: WorldClient, bot: Bot) -> None:
    """A use that fails raises the count all the same, and LoginHistory tells the difference."""
    await world.post("/salesforce/authorize", app="Gong", email=CAROL)
    said = await world.post("/salesforce/use", app="Gong", email=CAROL, failed=True)
    assert said["status"] == "Failed: Invalid Token"
    grants = await bot.rows("SELECT User.Username, UseCount FROM OauthToken WHERE AppName = 'Gong'")
    assert [row["UseCount"] for row in grants if row["User"]["Username"] == CAROL] == [1]


async def test_run_as_change(world: WorldClient, bot: Bot, http: aiohttp.ClientSession) -> None:
    """An administrator changes a run-as user: metadata and the audit trail show it; a person is refused."""
    status, said = await world.refused("/salesforce/run_as", app="Celigo", email=CAROL)
    assert (status, said) == (400, "the run-as user of an external client app must have API Only User")
    account = "svc.orders@integrations.larkspur.example"
    await world.post(
        "/salesforce/run_as", app="Celigo", username=account, by="bob.achterberg@larkspur.example"
    )
    trail = await bot.rows(
        "SELECT Display, CreatedBy.Name, CreatedDate FROM SetupAuditTrail"
        " WHERE Action = 'addOauthClientCredentialUser' ORDER BY CreatedDate DESC"
    )
    assert account in trail[0]["Display"]
    assert trail[0]["CreatedBy"]["Name"] == "Bob Achterberg"
    apps = (await world.get("/salesforce/apps"))["apps"]
    assert next(app["run_as"] for app in apps if app["name"] == "Celigo") == account
    people = {person["email"]: person["holds"] for person in (await world.get())["people"]}
    assert "Salesforce: Celigo, run-as user" not in people[ALICE]


async def test_login_page(world: WorldClient) -> None:
    """People get in; an API-only account does not, and a wrong password is called so."""
    assert (await world.post("/salesforce/login", email=CAROL))["status"] == "Success"
    api_only = await world.post("/salesforce/login", username="svc.zuora@integrations.larkspur.example")
    assert api_only["status"] == "Failed: API-only user"
    assert (await world.post("/salesforce/login", email=CAROL, password="no"))["status"] == "Invalid password"


async def test_switches_lever(world: WorldClient, bot: Bot) -> None:
    """A switch is set by name and type; an unknown one, or a wrong type, is refused."""
    said = await world.post("/salesforce/switches", missing_permission="no_rows", daily_api_requests=5)
    assert (said["missing_permission"], said["daily_api_requests"]) == ("no_rows", 5)
    assert (await world.refused("/salesforce/switches", colour="red"))[1] == "no such switch: colour"
    assert (await world.refused("/salesforce/switches", trust_forwarded_for="yes"))[0] == 400


async def test_wrong_levers(world: WorldClient) -> None:
    """An unknown app, an unknown person and too many uses are said clearly."""
    assert (await world.refused("/salesforce/use", app="Nothing"))[1] == "no app is called 'Nothing'"
    _, said = await world.refused("/salesforce/authorize", app="Gong", email="nobody@larkspur.example")
    assert said == "nobody@larkspur.example has no user in this org"
    assert (await world.refused("/salesforce/use", app="Gong", times=0))[0] == 400


@pytest.mark.parametrize(
    ("kind", "status", "code"), [("429", 403, "REQUEST_LIMIT_EXCEEDED"), ("500", 500, "UNKNOWN")]
)
async def test_planted_refusals(world: WorldClient, bot: Bot, kind: str, status: int, code: str) -> None:
    """Planted faults speak this vendor's language: a used-up allowance is a 403."""
    await world.post("/faults", platform="salesforce", kind=kind, match="query")
    got, body = await bot.query("SELECT Id FROM User")
    assert (got, body[0]["errorCode"].startswith(code)) == (status, True)


async def test_short_listing(world: WorldClient, bot: Bot) -> None:
    """A planted short listing leaves rows out and claims to be complete."""
    whole = len(await bot.rows("SELECT Id FROM User"))
    await world.post("/faults", platform="salesforce", kind="short_listing")
    _, body = await bot.query("SELECT Id FROM User")
    assert body["done"] is True
    assert len(body["records"]) == body["totalSize"] == whole // 2


async def test_too_many_long_requests(world: WorldClient, bot: Bot) -> None:
    """Above the allowed number of requests that take long, a further one is refused."""
    await world.post("/salesforce/switches", long_request_s=0.2, long_requests_at_once=3)
    await world.post(
        "/faults", platform="salesforce", kind="slow", count=3, retry_after_s=1.5, match="LIMIT 9"
    )
    slow = [asyncio.create_task(bot.query("SELECT Id FROM User LIMIT 9")) for _ in range(3)]
    await asyncio.sleep(0.6)
    status, body = await bot.query("SELECT Id FROM User LIMIT 1")
    assert status == 403
    assert body[0]["message"].startswith("ConcurrentRequests")
    await asyncio.gather(*slow)
    assert (await bot.query("SELECT Id FROM User LIMIT 1"))[0] == 200


async def test_time_passes(world: WorldClient, bot: Bot) -> None:
    """History is forgotten after six months, jobs fire, and those of an inactive owner stand in ERROR."""
    soql = "SELECT CronJobDetail.Name, State, TimesTriggered, NextFireTime FROM CronTrigger"
    before = {row["CronJobDetail"]["Name"]: row for row in await bot.rows(soql)}
    await world.post("/advance", days=2)
    await bot.sign_in()
    after = {row["CronJobDetail"]["Name"]: row for row in await bot.rows(soql)}
    assert after["Nightly order sync"]["TimesTriggered"] == before["Nightly order sync"]["TimesTriggered"] + 2
    assert after["Portal cleanup"]["State"] == "ERROR"
    await world.post("/advance", days=190)
    await bot.sign_in()
    rows = await bot.rows("SELECT LoginTime FROM LoginHistory")
    assert len(rows) == 1  # the sign-in just made


async def test_secrets_stay_out_of_the_request_log(world: WorldClient, bot: Bot) -> None:
    """The world's log shows who called what, and no token."""
    await bot.query("SELECT Id FROM OauthToken WHERE DeleteToken = 'abcdef'")
    calls = (await world.get("/calls", platform="salesforce"))["calls"]
    assert calls[-1]["who"] == bot.hello["username"]
    shown = str(calls)
    assert bot._token not in shown
    assert bot.hello["client_secret"] not in shown


async def test_traffic_uses_the_newest_grant() -> None:
    """With traffic on, consumers work at their cadence by whichever grant is newest, and only a few at a time."""
    async with serving() as org:
        traffic = Traffic(org.org)
        before = len(org.org["LoginHistory"])
        traffic.tick()
        await org.lever("authorize", app="Marketo sync", email=CAROL)
        org.world.advance(seconds=60)
        assert traffic.tick() > 0
        org.world.advance(days=3)
        done = traffic.tick()
        assert 0 < done <= MOST_AT_ONCE * 14
        assert len(org.org["LoginHistory"]) > before
        newest = org.org["OauthToken"].where("UserId", org.user(CAROL)["Id"])[-1]
        assert newest["UseCount"] > 0


async def test_traffic_runs_only_when_asked() -> None:
    """The background consumers idle until the world's flag is on."""
    async with serving() as org:
        before = len(org.org["LoginHistory"])
        await asyncio.sleep(1.2)
        assert len(org.org["LoginHistory"]) == before
        org.world.traffic = True
        until = time.monotonic() + 20
        while len(org.org["LoginHistory"]) == before and time.monotonic() < until:
            org.world.advance(seconds=30)
            await asyncio.sleep(0.2)
        assert len(org.org["LoginHistory"]) > before


def test_seeding_is_repeatable(sandbox: Sandbox) -> None:
    """The same seed gives the same consumer keys and grants, so that a restarted sandbox keeps its configuration."""
    one, two = (Salesforce(type(sandbox.world)(load())) for _ in range(2))
    assert list(one.org.apps) == list(two.org.apps)
    tokens = [[row["DeleteToken"] for row in org.org["OauthToken"]] for org in (one, two)]
    assert tokens[0] == tokens[1]
