"""The sender, the directory, Home and the doctor's looks against the Slack stand-in, over real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.chat.codec import encode_reply
from bot.chat.model import Button, Buttons, Data, Para, Part, Reply
from bot.db.outbox import PostedCopy, Posting
from bot.errors import AuthFailed, Forbidden, NotFound, OutcomeUnknown, RateLimited, Unreachable
from bot.slack.chat import Chat, Delivered
from bot.slack.checkup import checkup
from bot.slack.clients import Clients
from bot.slack.directory import Directory
from bot.slack.failures import PersonUnreachable
from bot.slack.scopes import SCOPES
from bot.text import Secret
from tests.conformance.driving import ADMIN, APPROVER, OPERATOR, VIEWER
from tests.e2e.slack_edge import Edge, edge, words

THREAD = "request:ABC123"


@pytest.fixture
async def desk() -> AsyncIterator[Edge]:
    """An edge that only speaks."""
    async with edge() as opened:
        yield opened


@pytest.fixture
def chat(desk: Edge) -> Chat:
    """The sender."""
    return Chat(desk.clients, "/svc")


def posting(
    channel: str, said: str, *, thread: str = "", edit: bool = False, parts: tuple[Part, ...] = ()
) -> Posting:
    reply = Reply(summary=said, parts=parts or (Para((Data(said),)),))
    return Posting(
        idem_key=f"{channel}:{said}", channel=channel, body=encode_reply(reply), thread=thread, edit=edit
    )


def copy(recipient: str, placed: Delivered) -> PostedCopy:
    return PostedCopy(thread=THREAD, recipient=recipient, channel=placed.channel, ts=placed.ts)


async def test_a_posting_arrives_whole_and_names_nothing_in_its_metadata(desk: Edge, chat: Chat) -> None:
    """Blocks, the text for notifications, and an opaque id that any app in the workspace may read."""
    placed = await chat.deliver(posting(desk.channel, "Ana & <Bo>", thread=THREAD), ())
    (message,) = await desk.messages(desk.channel)
    assert (message["ts"], message["text"], words(message["blocks"])) == (
        placed.ts,
        "Ana &amp; &lt;Bo&gt;",
        "Ana & <Bo>",
    )
    calls = (await desk.world.get("/slack/wire"))["entries"]
    sent = next(str(call) for call in calls if "chat.postMessage" in str(call))
    assert "handover_posting" in sent
    assert THREAD not in sent


async def test_an_edit_changes_every_copy(desk: Edge, chat: Chat) -> None:
    """Whoever was shown the question is shown the record of its decision, in the same place."""
    approver = await desk.world.slack_id(APPROVER)
    button = Buttons((Button("Approve", "approve", "1"),))
    first = await chat.deliver(posting(desk.channel, "Ask", thread=THREAD, parts=(button,)), ())
    second = await chat.deliver(posting(approver, "Ask", thread=THREAD, parts=(button,)), ())
    copies = (copy(desk.channel, first), copy(approver, second))
    now = await chat.deliver(posting(desk.channel, "Approved", thread=THREAD, edit=True), copies)
    assert now == Delivered(first.channel, first.ts, copies)
    for placed in (first, second):
        (message,) = await desk.messages(placed.channel)
        assert (message["ts"], words(message["blocks"])) == (placed.ts, "Approved")


async def test_an_edit_has_block_ids_of_its_own(desk: Edge, chat: Chat) -> None:
    """A click tells which revision was on the screen."""
    first = await chat.deliver(posting(desk.channel, "One", thread=THREAD), ())
    before = (await desk.messages(desk.channel))[0]["blocks"][0]["block_id"]
    await chat.deliver(posting(desk.channel, "Two", thread=THREAD, edit=True), (copy(desk.channel, first),))
    after = (await desk.messages(desk.channel))[0]["blocks"][0]["block_id"]
    assert before != after


async def test_what_was_deleted_is_posted_again(desk: Edge, chat: Chat) -> None:
    """A record never goes missing because somebody tidied up; the caller learns where it stands now."""
    placed = await chat.deliver(posting(desk.channel, "Ask", thread=THREAD), ())
    await desk.clients.interactive.chat_delete(channel=placed.channel, ts=placed.ts)
    edit = posting(desk.channel, "Approved", thread=THREAD, edit=True)
    now = await chat.deliver(edit, (copy(desk.channel, placed),))
    (message,) = await desk.messages(desk.channel)
    assert now.copies == (PostedCopy(thread=THREAD, recipient=desk.channel, channel=desk.channel, ts=now.ts),)
    assert (message["ts"], message["text"]) == (now.ts, "Approved")
    assert now.ts != placed.ts


async def test_one_copy_lost_for_good_does_not_keep_the_others_from_the_record(
    desk: Edge, chat: Chat
) -> None:
    """A closed channel is no reason to leave buttons on everybody else's screen."""
    general = await desk.world.channel("general")
    await desk.world.post("/slack/channel", channel=general, bot=True)
    placed = {to: await chat.deliver(posting(to, "Ask", thread=THREAD), ()) for to in (general, desk.channel)}
    copies = tuple(copy(to, where) for to, where in placed.items())
    await desk.world.post("/slack/channel", channel=general, archived=True)
    await chat.deliver(posting(general, "Approved", thread=THREAD, edit=True), copies)
    (message,) = await desk.messages(desk.channel)
    assert message["text"] == "Approved"
    with pytest.raises(Forbidden):
        await chat.deliver(posting(general, "Approved", thread=THREAD, edit=True), copies[:1])


