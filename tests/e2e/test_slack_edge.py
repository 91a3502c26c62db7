"""The edge against the Slack stand-in, over real sockets: commands, buttons, forms, searches, events, Home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from bot.chat.model import (
    Button,
    Buttons,
    Chart,
    Data,
    Form,
    Heading,
    Input,
    InputKind,
    Option,
    Para,
    Reply,
    Trigger,
)
from bot.errors import StoreError
from bot.slack import inbound
from sandbox.slack.blockkit import layout
from tests.conformance.driving import ADMIN, OPERATOR, VIEWER, eventually
from tests.e2e.slack_edge import Edge, edge, words

FORM = Form(
    name="handover",
    title="Hand over",
    submit="Ask",
    state={"id": "ABC123"},
    inputs=(
        Input(name="reason", label="Reason", kind=InputKind.TEXT),
        Input(name="account", label="Account", kind=InputKind.SEARCH, optional=True),
    ),
)
ENTERED = {"reason": {"reason": "left on Friday"}}


@pytest.fixture
async def desk() -> AsyncIterator[Edge]:
    """A connected edge."""
    async with edge() as opened:
        link = opened.link()
        await link.connect()
        yield opened
        await link.close()


async def slash(desk: Edge, text: str, user: str = ADMIN) -> dict[str, object]:
    return dict(await desk.world.post("/slack/slash", user=user, channel=desk.channel, text=text))


async def press(desk: Edge, button: Button, user: str = ADMIN) -> str:
    """Show a button to somebody and press it; returns the message's ts."""
    desk.script.replies.insert(0, Reply(summary="Buttons", parts=(Buttons((button,)),)))
    await slash(desk, "menu", user)
    ts = str((await desk.ephemerals(user))[-1]["ts"])
    await desk.world.post(
        "/slack/click", user=user, channel=desk.channel, ts=ts, action_id=f"svc.{button.action}.v1:0"
    )
    return ts


async def test_a_quick_answer_comes_with_the_acknowledgement(desk: Edge) -> None:
    """What is ready in time costs no second request, and only the asker sees it."""
    desk.script.replies = [Reply(summary="One & two", parts=(Heading("Two tokens"),))]
    answer = await slash(desk, "list <mine>")
    (shown,) = await desk.ephemerals(ADMIN)
    (request,) = desk.script.requests
    assert answer["ack"]["text"] == "One &amp; two"  # type: ignore[index]
    assert words(shown["blocks"]) == "Two tokens"
    assert (request.trigger, request.text, request.channel) == (
        Trigger.COMMAND,
        "list &lt;mine&gt;",
        desk.channel,
    )
    assert request.caller.user_id == await desk.world.slack_id(ADMIN)
    assert request.caller.team_id == desk.sandbox.ready["slack"]["team_id"]


async def test_a_slow_answer_comes_later(desk: Edge) -> None:
    """Slack is told at once that we heard; the answer follows when there is one."""
    desk.script.replies, desk.script.after_s = [Reply(summary="At last")], 0.5
    assert (await slash(desk, "list"))["ack"] == {}

    async def answered() -> bool:
        return [shown["text"] for shown in await desk.ephemerals(ADMIN)] == ["At last"]

    assert await eventually(answered)
    assert await desk.world.counter("slack.acks_missing") == 0


async def test_a_public_answer_is_seen_by_all(desk: Edge) -> None:
    """Only what was asked to be public is."""
    desk.script.replies = [Reply(summary="For all", public=True)]
    await slash(desk, "list --public")
    assert [message["text"] for message in await desk.messages(desk.channel)] == ["For all"]


