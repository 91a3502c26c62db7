"""slack_sdk's AsyncWebClient, unmodified, against the Slack stand-in's Web API."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.conformance.driving import ADMIN, OPERATOR, VIEWER, WorldClient


async def error_of(call: Any) -> SlackApiError:
    """The refusal of a call that must be refused."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value


async def code_of(call: Any) -> str:
    return str((await error_of(call)).response["error"])


async def test_tokens_are_checked(slack: dict[str, Any], web: AsyncWebClient) -> None:
    """Only the issued bot token passes auth.test; none, a wrong one and the app's are told apart."""
    who = await web.auth_test()
    assert who["user_id"] == slack["bot_user_id"]
    assert who["bot_id"].startswith("B")
    for token, expected in (
        ("", "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        (slack["app_token"], "not_allowed_token_type"),
    ):
        assert await code_of(AsyncWebClient(token=token, base_url=slack["api"]).auth_test()) == expected


async def test_missing_scope_names_what_is_needed(web: AsyncWebClient, world: WorldClient) -> None:
    """A call beyond the token's scopes says which scope it needs and which there are."""
    await world.post("/slack/scopes", bot=["chat:write", "users:read"])
    refused = await error_of(web.usergroups_list())
    assert refused.response["error"] == "missing_scope"
    assert refused.response["needed"] == "usergroups:read"
    assert refused.response["provided"] == "chat:write,users:read"
    (first, *_) = (await web.users_list(limit=1))["members"]
    assert "email" not in first["profile"]


@pytest.mark.parametrize("how", ["token_revoked", "account_inactive"])
async def test_revoked_tokens_stop_working(how: str, web: AsyncWebClient, world: WorldClient) -> None:
    """After the app is uninstalled or its token revoked every call says so, and can be revived."""
    await world.post("/slack/revoke", how=how)
    assert await code_of(web.auth_test()) == how
    await world.post("/slack/revoke", how=None)
    assert (await web.auth_test())["ok"] is True


async def test_every_way_to_send_arguments_works(slack: dict[str, Any]) -> None:
    """Query, POST query with an empty body, form, JSON and multipart; the token in header or argument."""
    token, url = slack["bot_token"], slack["api"] + "chat.postEphemeral"
    arguments = {"channel": slack["channel"], "user": "U0", "text": "hello"}
    bearer = {"Authorization": f"Bearer {token}"}
    multipart = aiohttp.FormData(arguments, default_to_multipart=True)
    async with aiohttp.ClientSession() as http:
        for sent in (
            http.get(url, params=arguments, headers=bearer),
            http.post(url, params=arguments, headers=bearer),
            http.post(url, data=arguments, headers=bearer),
            http.post(url, json=arguments, headers=bearer),
            http.post(url, data=multipart, headers=bearer),
            http.post(url, data={**arguments, "token": token}),
            http.get(url, params={**arguments, "token": token}),
        ):
            async with sent as answer:
                assert answer.status == 200
                assert await answer.json() == {"ok": False, "error": "user_not_in_channel"}
        async with http.post(url, data=b"{broken", headers={"Content-Type": "application/json"}) as answer:
            assert (await answer.json())["error"] == "invalid_json"
        async with http.post(slack["api"] + "no.such", headers=bearer) as answer:
            assert await answer.json() == {"ok": False, "error": "unknown_method", "req_method": "no.such"}


async def test_a_message_is_posted_edited_and_deleted(web: AsyncWebClient, world: WorldClient) -> None:
    """An edit replaces the content, keeps metadata that was not given, and marks the message as edited."""
    channel = await world.channel("integrations-alerts")
    metadata = {"event_type": "request", "event_payload": {"id": "r1"}}
    posted = await web.chat_postMessage(channel="#integrations-alerts", text="first", metadata=metadata)
    assert posted["channel"] == channel
    edited = await web.chat_update(channel=channel, ts=posted["ts"], text="second")
    assert edited["message"]["metadata"] == metadata
    link = await web.chat_getPermalink(channel=channel, message_ts=posted["ts"])
    assert link["permalink"].endswith("p" + posted["ts"].replace(".", ""))
    (shown,) = (await world.get("/slack/messages", channel=channel))["messages"]
    assert shown["text"] == "second"
    assert shown["edited"]["ts"] > posted["ts"]
    await web.chat_delete(channel=channel, ts=posted["ts"])
    assert await code_of(web.chat_update(channel=channel, ts=posted["ts"], text="x")) == "message_not_found"


async def test_refusals_to_post_have_slacks_names(web: AsyncWebClient, world: WorldClient) -> None:
    """Where the bot may not post, or says nothing, the code is the one Slack documents."""
    random = await world.channel("random")
    private = await world.channel("it-private")
    general = await world.channel("general")
    viewer = await world.slack_id(VIEWER)
    assert await code_of(web.chat_postMessage(channel=random, text="x")) == "not_in_channel"
    assert await code_of(web.chat_postMessage(channel=private, text="x")) == "channel_not_found"
    assert await code_of(web.chat_postMessage(channel="C0NOSUCH", text="x")) == "channel_not_found"
    assert await code_of(web.chat_postMessage(channel=general)) == "no_text"
    assert (
        await code_of(web.chat_postMessage(channel=general, text="x", thread_ts="1.1")) == "thread_not_found"
    )
    assert await code_of(web.chat_update(channel=viewer, ts="1.1", text="x")) == "channel_not_found"
    assert await code_of(web.conversations_join(channel=private)) == "channel_not_found"
    said = await world.post("/slack/say", user=ADMIN, channel="#general", text="mine")
    edit = web.chat_update(channel=general, ts=said["ts"], text="x")
    assert await code_of(edit) == "cant_update_message"
    assert (await web.conversations_join(channel=random))["channel"]["is_member"] is True
    assert (await web.conversations_join(channel=random)).data["warning"] == "already_in_channel"  # type: ignore[call-overload]
    await world.post("/slack/channel", channel="#random", archived=True)
    assert await code_of(web.chat_postMessage(channel=random, text="x")) == "is_archived"


async def test_an_edit_can_come_too_late(web: AsyncWebClient, world: WorldClient) -> None:
    """With an edit window set, chat.update answers edit_window_closed after it."""
    await world.post("/slack/policy", edit_window_minutes=10)
    posted = await web.chat_postMessage(channel="#general", text="x")
    await web.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
    await world.post("/advance", seconds=601)
    late = web.chat_update(channel=posted["channel"], ts=posted["ts"], text="z")
    assert await code_of(late) == "edit_window_closed"


async def test_direct_messages(web: AsyncWebClient, world: WorldClient) -> None:
    """A direct message opens by person, is posted to by D id or person id, and never to the deactivated."""
    viewer = await world.slack_id(VIEWER)
    opened = await web.conversations_open(users=viewer)
    channel = opened["channel"]["id"]
    assert channel.startswith("D")
    again = await web.conversations_open(users=[viewer])
    assert again.data["already_open"] is True  # type: ignore[call-overload]
    posted = await web.chat_postMessage(channel=viewer, text="hello")
    assert posted["channel"] == channel
    assert (await world.get("/slack/dms", user=VIEWER))["dms"][0]["id"] == channel
    assert await code_of(web.conversations_open(users="")) == "users_list_not_supplied"
    assert await code_of(web.conversations_open(users="U0NOBODY")) == "user_not_found"
    await world.post("/deactivate", email=VIEWER, where=["slack"])
    assert await code_of(web.conversations_open(users=viewer)) == "user_disabled"


async def test_people_are_paged_to_the_last(web: AsyncWebClient, world: WorldClient) -> None:
    """Following the cursors gives everybody exactly once, deactivated people and the bot included."""
    await world.post("/deactivate", email=VIEWER, where=["slack"])
    found: list[dict[str, Any]] = []
    async for page in await web.users_list(limit=17):
        found += page["members"]
    people = (await world.get())["people"]
    assert len({one["id"] for one in found}) == len(found) == len(people) + 1
    gone = [one["profile"]["email"] for one in found if one["deleted"]]
    assert gone == [VIEWER]
    assert await code_of(web.users_list(limit=5, cursor="rubbish")) == "invalid_cursor"
    await world.post("/slack/policy", users_list_needs_limit_above=50)
    assert await code_of(web.users_list()) == "limit_required"


async def test_people_are_found_by_address(web: AsyncWebClient, world: WorldClient) -> None:
    """users.lookupByEmail finds active people; the switch lets it find deactivated ones too."""
    found = await web.users_lookupByEmail(email=OPERATOR)
    assert found["user"]["id"] == await world.slack_id(OPERATOR)
    await world.post("/deactivate", email=OPERATOR, where=["slack"])
    assert await code_of(web.users_lookupByEmail(email=OPERATOR)) == "users_not_found"
    await world.post("/slack/policy", lookup_finds_deactivated=True)
    assert (await web.users_lookupByEmail(email=OPERATOR))["user"]["deleted"] is True


async def test_user_groups_hold_the_roles(web: AsyncWebClient, world: WorldClient) -> None:
    """The three groups are there with the people of their roles; the free plan has none."""
    groups = (await web.usergroups_list(include_users=True))["usergroups"]
    assert [one["handle"] for one in groups] == ["it-admins", "it-approvers", "it-operators"]
    admins = await web.usergroups_users_list(usergroup=groups[0]["id"])
    roles = {one["slack_id"]: one["role"] for one in (await world.get())["people"]}
    assert {roles[one] for one in admins["users"]} == {"admin"}
    assert await code_of(web.usergroups_users_list(usergroup="S0")) == "no_such_subteam"
    await world.post("/slack/policy", user_groups=False)
    assert await code_of(web.usergroups_list()) == "plan_upgrade_required"


async def test_a_channel_takes_one_message_a_second(web: AsyncWebClient, world: WorldClient) -> None:
    """After a short burst a channel answers 429 with Retry-After, and slack_sdk's own handler gets through."""
    codes = [await _status(web, number) for number in range(6)]
    assert codes[:3] == [200] * 3
    assert 429 in codes
    assert await world.counter("slack.429") == codes.count(429)
    web.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
    posted = await web.chat_postMessage(channel="#general", text="patient")
    assert posted["ok"] is True
    assert await world.counter("slack.messages.general") == codes.count(200) + 1


async def _status(web: AsyncWebClient, number: int) -> int:
    try:
        answer = await web.chat_postMessage(channel="#general", text=f"message {number}")
    except SlackApiError as refused:
        answer = refused.response
    if answer.status_code == 429:
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.data == {"ok": False, "error": "ratelimited"}
    return int(answer.status_code)


async def test_tiers_are_kept_and_can_be_lifted(web: AsyncWebClient, world: WorldClient) -> None:
    """A tier 2 method passes twenty times in a burst and then answers 429, unless limits are off."""
    await asyncio.gather(*(web.usergroups_list() for _ in range(20)))
    assert await code_of(web.usergroups_list()) == "ratelimited"
    await world.post("/slack/policy", rate_factor=0)
    assert (await web.usergroups_list())["ok"] is True


async def test_bad_blocks_are_refused_with_slacks_words(web: AsyncWebClient) -> None:
    """invalid_blocks carries [ERROR] lines with JSON pointers, where Slack puts them."""
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    refused = await error_of(web.chat_postMessage(channel="#general", text="x", blocks=[long]))
    assert refused.response["error"] == "invalid_blocks"
    assert refused.response["response_metadata"]["messages"] == [
        "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ]
    divider = {"type": "divider"}
    many = web.chat_postMessage(channel="#general", text="x", blocks=[divider] * 51)
    assert await code_of(many) == "invalid_blocks"
    not_list = web.chat_postMessage(channel="#general", text="x", blocks='{"type":"divider"}')
    assert await code_of(not_list) == "invalid_blocks_format"


async def test_a_view_needs_a_fresh_trigger(web: AsyncWebClient, world: WorldClient) -> None:
    """Invented trigger ids are invalid; a modal that Slack would not draw is refused with its pointers."""
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
    assert await code_of(web.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"
    refused = await error_of(web.views_open(trigger_id="1.2.3", view={"type": "modal", "blocks": []}))
    assert refused.response["error"] == "invalid_arguments"
    assert refused.response["response_metadata"]["messages"] == [
        "[ERROR] missing required field: title [json-pointer:/view]"
    ]
    text = {"type": "plain_text", "text": "x" * 3000}
    huge = {"type": "home", "blocks": [{"type": "section", "text": text}] * 90}
    assert (
        await code_of(web.views_publish(user_id=await world.slack_id(ADMIN), view=huge)) == "view_too_large"
    )


async def test_a_home_tab_is_guarded_by_its_hash(web: AsyncWebClient, world: WorldClient) -> None:
    """Publishing with an old hash answers hash_conflict; without the tab, not_enabled."""
    admin = await world.slack_id(ADMIN)
    view = {"type": "home", "blocks": [{"type": "divider"}]}
    first = await web.views_publish(user_id=admin, view=view)
    second = await web.views_publish(user_id=admin, view=view, hash=first["view"]["hash"])
    assert second["view"]["id"] == first["view"]["id"]
    late = web.views_publish(user_id=admin, view=view, hash=first["view"]["hash"])
    assert await code_of(late) == "hash_conflict"
    await world.post("/slack/policy", home_tab=False)
    assert await code_of(web.views_publish(user_id=admin, view=view)) == "not_enabled"


async def test_a_file_is_uploaded_in_three_steps(web: AsyncWebClient, world: WorldClient) -> None:
    """files_upload_v2 shares the file in the channel, and the world can read it back."""
    channel = await world.channel("general")
    done = await web.files_upload_v2(
        channel=channel, content="id,owner\n1,=cmd()\n", filename="inventory.csv", initial_comment="Here"
    )
    file_id = done["file"]["id"]
    (message,) = (await world.get("/slack/messages", channel=channel))["messages"]
    assert message["text"] == "Here"
    assert message["files"][0]["id"] == file_id
    kept = await world.get("/slack/file", id=file_id)
    assert kept["name"] == "inventory.csv"
    again = web.files_completeUploadExternal(files=[{"id": file_id, "title": "x"}], channel_id=channel)
    assert await code_of(again) == "file_not_found"


async def test_mass_mentions_are_counted(web: AsyncWebClient, world: WorldClient) -> None:
    """Live broadcasts in text, mrkdwn and rich text are counted; escaped or plain ones are not."""
    text = {"type": "mrkdwn", "text": "&lt;!channel&gt;"}
    plain = {"type": "plain_text", "text": "<!everyone>"}
    calm = [{"type": "section", "text": text}, {"type": "section", "text": plain}]
    await web.chat_postMessage(channel="#general", text="&lt;!here&gt;", blocks=calm)
    assert await world.counter("slack.broadcasts") == 0
    loud = [{"type": "section", "text": {"type": "mrkdwn", "text": "<!subteam^S1ABC|@all> <!here>"}}]
    await web.chat_postMessage(channel="#general", text="Robert <!channel> =cmd()", blocks=loud)
    assert await world.counter("slack.broadcasts") == 3


async def test_history_and_threads_need_their_scope(web: AsyncWebClient, world: WorldClient) -> None:
    """The minimum scopes read no history; with channels:history it is newest first, replies apart."""
    general = await world.channel("general")
    assert await code_of(web.conversations_history(channel=general)) == "missing_scope"
    await world.post("/slack/scopes", bot=["chat:write", "channels:history", "channels:read"])
    first = await web.chat_postMessage(channel=general, text="first")
    await web.chat_postMessage(channel=general, text="reply", thread_ts=first["ts"])
    await web.chat_postMessage(channel=general, text="second")
    history = await web.conversations_history(channel=general)
    assert [one["text"] for one in history["messages"]] == ["second", "first"]
    assert history["messages"][1]["reply_count"] == 1
    thread = await web.conversations_replies(channel=general, ts=first["ts"])
    assert [one["text"] for one in thread["messages"]] == ["first", "reply"]
    listed = await web.conversations_list(types="public_channel", limit=2)
    assert len(listed["channels"]) == 2
    assert listed["response_metadata"]["next_cursor"]


async def test_blocks_validate_needs_no_token(slack: dict[str, Any]) -> None:
    """blocks.validate tells codes, pointers and constraints to anybody, and wants exactly one argument."""
    url = slack["api"] + "blocks.validate"
    async with aiohttp.ClientSession() as http:
        bad = [{"type": "section", "text": {"type": "invalid", "text": "x"}}]
        async with http.post(url, json={"blocks": bad}) as answer:
            said = await answer.json()
        assert said["error"] == "invalid_blocks"
        assert said["errors"][-1]["pointer"] == "/0/text/type"
        assert said["errors"][-1]["constraint"]["expected"] == ["mrkdwn", "plain_text"]
        async with http.post(url, json={"blocks": [{"type": "divider"}]}) as answer:
            assert await answer.json() == {"ok": True}
        async with http.post(url, json={}) as answer:
            assert (await answer.json())["error"] == "invalid_arguments"
