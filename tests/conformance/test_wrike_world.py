"""The Wrike stand-in as part of the sandbox: people, faults, flows, configuration."""

from __future__ import annotations

import asyncio
import time
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox import botconfig
from sandbox.company import load
from sandbox.running import running
from sandbox.world import World
from sandbox.wrike import Wrike as StandIn
from tests.conformance.wrike_driving import OWNER, PERSON, Wrike, wrike_alone

FLOW = "Salesforce opportunities to projects"


def _read(path: str) -> dict[str, Any]:
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))


async def _person(wrike: Wrike, email: str) -> dict[str, Any]:
    people = (await wrike.http.get(wrike.box.world_url)).json()["people"]
    found: dict[str, Any] = next(one for one in people if one["email"] == email)
    return found


async def test_the_ready_line_has_what_a_client_needs(wrike: Wrike) -> None:
    """Address of the API, token, OAuth client and addresses; every person knows their contact and what they hold."""
    assert set(wrike.ready) == {
        "url", "token", "client_id", "client_secret", "authorize_url", "token_url", "other_url",
        "service_accounts", "flows",
    }  # fmt: skip
    assert wrike.url.endswith("/api/v4")
    person = await _person(wrike, PERSON)
    assert person["ids"]["wrike"] == await wrike.id_of(PERSON)
    assert person["holds"] == [f"Wrike Integrate: {FLOW}"]


async def test_a_flow_stops_when_its_person_is_deactivated(wrike: Wrike) -> None:
    """The seed's case: the flow leaves audit rows as that person, and stops silently with them."""
    assert (await wrike.lever("run", flow=FLOW))["failing"] is None
    row = (await wrike.data("GET", "/audit_log"))[0]
    assert (row["userEmail"], row["operation"]) == (PERSON, "TaskShared")
    await wrike.world("deactivate", email=PERSON, where=["wrike"])
    assert (await _person(wrike, PERSON))["inactive"] == ["wrike"]
    assert (await wrike.lever("run", flow=FLOW))["failing"] == "not_authorized"
    service = "wrike.salesforce@integrations.larkspur.example"
    assert (await wrike.lever("connect", flow=FLOW, email=service))["acts_as"] == service
    assert (await wrike.lever("run", flow=FLOW))["failing"] is None
    await wrike.world("reactivate", email=PERSON, where=["wrike"])
    assert (await _person(wrike, PERSON))["inactive"] == []


async def test_a_flow_fails_where_its_user_cannot_see_its_content(wrike: Wrike) -> None:
    """A new connection alone is not enough: what the flow works on must be shared with it first."""
    service, flow = "wrike.salesforce@integrations.larkspur.example", "NetSuite billing milestones"
    await wrike.lever("connect", flow=flow, email=service)
    assert (await wrike.lever("run", flow=flow))["failing"] == "access_forbidden"
    await wrike.lever("share", folder="Billing projects", email=service)
    assert (await wrike.lever("run", flow=flow))["failing"] is None


async def test_flows_run_by_themselves_with_traffic_on() -> None:
    """Their rows appear without anybody's doing, hours later on the world's clock."""
    async with wrike_alone(traffic=True) as wrike:
        await asyncio.sleep(0)
        deadline = time.monotonic() + 20
        asked = {"operations": '["TaskShared"]'}
        while not await wrike.data("GET", "/audit_log", params=asked):
            assert time.monotonic() < deadline
            await wrike.world("advance", seconds=3600)
            await asyncio.sleep(0.2)


async def test_a_leaver_is_deactivated_on_their_last_day_and_an_owner_stays(wrike: Wrike) -> None:
    """terminate counts by the world's clock; Wrike refuses owners even then."""
    on = (wrike.box.world.now.date()).isoformat()
    await wrike.world("terminate", email=PERSON, on=on, where=["wrike"])
    await wrike.world("terminate", email=OWNER, on=on, where=["wrike"])
    await wrike.data("GET", "/version")
    active = {one["email"]: one["active"] for one in (await wrike.state())["contacts"]}
    assert (active[PERSON], active[OWNER]) == (False, True)


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500)])
async def test_planted_refusals_have_wrikes_shape(wrike: Wrike, kind: str, status: int) -> None:
    """One request is refused, the next is answered; no Retry-After by default."""
    await wrike.world("faults", platform="wrike", kind=kind, match="GET /api/v4/contacts")
    answer = await wrike.call("GET", "/contacts")
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "errorDescription"}
    assert "Retry-After" not in answer.headers
    assert (await wrike.call("GET", "/contacts")).status_code == 200


async def test_a_short_listing_claims_to_be_whole(wrike: Wrike) -> None:
    """Half the contacts, half the log in one page that says it is the last."""
    whole = len(await wrike.data("GET", "/contacts"))
    await wrike.world("faults", platform="wrike", kind="short_listing", count=2)
    assert len(await wrike.data("GET", "/contacts")) == (whole + 1) // 2
    log = (await wrike.call("GET", "/audit_log?pageSize=1000")).json()
    assert "nextPageToken" not in log
    assert log["responseSize"] == len(log["data"])


