"""The stand-in as part of a running sandbox: people, levers, clock, faults, limits and traffic."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox import botconfig
from sandbox.company import load
from sandbox.netsuite.traffic import Traffic
from sandbox.running import Sandbox, running
from sandbox.traffic import MOST_AT_ONCE
from tests.conformance.driving import WorldClient, eventually
from tests.conformance.netsuite_driving import (
    ADA,
    ALICE,
    BOT,
    CONNECTOR_ROLE,
    RECORD,
    SHARED,
    SUITEQL,
    Running,
    serving,
)

LAN = "hothilan@larkspur.example"
LIST = f"{RECORD}/employee?limit=10&offset=0"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running(load(), platforms=("netsuite",)) as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def world(sandbox: Sandbox, http: aiohttp.ClientSession) -> WorldClient:
    return WorldClient(sandbox.world_url, http)


@pytest.fixture
def inside(sandbox: Sandbox, http: aiohttp.ClientSession) -> Running:
    """The same account seen as in the other tests; its audit trail shows rows at once."""
    stand_in: Any = sandbox.stand_ins["netsuite"]
    made = Running(
        sandbox.world,
        stand_in,
        sandbox.ready["netsuite"]["url"],
        sandbox.ready["netsuite"],
        f"{sandbox.world_url}",
        http,
    )
    made.switch()
    return made


@pytest.fixture
async def netsuite() -> AsyncIterator[Running]:
    async with serving() as started:
        yield started


async def person(world: WorldClient, email: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in (await world.get())["people"] if one["email"] == email)
    return found


async def test_the_ready_line(sandbox: Sandbox) -> None:
    """Everything that a bot needs to sign in, both ways."""
    hello = sandbox.ready["netsuite"]
    assert set(hello) == {
        "url", "account", "consumer_key", "consumer_secret", "token_id", "token_secret", "client_id", "certificate_id",
        "private_key",
    }  # fmt: skip
    assert all(hello.values())
    assert hello["private_key"].startswith("-----BEGIN PRIVATE KEY-----")


def test_the_bots_table(sandbox: Sandbox, tmp_path: Path) -> None:
    """The configuration holds a NetSuite connection by certificate, its key in a file of its own."""
    written = tomllib.loads(botconfig.write(tmp_path, sandbox.ready, roles={}).read_text())
    table = written["connections"]["netsuite:prod"]
    assert (table["platform"], table["account"], table["url"]) == (
        "netsuite",
        "3182736_SB1",
        sandbox.ready["netsuite"]["url"],
    )
    assert {"client_id", "certificate_id"} < set(table)
    assert not {"consumer_secret", "token_secret"} & set(table)
    key = Path(table["private_key_file"])
    assert key.read_text() == sandbox.ready["netsuite"]["private_key"]
    assert key.stat().st_mode & 0o777 == 0o600


async def test_people_of_the_world(world: WorldClient) -> None:
    """People have an employee id and the labels of what they hold; those without a record have neither."""
    alice = await person(world, ALICE)
    assert alice["ids"]["netsuite"].isdigit()
    assert "NetSuite: NetSuite Connector, token Connector, made by Alice" in alice["holds"]
    assert "netsuite" not in (await person(world, "bob.achterberg@larkspur.example"))["ids"]


async def test_deactivation_and_back(world: WorldClient, inside: Running) -> None:
    """Inactive in the world is inactive in the account: tokens stop and work again; who did it is noted."""
    token = next(
        row for row in inside.account["oauthtoken"] if row["tba_token_name"] == "Connector, made by Alice"
    )
    await world.post("/deactivate", email=ALICE, where=["netsuite"])
    assert (await person(world, ALICE))["inactive"] == ["netsuite"]
    assert (token["brevoked"], token["binactive"]) == ("F", "F")
    assert (await world.post("/netsuite/order"))["detail"] == "EntityOrRoleDisabled"
    rows = await inside.rows(
        f"SELECT e.isinactive i, e.giveaccess g FROM employee e WHERE e.email = '{ALICE}'"
    )
    assert rows == [{"i": "T", "g": "T"}]
    notes = await inside.rows(
        "SELECT BUILTIN.DF(s.name) n, s.newvalue v FROM SystemNote s WHERE s.field = 'ENTITY.ISINACTIVE'"
    )
    assert notes == [{"n": "Ada Okonkwo", "v": "T"}]
    await world.post("/reactivate", email=ALICE, where=["netsuite"])
    assert (await world.post("/netsuite/order")) == {"posted": 1, "detail": None}
    assert (await person(world, ALICE))["inactive"] == []


async def test_inactive_by_rest_is_inactive_in_the_world(world: WorldClient, inside: Running) -> None:
    """What the bot does by PATCH shows in the world too."""
    number = inside.employee(LAN)["id"]
    await inside.tba("PATCH", f"{RECORD}/employee/{number}", json={"isInactive": True})
    assert (await person(world, LAN))["inactive"] == ["netsuite"]


async def test_termination_sets_the_release_date_only(world: WorldClient, inside: Running) -> None:
    """A last day is a date on the record; when it has passed, the token still works."""
    on = (inside.world.now + timedelta(days=10)).date().isoformat()
    await world.post("/terminate", email=ALICE, where=["netsuite"], on=on)
    text = f"SELECT TO_CHAR(e.releasedate, 'YYYY-MM-DD') d, e.isinactive i FROM employee e WHERE e.email = '{ALICE}'"
    assert await inside.rows(text) == [{"d": on, "i": "F"}]
    await world.post("/advance", days=11)
    assert (await world.post("/netsuite/order"))["detail"] is None
    assert await inside.rows(text) == [{"d": on, "i": "F"}]


async def test_nobody_of_that_name(world: WorldClient) -> None:
    """People without a record are skipped, and levers say whom they cannot find."""
    answer = await world.post("/deactivate", email="bob.achterberg@larkspur.example", where=["netsuite"])
    assert answer["skipped"] == {"netsuite": "no account there"}
    assert await world.refused("/netsuite/roles", email="nobody@x.example", roles=[]) == (
        404,
        "no employee has the address nobody@x.example",
    )
    assert (await world.refused("/netsuite/token", application="x", email=ALICE, role="Administrator"))[
        0
    ] == 404
    assert (await world.refused("/netsuite/token_state", token="x"))[0] == 404
    assert (await world.refused("/netsuite/integration", application="Handover", do="explode"))[0] == 400
    assert (await world.refused("/netsuite/switches", nosuch=1))[0] == 400
    assert (await world.refused("/netsuite/switches", time_zone="Mars"))[0] == 400
    assert (await world.refused("/netsuite/generate", employees=-1))[0] == 400


async def test_somebody_whose_record_was_deleted(world: WorldClient) -> None:
    """Nothing is left of them here, in what they hold either, and to deactivate them is refused in plain words."""
    await world.post("/netsuite/delete", email=LAN)
    lan = await person(world, LAN)
    assert ("netsuite" in lan["ids"], "NetSuite" in str(lan["holds"])) == (False, False)
    status, text = await world.refused("/deactivate", email=LAN, where=["netsuite"])
    assert (status, text) == (404, f"{LAN} has no employee record in this account")


async def test_changing_the_connectors_token_user(netsuite: Running) -> None:
    """The whole of the second seed: role, token, the Connector's settings, proof by query, revoking the old token."""

    async def set_by() -> str:
        rows = await netsuite.rows(
            "SELECT BUILTIN.DF(s.name) n FROM SystemNote s WHERE s.recordtypeid = -30 "
            "ORDER BY s.date DESC, s.recordid DESC FETCH FIRST 1 ROWS ONLY"
        )
        return str(rows[0]["n"])

    assert (await netsuite.done("order"))["detail"] is None
    assert await set_by() == "Alice Doherty"
    await netsuite.done("roles", email=SHARED, roles=["Administrator", CONNECTOR_ROLE])
    made = await netsuite.done(
        "token", application="NetSuite Connector", email=SHARED, role=CONNECTOR_ROLE, by=ADA
    )
    netsuite.world.advance(seconds=60)
    assert (await netsuite.done("order"))["detail"] is None
    assert await set_by() == "Alice Doherty", "a new token alone changes nothing"
    await netsuite.done("connector", token_id=made["token_id"], token_secret="mistyped")
    assert (await netsuite.done("order"))["detail"] == "InvalidSignature"
    await netsuite.done("connector", token_id=made["token_id"], token_secret=made["token_secret"])
    netsuite.world.advance(seconds=60)
    assert (await netsuite.done("order"))["detail"] is None
    assert await set_by() == "Integration Account"
    await netsuite.done("token_state", token="Connector, made by Alice", revoke=True)
    assert (await netsuite.done("order"))["detail"] is None
    rows = await netsuite.rows(
        "SELECT l.oAuthAccessTokenName t, l.user FROM LoginAudit l WHERE l.oAuthAppName = 'NetSuite Connector' "
        "AND l.status = 'Success' ORDER BY l.date DESC FETCH FIRST 1 ROWS ONLY"
    )
    assert rows[0]["user"] == str(netsuite.employee(SHARED)["id"])
    assert "NetSuite: NetSuite Connector" not in str(netsuite.world.people[ALICE].holds)


