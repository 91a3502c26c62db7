"""
The payloads Slack sends to an app, key by key.

Source:
    docs.slack.dev/interactivity/implementing-slash-commands, /reference/interaction-payloads and
    /apis/events-api, and bolt-python's own test payloads (a2f21ae4), read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.modals import View
from sandbox.slack.people import handle
from sandbox.slack.state import State
from sandbox.slack.workspace import Channel, Ephemeral, Message, describe_message
from sandbox.world import Json, Person

EVENT_API_VERSION_CONTEXT = "4-"


def channel_label(channel: Channel) -> str:
    """How payloads name a channel; the words for direct messages and private channels are UNCONFIRMED."""
    return {"im": "directmessage", "private": "privategroup", "mpim": "privategroup"}.get(
        channel.kind, channel.name
    )


def slash_command(
    state: State, person: Person, channel: Channel, command: str, text: str, *, response_url: str
) -> dict[str, str]:
    workspace = state.workspace
    return {
        "token": state.tokens.verification,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": channel.id,
        "channel_name": channel_label(channel),
        "user_id": person.slack_id,
        "user_name": handle(person),
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": state.triggers.issue(person.slack_id),
    }


def _interaction(state: State, person: Person, kind: str, *, view_id: str | None = None) -> Json:
    workspace = state.workspace
    return {
        "type": kind,
        "user": {
            "id": person.slack_id,
            "username": handle(person),
            "name": handle(person),
            "team_id": workspace.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": state.tokens.verification,
        "team": {"id": workspace.team_id, "domain": workspace.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": state.triggers.issue(person.slack_id, view_id),
    }


def message_action(
    state: State,
    person: Person,
    channel: Channel,
    shown: Message | Ephemeral,
    action: Json,
    values: dict[str, dict[str, Json]],
    *,
    response_url: str,
) -> Json:
    """block_actions on a message; an ephemeral one comes without `message`."""
    ephemeral = isinstance(shown, Ephemeral)
    payload = _interaction(state, person, "block_actions") | {
        "container": {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        },
        "channel": {"id": channel.id, "name": channel_label(channel)},
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    if shown.thread_ts:
        payload["container"]["thread_ts"] = shown.thread_ts
    if isinstance(shown, Message):
        payload["message"] = describe_message(state.workspace, shown)
    return payload


def view_action(state: State, person: Person, view: View, action: Json) -> Json:
    """block_actions in a modal or on the home tab."""
    described = state.modals.describe(view)
    return _interaction(state, person, "block_actions", view_id=view.id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": described,
        "state": described["state"],
        "actions": [action],
    }


def view_submission(state: State, person: Person, view: View) -> Json:
    described = state.modals.describe(view)
    payload = _interaction(state, person, "view_submission", view_id=view.id)
    return payload | {"view": described, "response_urls": []}


def view_closed(state: State, person: Person, view: View, *, is_cleared: bool) -> Json:
    payload = _interaction(state, person, "view_closed")
    del payload["trigger_id"]
    return payload | {"view": state.modals.describe(view), "is_cleared": is_cleared}


def block_suggestion(
    state: State, person: Person, view: View | None, where: Json, block_id: str, action_id: str, typed: str
) -> Json:
    """A request for the options of an external select; `where` is the container of a message, or empty."""
    payload = _interaction(state, person, "block_suggestion")
    del payload["trigger_id"]
    payload |= {"action_id": action_id, "block_id": block_id, "value": typed}
    if view is not None:
        return payload | {
            "container": {"type": "view", "view_id": view.id},
            "view": state.modals.describe(view),
        }
    return payload | where


def shortcut(state: State, person: Person, callback_id: str, action_ts: str) -> Json:
    payload = _interaction(state, person, "shortcut")
    return payload | {"callback_id": callback_id, "action_ts": action_ts}


def message_shortcut(
    state: State,
    person: Person,
    callback_id: str,
    channel: Channel,
    message: Message,
    *,
    action_ts: str,
    response_url: str,
) -> Json:
    return _interaction(state, person, "message_action") | {
        "callback_id": callback_id,
        "action_ts": action_ts,
        "channel": {"id": channel.id, "name": channel_label(channel)},
        "message_ts": message.ts,
        "message": describe_message(state.workspace, message),
        "response_url": response_url,
    }


def event_callback(state: State, event: Json, number: int) -> Json:
    """The outer shape of every event; `number` makes its event_id."""
    workspace = state.workspace
    return {
        "token": state.tokens.verification,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": state.world.make_id("Ev", str(number)),
        "event_time": workspace.epoch(),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"{EVENT_API_VERSION_CONTEXT}{workspace.team_id}-{number}",
    }
