"""Three ways to send parameters, and the answers' keys beside the samples of the 2019 reference."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.wrike_driving import Wrike

MAILBOX = "flows@integrations.larkspur.example"
INVITATION = {
    "id": "IEAAAAJ6JEAAAAM4",
    "accountId": "IEAAAAJ6",
    "firstName": "First name",
    "lastName": "Last name",
    "email": "x@y.example",
    "status": "Pending",
    "inviterUserId": "KUAAAAMU",
    "invitationDate": "2019-11-08T09:57:52Z",
    "role": "User",
    "external": True,
}
CONTACT = {
    "id": "KUAAAAMV", "firstName": "full", "lastName": "name", "type": "Person",
    "profiles": [{"accountId": "IEAAAAJ6", "email": "x@y.example", "role": "Collaborator", "external": True,
                  "admin": False, "owner": False}],
    "avatarUrl": "x", "timezone": "US/Pacific", "locale": "en", "deleted": False, "metadata": [],
}  # fmt: skip
AUDIT_ROW = {
    "id": "IEAAAAJ6NQAAAA7H", "operation": "InvitationSend", "userId": "KUAAAAMU", "userEmail": "k@x.example",
    "eventDate": "2019-11-08T09:57:53Z", "ipAddress": "127.0.0.1", "objectType": "Invitation",
    "objectName": "robot@x.example", "objectId": "IEAAAAJ6JEAAAAM5", "details": {"User Role": "Collaborator"},
}  # fmt: skip
FOLDER = {
    "id", "accountId", "title", "createdDate", "updatedDate", "description", "sharedIds", "parentIds", "childIds",
    "superParentIds", "scope", "hasAttachments", "permalink", "workflowId", "metadata", "customFields",
}  # fmt: skip
GROUP = {"id", "accountId", "title", "memberIds", "childIds", "parentIds", "avatarUrl", "metadata"}


def _encoded(how: str, values: dict[str, Any]) -> dict[str, Any]:
    """Arguments of httpx: structures are JSON text everywhere but in a JSON body."""
    if how == "json":
        return {"json": values}
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    return {"data": texts} if how == "form" else {"params": texts}


def _shape(value: Any) -> Any:
    """Keys and types, all the way down."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value[:1]]
    return type(value).__name__


@pytest.mark.parametrize("how", ["form", "query", "json"])
async def test_an_invitation_can_be_sent_in_each_encoding(wrike: Wrike, how: str) -> None:
    """Form fields, query parameters and a JSON body make the same invitation, shaped as the sample."""
    asked = {
        "email": MAILBOX,
        "firstName": "First name",
        "lastName": "Last name",
        "role": "User",
        "external": True,
    }
    made = (await wrike.data("POST", "/invitations", **_encoded(how, asked)))[0]
    assert _shape(made) == _shape(INVITATION)
    assert {key: made[key] for key in asked} == asked


@pytest.mark.parametrize("how", ["form", "query", "json"])
async def test_arrays_are_json_text_or_json(wrike: Wrike, how: str) -> None:
    """addShareds as the 2019 example sends it, and as JSON-bodied clients do."""
    folder, person = (
        await wrike.folder("Access requests"),
        await wrike.id_of("omar.benyoussef@larkspur.example"),
    )
    changed = await wrike.data("PUT", f"/folders/{folder}", **_encoded(how, {"addShareds": [person]}))
    assert person in changed[0]["sharedIds"]
    changed = await wrike.data("PUT", f"/folders/{folder}", **_encoded(how, {"removeShareds": [person]}))
    assert person not in changed[0]["sharedIds"]


@pytest.mark.parametrize("bad", ["KUAAAAMU", '["KUAAAAMU"', '{"id":"KUAAAAMU"}', "[1]"])
async def test_an_array_that_is_none_is_refused(wrike: Wrike, bad: str) -> None:
    """Plain text, broken JSON, an object and numbers are no array of ids."""
    folder = await wrike.folder("Access requests")
    refused = await wrike.refused("PUT", f"/folders/{folder}", data={"addShareds": bad})
    assert refused == (400, "invalid_parameter")


async def test_a_get_can_stand_for_another_method(wrike: Wrike) -> None:
    """GET with method=POST, PUT or DELETE does what the method would."""
    made = await wrike.data("GET", "/invitations", params={"method": "POST", "email": MAILBOX})
    await wrike.data("GET", f"/invitations/{made[0]['id']}", params={"method": "PUT", "resend": "true"})
    ended = await wrike.data("GET", f"/invitations/{made[0]['id']}", params={"method": "DELETE"})
    assert ended[0]["status"] == "Cancelled"