async def test_the_estate_has_every_case(netsuite: Running) -> None:
    """Tokens of people who are inactive, gone or without the role; old, never used, Administrator's, blocked."""
    live = {
        row["n"]: row
        for row in await netsuite.rows(
            "SELECT t.tba_token_name n, t.role_name r, e.isinactive i, e.rolesforsearch roles, "
            "TO_CHAR(e.releasedate, 'YYYY-MM-DD') gone, TO_CHAR(t.dcreated, 'YYYY-MM-DD') made, a.state "
            "FROM OAuthToken t INNER JOIN employee e ON e.id = t.entity_name "
            "INNER JOIN integrationapp a ON a.id = t.tba_app_name "
            "WHERE t.brevoked = 'F' AND t.binactive = 'F'"
        )
    }
    assert live["Greta dev"]["i"] == "T"
    assert live["EDI Rubén"]["gone"] < netsuite.world.now.date().isoformat()
    assert live["EDI Rubén"]["i"] == "F"
    assert live["BlackLine"]["r"] not in live["BlackLine"]["roles"].split(", ")
    assert live["do not delete"]["r"] == "3"
    assert live["do not delete"]["made"] < (netsuite.world.now - timedelta(days=1500)).date().isoformat()
    assert live["Kyriba"]["state"] == "Blocked"
    used = await netsuite.rows(
        "SELECT DISTINCT l.oAuthAccessTokenName t FROM LoginAudit l WHERE l.oAuthAccessTokenName IS NOT NULL"
    )
    assert "fivetran test <!here>" in live
    assert {"t": "fivetran test <!here>"} not in used
    assert {"t": "fivetran"} in used
    number = netsuite.employee(SHARED)["id"]
    shared = await netsuite.rows(
        f"SELECT COUNT(DISTINCT t.tba_app_name) n FROM OAuthToken t WHERE t.entity_name = {number}"
    )
    assert int(shared[0]["n"]) >= 2
    assert [
        one.valid_until
        for one in netsuite.account.mappings.values()
        if one.valid_until < (netsuite.world.now + timedelta(days=30)).date()
    ]


