"""Folders: tree and records, who sees them, who they are shared with, one operation at a time."""

from __future__ import annotations

import asyncio

import pytest

from tests.conformance.wrike_driving import COLLABORATOR, PERSON, Wrike

SERVICE = "wrike.salesforce@integrations.larkspur.example"


async def _titles(wrike: Wrike, token: str) -> set[str]:
    return {one["title"] for one in await wrike.data("GET", "/folders", token=token)}


async def test_the_tree_has_no_shares_and_a_filter_makes_records_of_it(wrike: Wrike) -> None:
    """folderTree without parameters; folders with sharedIds as soon as something filters."""
    assert (await wrike.call("GET", "/folders")).json()["kind"] == "folderTree"
    filtered = (await wrike.call("GET", "/folders?descendants=false")).json()
    assert filtered["kind"] == "folders"
    assert all("sharedIds" in one for one in filtered["data"])
    assert {one["title"] for one in filtered["data"]} == {"Project office", "IT"}
    projects = await wrike.data("GET", "/folders?project=true")
    assert [one["title"] for one in projects] == ["Customer onboarding", "Billing projects"]


async def test_a_listing_shows_only_what_the_tokens_user_can_see(wrike: Wrike) -> None:
    """Shared, below something shared, through a group in a group, or a public space; absence proves nothing."""
    bot = await _titles(wrike, wrike.token)
    assert "Finance close" not in bot
    hidden = await wrike.folder("Finance close")
    assert await wrike.refused("GET", f"/folders/{hidden}") == (403, "access_forbidden")
    assert await wrike.refused("GET", "/folders/IEAAAAJ6I4ZZZZZZ") == (404, "resource_not_found")
    marketing = await _titles(wrike, await wrike.token_of("kalani.makoa@larkspur.example"))
    assert {"Marketing", "Campaigns", "Spring launch"} <= marketing
    assert "Access requests" not in marketing
    engineer = await _titles(wrike, await wrike.token_of("sanjay.mukherjee@larkspur.example"))
    assert "Access requests" in engineer
    collaborator = await _titles(wrike, await wrike.token_of(COLLABORATOR))
    assert collaborator == {"Root", "Recycle Bin"}


async def test_what_is_shared_without_its_parents_hangs_from_the_root(wrike: Wrike) -> None:
    """A folder inside a space the user cannot see is a child of the root in their tree."""
    token = await wrike.token_of("omar.benyoussef@larkspur.example")
    await wrike.lever("share", folder="Access requests", email="omar.benyoussef@larkspur.example")
    tree = await wrike.data("GET", "/folders", token=token)
    root = next(one for one in tree if one["scope"] == "WsRoot")
    assert await wrike.folder("Access requests") in root["childIds"]


async def test_a_hundred_ids_at_a_time(wrike: Wrike) -> None:
    """100 are read in the order asked, 101 are refused; one that is not there fails the batch, or is left out."""
    await wrike.lever("generate", folders=150)
    ids = [one["id"] for one in await wrike.data("GET", "/folders")][2:103]
    assert [one["id"] for one in await wrike.data("GET", f"/folders/{','.join(ids[:100])}")] == ids[:100]
    assert await wrike.refused("GET", f"/folders/{','.join(ids)}") == (400, "invalid_request")
    hidden = await wrike.folder("Finance close")
    assert (await wrike.refused("GET", f"/folders/{ids[0]},{hidden}"))[0] == 403
    await wrike.lever("switches", batch_with_missing="left_out")
    assert [one["id"] for one in await wrike.data("GET", f"/folders/{ids[0]},{hidden}")] == ids[:1]


async def test_folders_are_paged_for_those_who_ask(wrike: Wrike) -> None:
    """Whether they are today is UNCONFIRMED, hence a switch; the pages add up to the whole."""
    whole = [one["id"] for one in await wrike.data("GET", "/folders")]
    answer = (await wrike.call("GET", "/folders?pageSize=3")).json()
    found = [one["id"] for one in answer["data"]]
    while token := answer.get("nextPageToken"):
        answer = (await wrike.call("GET", f"/folders?nextPageToken={token}")).json()
        found += [one["id"] for one in answer["data"]]
    assert found == whole
    await wrike.lever("switches", folders_paged=False)
    assert await wrike.refused("GET", "/folders?pageSize=3") == (400, "invalid_request")


