"""Slack's interaction payloads as requests. Who asks comes from the payload, never from what they entered.

Source: docs.slack.dev/interactivity/implementing-slash-commands and reference/interaction-payloads, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.chat.model import Caller, Request, Trigger
from bot.slack import ids
from bot.slack.inputs import answers
from bot.slack.render import CHANNEL, state_of

Payload = Mapping[str, Any]
LONGEST_WORDS = 20_000  # of a message that a shortcut was used on
_HOLDS_WORDS = frozenset({"blocks", "elements", "text", "fields", "rows", "title"})


def command(body: Payload) -> Request:
    """A typed command."""
    return Request(
        trigger=Trigger.COMMAND,
        caller=Caller(user_id=str(body["user_id"]), team_id=str(body.get("team_id") or "")),
        text=str(body.get("text") or ""),
        channel=str(body.get("channel_id") or ""),
    )


def button(body: Payload) -> Request | None:
    """A pressed button; None where an older release made it."""
    action = body["actions"][0]
    name = ids.named(str(action.get("action_id") or ""))
    if name is None:
        return None
    view = body.get("view") or {}
    state = state_of(view)
    container = body.get("container") or {}
    return Request(
        trigger=Trigger.BUTTON,
        caller=_caller(body),
        name=name,
        value=str(action.get("value") or (action.get("selected_option") or {}).get("value") or ""),
        channel=_channel(body) or state.get(CHANNEL, ""),
        message_ts=str(container.get("message_ts") or ""),
        answers=_entered(view),
        state=state,
    )


def shortcut(body: Payload) -> Request | None:
    """A shortcut works like a button with the same name; None where this release has none of that name."""
    name = ids.named(str(body.get("callback_id") or ""))
    if name is None:
        return None
    return Request(
        trigger=Trigger.BUTTON,
        caller=_caller(body),
        name=name,
        channel=_channel(body),
        message_ts=str(body.get("message_ts") or ""),
        text=_words_of(body.get("message") or {})[:LONGEST_WORDS],
    )


def submission(body: Payload) -> Request | None:
    """A sent form; None where an older release made it."""
    view = body["view"]
    name = ids.named(str(view.get("callback_id") or ""))
    if name is None:
        return None
    state = state_of(view)
    return Request(
        trigger=Trigger.SUBMIT,
        caller=_caller(body),
        name=name,
        channel=state.get(CHANNEL, ""),
        answers=_entered(view),
        state=state,
    )


def search(body: Payload) -> Request:
    """What was typed into a search field. ``name`` is the field's, ``value`` its form's."""
    view = body.get("view") or {}
    return Request(
        trigger=Trigger.SEARCH,
        caller=_caller(body),
        name=str(body.get("action_id") or ""),
        text=str(body.get("value") or ""),
        value=ids.named(str(view.get("callback_id") or "")) or "",
        state=state_of(view),
    )


def home(body: Payload) -> Request:
    """Somebody opened the Home tab."""
    return Request(
        trigger=Trigger.HOME,
        caller=Caller(user_id=str(body["event"]["user"]), team_id=str(body.get("team_id") or "")),
    )


def misplaced(errors: Mapping[str, str], view: Payload) -> dict[str, str]:
    """The errors under inputs that the view really has, since Slack drops those it cannot place.

    What belongs to no input is said at the first one; empty where the view has none.
    """
    asked = [block["block_id"] for block in view.get("blocks") or () if block.get("type") == "input"]
    placed = {name: said for name, said in errors.items() if name in asked and said}
    if stray := [said for name, said in errors.items() if name not in asked and said]:
        for first in asked[:1]:
            placed[first] = " ".join([*([placed[first]] if first in placed else []), *stray])
    return placed


def _words_of(node: object) -> str:
    """Everything a message says, blocks included, in order."""
    if isinstance(node, Mapping):
        said = [str(node["text"])] if isinstance(node.get("text"), str) else []
        return " ".join([*said, *(_words_of(each) for key, each in node.items() if key in _HOLDS_WORDS)])
    return " ".join(_words_of(each) for each in node) if isinstance(node, list) else ""


def _caller(body: Payload) -> Caller:
    user = body.get("user") or {}
    team = user.get("team_id") or (body.get("team") or {}).get("id") or ""
    return Caller(user_id=str(user["id"]), team_id=str(team))


def _channel(body: Payload) -> str:
    container = body.get("container") or {}
    return str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")


def _entered(view: Payload) -> dict[str, str]:
    return answers((view.get("state") or {}).get("values") or {})