async def test_sandbox_refresh(netsuite: Running) -> None:
    """After a refresh no token and no mapping is left; new ones can be made."""
    bearer = await netsuite.bearer()
    await netsuite.done("refresh")
    assert (await netsuite.tba("GET", LIST)).status == 401
    assert (await netsuite.m2m("GET", LIST, bearer)).status == 401
    assert (await netsuite.grant()).status == 400
    made = await netsuite.done("mapping", application="Handover", email=BOT, role="Handover")
    assert (
        await netsuite.grant(netsuite.assertion(made["private_key"], kid=made["certificate_id"]))
    ).status == 200
    keys = await netsuite.new_keys(BOT, "Handover")
    assert (await netsuite.tba("GET", LIST, keys)).status == 200
    assert await netsuite.rows("SELECT COUNT(id) n FROM OAuthToken", keys) == [{"n": "1"}]


async def test_no_new_tba_integrations(netsuite: Running) -> None:
    """From 2027.1 a new integration cannot use tokens; a switch plays the day."""
    made = await netsuite.done("integration", application="New", do="create", tba=True)
    assert made["consumer_key"]
    netsuite.switch(new_tba_integrations=False)
    assert (await netsuite.lever("integration", application="Newer", do="create", tba=True)).status == 409
    assert (await netsuite.done("integration", application="Newer", do="create", m2m=True))["client_id"]


