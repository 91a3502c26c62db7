"""What a client of Wrike stumbles over: hosts, 401s, paging, the rate limit, opaque ids."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from tests.conformance.wrike_driving import COLLABORATOR, PERSON, Wrike

NEW_ID = re.compile(r"[A-Za-z0-9\-_:.=]{30,256}")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/contacts", "text/plain"), ("/folders/x/folders", "text/plain"), ("/nowhere", "application/json")],
)
async def test_a_401_comes_before_the_route_and_calls_itself_plain_text(
    wrike: Wrike, path: str, kind: str
) -> None:
    """JSON in both cases, but labelled text/plain on a real route; an unknown path is a 401 too, not a 404."""
    bad = await wrike.call("GET", path, token="nonsense")
    assert (bad.status_code, bad.headers["content-type"].split(";")[0]) == (401, kind)
    assert bad.json() == {
        "errorDescription": "Access token is unknown or invalid",
        "error": "not_authorized",
    }
    none = await wrike.http.get(f"{wrike.url}{path}")
    assert none.status_code == 401
    assert none.json()["errorDescription"] == "Authorization method unknown"
    basic = await wrike.http.get(f"{wrike.url}{path}", headers={"Authorization": "Basic eDp5"})
    assert basic.json()["errorDescription"] == "Authorization method unknown"


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
async def test_bearer_in_any_case(wrike: Wrike, word: str) -> None:
    """The documents write it small, clients write it large."""
    answer = await wrike.http.get(f"{wrike.url}/version", headers={"Authorization": f"{word} {wrike.token}"})
    assert answer.json()["kind"] == "version"


async def test_an_unknown_path_with_a_good_token_is_a_404(wrike: Wrike) -> None:
    """Its error code is UNCONFIRMED: only the status counts. A wrong verb on a real path is the same."""
    assert (await wrike.refused("GET", "/nowhere"))[0] == 404
    assert (await wrike.refused("DELETE", "/contacts"))[0] == 404


async def test_the_other_data_centre_does_not_know_the_token(wrike: Wrike) -> None:
    """401 as field reports have it, or 300 as Wrike's help has it; and the account can be on the other side."""
    other, headers = wrike.ready["other_url"], {"Authorization": f"Bearer {wrike.token}"}
    wrong = await wrike.http.get(f"{other}/version", headers=headers)
    assert wrong.status_code == 401
    assert wrong.json()["errorDescription"] == "Access token is unknown or invalid"
    await wrike.lever("switches", wrong_centre="300")
    assert (await wrike.http.get(f"{other}/version", headers=headers)).status_code == 300
    unknown = await wrike.http.get(f"{other}/version", headers={"Authorization": "Bearer nonsense"})
    assert unknown.status_code == 401
    await wrike.lever("switches", centre="other")
    assert (await wrike.http.get(f"{other}/version", headers=headers)).status_code == 200
    assert (await wrike.call("GET", "/version")).status_code == 300


async def test_pages_come_only_to_those_who_ask(wrike: Wrike) -> None:
    """Without pageSize everything and no token; with it pages that add up, and a token that overrides the rest."""
    whole = (await wrike.call("GET", "/audit_log")).json()
    assert "nextPageToken" not in whole
    dates = [row["eventDate"] for row in whole["data"]]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] < dates[0]
    found, answer = [], (await wrike.call("GET", "/audit_log?pageSize=4")).json()
    assert answer["responseSize"] == len(whole["data"])
    while "nextPageToken" in answer:
        found += answer["data"]
        following = {"nextPageToken": answer["nextPageToken"], "operations": '["GroupCreated"]'}
        answer = (await wrike.call("GET", "/audit_log", params=following)).json()
    assert [row["id"] for row in found + answer["data"]] == [row["id"] for row in whole["data"]]
    assert await wrike.refused("GET", "/audit_log?nextPageToken=AAAAxx") == (400, "invalid_parameter")
    assert await wrike.refused("GET", "/audit_log?pageSize=1001") == (400, "invalid_parameter")
    assert await wrike.refused("GET", "/contacts?pageSize=5") == (400, "invalid_request")


async def test_ids_of_both_shapes_are_around_and_old_ones_are_case_sensitive(wrike: Wrike) -> None:
    """New ids hold - _ : . and =; an id with its case changed is nobody's."""
    ids = [one["id"] for one in await wrike.data("GET", "/folders")]
    new = [one for one in ids if ":" in one]
    assert new
    assert all(NEW_ID.fullmatch(one) and set("-_:.=") <= set(one) for one in new)
    assert any(one.startswith("IEAAAAJ6I4") for one in ids)
    escaped = await wrike.data("GET", f"/folders/{new[0].replace(':', '%3A').replace('=', '%3D')}%2C{ids[2]}")
    assert [one["id"] for one in escaped] == [new[0], ids[2]]
    assert (await wrike.refused("GET", f"/folders/{new[0].upper()}"))[0] == 404