async def test_a_broken_dispatcher_shows_a_reference_and_logs_no_values(
    desk: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody waits for every failure, and the log finds it by the reference they were shown."""
    caplog.set_level(logging.ERROR)
    desk.script.replies = [LookupError("Ana's secret token")]
    answer = await slash(desk, "list")
    text = str(answer["ack"]["text"])  # type: ignore[index]
    reference = text.rpartition(" ")[2]
    assert "failed on our side" in text
    assert f"reference {reference}: LookupError" in caplog.text
    assert "Ana's" not in caplog.text


@pytest.mark.parametrize("closed", ["POST /response", "POST /(response|api/chat.postEphemeral)"])
async def test_an_answer_finds_another_way(desk: Edge, closed: str) -> None:
    """Where the response address is closed the answer is posted for the asker alone, else sent to them."""
    await desk.world.post("/faults", platform="slack", kind="500", match=closed, count=None)
    desk.script.replies, desk.script.after_s = [Reply(summary="At last")], 0.4
    await slash(desk, "list", OPERATOR)
    direct = (await desk.world.post("/slack/open_dm", user=OPERATOR))["channel"]

    async def found() -> list[str]:
        shown = await (desk.messages(direct) if "postEphemeral" in closed else desk.ephemerals(OPERATOR))
        return [each["text"] for each in shown]

    assert await eventually(found) == ["At last"]


async def test_a_form_that_is_ready_opens_filled(desk: Edge) -> None:
    """A command may answer with questions; what they are about and where to answer travels along."""
    desk.script.replies = [Reply(summary="Form", form=FORM)]
    await slash(desk, "handover x")

    async def opened() -> list[dict[str, object]]:
        return await desk.views(ADMIN)

    (view,) = await eventually(opened)
    await desk.world.post("/slack/submit", user=ADMIN, view_id=view["id"], values=ENTERED)
    sent = desk.script.requests[-1]
    assert (sent.trigger, sent.name, sent.answers) == (
        Trigger.SUBMIT,
        "handover",
        {"reason": "left on Friday", "account": ""},
    )
    assert (sent.state["id"], sent.channel) == ("ABC123", desk.channel)
    assert await desk.views(ADMIN) == []

    async def told() -> list[str]:
        return [shown["text"] for shown in await desk.ephemerals(ADMIN)]

    assert await eventually(told) == ["Done"]


async def test_a_form_that_takes_long_has_its_place_taken_at_once(desk: Edge) -> None:
    """Slack gives three seconds to open a view; it opens empty and is filled."""
    desk.script.replies, desk.script.after_s = [Reply(summary="Form", form=FORM)], 0.6
    desk.script.title = "Hand over"
    await slash(desk, "handover x")

    async def loading() -> bool:
        views = await desk.views(ADMIN)
        return bool(views) and words(views[0]["blocks"]) == "Loading…"

    async def filled() -> bool:
        views = await desk.views(ADMIN)
        return bool(views) and views[0].get("callback_id") == "svc.handover.v1"

    assert await eventually(loading)
    assert await eventually(filled)


async def test_a_view_that_changed_meanwhile_is_left_alone(desk: Edge) -> None:
    """Two updates of one view do not cross: the later news comes as an answer of its own."""
    desk.script.replies, desk.script.after_s = [Reply(summary="Form", form=FORM)], 0.6
    desk.script.title = "Hand over"
    await slash(desk, "handover x")

    async def loading() -> list[dict[str, object]]:
        return await desk.views(ADMIN)

    (view,) = await eventually(loading)
    newer = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Newer"},
        "blocks": [{"type": "divider"}],
    }
    await desk.clients.interactive.views_update(view_id=str(view["id"]), view=newer)

    async def told() -> list[str]:
        return [shown["text"] for shown in await desk.ephemerals(ADMIN)]

    assert "Do the same once more." in (await eventually(told))[0]
    assert [each["title"]["text"] for each in await desk.views(ADMIN)] == ["Newer"]


async def test_a_form_that_is_not_to_be_says_why(desk: Edge) -> None:
    """Where a loading view was opened and there is no form after all, the view tells."""
    desk.script.replies, desk.script.after_s = [Reply(summary="You may not.")], 0.4
    desk.script.title = "Hand over"
    await slash(desk, "handover x")

    async def told() -> bool:
        views = await desk.views(ADMIN)
        return bool(views) and words(views[0]["blocks"]) == "You may not."

    assert await eventually(told)


async def open_form(desk: Edge) -> str:
    desk.script.replies = [Reply(summary="Form", form=FORM)]
    await slash(desk, "handover x")

    async def opened() -> list[dict[str, object]]:
        return await desk.views(ADMIN)

    return str((await eventually(opened))[0]["id"])


async def test_errors_stand_at_their_questions(desk: Edge) -> None:
    """A form with errors stays open; an error that belongs to no question is not lost."""
    view_id = await open_form(desk)
    desk.script.replies = [Reply(summary="No", errors={"reason": "Too short.", "elsewhere": "Not now."})]
    answer = await desk.world.post("/slack/submit", user=ADMIN, view_id=view_id, values=ENTERED)
    assert answer["ack"] == {"response_action": "errors", "errors": {"reason": "Too short. Not now."}}
    assert len(await desk.views(ADMIN)) == 1


async def test_a_slow_submission_says_that_it_works_and_then_what_came_of_it(desk: Edge) -> None:
    """Nobody looks at a frozen form: it turns into "Working…" and then into the result."""
    view_id = await open_form(desk)
    desk.script.replies, desk.script.after_s = [Reply(summary="Asked Dan.")], 0.5
    answer = await desk.world.post("/slack/submit", user=ADMIN, view_id=view_id, values=ENTERED)
    assert words(answer["ack"]["view"]["blocks"]) == "Working…"

    async def told() -> bool:
        return words((await desk.views(ADMIN))[0]["blocks"]) == "Asked Dan."

    assert await eventually(told)


async def test_a_slow_refusal_gives_back_what_was_entered(desk: Edge) -> None:
    """After "Working…" a form with errors is whole again, and nobody types twice."""
    view_id = await open_form(desk)
    desk.script.replies, desk.script.after_s = [Reply(summary="No", errors={"reason": "Too short."})], 0.5
    await desk.world.post("/slack/submit", user=ADMIN, view_id=view_id, values=ENTERED)

    async def again() -> bool:
        (view,) = await desk.views(ADMIN)
        return "Too short." in words(view["blocks"])

    assert await eventually(again)
    (view,) = await desk.views(ADMIN)
    asked = next(block for block in view["blocks"] if block["block_id"] == "reason")
    assert asked["element"]["initial_value"] == "left on Friday"
    await desk.world.post("/slack/submit", user=ADMIN, view_id=view_id, values={})
    assert desk.script.requests[-1].answers["reason"] == "left on Friday"


async def test_a_button_may_replace_its_message(desk: Edge) -> None:
    """The record of a decision stands where the question stood."""
    desk.script.replies = [Reply(summary="Approved by Dan", replace=True)]
    ts = await press(desk, Button("Approve", "request.approve", "ABC123.1"))

    async def replaced() -> bool:
        return [(each["ts"], each["text"]) for each in await desk.ephemerals(ADMIN)] == [
            (ts, "Approved by Dan")
        ]

    assert await eventually(replaced)
    pressed = desk.script.requests[-1]
    assert (pressed.trigger, pressed.name, pressed.value) == (
        Trigger.BUTTON,
        "request.approve",
        "ABC123.1",
    )
    assert (pressed.channel, pressed.message_ts) == (desk.channel, ts)


async def test_a_button_answers_beside_its_message(desk: Edge) -> None:
    """Without being asked to replace, an answer leaves the message as it is."""
    desk.script.replies = [Reply(summary="Here it is")]
    await press(desk, Button("Show", "show", "ABC123"))

    async def beside() -> bool:
        return [each["text"] for each in await desk.ephemerals(ADMIN)] == ["Buttons", "Here it is"]

    assert await eventually(beside)


async def test_a_button_of_an_older_release_explains_itself(desk: Edge) -> None:
    """An id that no current release makes reaches no handler."""
    old = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}}
    posted = await desk.clients.interactive.chat_postMessage(
        channel=desk.channel, text="old", blocks=[{"type": "actions", "elements": [old]}]
    )
    await desk.world.post(
        "/slack/click", user=ADMIN, channel=desk.channel, ts=posted["ts"], action_id="approve"
    )

    async def told() -> list[dict[str, object]]:
        return await desk.ephemerals(ADMIN)

    (shown,) = await eventually(told)
    assert shown["text"] == "This button is from an older version. Run /svc to see what can be done now."
    assert desk.script.requests == []


async def test_a_button_in_a_form_opens_another_above_it(desk: Edge) -> None:
    """Views stack, and when the upper one is sent and settled none is left behind."""
    button = Buttons((Button("More", "more", "1"),))
    desk.script.replies = [
        Reply(summary="Form", form=Form(name="first", title="First", parts=(button,))),
        Reply(summary="Form", form=FORM),
    ]
    await slash(desk, "handover x")

    async def opened() -> bool:
        return len(await desk.views(ADMIN)) == 1

    await eventually(opened)
    (view,) = await desk.views(ADMIN)
    await desk.world.post("/slack/click", user=ADMIN, view_id=view["id"], action_id="svc.more.v1:0")

    async def stacked() -> bool:
        return [each["title"]["text"] for each in await desk.views(ADMIN)] == ["First", "Hand over"]

    assert await eventually(stacked)
    upper = str((await desk.views(ADMIN))[1]["id"])
    await desk.world.post("/slack/submit", user=ADMIN, view_id=upper, values=ENTERED)
    assert await desk.views(ADMIN) == []


async def test_a_shortcut_is_a_button_without_a_message(desk: Edge) -> None:
    """Slack's own menus reach the same handlers, and unknown entries explain themselves."""
    await desk.world.post("/slack/shortcut", user=ADMIN, callback_id="svc.list.mine.v1")
    direct = (await desk.world.post("/slack/open_dm", user=ADMIN))["channel"]

    async def said() -> list[str]:
        return [each["text"] for each in await desk.messages(direct)]

    assert await eventually(said) == ["Done"]
    (request,) = desk.script.requests
    assert (request.trigger, request.name, request.channel) == (Trigger.BUTTON, "list.mine", "")
    await desk.world.post("/slack/shortcut", user=ADMIN, callback_id="svc_find")

    async def both() -> bool:
        return len(await said()) == 2

    await eventually(both)
    assert "older version" in (await said())[1]
    assert len(desk.script.requests) == 1


async def test_a_form_of_an_older_release_explains_itself(desk: Edge) -> None:
    """A form that was open over an upgrade is not misread."""
    desk.script.replies = [Reply(summary="Form", form=Form(name="x", title="X", submit="Go"))]
    await slash(desk, "handover x")

    async def opened() -> list[dict[str, object]]:
        return await desk.views(ADMIN)

    (view,) = await eventually(opened)
    old = {
        "type": "modal",
        "callback_id": "handover_modal",
        "title": {"type": "plain_text", "text": "Old"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [{"type": "divider"}],
    }
    await desk.clients.interactive.views_update(view_id=str(view["id"]), view=old)
    await desk.world.post("/slack/submit", user=ADMIN, view_id=view["id"], values={})
    assert "older version" in words((await desk.views(ADMIN))[0]["blocks"])
    assert len(desk.script.requests) == 1


async def test_errors_without_questions_are_told_in_the_view(desk: Edge) -> None:
    """A form that only asks for a yes has nowhere to put an error but itself."""
    desk.script.replies = [
        Reply(summary="Form", form=Form(name="x", title="Sure?", submit="Yes")),
        Reply(summary="No", errors={"any": "It changed meanwhile."}),
    ]
    await slash(desk, "handover x")

    async def opened() -> list[dict[str, object]]:
        return await desk.views(ADMIN)

    (view,) = await eventually(opened)
    await desk.world.post("/slack/submit", user=ADMIN, view_id=view["id"], values={})
    assert words((await desk.views(ADMIN))[0]["blocks"]) == "It changed meanwhile."


async def test_a_click_delivered_twice_is_one_click(desk: Edge) -> None:
    """Slack's own repetition changes nothing."""
    await desk.world.post("/slack/chaos", interactions=2)
    await press(desk, Button("Approve", "request.approve", "ABC123.1"))
    await asyncio.sleep(0.3)
    assert [each.name for each in desk.script.requests] == ["", "request.approve"]


async def test_a_search_field_is_answered(desk: Edge) -> None:
    """Suggestions come from the dispatcher, under the field's name and with the form's state."""
    view_id = await open_form(desk)
    desk.script.found = (Option("svc-marketo <x>", "005A"),)
    answer = await desk.world.post(
        "/slack/options", user=ADMIN, view_id=view_id, block_id="account", action_id="account", value="mark"
    )
    asked = desk.script.requests[-1]
    assert [each["value"] for each in answer["ack"]["options"]] == ["005A"]
    assert (asked.trigger, asked.name, asked.value, asked.text) == (
        Trigger.SEARCH,
        "account",
        "handover",
        "mark",
    )
    assert asked.state["id"] == "ABC123"


async def test_a_slow_search_offers_nothing_in_time(desk: Edge) -> None:
    """An empty list within the limit beats a list after it."""
    view_id = await open_form(desk)
    desk.script.found, desk.script.after_s = (Option("a", "b"),), 5.0
    answer = await desk.world.post(
        "/slack/options", user=ADMIN, view_id=view_id, block_id="account", action_id="account", value="m"
    )
    assert answer["ack"] == {"options": []}


async def test_an_event_delivered_twice_is_one_event(desk: Edge) -> None:
    """Whatever Slack repeats or shuffles, each change is told once, with its id."""
    await desk.world.post("/slack/chaos", duplicate=2, shuffle=True)
    await desk.world.post("/deactivate", email=VIEWER, where=["slack"])

    async def told() -> bool:
        return len(desk.script.events) >= 1

    await eventually(told)
    await asyncio.sleep(0.6)
    flips = [
        event["user"]["deleted"]  # type: ignore[index]
        for name, event_id, event in desk.script.events
        if name == "user_change" and event_id
    ]
    assert flips == [True]


async def test_an_event_is_acknowledged_only_once_it_is_stored(desk: Edge) -> None:
    """While nothing can be stored Slack keeps it, and so do we; afterwards it is told once, whoever brings it."""
    desk.script.broken_events, desk.script.event_error = 3, StoreError("The disk is full.")
    payload = {
        "type": "event_callback",
        "event_id": "Ev0FULL",
        "event": {"type": "user_change", "user": {"id": "U1"}},
    }
    assert await desk.inbound.take(payload) is False
    assert await desk.inbound.take(payload) is False  # Slack brings it again

    async def stored() -> bool:
        return len(desk.script.events) == 1

    assert await eventually(stored, within_s=15.0)
    assert await desk.inbound.take(payload) is True
    await asyncio.sleep(0.3)
    assert [event_id for _, event_id, _ in desk.script.events] == ["Ev0FULL"]


async def test_a_crowd_that_could_not_be_stored_is_read_as_a_whole(
    desk: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept in memory has a limit; beyond it every member is read anew instead."""
    monkeypatch.setattr(inbound, "UNSTORED_AT_MOST", 3)  # two thousand events take too long to bring
    desk.script.broken_events, desk.script.event_error = 5, StoreError("The disk is full.")
    for n in range(5):
        event = {"type": "user_change", "user": {"id": f"U{n}"}}
        assert not await desk.inbound.take({"type": "event_callback", "event_id": f"Ev{n}", "event": event})

    async def read() -> bool:
        return desk.script.missed_all == 1

    assert await eventually(read, within_s=15.0)
    assert desk.script.events == []


async def test_an_event_that_failed_is_taken_in_when_it_comes_again(desk: Edge) -> None:
    """Only what was dealt with counts as seen."""
    desk.script.broken_events = 1
    await desk.world.post("/slack/chaos", duplicate=1, shuffle=True)
    await desk.world.post("/slack/profile", user=VIEWER, title="Analyst")

    async def told() -> bool:
        return len(desk.script.events) == 1

    assert await eventually(told)


async def test_opening_home_shows_it_once(desk: Edge) -> None:
    """Home is published when it would look different, and not for every glance."""
    same = Reply(summary="Home", parts=(Heading("Waiting for you"),))
    desk.script.replies = [same, same, Reply(summary="Home", parts=(Heading("Nothing waits"),))]
    for expected, published in (("Waiting for you", 1), ("Waiting for you", 1), ("Nothing waits", 2)):
        asked = len(desk.script.requests)
        await desk.world.post("/slack/open_home", user=ADMIN)

        async def shown(expected: str = expected, asked: int = asked) -> bool:
            view = (await desk.world.get("/slack/home", user=ADMIN))["view"]
            return len(desk.script.requests) > asked and view and words(view["blocks"]) == expected

        await eventually(shown)
        calls = (await desk.world.get("/calls", platform="slack"))["calls"]
        assert sum("views.publish" in call["path"] for call in calls) == published
    assert desk.script.requests[-1].trigger is Trigger.HOME


async def test_a_slack_without_charts_gets_its_home_all_the_same(
    desk: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Home tab refused for its chart comes with the chart as a list, and from then on so at the first try."""
    shown = [Chart("Ends by month", "Ends", (("Dec 2026", 3), ("Jan 2027", number))) for number in range(3)]
    user = await desk.world.slack_id(ADMIN)
    assert await desk.home.publish(user, shown[:1])
    view = (await desk.world.get("/slack/home", user=ADMIN))["view"]
    assert [block["type"] for block in view["blocks"]] == ["data_visualization", "rich_text"]
    assert "Dec 2026: 3 · Jan 2027: 0" in words(view["blocks"])
    monkeypatch.delitem(layout.BLOCKS, "data_visualization")
    for chart, tries in ((shown[1], 3), (shown[2], 4)):
        assert await desk.home.publish(user, (chart,))
        view = (await desk.world.get("/slack/home", user=ADMIN))["view"]
        assert "Dec 2026 ████████████  3" in words(view["blocks"])
        calls = (await desk.world.get("/calls", platform="slack"))["calls"]
        assert sum("views.publish" in call["path"] for call in calls) == tries


async def test_a_hostile_name_pings_nobody(desk: Edge) -> None:
    """The stand-in counts live broadcasts in everything it was ever sent."""
    name = "<!channel> <!subteam^S1> *x* <https://evil.test|Approve>"
    desk.script.replies = [Reply(summary=f"About {name}", parts=(Para((Data(name),)),), public=True)]
    await slash(desk, "show x")
    (message,) = await desk.messages(desk.channel)
    assert name in words(message["blocks"])
    assert await desk.world.counter("slack.broadcasts") == 0


async def test_the_same_edge_serves_signed_http(desk: Edge) -> None:
    """Both transports run the same code; what is badly signed reaches nobody."""
    adapter = AsyncSlackRequestHandler(desk.inbound.app)

    async def receive(request: HttpRequest) -> Response:
        return await adapter.handle(request)

    asgi = Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(asgi, host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    port = server.servers[0].sockets[0].getsockname()[1]
    await desk.world.post("/slack/transport", http_url=f"http://127.0.0.1:{port}/slack/events")
    desk.script.replies = [Reply(summary="Over HTTP")]
    assert (await slash(desk, "list"))["ack"]["text"] == "Over HTTP"  # type: ignore[index]
    await desk.world.post("/slack/policy", signature="bad")
    await slash(desk, "list")
    assert len(desk.script.requests) == 1
    server.should_exit = True
    await serving
