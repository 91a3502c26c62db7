"""slack_bolt's AsyncApp and AsyncSocketModeHandler, unmodified, against the Slack stand-in."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.conformance.driving import ADMIN, APPROVER, OPERATOR, WorldClient, connected, eventually


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str, label: str = "Go") -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain(label)}


def modal(callback_id: str, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("A modal"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


async def socket_url(http: aiohttp.ClientSession, slack: dict[str, Any]) -> str:
    """Where a web socket goes, as the app-level token is told."""
    headers = {"Authorization": f"Bearer {slack['app_token']}"}
    async with http.post(f"{slack['api']}apps.connections.open", headers=headers) as answer:
        return str((await answer.json())["url"])


REASON = {
    "type": "input",
    "block_id": "reason",
    "label": plain("Reason"),
    "element": {"type": "plain_text_input", "action_id": "text"},
}


async def test_a_command_is_answered_by_its_ack(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """An ack's payload reaches the person who typed, as a message that only they see."""
    seen: list[dict[str, Any]] = []

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        await ack(text="Nothing needs you")

    async with connected(app, slack["app_token"]):
        sent = await world.post(
            "/slack/slash", user=ADMIN, channel="#general", text="list @bob.achterberg <b>"
        )
        shown = await world.get("/slack/ephemerals", user=ADMIN)
        others = await world.get("/slack/ephemerals", user=OPERATOR)
    assert sent["ack"] == {"text": "Nothing needs you"}
    assert [one["text"] for one in shown["ephemerals"]] == ["Nothing needs you"]
    assert others["ephemerals"] == []
    bob = await world.slack_id("bob.achterberg@larkspur.example")
    assert seen[0]["text"] == f"list <@{bob}|bob.achterberg> &lt;b&gt;"
    assert seen[0]["user_id"] == await world.slack_id(ADMIN)
    assert seen[0]["command"] == "/svc"
    assert seen[0]["channel_name"] == "general"


async def test_a_response_url_takes_five_answers(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """The address in a command takes five answers; the sixth is refused."""
    statuses: list[int] = []
    done = asyncio.Event()

    @app.command("/svc")
    async def command(ack: Any, respond: Any) -> None:
        await ack()
        for number in range(6):
            kind = "in_channel" if number == 1 else "ephemeral"
            answer = await respond(text=f"answer {number}", response_type=kind)
            statuses.append(answer.status_code)
        done.set()

    async with connected(app, slack["app_token"]):
        await world.post("/slack/slash", user=ADMIN, channel="#random", text="go")
        await asyncio.wait_for(done.wait(), 5)
    assert statuses == [200] * 5 + [404]
    assert len((await world.get("/slack/ephemerals", user=ADMIN))["ephemerals"]) == 4
    public = await world.get("/slack/messages", channel="#random")
    assert [one["text"] for one in public["messages"]] == ["answer 1"]


async def test_a_response_url_lives_half_an_hour(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """Thirty minutes after the command its address is refused, however rarely it was used."""
    answers: list[int] = []
    late = asyncio.Event()
    done = asyncio.Event()

    @app.command("/svc")
    async def command(ack: Any, respond: Any) -> None:
        await ack()
        await late.wait()
        answers.append((await respond(text="too late")).status_code)
        done.set()

    async with connected(app, slack["app_token"]):
        await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
        await world.post("/advance", seconds=30 * 60 + 1)
        late.set()
        await asyncio.wait_for(done.wait(), 5)
    assert answers == [404]


async def test_an_ack_after_three_seconds_is_too_late(slack: dict[str, Any], world: WorldClient) -> None:
    """Without an ack within three seconds the person sees operation_timeout; a late one is counted, not shown."""
    async with aiohttp.ClientSession() as http, http.ws_connect(await socket_url(http, slack)) as socket:
        await socket.receive_json(timeout=5)
        typing = asyncio.ensure_future(world.post("/slack/slash", user=ADMIN, channel="#general", text=""))
        envelope = await socket.receive_json(timeout=5)
        assert envelope["type"] == "slash_commands"
        assert envelope["accepts_response_payload"] is True
        assert (await typing)["ack"] == {"error": "operation_timeout"}
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "late"}})

        async def late() -> int:
            return await world.counter("slack.acks_late")

        assert await eventually(late) == 1
    assert (await world.get("/slack/ephemerals", user=ADMIN))["ephemerals"] == []


async def test_without_a_connection_a_command_fails(world: WorldClient) -> None:
    """With no socket and no address there is nobody to ask: dispatch_failed."""
    sent = await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
    assert sent["ack"] == {"error": "dispatch_failed"}