async def test_an_edit_that_may_still_work_is_tried_again_whole(desk: Edge, chat: Chat) -> None:
    """A copy behind an outage is not given up; the ones that can be changed are changed meanwhile."""
    general = await desk.world.channel("general")
    await desk.world.post("/slack/channel", channel=general, bot=True)
    placed = {to: await chat.deliver(posting(to, "Ask", thread=THREAD), ()) for to in (general, desk.channel)}
    copies = tuple(copy(to, where) for to, where in placed.items())
    await desk.world.post("/faults", platform="slack", kind="500", match="chat.update")
    edit = posting(general, "Approved", thread=THREAD, edit=True)
    with pytest.raises(Unreachable):
        await chat.deliver(edit, copies)
    assert [(await desk.messages(to))[0]["text"] for to in (general, desk.channel)] == ["Ask", "Approved"]
    await chat.deliver(edit, copies)
    assert (await desk.messages(general))[0]["text"] == "Approved"


async def test_what_is_too_old_to_edit_is_answered_in_its_thread(desk: Edge, chat: Chat) -> None:
    """A workspace may close the window for edits; the record then follows below."""
    placed = await chat.deliver(posting(desk.channel, "Ask", thread=THREAD), ())
    await desk.world.post("/slack/policy", edit_window_minutes=1.0)
    await desk.world.post("/advance", seconds=120)
    edit = posting(desk.channel, "Approved", thread=THREAD, edit=True)
    now = await chat.deliver(edit, (copy(desk.channel, placed),))
    asked, told = await desk.messages(desk.channel)
    assert (asked["text"], told["text"], told["thread_ts"]) == ("Ask", "Approved", placed.ts)
    assert now.ts == placed.ts


async def test_a_later_posting_of_a_thread_answers_in_it(desk: Edge, chat: Chat) -> None:
    """Steps of a handover stand under its request."""
    placed = await chat.deliver(posting(desk.channel, "Ask", thread=THREAD), ())
    await chat.deliver(posting(desk.channel, "Step one", thread=THREAD), (copy(desk.channel, placed),))
    assert [each.get("thread_ts") for each in await desk.messages(desk.channel)][1] == placed.ts


async def test_a_posting_to_somebody_new_of_a_thread_is_a_message(desk: Edge, chat: Chat) -> None:
    """A copy for one more person does not end up under somebody else's."""
    placed = await chat.deliver(posting(desk.channel, "Ask", thread=THREAD), ())
    approver = await desk.world.slack_id(APPROVER)
    other = await chat.deliver(posting(approver, "Ask", thread=THREAD), (copy(desk.channel, placed),))
    (message,) = await desk.messages(other.channel)
    assert "thread_ts" not in message
    assert other.channel.startswith("D")


async def test_somebody_deactivated_is_named_as_unreachable(desk: Edge, chat: Chat) -> None:
    """The caller learns who cannot be reached, to ask somebody else."""
    viewer = await desk.world.slack_id(VIEWER)
    await desk.world.post("/deactivate", email=VIEWER, where=["slack"])
    with pytest.raises(PersonUnreachable) as caught:
        await chat.deliver(posting(viewer, "Hello"), ())
    assert (caught.value.person, caught.value.code) == (viewer, "person_unreachable")


async def test_a_public_channel_is_joined(desk: Edge, chat: Chat) -> None:
    """An alert does not wait for an invitation where none is needed."""
    general = await desk.world.channel("general")
    await desk.world.post("/slack/channel", channel=general, bot=False)
    await chat.deliver(posting(general, "Hello"), ())
    assert [each["text"] for each in await desk.messages(general)] == ["Hello"]


async def test_an_archived_channel_is_a_closed_door(desk: Edge, chat: Chat) -> None:
    """The error says what to do instead of trying again."""
    await desk.world.post("/slack/channel", channel=desk.channel, archived=True)
    with pytest.raises(Forbidden, match="archived"):
        await chat.deliver(posting(desk.channel, "Hello"), ())