async def test_concurrency(netsuite: Running) -> None:
    """Five at once; the sixth is 429, on the RESTlet host 400; a moment later there is room again."""
    netsuite.switch(retry_after_s=2)
    netsuite.world.latency_ms = 150
    lists = [netsuite.tba("GET", LIST) for _ in range(8)]
    answers = await asyncio.gather(*lists)
    refused = [answer for answer in answers if answer.status == 429]
    assert (len(refused), len(answers) - len(refused)) == (3, 5)
    assert {answer.headers["Retry-After"] for answer in refused} == {"2"}
    assert netsuite.world.counters["netsuite.most_at_once"] == 5
    restlets = [netsuite.tba("GET", "/app/site/hosting/restlet.nl?script=6&deploy=1") for _ in range(6)]
    answers = await asyncio.gather(*restlets)
    assert [answer.body["error"]["code"] for answer in answers if answer.status == 400] == [
        "SSS_REQUEST_LIMIT_EXCEEDED"
    ]
    assert (await netsuite.tba("GET", LIST)).status == 200


async def test_overload_that_looks_like_a_dead_token(netsuite: Running) -> None:
    """The switch answers overload with 401 after a minute of the world's clock; the audit trail knows nothing."""
    netsuite.switch(overload="401_after_wait", overload_wait_s=60, concurrency_limit=1)
    netsuite.world.latency_ms = 50
    before = len(netsuite.account["loginaudit"])
    first, second = (asyncio.ensure_future(netsuite.tba("GET", LIST)) for _ in range(2))
    done, waiting = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result().status for task in done] == [200]
    assert len(waiting) == 1
    netsuite.world.advance(seconds=61)
    late = await next(iter(waiting))
    assert (late.status, late.code) == (401, "INVALID_LOGIN")
    assert len(netsuite.account["loginaudit"]) == before + 1


@pytest.mark.parametrize(
    ("kind", "path", "status"),
    [("429", LIST, 429), ("500", LIST, 500), ("429", "/app/site/hosting/restlet.nl?script=6&deploy=1", 400)],
)
async def test_planted_refusals(
    world: WorldClient, inside: Running, kind: str, path: str, status: int
) -> None:
    """429 and 500 in this vendor's shapes."""
    await world.post("/faults", platform="netsuite", kind=kind, match="^GET ", retry_after_s=3)
    answer = await inside.tba("GET", path)
    assert answer.status == status
    if kind == "429" and status == 429:
        assert answer.headers["Retry-After"] == "3"
    assert (await inside.tba("GET", path)).status == 200


