"""
Messages: post, update, delete, the ephemeral kind, and links to them.

Source:
    docs.slack.dev/reference/methods/chat.*, read 2026-11-21 (errors, limits and answers).
"""

from __future__ import annotations

from datetime import timedelta

from sandbox.slack.args import Args
from sandbox.slack.content import UPDATE_TEXT_LIMIT, Content, read_content
from sandbox.slack.errors import SlackError, TooManyRequests
from sandbox.slack.state import Method, State
from sandbox.slack.workspace import Channel, Ephemeral, Message, describe_message
from sandbox.world import Json


def post_message(state: State, args: Args) -> Json:
    channel = _destination(state, args.needed("channel"))
    content = read_content(state.world, args)
    thread_ts = _thread(state, channel, args)
    _keep_pace(state, channel)
    message = post(
        state,
        channel,
        content,
        user=state.workspace.bot_user_id,
        thread_ts=thread_ts,
        broadcast=bool(thread_ts) and args.flag("reply_broadcast"),
    )
    answer: Json = {
        "channel": channel.id,
        "ts": message.ts,
        "message": describe_message(state.workspace, message),
    }
    return answer | _warned(content)


def post(
    state: State,
    channel: Channel,
    content: Content,
    *,
    user: str,
    thread_ts: str | None = None,
    broadcast: bool = False,
) -> Message:
    """Add a message to a channel and tell everybody who watches."""
    workspace = state.workspace
    message = Message(
        ts=workspace.new_ts(),
        channel=channel.id,
        user=user,
        at=state.world.now,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        thread_ts=thread_ts,
        metadata=content.metadata or None,
        broadcast=broadcast,
    )
    workspace.messages_in(channel)[message.ts] = message
    if user == workspace.bot_user_id:
        state.world.counters["slack.messages"] += 1
        state.world.counters[f"slack.messages.{channel.name or channel.id}"] += 1
    state.world.notify(
        "message:posted",
        {"channel": channel.id, "ts": message.ts, "thread_ts": thread_ts, "users": sorted(channel.members)},
    )
    return message


def update(state: State, args: Args) -> Json:
    channel = _known_by_id(state, args.needed("channel"))
    message = _own(state, channel, args.needed("ts"), "cant_update_message")
    window = state.policy.edit_window_minutes
    if window is not None and state.world.now - message.at > timedelta(minutes=window):
        raise SlackError("edit_window_closed")
    if len(args.text("text") or "") > UPDATE_TEXT_LIMIT:
        raise SlackError("msg_too_long")
    content = read_content(state.world, args)
    edit(state, message, content, blocks_given="blocks" in args.values)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": describe_message(state.workspace, message),
    } | _warned(content)


def edit(state: State, message: Message, content: Content, *, blocks_given: bool = True) -> None:
    """Replace what a message says. Blocks go when new text comes without any; metadata stays if not given."""
    message.text = content.text
    message.blocks = content.blocks if blocks_given or content.text else message.blocks
    message.attachments = content.attachments
    if content.metadata is not None:
        message.metadata = content.metadata or None
    message.edited_ts = state.workspace.new_ts()
    state.world.counters["slack.edits"] += 1
    state.world.notify("message:edited", {"channel": message.channel, "ts": message.ts})


def delete(state: State, args: Args) -> Json:
    channel = _known_by_id(state, args.needed("channel"))
    message = _own(state, channel, args.needed("ts"), "cant_delete_message")
    remove(state, message)
    return {"channel": channel.id, "ts": message.ts}


def remove(state: State, message: Message) -> None:
    del state.workspace.messages[message.channel][message.ts]
    state.world.notify("message:deleted", {"channel": message.channel, "ts": message.ts})


def post_ephemeral(state: State, args: Args) -> Json:
    channel = _destination(state, args.needed("channel"))
    user = args.needed("user")
    person = state.workspace.person(user)
    if person is None or not person.active_on("slack") or user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = read_content(state.world, args)
    ephemeral = whisper(state, channel.id, user, content, thread_ts=args.text("thread_ts"))
    return {"message_ts": ephemeral.ts} | _warned(content)


def whisper(
    state: State, channel_id: str, user: str, content: Content, *, thread_ts: str | None = None
) -> Ephemeral:
    """Show a message to one person."""
    ephemeral = Ephemeral(
        ts=state.workspace.new_ts(),
        channel=channel_id,
        user=user,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        thread_ts=thread_ts,
    )
    state.workspace.ephemerals.append(ephemeral)
    state.world.counters["slack.ephemerals"] += 1
    state.world.notify("ephemeral:posted", {"channel": channel_id, "user": user, "ts": ephemeral.ts})
    return ephemeral


def permalink(state: State, args: Args) -> Json:
    channel = _known_by_id(state, args.needed("channel"))
    ts = args.needed("message_ts")
    if ts not in state.workspace.messages_in(channel):
        raise SlackError("message_not_found")
    team = state.workspace.team_domain
    link = f"https://{team}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


def _known_by_id(state: State, channel_id: str) -> Channel:
    """A channel by its id alone: a person's id or a name will not do."""
    channel = state.workspace.channels.get(channel_id)
    if channel is None or not state.workspace.may_see(state.workspace.bot_user_id, channel):
        raise SlackError("channel_not_found")
    return channel


def _destination(state: State, wanted: str) -> Channel:
    """
    Where a message goes: a channel by id or name, or a person's direct message by their id.

    Raises SlackError: channel_not_found, is_archived, not_in_channel, messages_tab_disabled.
    """
    workspace = state.workspace
    person = workspace.person(wanted)
    if person is not None:
        if not person.active_on("slack"):
            raise SlackError("channel_not_found")
        channel: Channel | None = workspace.dm_with(wanted)
    else:
        channel = workspace.channel(wanted)
    if channel is None or (channel.kind != "public" and workspace.bot_user_id not in channel.members):
        raise SlackError("channel_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    if workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.kind == "im" and not state.policy.messages_tab:
        raise SlackError("messages_tab_disabled")
    return channel


def _thread(state: State, channel: Channel, args: Args) -> str | None:
    """The parent's ts; a reply's ts leads to its parent. Raises SlackError(thread_not_found)."""
    thread_ts = args.text("thread_ts")
    if not thread_ts:
        return None
    parent = state.workspace.messages_in(channel).get(thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def _own(state: State, channel: Channel, ts: str, refusal: str) -> Message:
    message = state.workspace.messages_in(channel).get(ts)
    if message is None:
        raise SlackError("message_not_found")
    if message.user != state.workspace.bot_user_id:
        raise SlackError(refusal)
    if channel.archived:
        raise SlackError("is_inactive")
    return message


def _keep_pace(state: State, channel: Channel) -> None:
    if wait_s := state.rates.message_wait_s(channel.id, state.policy.rate_factor):
        raise TooManyRequests(wait_s)


def _warned(content: Content) -> Json:
    if not content.warnings:
        return {}
    warnings = list(content.warnings)
    return {"warning": ",".join(warnings), "response_metadata": {"warnings": warnings}}


METHODS = (
    Method("chat.postMessage", post_message, scope="chat:write"),
    Method("chat.update", update, scope="chat:write", tier=3),
    Method("chat.delete", delete, scope="chat:write", tier=3),
    Method("chat.postEphemeral", post_ephemeral, scope="chat:write", tier=4),
    Method("chat.getPermalink", permalink),
)