async def test_posts_to_one_channel_are_a_second_apart(desk: Edge, chat: Chat) -> None:
    """Slack's pace per channel is kept before Slack has to ask; another channel need not wait."""
    general = await desk.world.channel("general")
    started = time.monotonic()
    await chat.deliver(posting(desk.channel, "One"), ())
    assert 0.5 < chat.next_slot(desk.channel) <= 1.0
    assert chat.next_slot(general) == 0.0
    await chat.deliver(posting(desk.channel, "Two"), ())
    assert time.monotonic() - started >= 1.0
    assert await desk.world.counter("slack.429") == 0


async def test_a_429_is_told_and_remembered(desk: Edge, chat: Chat) -> None:
    """The sender does not sleep over it: the outbox decides what to send meanwhile."""
    await desk.world.post("/faults", platform="slack", kind="429", match="chat.postMessage", retry_after_s=7)
    with pytest.raises(RateLimited) as caught:
        await chat.deliver(posting(desk.channel, "Hello"), ())
    assert caught.value.retry_after_s == 7.0
    assert 6.0 < chat.next_slot(desk.channel) <= 7.0


@pytest.mark.parametrize("kind", ["500", "reset", "bad_json"])
async def test_no_usable_answer_leaves_the_outcome_unknown(desk: Edge, chat: Chat, kind: str) -> None:
    """Broken answers of every kind are one error, which says that it may stand there; none is repeated by us."""
    await desk.world.post("/faults", platform="slack", kind=kind, match="chat.postMessage")
    with pytest.raises(OutcomeUnknown):
        await chat.deliver(posting(desk.channel, "Hello"), ())
    calls = (await desk.world.get("/calls", platform="slack"))["calls"]
    assert sum("chat.postMessage" in call["path"] for call in calls) == 1


@pytest.mark.parametrize(
    ("scopes", "found"), [(("channels:history",), True), ((), False)], ids=["history", "no history"]
)
async def test_a_message_that_may_stand_there_is_looked_for(
    desk: Edge, chat: Chat, scopes: tuple[str, ...], found: bool
) -> None:
    """By its opaque id, in the channel and in threads, where the app may read them; else that is said."""
    await desk.world.post("/slack/scopes", bot=[*SCOPES, *scopes])
    asked, answered = posting(desk.channel, "Ask", thread=THREAD), posting(desk.channel, "One", thread=THREAD)
    since = datetime.now(UTC)
    if not found:
        with pytest.raises(Forbidden, match="channels:history"):
            await chat.find(asked, (), since)
        return
    assert await chat.find(asked, (), since) is None
    placed = await chat.deliver(asked, ())
    copies = (copy(desk.channel, placed),)
    assert await chat.find(asked, (), since) == placed
    assert await chat.find(answered, copies, since) is None
    below = await chat.deliver(answered, copies)
    assert await chat.find(answered, copies, since) == below


async def test_a_message_sent_again_says_so(desk: Edge, chat: Chat) -> None:
    """Whoever sees it twice knows why."""
    await chat.deliver(posting(desk.channel, "Ask"), (), again=True)
    (message,) = await desk.messages(desk.channel)
    assert "Ask" in words(message["blocks"])
    assert "an earlier copy may stand above" in words(message["blocks"])


