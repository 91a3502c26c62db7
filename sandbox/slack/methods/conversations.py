"""
Conversations: listing, reading, joining, opening a direct message.

Source:
    docs.slack.dev/reference/methods/conversations.*, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.slack.args import Args, page
from sandbox.slack.errors import SlackError, missing_argument
from sandbox.slack.state import Method, State
from sandbox.slack.workspace import Channel, Message, describe_channel, describe_message
from sandbox.world import Json

_KIND_OF_TYPE = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
_AREA = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


def listing(state: State, args: Args) -> Json:
    wanted = (args.text("types") or "public_channel").split(",")
    if unknown := [one for one in wanted if one.strip() not in _KIND_OF_TYPE]:
        raise SlackError("invalid_types", response_metadata={"messages": unknown})
    kinds = {_KIND_OF_TYPE[one.strip()] for one in wanted}
    for kind in sorted(kinds):
        _needs(state, kind, "read")
    found = [
        describe_channel(state.workspace, channel)
        for channel in state.workspace.channels.values()
        if channel.kind in kinds
        and state.workspace.may_see(state.workspace.bot_user_id, channel)
        and not (channel.archived and args.flag("exclude_archived"))
    ]
    channels, cursor = page(found, args, default=100, most=1000)
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


def info(state: State, args: Args) -> Json:
    described = describe_channel(state.workspace, _visible(state, args, "read"))
    if not args.flag("include_num_members"):
        described.pop("num_members", None)
    return {"channel": described}


def members(state: State, args: Args) -> Json:
    found, cursor = page(sorted(_visible(state, args, "read").members), args, default=100, most=1000)
    return {"members": found, "response_metadata": {"next_cursor": cursor}}


def opened(state: State, args: Args) -> Json:
    """A direct message with one person, or one that exists already."""
    if channel_id := args.text("channel"):
        channel = state.workspace.channels.get(channel_id)
        if channel is None or channel.kind != "im":
            raise SlackError("channel_not_found")
        return _opened(state, args, channel, already=True)
    users = [one for one in (args.text("users") or "").replace(" ", "").split(",") if one]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        if not state.tokens.has("mpim:write"):
            raise SlackError("missing_scope", needed="mpim:write", provided=",".join(state.tokens.scopes))
        return _opened_group(state, args, users)
    _messageable(state, users[0])
    already = state.world.make_id("D", users[0]) in state.workspace.channels
    return _opened(state, args, state.workspace.dm_with(users[0]), already=already)


def _messageable(state: State, user: str) -> None:
    person = state.workspace.person(user)
    if person is None:
        raise SlackError("user_not_found")
    if not person.active_on("slack"):
        raise SlackError("user_disabled")


def _opened_group(state: State, args: Args, users: list[str]) -> Json:
    for user in users:
        _messageable(state, user)
    channel_id = state.world.make_id("G", ",".join(sorted(users)))
    already = channel_id in state.workspace.channels
    if not already:
        members = {*users, state.workspace.bot_user_id}
        name = f"mpdm-{channel_id.lower()}"
        created = state.workspace.epoch()
        state.workspace.channels[channel_id] = Channel(channel_id, name, "mpim", members, created=created)
    return _opened(state, args, state.workspace.channels[channel_id], already=already)


def _opened(state: State, args: Args, channel: Channel, *, already: bool) -> Json:
    described = describe_channel(state.workspace, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": described} | ({"no_op": True, "already_open": True} if already else {})


def join(state: State, args: Args) -> Json:
    channel = _visible(state, args, None)
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    bot = state.workspace.bot_user_id
    described = describe_channel(state.workspace, channel)
    if bot in channel.members:
        warnings = ["already_in_channel"]
        return {
            "channel": described,
            "warning": warnings[0],
            "response_metadata": {"warnings": warnings},
        }
    channel.members.add(bot)
    state.world.notify("channel:changed", {"channel": channel.id})
    return {"channel": describe_channel(state.workspace, channel)}


def history(state: State, args: Args) -> Json:
    """The channel's own messages, newest first; replies only when they were broadcast."""
    channel = _readable(state, args)
    found = [
        message
        for message in _between(state.workspace.messages_in(channel).values(), args)
        if message.thread_ts in (None, message.ts) or message.broadcast
    ]
    return _paged(state, args, found[::-1])


def replies(state: State, args: Args) -> Json:
    """A thread, its parent first."""
    channel = _readable(state, args)
    ts = args.needed("ts")
    posted = state.workspace.messages_in(channel)
    if ts not in posted:
        raise SlackError("thread_not_found")
    top = posted[ts].thread_ts or ts
    thread = [message for message in posted.values() if message.ts == top or message.thread_ts == top]
    return _paged(state, args, _between(thread, args))


def _paged(state: State, args: Args, found: list[Message]) -> Json:
    messages, cursor = page(found, args, default=100, most=999)
    metadata = args.flag("include_all_metadata")
    return {
        "messages": [describe_message(state.workspace, one, metadata=metadata) for one in messages],
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def _between(messages: Iterable[Message], args: Args) -> list[Message]:
    try:
        oldest = float(args.text("oldest") or 0)
        latest = float(args.text("latest") or "inf")
    except ValueError:
        raise missing_argument("oldest and latest must be timestamps") from None
    inclusive = args.flag("inclusive")
    kept = []
    for message in messages:
        at = float(message.ts)
        if oldest < at < latest or (inclusive and at in (oldest, latest)):
            kept.append(message)
    return kept


def _visible(state: State, args: Args, doing: str | None) -> Channel:
    channel = state.workspace.channels.get(args.needed("channel"))
    if channel is None or not state.workspace.may_see(state.workspace.bot_user_id, channel):
        raise SlackError("channel_not_found")
    if doing is not None:
        _needs(state, channel.kind, doing)
    return channel


def _readable(state: State, args: Args) -> Channel:
    channel = _visible(state, args, "history")
    if state.workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _needs(state: State, kind: str, doing: str) -> None:
    scope = f"{_AREA[kind]}:{doing}"
    if not state.tokens.has(scope):
        raise SlackError("missing_scope", needed=scope, provided=",".join(state.tokens.scopes))


METHODS = (
    Method("conversations.list", listing, tier=2),
    Method("conversations.info", info, tier=3),
    Method("conversations.members", members, tier=4),
    Method("conversations.open", opened, scope="im:write", tier=3),
    Method("conversations.join", join, scope="channels:join", tier=3),
    Method("conversations.history", history, tier=3),
    Method("conversations.replies", replies, tier=3),
)