async def test_a_button_replaces_its_message(
    app: AsyncApp, slack: dict[str, Any], web: AsyncWebClient, world: WorldClient
) -> None:
    """block_actions carries the message, the state of its inputs and the button; replace_original edits it."""
    seen: list[dict[str, Any]] = []
    done = asyncio.Event()

    @app.action("approve")
    async def approve(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        seen.append(body)
        await respond(text="Approved", replace_original=True)
        done.set()

    menu = {
        "type": "users_select",
        "action_id": "who",
        "placeholder": plain("Who?"),
    }
    blocks = [
        {"type": "actions", "block_id": "first", "elements": [button("approve", "r1.1"), menu]},
        {"type": "actions", "block_id": "second", "elements": [button("approve", "r2.1")]},
    ]
    posted = await web.chat_postMessage(channel=slack["channel"], text="Approve?", blocks=blocks)
    channel, ts = posted["channel"], posted["ts"]
    approver = await world.slack_id(APPROVER)
    async with connected(app, slack["app_token"]):
        await world.post(
            "/slack/click",
            user=APPROVER,
            channel=channel,
            ts=ts,
            action_id="approve",
            value="r2.1",
            state={"first": {"who": approver}},
        )
        await asyncio.wait_for(done.wait(), 5)
    body = seen[0]
    assert body["actions"][0]["block_id"] == "second"
    assert body["actions"][0]["value"] == "r2.1"
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": channel,
        "is_ephemeral": False,
    }
    assert body["message"]["ts"] == ts
    assert body["state"]["values"]["first"]["who"]["selected_user"] == approver
    (message,) = (await world.get("/slack/messages", channel=channel))["messages"]
    assert message["text"] == "Approved"
    assert "blocks" not in message
    assert message["edited"]["ts"] > ts
    status, said = await world.refused(
        "/slack/click", user=APPROVER, channel=channel, ts=ts, action_id="approve", value="r2.1"
    )
    assert (status, "nothing there has the action" in said) == (400, True)


