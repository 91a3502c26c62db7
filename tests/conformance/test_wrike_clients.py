"""Unmodified third-party clients of Wrike, pointed at the stand-in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from py_wrike_v4.wrike import Wrike as PyWrike
from WrikePy.wrikepy import (
    AccessRoles,
    AuditLog,
    Contacts,
    FoldersProjects,
    Groups,
    Invitations,
    Users,
    UserTypes,
    Version,
    Webhooks,
)
from WrikePy.wrikepy import Wrike as WrikePy

from tests.conformance.wrike_driving import Wrike

MAILBOX = "wrike.jira@integrations.larkspur.example"


def _client(wrike: Wrike) -> WrikePy:
    return WrikePy(wrike.url, wrike.token)


async def _do(call: Any) -> Any:
    """Run one of WrikePy's blocking calls; it hands back a response of requests."""
    answer = await asyncio.to_thread(call)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_py_wrike_reads_people_groups_and_folders(wrike: Wrike) -> None:
    """py-wrike-v4, which wants a slash at the end of its address, reads what it can read."""
    client = PyWrike(wrike.url + "/", wrike.token)

    def read() -> None:
        people = client.contacts
        assert {one["type"] for one in people.values()} == {"Person", "Group", "Robot"}
        (me,) = client.query_contact_me()["data"]
        assert me["me"] is True
        assert client.query_contacts([me["id"]])["data"] == [me]
        assert client.query_user(me["id"])["kind"] == "users"
        office = client.query_folder_by_title("Project office")
        assert client.query_folders([office["id"], *office["childIds"]])["kind"] == "folders"
        below = client.query_folder_subtrees(office["id"])
        assert (below["kind"], below["data"][0]["id"]) == ("folderTree", office["id"])
        groups = client.query_groups_all()["data"]
        assert client.query_group(groups[0]["id"])["data"] == groups[:1]

    await asyncio.to_thread(read)


async def test_wrikepy_invites_lists_shares_and_audits(wrike: Wrike) -> None:
    """WrikePy sends everything in the query and nothing in the body, and the whole life of an account works so."""
    client = _client(wrike)
    assert (await _do(Version(client).query__version))["data"] == [{"major": "4", "minor": "0"}]
    types = {row["title"]: row["id"] for row in (await _do(UserTypes(client).query__user_types))["data"]}
    wanted = {"email": MAILBOX, "firstName": "Jira", "userTypeId": types["Regular user"]}
    made = await _do(Invitations(client, parameters=wanted).create__invitations)
    invitation = made["data"][0]
    assert (invitation["status"], invitation["email"]) == ("Pending", MAILBOX)
    resent = Invitations(client, invitation["id"], {"resend": "true"})
    await _do(resent.update__invitations_invitationId)

    folder = await wrike.folder("Access requests")
    sharing = {"addShareds": json.dumps([invitation["id"]]), "withInvitations": "true"}
    shared = await _do(FoldersProjects(client, folder, sharing).update__folders_folderId)
    assert invitation["id"] in shared["data"][0]["sharedIds"]

    accepted = await wrike.lever("accept", email=MAILBOX, password="correct horse battery staple")
    listed = await _do(Invitations(client).query__invitations)
    mine = next(row for row in listed["data"] if row["id"] == invitation["id"])
    assert mine["status"] == "Accepted"
    assert mine["resolvedDate"].endswith("Z")
    found = await _do(Contacts(client, accepted["contact"]).query__contacts_contactIds)
    assert found["data"][0]["profiles"][0]["email"] == MAILBOX
    user = await _do(Users(client, accepted["contact"]).query__users_userId)
    assert user["kind"] == "users"

    roles = (await _do(AccessRoles(client).query__access_roles))["data"]
    assert "Read Only" in {role["title"] for role in roles}
    asked = {"operations": json.dumps(["InvitationSend", "InvitationAccepted"]), "pageSize": "2"}
    log = await _do(AuditLog(client, parameters=asked).query__audit_log)
    assert [row["operation"] for row in log["data"]] == ["InvitationAccepted", "InvitationSend"]
    assert log["nextPageToken"]


async def test_wrikepy_keeps_groups_and_webhooks(wrike: Wrike) -> None:
    """Groups and webhooks are made, changed and deleted through WrikePy."""
    client = _client(wrike)
    member = await wrike.id_of("sofia.restrepo@larkspur.example")
    made = await _do(Groups(client, parameters={"title": "Flows"}).create__groups)
    group = made["data"][0]["id"]
    adding = Groups(client, group, {"addMembers": json.dumps([member])})
    assert (await _do(adding.update__groups_groupId))["data"][0]["memberIds"] == [member]
    tried = Groups(client, group, {"test": "true"})
    await _do(tried.delete__groups_groupId)
    assert (await _do(Groups(client, group).query__groups_groupId))["data"][0]["title"] == "Flows"
    await _do(Groups(client, group).delete__groups_groupId)
    assert await wrike.refused("GET", f"/groups/{group}") == (404, "resource_not_found")

    hook = Webhooks(client, parameters={"hookUrl": "https://x.example/h"})
    number = (await _do(hook.create__webhooks))["data"][0]["id"]
    suspended = Webhooks(client, number, {"status": "Suspended"})
    assert (await _do(suspended.update__webhooks_webhookId))["data"][0]["status"] == "Suspended"
    await _do(Webhooks(client, number).delete__webhooks_webhookId)
    assert (await _do(Webhooks(client).query__webhooks))["data"] == []


async def test_wrikepys_delete_of_an_invitation_goes_astray(wrike: Wrike) -> None:
    """WrikePy 1.0.4 sends DELETE /groups/{invitation}: refused, and the invitation lives on."""
    client = _client(wrike)
    pending = next(i for i in (await wrike.state())["invitations"] if i["status"] == "Pending")
    call = Invitations(client, pending["id"]).delete__invitations_invitationId
    answer = await asyncio.to_thread(call)
    assert answer.status_code == 404
    assert answer.request.url.endswith(f"/groups/{pending['id']}")
    still = next(i for i in (await wrike.state())["invitations"] if i["id"] == pending["id"])
    assert still["status"] == "Pending"
    assert (await wrike.data("DELETE", f"/invitations/{pending['id']}"))[0]["status"] == "Cancelled"