async def test_a_timeout_after_the_effect_has_invited_all_the_same(wrike: Wrike) -> None:
    """The unknown outcome: no answer, but the invitation is there; bad_json likewise."""
    await wrike.world("faults", platform="wrike", kind="timeout_after_effect", match="POST")
    with pytest.raises(httpx.ReadTimeout):
        await wrike.call("POST", "/invitations", data={"email": "a@b.example"}, timeout=0.3)
    await wrike.world("faults", platform="wrike", kind="bad_json", match="POST")
    answer = await wrike.call("POST", "/invitations", data={"email": "c@d.example"})
    with pytest.raises(ValueError, match=r"line 1|JSON|delimiter|Unterminated"):
        answer.json()
    emails = {one["email"] for one in await wrike.data("GET", "/invitations")}
    assert {"a@b.example", "c@d.example"} <= emails
    await wrike.world("faults", clear=True)


async def test_resets_and_silence_reach_the_client(wrike: Wrike) -> None:
    """RST, and no answer at all."""
    await wrike.world("faults", platform="wrike", kind="reset")
    with pytest.raises(httpx.TransportError):
        await wrike.call("GET", "/version")
    await wrike.world("faults", platform="wrike", kind="timeout")
    with pytest.raises(httpx.ReadTimeout):
        await wrike.call("GET", "/version", timeout=0.3)
    await wrike.world("faults", clear=True)


async def test_no_secret_shows_in_state_log_or_repr(wrike: Wrike) -> None:
    """Values of tokens, codes and secrets are in the answers of their levers only."""
    secrets = [wrike.token, wrike.ready["client_secret"], await wrike.token_of(PERSON)]
    approved = await wrike.lever("approve", email=PERSON)
    secrets.append(approved["code"])
    form = {"client_id": wrike.ready["client_id"], "client_secret": wrike.ready["client_secret"]}
    form |= {"grant_type": "authorization_code", "code": approved["code"]}
    answer = (await wrike.http.post(wrike.ready["token_url"], params=form)).json()
    secrets += [answer["access_token"], answer["refresh_token"]]
    shown = [
        (await wrike.http.get(f"{wrike.box.world_url}/calls")).text,
        (await wrike.http.get(f"{wrike.box.world_url}/wrike/state")).text,
        (await wrike.http.get(wrike.box.world_url)).text,
        repr(list(wrike.box.stand_ins["wrike"].tokens._by_value.values())),  # type: ignore[attr-defined]
        repr(list(wrike.box.stand_ins["wrike"].oauth.clients.values())),  # type: ignore[attr-defined]
    ]
    for text in shown:
        assert not [secret for secret in secrets if secret in text]


async def test_the_same_seed_gives_the_same_ids_and_tokens() -> None:
    """Two worlds with one seed agree; another seed does not."""
    one, two, three = (StandIn(World(load(), seed=seed)) for seed in (1, 1, 2))
    assert one.hello("http://x") == two.hello("http://x") != three.hello("http://x")
    assert list(one.tenant.contacts) == list(two.tenant.contacts)


@pytest.mark.parametrize(
    ("lever", "asked", "status"),
    [
        ("accept", {"email": "nobody@x.example"}, 404),
        ("token", {}, 400),
        ("token", {"email": "petra.novak@larkspur.example"}, 409),
        ("switches", {"no_such": 1}, 400),
        ("switches", {"retry_after": "yes"}, 400),
        ("switches", {"wrong_centre": "404"}, 400),
        ("switches", {"access_token_life_s": None}, 400),
        ("switches", {"rate_error": ["one"]}, 400),
        ("generate", {"contacts": -1}, 400),
        ("run", {"flow": "none"}, 404),
        ("delete", {"email": OWNER}, 409),
        ("revoke", {"email": OWNER}, 404),
        ("approve", {"email": PERSON, "client_id": "nobody"}, 404),
    ],
)
async def test_a_wrong_order_to_the_world_is_told(
    wrike: Wrike, lever: str, asked: dict[str, Any], status: int
) -> None:
    """JSON with the reason, and a status that fits."""
    answer = await wrike.http.post(f"{wrike.box.world_url}/wrike/{lever}", json=asked)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


async def test_a_big_account_is_made_by_one_lever(wrike: Wrike) -> None:
    """5,000 contacts and 10,000 folders are read back whole."""
    await wrike.lever("generate", contacts=5000, folders=10_000)
    assert len(await wrike.data("GET", "/contacts?types=%5B%22Person%22%2C%22Robot%22%5D")) >= 4999
    assert len(await wrike.data("GET", "/folders")) > 9_950


async def test_the_bots_configuration_gets_a_connection_when_the_flag_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the flag nothing, for a platform the bot does not know stops its start."""
    monkeypatch.setattr(botconfig, "WRITTEN", dict.fromkeys(botconfig.WRITTEN, False))  # before the bot knows
    async with running(load(), directory=tmp_path / "off", platforms=("wrike", "nexonia")) as box:
        config = _read(box.ready["bot_config"])
        assert "connections" not in config or not {"wrike:prod", "nexonia:prod"} & set(config["connections"])
    monkeypatch.setattr(botconfig, "WRITTEN", dict.fromkeys(botconfig.WRITTEN, True))  # once it does
    async with running(load(), directory=tmp_path / "on", platforms=("wrike", "nexonia")) as box:
        config = _read(box.ready["bot_config"])
        for name in ("wrike", "nexonia"):
            connection = config["connections"][f"{name}:prod"]
            assert (connection["url"], connection["token"]) == (
                box.ready[name]["url"],
                box.ready[name]["token"],
            )
        flows = config["connections"]["wrike:prod"]["flows"]
        assert set(flows[0]) == {"name", "system", "account", "kind", "folders"}
        assert PERSON in {flow["account"] for flow in flows}