async def test_an_ephemeral_message_has_buttons_for_one_person(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """Only its reader can press a button of an ephemeral message; the payload then holds no message."""
    seen: list[dict[str, Any]] = []

    @app.command("/svc")
    async def command(ack: Any) -> None:
        await ack(text="Pick", blocks=[{"type": "actions", "elements": [button("pick", "1")]}])

    @app.action("pick")
    async def pick(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        await respond(delete_original=True)
        seen.append(body)

    async with connected(app, slack["app_token"]):
        await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
        (shown,) = (await world.get("/slack/ephemerals", user=ADMIN))["ephemerals"]
        where = {"channel": shown["channel"], "ts": shown["ts"], "action_id": "pick"}
        status, _ = await world.refused("/slack/click", user=OPERATOR, **where)
        assert status == 400
        await world.post("/slack/click", user=ADMIN, **where)

        async def pressed() -> list[dict[str, Any]]:
            return seen

        await eventually(pressed)
    assert "message" not in seen[0]
    assert seen[0]["container"]["is_ephemeral"] is True
    assert (await world.get("/slack/ephemerals", user=ADMIN))["ephemerals"] == []


async def test_a_modal_is_opened_corrected_and_closed(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """A submission's errors keep the modal open with what was typed; an empty ack closes it."""
    submitted: list[dict[str, Any]] = []

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal("ask", REASON))

    @app.view("ask")
    async def ask(ack: Any, view: dict[str, Any]) -> None:
        submitted.append(view)
        if len(view["state"]["values"]["reason"]["text"]["value"]) < 10:
            await ack(response_action="errors", errors={"reason": "Give a reason of at least 10 characters"})
        else:
            await ack()

    async with connected(app, slack["app_token"]):
        await world.post("/slack/slash", user=ADMIN, channel="#general", text="")

        async def opened() -> list[dict[str, Any]]:
            views: list[dict[str, Any]] = (await world.get("/slack/views", user=ADMIN))["views"]
            return views

        (view,) = await eventually(opened)
        status, said = await world.refused("/slack/submit", user=ADMIN, view_id=view["id"], values={})
        assert (status, said) == (400, "reason: please complete this required field")
        assert submitted == []
        fill = {"user": ADMIN, "view_id": view["id"]}
        short = await world.post("/slack/submit", **fill, values={"reason": {"text": "short"}})
        assert short["ack"]["response_action"] == "errors"
        (view,) = await opened()
        assert view["errors"] == {"reason": "Give a reason of at least 10 characters"}
        assert view["state"]["values"]["reason"]["text"]["value"] == "short"
        long = await world.post("/slack/submit", **fill, values={"reason": {"text": "She has left us"}})
        assert long["ack"] == {}
        assert await opened() == []


async def test_modals_stack_three_high(app: AsyncApp, slack: dict[str, Any], world: WorldClient) -> None:
    """views.push stacks up to three; the fourth answers push_limit_reached, and update keeps the inputs."""
    refused: list[str] = []
    pushed = asyncio.Event()

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        deeper = {"type": "actions", "elements": [button("deeper", "1")]}
        await client.views_open(trigger_id=body["trigger_id"], view=modal("first", REASON, deeper))

    @app.action("deeper")
    async def deeper(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        again = {"type": "actions", "elements": [button("deeper", "1")]}
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=modal("next", again))
        except SlackApiError as error:
            refused.append(error.response["error"])
        pushed.set()

    @app.view("next")
    async def answer(ack: Any) -> None:
        await ack(response_action="update", view=modal("next", {"type": "section", "text": plain("Done")}))

    async with connected(app, slack["app_token"]):
        await world.post("/slack/slash", user=ADMIN, channel="#general", text="")

        async def views() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await world.get("/slack/views", user=ADMIN))["views"]
            return found

        await eventually(views)
        for _ in range(3):
            pushed.clear()
            top = (await views())[-1]
            await world.post("/slack/click", user=ADMIN, view_id=top["id"], action_id="deeper")
            await asyncio.wait_for(pushed.wait(), 5)
        stack = await views()
        assert refused == ["push_limit_reached"]
        assert len(stack) == 3
        assert {view["root_view_id"] for view in stack} == {stack[0]["id"]}
        assert stack[2]["previous_view_id"] == stack[1]["id"]
        status, _ = await world.refused("/slack/submit", user=ADMIN, view_id=stack[0]["id"], values={})
        assert status == 400
        await world.post("/slack/submit", user=ADMIN, view_id=stack[2]["id"], values={})
        assert (await views())[2]["blocks"][0]["text"]["text"] == "Done"


async def test_closing_tells_the_app_only_when_asked(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """view_closed comes for modals with notify_on_close, without a trigger_id, with is_cleared."""
    closed: list[dict[str, Any]] = []

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        notify = body["text"] == "loud"
        view = modal("watched", REASON, notify_on_close=notify)
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view_closed("watched")
    async def gone(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        closed.append(body)

    async def opened() -> list[dict[str, Any]]:
        views: list[dict[str, Any]] = (await world.get("/slack/views", user=ADMIN))["views"]
        return views

    async with connected(app, slack["app_token"]):
        for text in ("quiet", "loud"):
            await world.post("/slack/slash", user=ADMIN, channel="#general", text=text)
            (view,) = await eventually(opened)
            await world.post("/slack/close", user=ADMIN, view_id=view["id"])
    assert [body["type"] for body in closed] == ["view_closed"]
    assert closed[0]["is_cleared"] is False
    assert "trigger_id" not in closed[0]


async def test_options_are_loaded_and_then_chosen(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """An external select offers what the app answered; nothing else can be chosen."""
    chosen: list[Any] = []

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        select = {"type": "external_select", "action_id": "find", "min_query_length": 2}
        block = {"type": "input", "block_id": "account", "label": plain("Account"), "element": select}
        await client.views_open(trigger_id=body["trigger_id"], view=modal("pick", block))

    @app.options("find")
    async def find(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[{"text": plain(f"Account {payload['value']}"), "value": "a1"}])

    @app.view("pick")
    async def pick(ack: Any, view: dict[str, Any]) -> None:
        await ack()
        chosen.append(view["state"]["values"]["account"]["find"]["selected_option"])

    async def opened() -> list[dict[str, Any]]:
        views: list[dict[str, Any]] = (await world.get("/slack/views", user=ADMIN))["views"]
        return views

    async with connected(app, slack["app_token"]):
        await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
        (view,) = await eventually(opened)
        where = {"user": ADMIN, "view_id": view["id"]}
        ask = {**where, "action_id": "find", "block_id": "account"}
        assert (await world.post("/slack/options", **ask, value="s"))["ack"] == {"options": []}
        found = await world.post("/slack/options", **ask, value="sh")
        assert [one["value"] for one in found["ack"]["options"]] == ["a1"]
        status, said = await world.refused("/slack/submit", **where, values={"account": {"find": "zz"}})
        assert (status, said) == (400, "account: 'zz' is not among the options")
        await world.post("/slack/submit", **where, values={"account": {"find": "a1"}})
    assert chosen == [{"text": plain("Account sh"), "value": "a1"}]


async def test_shortcuts_and_the_home_tab(app: AsyncApp, slack: dict[str, Any], world: WorldClient) -> None:
    """A global shortcut, a message shortcut and app_home_opened reach the app; a home tab can be published."""
    seen: list[str] = []

    @app.shortcut("svc_find")
    async def find(ack: Any) -> None:
        await ack()
        seen.append("find")

    @app.shortcut("svc_handover_msg")
    async def handover(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        seen.append(body["message"]["text"])

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        block = {"type": "section", "text": plain(f"Home of {event['user']}")}
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [block]})
        seen.append(event["tab"])

    async with connected(app, slack["app_token"]):
        posted = await app.client.chat_postMessage(channel=slack["channel"], text="An integration")
        await world.post("/slack/shortcut", user=ADMIN, callback_id="svc_find")
        await world.post(
            "/slack/shortcut",
            user=ADMIN,
            callback_id="svc_handover_msg",
            channel=posted["channel"],
            ts=posted["ts"],
        )
        await world.post("/slack/open_home", user=ADMIN)

        async def home() -> Any:
            return (await world.get("/slack/home", user=ADMIN))["view"]

        view = await eventually(home)
    assert view["blocks"][0]["text"]["text"] == f"Home of {await world.slack_id(ADMIN)}"
    assert seen == ["find", "An integration", "home"]


async def test_a_deactivation_is_told_at_once(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """Deactivating somebody sends user_change with deleted true, and takes them out of their user groups."""
    users: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []

    @app.event("user_change")
    async def changed(event: dict[str, Any]) -> None:
        users.append(event["user"])

    @app.event("subteam_members_changed")
    async def members(event: dict[str, Any]) -> None:
        groups.append(event)

    @app.event("subteam_updated")
    async def updated() -> None: ...

    async def told() -> bool:
        return bool(users and groups)

    async with connected(app, slack["app_token"]):
        await world.post("/deactivate", email=OPERATOR, where=["slack"])
        await eventually(told)
        carol = await world.slack_id(OPERATOR)
        listed = await app.client.usergroups_users_list(usergroup=groups[0]["subteam_id"])
        info = await app.client.users_info(user=carol)
    assert users[0]["id"] == carol
    assert users[0]["deleted"] is True
    assert users[0]["profile"]["email"] == OPERATOR
    assert groups[0]["removed_users"] == [carol]
    assert carol not in listed["users"]
    assert info["user"]["deleted"] is True


async def test_events_arrive_twice_and_out_of_order_when_told_so(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """With chaos on, each event comes several times with one event_id."""
    ids: list[str] = []

    @app.event("team_join")
    async def joined(body: dict[str, Any]) -> None:
        ids.append(body["event_id"])

    async def all_there() -> bool:
        return len(ids) == 9

    async with connected(app, slack["app_token"]):
        await world.post("/slack/chaos", duplicate=2, shuffle=True)
        for number in range(3):
            await world.post("/slack/join", email=f"new{number}@larkspur.example", name=f"New {number}")
        await eventually(all_there)
    assert sorted(ids.count(one) for one in set(ids)) == [3, 3, 3]
    assert ids != sorted(ids, key=ids.index) or len(set(ids[:3])) > 1


async def test_an_unacknowledged_event_is_sent_again(slack: dict[str, Any], world: WorldClient) -> None:
    """An event without an ack within three seconds is retried with retry_attempt and retry_reason."""
    async with aiohttp.ClientSession() as http, http.ws_connect(await socket_url(http, slack)) as socket:
        hello = await socket.receive_json(timeout=5)
        assert hello["type"] == "hello"
        assert hello["num_connections"] == 1
        await world.post("/slack/join", email="new@larkspur.example", name="New")
        first = await socket.receive_json(timeout=5)
        again = await socket.receive_json(timeout=5)
        await socket.send_json({"envelope_id": again["envelope_id"]})
    assert (first["retry_attempt"], again["retry_attempt"], again["retry_reason"]) == (0, 1, "timeout")
    assert first["payload"]["event_id"] == again["payload"]["event_id"]
    assert first["accepts_response_payload"] is False


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "crash"])
async def test_the_handler_comes_back(
    reason: str, app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """After a disconnect of any kind bolt connects again, and commands work as before."""

    @app.command("/svc")
    async def command(ack: Any) -> None:
        await ack("here")

    async def gone_and_back() -> bool:
        calls = (await world.get("/calls", platform="slack"))["calls"]
        opened = [one for one in calls if one["path"] == "/api/apps.connections.open"]
        return len(opened) >= 2 and (await world.get("/slack/connections"))["connected"] == 1

    async with connected(app, slack["app_token"]) as handler:
        handler.client.ping_interval = 0.2
        await world.post("/slack/disconnect", reason=reason, notice_s=0.2)
        await eventually(gone_and_back, within_s=20)
        sent = await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
    assert sent["ack"] == {"text": "here"}


async def test_a_connection_needs_the_app_token_in_the_header(slack: dict[str, Any]) -> None:
    """apps.connections.open refuses the bot's token, and the right one given as a parameter."""
    client = AsyncWebClient(token=slack["bot_token"], base_url=slack["api"])
    with pytest.raises(SlackApiError) as wrong:
        await client.apps_connections_open(app_token=slack["bot_token"])
    assert wrong.value.response["error"] == "not_allowed_token_type"
    opened = await client.apps_connections_open(app_token=slack["app_token"])
    assert opened["url"].startswith("ws://127.0.0.1:")


async def test_a_trigger_opens_one_modal_within_three_seconds(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """A trigger id used twice was exchanged; used after three seconds it has expired."""
    triggers: list[str] = []

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        triggers.append(body["trigger_id"])

    async def use(trigger_id: str) -> str:
        try:
            await app.client.views_open(trigger_id=trigger_id, view=modal("any", REASON))
        except SlackApiError as error:
            return str(error.response["error"])
        return "opened"

    async with connected(app, slack["app_token"]):
        for _ in range(2):
            await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
    assert [await use(triggers[0]), await use(triggers[0])] == ["opened", "exchanged_trigger_id"]
    await world.post("/advance", seconds=4)
    assert await use(triggers[1]) == "expired_trigger_id"


async def test_a_click_can_arrive_twice(app: AsyncApp, slack: dict[str, Any], world: WorldClient) -> None:
    """With chaos on clicks, one press reaches the app again with the same action and response address."""
    seen: list[dict[str, Any]] = []

    @app.action("go")
    async def go(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        seen.append(body)

    async def twice() -> bool:
        return len(seen) == 2

    blocks = [{"type": "actions", "elements": [button("go", "1")]}]
    posted = await app.client.chat_postMessage(channel=slack["channel"], text="Go?", blocks=blocks)
    async with connected(app, slack["app_token"]):
        await world.post("/slack/chaos", interactions=1)
        press = {"channel": posted["channel"], "ts": posted["ts"], "action_id": "go"}
        await world.post("/slack/click", user=ADMIN, **press)
        await eventually(twice)
    assert seen[0]["actions"] == seen[1]["actions"]
    assert seen[0]["response_url"] == seen[1]["response_url"]


async def test_the_eleventh_connection_is_sent_away(slack: dict[str, Any], world: WorldClient) -> None:
    """Ten connections are kept; the next is told too_many_websockets and closed; a ticket works once."""
    async with aiohttp.ClientSession() as http:
        url = await socket_url(http, slack)
        sockets = [await http.ws_connect(url)]
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(url)
        sockets += [await http.ws_connect(await socket_url(http, slack)) for _ in range(10)]
        first = [await socket.receive_json(timeout=5) for socket in sockets]
        assert [one["type"] for one in first] == ["hello"] * 10 + ["disconnect"]
        assert first[-1]["reason"] == "too_many_websockets"
        assert (await world.get("/slack/connections"))["connected"] == 10


async def test_each_payload_goes_to_one_connection(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """Of several connections one gets each command, and over many commands each gets some."""
    other = AsyncApp(client=app.client, signing_secret=slack["signing_secret"])
    seen: list[str] = []

    @app.command("/svc")
    async def first(ack: Any) -> None:
        await ack()
        seen.append("first")

    @other.command("/svc")
    async def second(ack: Any) -> None:
        await ack()
        seen.append("second")

    async with connected(app, slack["app_token"]), connected(other, slack["app_token"]):
        for _ in range(20):
            await world.post("/slack/slash", user=ADMIN, channel="#general", text="")
    assert len(seen) == 20
    assert set(seen) == {"first", "second"}


async def test_two_hundred_commands_at_once_are_all_answered(
    app: AsyncApp, slack: dict[str, Any], world: WorldClient
) -> None:
    """A crowd typing at the same moment gets every ack, each its own."""

    @app.command("/svc")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        await ack(body["text"])

    async with connected(app, slack["app_token"]):
        typed = [
            world.post("/slack/slash", user=ADMIN, channel="#general", text=str(number))
            for number in range(200)
        ]
        sent = await asyncio.gather(*typed)
    assert [one["ack"]["text"] for one in sent] == [str(number) for number in range(200)]