async def test_planted_breakage(world: WorldClient, inside: Running) -> None:
    """Nothing, half, late, or everything but the answer."""
    number = inside.employee(LAN)["id"]
    whole = (await inside.query("SELECT id FROM employee ORDER BY id")).body
    await world.post("/faults", platform="netsuite", kind="short_listing", match="suiteql")
    half = (await inside.query("SELECT id FROM employee ORDER BY id")).body
    assert (half["count"], half["totalResults"], half["hasMore"]) == (
        whole["count"] // 2,
        whole["count"] // 2,
        False,
    )
    await world.post("/faults", platform="netsuite", kind="bad_json", match="employee")
    with pytest.raises(json.JSONDecodeError):
        await inside.tba("GET", LIST)
    await world.post("/faults", platform="netsuite", kind="slow", match="employee", retry_after_s=0.2)
    started = time.monotonic()
    assert (await inside.tba("GET", LIST)).status == 200
    assert time.monotonic() - started >= 0.2
    await world.post("/faults", platform="netsuite", kind="reset", match="suiteql")
    with pytest.raises(aiohttp.ClientError):
        await inside.query("SELECT id FROM employee")
    await world.post("/faults", platform="netsuite", kind="timeout_after_effect", match="^PATCH ")
    with pytest.raises(TimeoutError):
        await inside.tba(
            "PATCH", f"{RECORD}/employee/{number}", json={"title": "Done"}, timeout=aiohttp.ClientTimeout(0.3)
        )
    assert inside.employee(LAN)["title"] == "Done"
    await world.post("/faults", platform="netsuite", kind="timeout", match="^PATCH ")
    with pytest.raises(TimeoutError):
        await inside.tba(
            "PATCH",
            f"{RECORD}/employee/{number}",
            json={"title": "Never"},
            timeout=aiohttp.ClientTimeout(0.3),
        )
    assert inside.employee(LAN)["title"] == "Done"


async def test_secrets_stay_out_of_the_request_log(world: WorldClient, inside: Running) -> None:
    """The world's log shows who called what, and no key, token or assertion."""
    keys = await inside.new_keys(SHARED, "Integration: finance", "Celigo integrator.io")
    await inside.tba("GET", f"/rest/revoketoken?consumerKey={keys.consumer_key}&token={keys.token_id}", keys)
    bearer = await inside.bearer()
    await inside.m2m("GET", LIST, bearer)
    await inside.tba("GET", LIST, replace(inside.keys, token_secret="x"))
    calls = (await world.get("/calls", platform="netsuite"))["calls"]
    who = [call["who"] for call in calls]
    assert who[0] == "Integration Account (Celigo integrator.io)"
    assert who[1:] == ["Handover Bot (Handover)", "Handover Bot (Handover)", "Handover Bot (refused)"]
    shown = json.dumps(calls) + json.dumps(await world.get("/netsuite/cast"))
    for secret in (*inside.hello.values(), keys.token_id, keys.token_secret, keys.consumer_key, bearer):
        if secret not in (inside.hello["url"], inside.hello["account"], inside.hello["certificate_id"]):
            assert secret not in shown


async def test_traffic_uses_what_is_configured(netsuite: Running) -> None:
    """With traffic on, consumers work at their cadence, a few times at once at most, and the Connector posts orders."""
    traffic = Traffic(netsuite.account)
    orders, rows = len(netsuite.account["transaction"]), len(netsuite.account["loginaudit"])
    traffic.tick()
    netsuite.world.advance(days=3)
    done = traffic.tick()
    users = [row for row in netsuite.account["oauthtoken"] if row["_cadence_s"]]
    assert 0 < done <= MOST_AT_ONCE * (len(users) + len(netsuite.account.mappings))
    assert len(netsuite.account["loginaudit"]) == rows + done
    assert len(netsuite.account["transaction"]) > orders
    assert netsuite.world.counters["netsuite.orders"] > 0


async def test_traffic_runs_only_when_asked(netsuite: Running) -> None:
    """The background consumers idle until the world's flag is on."""
    before = len(netsuite.account["loginaudit"])
    netsuite.world.advance(days=1)
    await asyncio.sleep(1.2)
    assert len(netsuite.account["loginaudit"]) == before
    netsuite.world.traffic = True

    async def worked() -> bool:
        netsuite.world.advance(seconds=600)
        return len(netsuite.account["loginaudit"]) > before

    await eventually(worked, within_s=20)


