"""Users, invitations and groups as Wrike keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.wrike_driving import COLLABORATOR, OWNER, PERSON, SEVERAL_ACCOUNTS, Wrike

MAILBOX = "wrike.jira@integrations.larkspur.example"


async def _types(wrike: Wrike) -> dict[str, str]:
    return {row["title"]: row["id"] for row in await wrike.data("GET", "/user_types")}


async def _invite(wrike: Wrike, **asked: Any) -> dict[str, Any]:
    return (await wrike.data("POST", "/invitations", data={"email": MAILBOX} | asked))[0]


async def test_accepting_makes_a_contact_with_another_id(wrike: Wrike) -> None:
    """The invitation keeps its id and date and gets a resolvedDate; the contact is found by its e-mail."""
    invitation = await _invite(wrike)
    accepted = await wrike.lever("accept", email=MAILBOX, first_name="Jira", last_name="Integration")
    assert accepted["contact"] != invitation["id"]
    found = await wrike.data("GET", "/contacts", params={"emails": f'["{MAILBOX}"]'})
    assert [one["id"] for one in found] == [accepted["contact"]]
    ended = next(i for i in await wrike.data("GET", "/invitations") if i["id"] == invitation["id"])
    assert (ended["status"], ended["invitationDate"]) == ("Accepted", invitation["invitationDate"])
    again = await wrike.http.post(f"{wrike.box.world_url}/wrike/accept", json={"email": MAILBOX})
    assert again.status_code == 404


@pytest.mark.parametrize(("deed", "status"), [("decline", "Declined"), ("expire", "Cancelled")])
async def test_a_mailbox_may_say_no_or_nothing(wrike: Wrike, deed: str, status: str) -> None:
    """Declined, or expired (whose status is a switch); either way it cannot be sent again or cancelled."""
    invitation = await _invite(wrike)
    await wrike.lever(deed, email=MAILBOX)
    ended = next(i for i in await wrike.data("GET", "/invitations") if i["id"] == invitation["id"])
    assert ended["status"] == status
    path = f"/invitations/{invitation['id']}"
    assert await wrike.refused("PUT", path, data={"resend": "true"}) == (400, "invalid_request")
    assert await wrike.refused("DELETE", path) == (400, "invalid_request")


async def test_an_expired_invitation_may_stay_pending(wrike: Wrike) -> None:
    """By the switch: its link is dead until the mail is sent again."""
    await wrike.lever("switches", expired_invitation_status="Pending")
    invitation = await _invite(wrike)
    await wrike.lever("expire", email=MAILBOX)
    accept = f"{wrike.box.world_url}/wrike/accept"
    assert (await wrike.http.post(accept, json={"email": MAILBOX})).status_code == 409
    await wrike.data("PUT", f"/invitations/{invitation['id']}", data={"resend": "true"})
    assert (await wrike.http.post(accept, json={"email": MAILBOX})).status_code == 200


async def test_invitations_expire_by_themselves_where_the_switch_says_so(wrike: Wrike) -> None:
    """UNCONFIRMED whether they do: never by default, after so many days of the world's clock otherwise."""
    invitation = await _invite(wrike)
    await wrike.world("advance", days=400)
    statuses = {i["id"]: i["status"] for i in await wrike.data("GET", "/invitations")}
    assert statuses[invitation["id"]] == "Pending"
    await wrike.lever("switches", invitation_life_days=30)
    statuses = {i["id"]: i["status"] for i in await wrike.data("GET", "/invitations")}
    assert statuses[invitation["id"]] == "Cancelled"


@pytest.mark.parametrize(
    ("how", "expected"),
    [("400", (400, "invalid_request")), ("403", (403, "not_allowed")), ("resend", None), ("second", None)],
)
async def test_a_duplicate_invitation_does_as_the_switch_says(
    wrike: Wrike, how: str, expected: tuple[int, str] | None
) -> None:
    """UNCONFIRMED: refused in one of two ways, sent again, or a second one."""
    first = await _invite(wrike)
    await wrike.lever("switches", duplicate_invitation=how)
    again = {"email": MAILBOX.upper().replace("LARKSPUR", "larkspur")}
    if expected is not None:
        assert await wrike.refused("POST", "/invitations", data=again) == expected
        return
    second = (await wrike.data("POST", "/invitations", data=again))[0]
    assert (second["id"] == first["id"]) == (how == "resend")
    if how == "resend":
        assert next(i["sent"] for i in (await wrike.state())["invitations"] if i["id"] == first["id"]) == 2


async def test_members_and_full_accounts_are_refused(wrike: Wrike) -> None:
    """Inviting a member is 400 by default; without a seat it is 403, but a collaborator needs none."""
    assert await wrike.refused("POST", "/invitations", data={"email": PERSON}) == (400, "invalid_request")
    await wrike.lever("plan", seats=10)
    assert await wrike.refused("POST", "/invitations", data={"email": MAILBOX}) == (403, "not_allowed")
    assert (await _invite(wrike, role="Collaborator"))["role"] == "Collaborator"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({}, "parameter_required"),
        ({"email": "nobody"}, "invalid_parameter"),
        ({"email": MAILBOX, "role": "Owner"}, "invalid_parameter"),
        ({"email": MAILBOX, "role": "Collaborator", "external": "true"}, "invalid_parameter"),
        ({"email": MAILBOX, "userTypeId": "IEAAAA"}, "invalid_parameter"),
    ],
)
async def test_a_bad_invitation_is_refused(wrike: Wrike, asked: dict[str, str], error: str) -> None:
    """The address is required and must be one; roles are User or Collaborator; external goes with User."""
    before = await wrike.data("GET", "/invitations")
    assert await wrike.refused("POST", "/invitations", data=asked) == (400, error)
    assert await wrike.data("GET", "/invitations") == before