async def test_a_burst_is_slowed_down_to_four_hundred_a_minute(wrike: Wrike) -> None:
    """429 after the burst, in Wrike's shape, without Retry-After unless the switch says so; then it goes on."""
    await wrike.lever("switches", rate_per_minute=400)
    answers = await asyncio.gather(*(wrike.call("GET", "/version") for _ in range(40)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 10 <= len(refused) <= 20
    assert set(refused[0].json()) == {"error", "errorDescription"}
    assert "Retry-After" not in refused[0].headers
    deadline = time.monotonic() + 5
    while (await wrike.call("GET", "/version")).status_code == 429:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    await wrike.lever("switches", retry_after=True, rate_per_minute=1, rate_burst=1)
    answers = [await wrike.call("GET", "/version") for _ in range(3)]
    assert int(answers[-1].headers["Retry-After"]) >= 1


async def test_the_limit_counts_by_token_or_by_account(wrike: Wrike) -> None:
    """By whom it counts is UNCONFIRMED: a second token is fresh, unless the switch says account."""
    second = await wrike.token_of(PERSON)
    await wrike.lever("switches", rate_per_minute=1, rate_burst=1)
    assert [(await wrike.call("GET", "/version", token=t)).status_code for t in (wrike.token, second)] == [
        200,
        200,
    ]
    await wrike.lever("switches", rate_counts="account")
    statuses = [(await wrike.call("GET", "/version", token=t)).status_code for t in (wrike.token, second)]
    assert statuses == [200, 429]


async def test_what_needs_an_administrator_is_refused_to_others(wrike: Wrike) -> None:
    """PUT /users, the audit log, invitations and groups: 403 access_forbidden."""
    token, me = await wrike.token_of(PERSON), await wrike.id_of(PERSON)
    for verb, path, how in (
        ("PUT", f"/users/{me}", {"data": {"active": "true"}}),
        ("GET", "/audit_log", {}),
        ("GET", "/invitations", {}),
        ("POST", "/invitations", {"data": {"email": "a@b.example"}}),
        ("POST", "/groups", {"data": {"title": "x"}}),
    ):
        assert await wrike.refused(verb, path, token=token, **how) == (403, "access_forbidden"), path
    assert (await wrike.data("GET", "/contacts?me=true", token=token))[0]["id"] == me


async def test_the_audit_log_needs_the_plan_the_bit_and_the_right(wrike: Wrike) -> None:
    """Off Enterprise not_allowed; an administrator without the reports right access_forbidden."""
    admin = "dan.kowalczyk@larkspur.example"
    token = await wrike.token_of(admin)
    assert await wrike.refused("GET", "/audit_log", token=token) == (403, "access_forbidden")
    await wrike.lever("admin", email=admin, reports=True)
    assert await wrike.data("GET", "/audit_log", token=token)
    assert await wrike.data("GET", "/audit_log", params={"operations": '["NoSuchOperation"]'}) == []
    await wrike.lever("plan", type="Business")
    assert await wrike.refused("GET", "/audit_log") == (403, "not_allowed")


async def test_a_deactivated_user_looks_alive(wrike: Wrike) -> None:
    """Nothing in the record tells; only the filter `active` does, where the tenant knows it."""
    gone = await wrike.id_of("petra.novak@larkspur.example")
    record = (await wrike.data("GET", f"/contacts/{gone}"))[0]
    assert record["deleted"] is False
    assert "active" not in record
    assert "active" not in record["profiles"][0]
    listed = {one["id"] for one in await wrike.data("GET", "/contacts")}
    active = {one["id"] for one in await wrike.data("GET", "/contacts?active=true")}
    assert gone in listed - active
    await wrike.lever("switches", contact_filters=False)
    assert await wrike.refused("GET", "/contacts?active=true") == (400, "invalid_request")


async def test_deleted_users_are_listed_for_those_who_ask(wrike: Wrike) -> None:
    """`deleted=true` finds them, the list without it does not, unless the switch says so; by id they are there."""
    gone = next(one["id"] for one in (await wrike.state())["contacts"] if one["deleted"])
    assert [one["id"] for one in await wrike.data("GET", "/contacts?deleted=true")] == [gone]
    assert gone not in {one["id"] for one in await wrike.data("GET", "/contacts")}
    assert (await wrike.data("GET", f"/contacts/{gone}"))[0]["deleted"] is True
    await wrike.lever("switches", default_list_has_deleted=True, deleted_user_by_id="404")
    assert gone in {one["id"] for one in await wrike.data("GET", "/contacts")}
    assert await wrike.refused("GET", f"/contacts/{gone}") == (404, "resource_not_found")


async def test_groups_and_robots_have_no_address(wrike: Wrike) -> None:
    """Both stand among the contacts, with a profile that has no e-mail."""
    odd = [one for one in await wrike.data("GET", "/contacts") if one["type"] != "Person"]
    assert {one["type"] for one in odd} == {"Group", "Robot"}
    assert all("email" not in one["profiles"][0] for one in odd)


async def test_collaborators_see_little(wrike: Wrike) -> None:
    """Themselves, and whoever shares a folder with them; nobody's record by id beyond that."""
    token, me = await wrike.token_of(COLLABORATOR), await wrike.id_of(COLLABORATOR)
    assert [one["id"] for one in await wrike.data("GET", "/contacts", token=token)] == [me]
    other = await wrike.id_of(PERSON)
    assert (await wrike.refused("GET", f"/contacts/{other}", token=token))[0] == 403


@pytest.mark.parametrize("how", ["401", "works"])
async def test_a_deactivated_users_token_does_as_the_switch_says(wrike: Wrike, how: str) -> None:
    """UNCONFIRMED in public: 401 by default, or it goes on answering. Revoked it is dead either way."""
    token = await wrike.token_of(PERSON)
    await wrike.lever("switches", deactivated_user_token=how)
    await wrike.lever("deactivate", email=PERSON)
    answer = await wrike.call("GET", "/contacts?me=true", token=token)
    assert answer.status_code == (401 if how == "401" else 200)
    await wrike.lever("reactivate", email=PERSON)
    assert (await wrike.call("GET", "/contacts?me=true", token=token)).status_code == 200
    await wrike.lever("revoke", email=PERSON, label="API app")
    assert (await wrike.call("GET", "/contacts?me=true", token=token)).status_code == 401