async def test_sharing_takes_contacts_groups_and_invitations(wrike: Wrike) -> None:
    """Invitations show only with withInvitations; accepted, their shares carry over unless the switch says no."""
    folder = await wrike.folder("Access requests")
    group = (await wrike.data("GET", "/groups"))[1]["id"]
    asked = {"email": "wrike.jira@integrations.larkspur.example"}
    invitation = (await wrike.data("POST", "/invitations", data=asked))[0]["id"]
    shared = await wrike.data("PUT", f"/folders/{folder}", json={"addShareds": [group, invitation]})
    assert group in shared[0]["sharedIds"]
    assert invitation not in shared[0]["sharedIds"]
    whole = await wrike.data("GET", f"/folders/{folder}?withInvitations=true")
    assert invitation in whole[0]["sharedIds"]
    contact = (await wrike.lever("accept", **asked))["contact"]
    after = (await wrike.data("GET", f"/folders/{folder}?withInvitations=true"))[0]["sharedIds"]
    assert contact in after
    assert invitation not in after
    nobody = await wrike.refused("PUT", f"/folders/{folder}", json={"addShareds": ["KUAAZZZZ"]})
    assert nobody == (400, "invalid_parameter")
    ended = await wrike.refused("PUT", f"/folders/{folder}", json={"addShareds": [invitation]})
    assert ended == (400, "invalid_parameter")


async def test_shares_of_an_invitation_may_be_lost_on_acceptance(wrike: Wrike) -> None:
    """UNCONFIRMED whether they survive: with the switch off the new contact sees nothing of it."""
    await wrike.lever("switches", invitation_shares_carry_over=False)
    folder = await wrike.folder("Access requests")
    asked = {"email": "wrike.jira@integrations.larkspur.example"}
    invitation = (await wrike.data("POST", "/invitations", data=asked))[0]["id"]
    await wrike.data("PUT", f"/folders/{folder}", json={"addShareds": [invitation]})
    contact = (await wrike.lever("accept", **asked))["contact"]
    assert contact not in (await wrike.data("GET", f"/folders/{folder}?withInvitations=true"))[0]["sharedIds"]


async def test_the_shape_of_shares_is_a_switch(wrike: Wrike) -> None:
    """Plain ids by default, as clients send them; objects where the switch follows the OpenAPI."""
    folder, person = await wrike.folder("Access requests"), await wrike.id_of(PERSON)
    objects = {"addShareds": [{"id": person}]}
    assert await wrike.refused("PUT", f"/folders/{folder}", json=objects) == (400, "invalid_parameter")
    await wrike.lever("switches", add_shareds_shape="objects")
    assert person in (await wrike.data("PUT", f"/folders/{folder}", json=objects))[0]["sharedIds"]
    plain = {"addShareds": [person]}
    assert await wrike.refused("PUT", f"/folders/{folder}", json=plain) == (400, "invalid_parameter")


async def test_an_access_role_shares_and_a_reader_cannot_share_on(wrike: Wrike) -> None:
    """addAccessRoles in the shape of the switch; Read Only may not change the folder; the role can be taken back."""
    folder, person = await wrike.folder("Access requests"), await wrike.id_of(PERSON)
    roles = {row["title"]: row["id"] for row in await wrike.data("GET", "/access_roles")}
    asked = {"addAccessRoles": [{"id": person, "accessRoleId": roles["Read Only"]}]}
    assert person in (await wrike.data("PUT", f"/folders/{folder}", json=asked))[0]["sharedIds"]
    reader = await wrike.token_of(PERSON)
    refused = await wrike.refused("PUT", f"/folders/{folder}", token=reader, json={"title": "mine"})
    assert refused == (403, "access_forbidden")
    gone = await wrike.data("PUT", f"/folders/{folder}", json={"removeAccessRoles": [person]})
    assert person not in gone[0]["sharedIds"]
    await wrike.lever("switches", access_roles_shape="userId_roleId")
    assert await wrike.refused("PUT", f"/folders/{folder}", json=asked) == (400, "invalid_parameter")
    other = {"addAccessRoles": [{"userId": person, "roleId": roles["Editor"]}]}
    assert person in (await wrike.data("PUT", f"/folders/{folder}", json=other))[0]["sharedIds"]


