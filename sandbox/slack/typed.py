"""What a person types into a command, turned into what Slack delivers with should_escape on."""

from __future__ import annotations

import re

from sandbox.slack.people import handle
from sandbox.slack.state import State

_MARKUP = re.compile(
    r"<(?:[@#][UWCG][A-Z0-9]+(?:\|[^<>]*)?|!subteam\^S[A-Z0-9]+(?:\|[^<>]*)?|https?://[^<>]*)>"
)
_MENTION = re.compile(r"(?<![\w<])@([\w.\-]+)")
_CHANNEL = re.compile(r"(?<![\w<&])#([\w\-]+)")
_LINK = re.compile(r"(?<![<|\w])https?://[^\s<>|]+")
_ADDRESS = re.compile(r"(?<![\w<@:.+\-])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+(?![\w>|])")


def delivered(state: State, text: str) -> str:
    """
    Mentions, channels and links as markup, other & < > as entities.

    Markup that is already there (<@U1>, <#C1|name>, <https://...>) is what a client would have sent and stays.
    """
    pieces = []
    end = 0
    for found in _MARKUP.finditer(text):
        pieces += [_plain(state, text[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*pieces, _plain(state, text[end:])])


def _plain(state: State, text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINK.sub(lambda found: f"<{found.group()}>", text)
    if state.policy.link_typed_addresses:
        text = _ADDRESS.sub(lambda found: f"<mailto:{found.group()}|{found.group()}>", text)
    text = _MENTION.sub(lambda found: _mention(state, found), text)
    return _CHANNEL.sub(lambda found: _channel(state, found), text)


def _mention(state: State, found: re.Match[str]) -> str:
    for person in state.workspace.people():
        if handle(person) == found.group(1).lower():
            label = f"|{handle(person)}" if state.policy.mention_with_label else ""
            return f"<@{person.slack_id}{label}>"
    for group in state.workspace.groups.values():
        if group.handle == found.group(1).lower():
            return f"<!subteam^{group.id}|@{group.handle}>"
    return found.group()


def _channel(state: State, found: re.Match[str]) -> str:
    channel = state.workspace.channel(found.group(1))
    return f"<#{channel.id}|{channel.name}>" if channel and channel.kind == "public" else found.group()