async def test_a_pending_invitation_can_get_another_type(wrike: Wrike) -> None:
    """By userTypeId or by the older role and external; a free account takes no message."""
    invitation, types = await _invite(wrike), await _types(wrike)
    path = f"/invitations/{invitation['id']}"
    changed = await wrike.data("PUT", path, data={"userTypeId": types["Collaborator"]})
    assert changed[0]["role"] == "Collaborator"
    changed = await wrike.data("PUT", path, data={"role": "User", "external": "true"})
    assert (changed[0]["role"], changed[0]["external"]) == ("User", True)
    assert await wrike.refused("PUT", path, data={}) == (400, "invalid_request")
    await wrike.lever("plan", type="Free")
    message = {"email": "b@x.example", "message": "Hello"}
    assert await wrike.refused("POST", "/invitations", data=message) == (403, "not_allowed")


async def test_a_user_is_deactivated_and_back(wrike: Wrike) -> None:
    """PUT /users active, with audit rows; the token of that user follows."""
    token, number = await wrike.token_of(PERSON), await wrike.id_of(PERSON)
    await wrike.data("PUT", f"/users/{number}", params={"active": "false"})
    assert (await wrike.call("GET", "/version", token=token)).status_code == 401
    person = next(
        p for p in (await wrike.http.get(wrike.box.world_url)).json()["people"] if p["email"] == PERSON
    )
    await wrike.data("PUT", f"/users/{number}", json={"active": True})
    operations = [row["operation"] for row in await wrike.data("GET", "/audit_log")]
    assert operations[:2] == ["UserActivated", "UserDeactivated"]
    assert person["ids"]["wrike"] == number


@pytest.mark.parametrize("email", [OWNER, SEVERAL_ACCOUNTS])
async def test_owners_and_members_of_several_accounts_stay(wrike: Wrike, email: str) -> None:
    """403 by the API, 409 with Wrike's words through the world; with others in one request nobody is changed."""
    other, number = await wrike.id_of(PERSON), await wrike.id_of(email)
    refused = await wrike.refused("PUT", f"/users/{other},{number}", data={"active": "false"})
    assert refused == (403, "not_allowed")
    assert all(one["active"] for one in (await wrike.state())["contacts"] if one["id"] in (other, number))
    answer = await wrike.http.post(
        f"{wrike.box.world_url}/deactivate", json={"email": email, "where": ["wrike"]}
    )
    assert answer.status_code == 409


async def test_deactivation_depends_on_the_plan(wrike: Wrike) -> None:
    """403 not_allowed below the plans that have it."""
    number = await wrike.id_of(PERSON)
    await wrike.lever("plan", type="Business")
    refused = await wrike.refused("PUT", f"/users/{number}", data={"active": "false"})
    assert refused == (403, "not_allowed")


async def test_a_users_type_is_changed_and_profile_stands_alone(wrike: Wrike) -> None:
    """userTypeId, or the deprecated profile, which goes with nothing else; administrators cannot be touched."""
    number, types = await wrike.id_of(PERSON), await _types(wrike)
    changed = await wrike.data("PUT", f"/users/{number}", json={"userTypeId": types["External user"]})
    assert changed[0]["profiles"][0]["external"] is True
    account = changed[0]["profiles"][0]["accountId"]
    profile = {"accountId": account, "role": "Collaborator"}
    both = await wrike.refused("PUT", f"/users/{number}", json={"profile": profile, "active": True})
    assert both == (400, "invalid_request")
    changed = await wrike.data("PUT", f"/users/{number}", json={"profile": profile})
    assert changed[0]["profiles"][0]["role"] == "Collaborator"
    admin = await wrike.id_of("ada.okonkwo@larkspur.example")
    refused = await wrike.refused("PUT", f"/users/{admin}", json={"userTypeId": types["Regular user"]})
    assert refused == (403, "access_forbidden")
    grant = await wrike.refused("PUT", f"/users/{number}", json={"userTypeId": types["Account admin"]})
    assert grant == (400, "invalid_parameter")


async def test_a_collaborator_needs_a_seat_to_become_a_user(wrike: Wrike) -> None:
    """With every seat taken the change is refused."""
    number, types = await wrike.id_of(COLLABORATOR), await _types(wrike)
    await wrike.lever("plan", seats=1)
    refused = await wrike.refused("PUT", f"/users/{number}", json={"userTypeId": types["Regular user"]})
    assert refused == (403, "not_allowed")


async def test_groups_hold_members_and_each_other(wrike: Wrike) -> None:
    """Made, nested, filled in bulk, and never in a circle."""
    one = (await wrike.data("POST", "/groups", json={"title": "Outer"}))[0]["id"]
    two = (await wrike.data("POST", "/groups", json={"title": "Inner", "parent": one}))[0]
    assert two["parentIds"] == [one]
    circle = await wrike.refused("PUT", f"/groups/{one}", json={"parent": two["id"]})
    assert circle == (400, "invalid_parameter")
    member = await wrike.id_of(PERSON)
    orders = [{"id": one, "addMembers": [member]}, {"id": two["id"], "addMembers": [member]}]
    changed = await wrike.data("PUT", "/groups_bulk", json={"members": orders})
    assert [group["memberIds"] for group in changed] == [[member], [member]]
    nobody = await wrike.refused("PUT", f"/groups/{one}", json={"addMembers": ["KUAAZZZZ"]})
    assert nobody == (400, "invalid_parameter")
    await wrike.data("DELETE", f"/groups/{one}")
    inner = (await wrike.data("GET", f"/groups/{two['id']}"))[0]
    assert inner["parentIds"] == []