@pytest.mark.parametrize("how", ["refused", "waits"])
async def test_one_folder_operation_at_a_time(wrike: Wrike, how: str) -> None:
    """A second one meanwhile is refused, or waits, and is counted; one after the other always works."""
    await wrike.lever("switches", folder_write_ms=150, parallel_folder_write=how)
    one, two = await wrike.folder("Access requests"), await wrike.folder("Customer onboarding")
    answers = await asyncio.gather(
        *(wrike.call("PUT", f"/folders/{folder}", json={"description": "x"}) for folder in (one, two))
    )
    assert sorted(a.status_code for a in answers) == ([200, 400] if how == "refused" else [200, 200])
    counters = (await wrike.http.get(f"{wrike.box.world_url}?only=counters")).json()["counters"]
    assert counters["wrike.parallel_folder_writes"] == 1
    await wrike.data("PUT", f"/folders/{one}", json={"description": "y"})
    await wrike.data("PUT", f"/folders/{two}", json={"description": "y"})


async def test_a_folder_is_made_moved_thrown_away_and_restored(wrike: Wrike) -> None:
    """New ones have ids of the new shape; the bin keeps them until restored; no circles."""
    office = await wrike.folder("Project office")
    made = (await wrike.data("POST", f"/folders/{office}/folders", json={"title": "Flows"}))[0]
    assert ":" in made["id"]
    inner = (await wrike.data("POST", f"/folders/{made['id']}/folders", json={"title": "Inner"}))[0]
    circle = await wrike.refused("PUT", f"/folders/{made['id']}", json={"addParents": [inner["id"]]})
    assert circle == (400, "invalid_parameter")
    await wrike.data("DELETE", f"/folders/{made['id']}")
    thrown = {made["id"], inner["id"]}
    assert thrown.isdisjoint({one["id"] for one in await wrike.data("GET", "/folders")})
    assert {one["id"] for one in await wrike.data("GET", "/folders?deleted=true")} == thrown
    back = (await wrike.data("PUT", f"/folders/{made['id']}", json={"restore": True}))[0]
    assert (back["scope"], back["parentIds"]) == ("WsFolder", [office])
    assert thrown <= {one["id"] for one in await wrike.data("GET", "/folders")}
    untitled = await wrike.refused("POST", f"/folders/{office}/folders", json={})
    assert untitled == (400, "parameter_required")


async def test_spaces_list_their_members_and_take_new_ones(wrike: Wrike) -> None:
    """Private ones for their members only; membersAdd and membersRemove by PUT; their folders as a tree."""
    spaces = {one["title"]: one for one in await wrike.data("GET", '/spaces?fields=["members"]')}
    assert set(spaces) == {"Project office", "IT"}
    space, person = spaces["IT"]["id"], await wrike.id_of(SERVICE)
    added = await wrike.data(
        "PUT", f"/spaces/{space}", json={"membersAdd": [{"id": person}], "fields": ["members"]}
    )
    assert person in {member["id"] for member in added[0]["members"]}
    token = await wrike.token_of(SERVICE)
    assert "Access requests" in await _titles(wrike, token)
    below = (await wrike.call("GET", f"/spaces/{space}/folders", token=token)).json()
    assert (below["kind"], below["data"][0]["id"]) == ("folderTree", space)
    await wrike.data("PUT", f"/spaces/{space}", json={"membersRemove": [person]})
    assert await wrike.refused("GET", f"/spaces/{space}", token=token) == (403, "access_forbidden")


async def test_webhooks_belong_to_their_user(wrike: Wrike) -> None:
    """An administrator's token sees none of anybody else's."""
    assert await wrike.data("GET", "/webhooks") == []
    mine = await wrike.data("GET", "/webhooks", token=await wrike.token_of("sofia.restrepo@larkspur.example"))
    assert [hook["hookUrl"] for hook in mine] == ["https://hooks.larkspur.example/campaigns"]
    assert (await wrike.refused("DELETE", f"/webhooks/{mine[0]['id']}"))[0] == 404
    folder = await wrike.folder("Access requests")
    made = await wrike.data(
        "POST", f"/folders/{folder}/webhooks", data={"hookUrl": "https://x.example/h", "secret": "s"}
    )
    assert made[0]["folderId"] == folder
    assert "secret" not in made[0]