async def test_the_token_may_be_a_parameter_and_never_reaches_the_log(wrike: Wrike) -> None:
    """access_token in the query or in the form works; the request log masks it."""
    asked = await wrike.http.get(f"{wrike.url}/contacts", params={"me": "true", "access_token": wrike.token})
    assert asked.status_code == 200
    put = await wrike.http.post(
        f"{wrike.url}/invitations", data={"email": MAILBOX, "access_token": wrike.token}
    )
    assert put.status_code == 200
    log = (await wrike.http.get(f"{wrike.box.world_url}/calls?platform=wrike")).text
    assert "access_token=" in log
    assert wrike.token not in log


async def test_state_comes_back(wrike: Wrike) -> None:
    """What a request sends as `state` stands in its answer."""
    assert (await wrike.call("GET", "/version?state=s-1")).json()["state"] == "s-1"


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [("GET", "/contacts", "firstName"), ("POST", "/invitations", "emial"), ("GET", "/invitations", "status")],
)
async def test_an_unknown_parameter_is_an_invalid_request(
    wrike: Wrike, verb: str, path: str, name: str
) -> None:
    """Wrike's own example is firstName on GET /contacts."""
    assert await wrike.refused(verb, path, params={name: "x"}) == (400, "invalid_request")


@pytest.mark.parametrize("body", ["{", "[]", '"text"'])
async def test_a_body_that_is_no_object_is_refused_after_the_credential(wrike: Wrike, body: str) -> None:
    """400 with a good token, 401 without: the credential is judged before the body."""
    headers = {"Content-Type": "application/json"}
    assert (await wrike.refused("POST", "/invitations", content=body, headers=headers))[0] == 400
    assert (await wrike.refused("POST", "/invitations", content=body, headers=headers, token="no"))[0] == 401


async def test_records_have_the_samples_keys(wrike: Wrike) -> None:
    """Contact, audit row, folder, tree node, group and account, key by key."""
    person = next(
        one for one in await wrike.data("GET", "/contacts") if one["type"] == "Person" and "title" not in one
    )
    person.pop("me", None)
    assert set(person) == set(CONTACT)
    assert set(person["profiles"][0]) == set(CONTACT["profiles"][0])  # type: ignore[index]
    sent = await wrike.data("GET", "/audit_log", params={"operations": '["InvitationSend"]'})
    assert _shape(sent[0]) == _shape(AUDIT_ROW)
    folder = await wrike.folder("Access requests")
    assert set((await wrike.data("GET", f"/folders/{folder}"))[0]) == FOLDER
    tree = await wrike.data("GET", "/folders")
    assert {one["scope"] for one in tree} == {"WsRoot", "RbRoot", "WsFolder"}
    assert all({"id", "title", "childIds", "scope"} <= set(one) for one in tree)
    assert all("sharedIds" not in one for one in tree)
    groups = await wrike.data("GET", "/groups")
    assert all(set(group) - {"myTeam"} == GROUP for group in groups)
    account = (await wrike.data("GET", "/account", params={"fields": '["subscription"]'}))[0]
    assert {"id", "name", "rootFolderId", "recycleBinId", "createdDate", "joinedDate"} <= set(account)
    assert account["subscription"] == {
        "type": "Enterprise",
        "suspended": False,
        "paid": True,
        "userLimit": 48,
    }


async def test_null_in_a_json_body_is_nothing(wrike: Wrike) -> None:
    """Clients send null for what they were not given; the name must still be known."""
    made = await wrike.data("POST", "/invitations", json={"email": MAILBOX, "firstName": None})
    assert "firstName" not in made[0]
    refused = await wrike.refused("POST", "/invitations", json={"email": "b@x.example", "nickname": None})
    assert refused == (400, "invalid_request")


async def test_a_hundred_ids_are_the_most_everywhere(wrike: Wrike) -> None:
    """Multi-id paths of contacts, users, folders and webhooks."""
    ids = ",".join(["KUAAAAMU"] * 101)
    for path in ("contacts", "users", "folders", "webhooks"):
        assert await wrike.refused("GET", f"/{path}/{ids}") == (400, "invalid_request")