async def test_what_nexonias_sync_reads(netsuite: Running) -> None:
    """Employees and vendors are offered to the Nexonia stand-in as they stand now."""
    assert netsuite.world.sync_records is not None

    def of(email: str) -> dict[str, Any]:
        assert netsuite.world.sync_records is not None
        return next(row for row in netsuite.world.sync_records() if row["email"] == email)

    assert of(LAN) == {
        "kind": "employee", "id": str(netsuite.employee(LAN)["id"]), "first": "Hồ Thị", "last": "Lan", "email": LAN,
        "active": True, "termination_date": None, "flag": True, "manager_id": str(netsuite.employee(ALICE)["id"]),
    }  # fmt: skip
    await netsuite.done("employee", email=LAN, inactive=True, release_date="2026-12-31", nexonia=False)
    lan = of(LAN)
    assert (lan["active"], lan["termination_date"], lan["flag"]) == (False, date(2026, 12, 31), False)
    assert of("ines.araujo@freelance.example")["kind"] == "vendor"


async def test_logging_in_by_hand(netsuite: Running) -> None:
    """User interface logins have no application, and fail for whoever is inactive."""
    assert (await netsuite.done("login", email=ALICE))["status"] == "Success"
    assert (await netsuite.done("login", email="greta.halvorsen@larkspur.example"))["status"] == "Failure"
    row = list(netsuite.account["loginaudit"])[-2]
    assert (row["oauthappname"], row["user"]) == (None, netsuite.employee(ALICE)["id"])


async def test_use_of_a_credential(netsuite: Running) -> None:
    """A consumer can be made to work: by token, or by certificate."""
    assert (await netsuite.done("use", token="fivetran", times=3)) == {"posted": 3, "detail": None}
    assert (await netsuite.done("use", token="BlackLine"))["detail"] == "EntityOrRoleDisabled"
    assert (await netsuite.done("use", token="Kyriba"))["detail"] == "consumer_key_refused"
    mapped = {
        one["user"]: one["certificate_id"]
        for one in (await _cast(netsuite))["mappings"]
        if one["application"] == "Adaptive Planning"
    }
    assert (await netsuite.done("use", certificate_id=mapped["Integration Account"]))["detail"] is None
    assert (await netsuite.done("use", certificate_id=mapped["Greta Halvorsen"]))[
        "detail"
    ] == "EntityOrRoleDisabled"


async def _cast(netsuite: Running) -> dict[str, Any]:
    async with netsuite.http.get(f"{netsuite.levers_url}/netsuite/cast") as answer:
        made: dict[str, Any] = await answer.json()
        return made


async def test_a_large_account_answers_quickly(netsuite: Running) -> None:
    """5,000 employees, 500 tokens and 50,000 audit rows: a page of a thousand in well under 100 ms each, on average."""
    counts = await netsuite.done("generate", employees=5_000, tokens=500, audit_rows=50_000)
    assert (counts["employees"] >= 5_000, counts["tokens"] >= 500, counts["audit_rows"] >= 50_000) == (
        True,
        True,
        True,
    )
    text = (
        "SELECT TO_CHAR(l.date,'YYYY-MM-DD HH24:MI:SS') d, l.user, l.role, l.status, l.detail, l.oAuthAppName a "
        "FROM LoginAudit l ORDER BY l.date"
    )
    await netsuite.query(text)  # the copy that queries read is made once
    spent = time.process_time()
    for page in range(10):
        answer = await netsuite.query(text, limit=1000, offset=page * 1000)
        assert answer.body["count"] == 1000
    assert (time.process_time() - spent) / 10 < 0.3, "CPU seconds a page, the client's own work included"


async def test_people_option_scales_the_account() -> None:
    """`--people N` gives employees too."""
    async with serving(people=400) as netsuite:
        rows = await netsuite.rows("SELECT COUNT(e.id) n FROM employee e WHERE e.email LIKE 'staff%'")
        assert int(rows[0]["n"]) > 300


async def test_as_a_process() -> None:
    """`python -m sandbox --only netsuite` prints one line of JSON and serves."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--only",
        "netsuite",
        "--json",
        "--port",
        "0",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert "salesforce" not in ready
        async with aiohttp.ClientSession() as http, http.post(ready["netsuite"]["url"] + SUITEQL) as answer:
            assert answer.status == 401
    finally:
        process.terminate()
        await process.wait()