async def test_a_slack_that_cannot_be_reached_got_nothing(desk: Edge) -> None:
    """A refused connection is no unknown outcome: the message is simply sent later."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        clients = await Clients.open(desk.tokens, f"http://127.0.0.1:{closed.getsockname()[1]}/api/")
        with pytest.raises(Unreachable):
            await Chat(clients, "/svc").deliver(posting(desk.channel, "Hello"), ())
        await clients.aclose()


async def test_a_revoked_token_stops_everything(desk: Edge, chat: Chat) -> None:
    """Our own sign-in being refused is not an outage."""
    await desk.world.post("/slack/revoke", how="account_inactive")
    with pytest.raises(AuthFailed, match="account_inactive"):
        await chat.deliver(posting(desk.channel, "Hello"), ())


async def test_everybody_is_listed(desk: Edge) -> None:
    """Deactivated people are among them, apps are not, and addresses come along."""
    await desk.world.post("/deactivate", email=VIEWER, where=["slack"])
    members = {person.email: person for person in await Directory(desk.clients).members()}
    assert set(members) == {person.email for person in desk.sandbox.world.people.values()}
    assert members[VIEWER].deactivated
    assert not members[ADMIN].deactivated
    assert not members[ADMIN].restricted


async def test_a_large_workspace_is_read_page_by_page_below_slacks_pace() -> None:
    """Every page is read, a sixteenth within a minute waits, and Slack never has to say so."""
    async with edge(people=450) as desk:
        directory = Directory(desk.clients, window_s=1.0)
        started = time.monotonic()
        for _ in range(6):  # three pages each
            members = await directory.members()
            assert len(members) == len(desk.sandbox.world.people) >= 450
        assert time.monotonic() - started >= 1.0
        calls = (await desk.world.get("/calls", platform="slack"))["calls"]
        assert sum("users.list" in call["path"] for call in calls) == 18
        assert await desk.world.counter("slack.429") == 0


async def test_a_page_that_slack_refuses_for_a_moment_is_waited_for(desk: Edge) -> None:
    """A reading in the background may sleep over a 429, as nobody waits for it."""
    await desk.world.post("/faults", platform="slack", kind="429", match="users.list", retry_after_s=1)
    assert await Directory(desk.clients).members()


async def test_a_partial_listing_is_an_error(desk: Edge) -> None:
    """Half a workspace would look like a wave of leavers."""
    await desk.world.post("/faults", platform="slack", kind="500", match="users.list")
    with pytest.raises(Unreachable):
        await Directory(desk.clients).members()


async def test_one_person_is_read_live(desk: Edge) -> None:
    """A decision asks Slack about its maker every time."""
    directory = Directory(desk.clients)
    viewer = await desk.world.slack_id(VIEWER)
    assert not (await directory.member(viewer)).deactivated
    await desk.world.post("/deactivate", email=VIEWER, where=["slack"])
    assert (await directory.member(viewer)).deactivated
    with pytest.raises(NotFound):
        await directory.member("U0NOBODY")


async def test_somebody_is_found_by_address(desk: Edge) -> None:
    """Nobody found is None, since Slack does not say whether there never was one."""
    directory = Directory(desk.clients)
    found = await directory.by_email(OPERATOR)
    assert found is not None
    assert found.slack_id == await desk.world.slack_id(OPERATOR)
    assert await directory.by_email("nobody@larkspur.example") is None


async def test_groups_are_read_or_refused(desk: Edge) -> None:
    """A group that is not there, or that the plan does not have, grants nothing: an error, never an empty list."""
    groups = {group["handle"]: group for group in (await desk.world.get())["usergroups"]}
    directory = Directory(desk.clients)
    for group in groups.values():
        assert sorted(await directory.group_members(group["id"])) == sorted(group["users"])
    with pytest.raises(Forbidden, match="no such user group"):
        await directory.group_members("S0NOBODY")
    await desk.world.post("/slack/policy", user_groups=False)
    with pytest.raises(Forbidden, match="paid Slack plan"):
        await directory.group_members(next(iter(groups.values()))["id"])


async def test_home_that_is_switched_off_says_where_to_switch_it_on(desk: Edge) -> None:
    """The hint leads to the setting."""
    await desk.world.post("/slack/policy", home_tab=False)
    with pytest.raises(Forbidden, match="App Home"):
        await desk.home.publish(await desk.world.slack_id(ADMIN), (Para(("x",)),))


async def test_home_published_by_somebody_else_meanwhile_is_overtaken(desk: Edge) -> None:
    """Another replica's older look does not stand in the way of what we hold now."""
    user = await desk.world.slack_id(ADMIN)
    assert await desk.home.publish(user, (Para(("one",)),))
    other = {"type": "home", "blocks": [{"type": "divider"}]}
    await desk.clients.interactive.views_publish(user_id=user, view=other)
    assert await desk.home.publish(user, (Para(("two",)),))
    view = (await desk.world.get("/slack/home", user=ADMIN))["view"]
    assert words(view["blocks"]) == "two"


async def test_the_doctor_finds_nothing_wrong_with_a_sound_app(desk: Edge) -> None:
    """Token, scopes, Socket Mode and the alert channel are all looked at."""
    looks = await checkup(desk.clients, desk.tokens.app, desk.channel)
    assert [look.ok for look in looks] == [True] * 4, looks


async def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(desk: Edge) -> None:
    """Each fault has its own line."""
    await desk.world.post("/slack/scopes", bot=["chat:write", "channels:read", "commands"])
    await desk.world.post("/slack/channel", channel=desk.channel, bot=False)
    signed_in, scopes, socket, channel = await checkup(desk.clients, Secret(""), desk.channel)
    assert signed_in.ok
    assert (scopes.ok, "users:read.email" in scopes.mend) == (False, True)
    assert (socket.ok, "slack.app_token" in socket.mend) == (False, True)
    assert (channel.ok, "/invite" in channel.mend) == (False, True)


async def test_the_doctor_survives_a_dead_token(desk: Edge) -> None:
    """Nothing raises: everything that cannot be looked at is said not to be well."""
    await desk.world.post("/slack/revoke", how="account_inactive")
    looks = await checkup(desk.clients, desk.tokens.app, desk.channel)
    assert [look.ok for look in looks] == [False] * 3, looks
