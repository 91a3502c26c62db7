"""What people do in Slack: type commands and messages, press buttons, use shortcuts, look at the home tab."""

from __future__ import annotations

from typing import Any

from sandbox.slack import payloads, typed
from sandbox.slack.args import Args
from sandbox.slack.content import Content, read_content
from sandbox.slack.delivery import Delivery
from sandbox.slack.errors import SlackError
from sandbox.slack.hands import Hands, Impossible, Pressed, find
from sandbox.slack.inputs import initial_state
from sandbox.slack.methods.chat import post, whisper
from sandbox.slack.modals import View
from sandbox.slack.response_urls import Reach
from sandbox.slack.state import State
from sandbox.slack.workspace import Channel, Ephemeral, Message
from sandbox.world import Json, Person

OPTIONS_LIMIT = 100


class Deeds:
    """People's actions, each delivered to the app and answered with its ack."""

    def __init__(self, state: State, delivery: Delivery, hands: Hands) -> None:
        self._state = state
        self._delivery = delivery
        self._hands = hands

    async def slash(self, person: Person, channel: Channel, text: str, command: str | None = None) -> Json:
        """Type a command; the ack's message appears to them (or to all, with response_type in_channel)."""
        self._present(person, channel)
        command = command or self._state.workspace.command
        if text == command or text.startswith(f"{command} "):
            text = text[len(command) :].strip()
        key, reach = self._state.response_urls.issue(person.slack_id, channel.id)
        payload = payloads.slash_command(
            self._state,
            person,
            channel,
            command,
            typed.delivered(self._state, text),
            response_url=self._response_url(key),
        )
        ack = await self._delivery.command(payload)
        if ack.get("text") or ack.get("blocks") or ack.get("attachments"):
            return self._show(ack, reach, channel)
        return ack

    def _show(self, ack: Json, reach: Reach, channel: Channel) -> Json:
        try:
            content = read_content(self._state.world, Args(ack, None, token_in_header=False))
        except SlackError as refusal:
            self._state.world.counters["slack.bad_ack_messages"] += 1
            return {"error": refusal.code, **refusal.extra}
        if ack.get("response_type") == "in_channel":
            posted = post(self._state, channel, content, user=self._state.workspace.bot_user_id)
            reach.message_ts = posted.ts
        else:
            reach.ephemeral_ts = whisper(self._state, channel.id, reach.user, content).ts
        return ack

    async def click(self, person: Person, channel: Channel, ts: str, pressed: Pressed) -> Json:
        """Use an element of a message or of an ephemeral message that only they see."""
        self._present(person, channel)
        shown = self._shown(person, channel, ts)
        attached = [block for one in shown.attachments for block in one.get("blocks", [])]
        blocks = [*shown.blocks, *attached]
        block, element = find(blocks, pressed.action_id, pressed.block_id, pressed.value)
        values = initial_state(blocks)
        self._hands.fill_in(person, blocks, values, pressed.others, strict=False)
        state = self._hands.use(person, block, element, pressed.value, values)
        key, _ = self._state.response_urls.issue(
            person.slack_id,
            channel.id,
            message_ts=shown.ts if isinstance(shown, Message) else None,
            ephemeral_ts=shown.ts if isinstance(shown, Ephemeral) else None,
            thread_ts=shown.thread_ts,
        )
        payload = payloads.message_action(
            self._state,
            person,
            channel,
            shown,
            self._hands.action(block, element, state),
            values,
            response_url=self._response_url(key),
        )
        return await self._delivery.interaction(payload)

    async def click_in_view(self, person: Person, view: View, pressed: Pressed) -> Json:
        """Use an element of a modal or of the home tab; menus keep what was chosen."""
        self._active(person)
        blocks = view.payload["blocks"]
        block, element = find(blocks, pressed.action_id, pressed.block_id, pressed.value)
        self._hands.fill_in(person, blocks, view.values, pressed.others, strict=False)
        state = self._hands.use(person, block, element, pressed.value, view.values)
        action = self._hands.action(block, element, state)
        return await self._delivery.interaction(payloads.view_action(self._state, person, view, action))

    async def options(
        self,
        person: Person,
        view: View | None,
        where: Json,
        blocks: list[Json],
        block_id: str | None,
        action_id: str,
        text: str,
    ) -> Json:
        """Type into an external select; the options that come back can then be chosen."""
        block, element = find(blocks, action_id, block_id, None)
        if not element["type"].endswith("external_select"):
            raise Impossible(f"{action_id} does not load its options from the app")
        if len(text) < int(element.get("min_query_length", 3)):
            return {"options": []}
        payload = payloads.block_suggestion(
            self._state, person, view, where, block["block_id"], action_id, text
        )
        answer = await self._delivery.interaction(payload)
        found = [*_options_of(answer.get("options"))]
        for group in answer.get("option_groups") or []:
            found += _options_of(group.get("options")) if isinstance(group, dict) else []
        if (
            len(answer.get("options") or []) > OPTIONS_LIMIT
            or len(answer.get("option_groups") or []) > OPTIONS_LIMIT
        ):
            self._state.world.counters["slack.bad_acks"] += 1
            return {"error": "too_many_options"}
        key = (person.slack_id, action_id)
        if element["type"].startswith("multi_"):  # what was picked from an earlier search stays picked
            found += [one for one in self._hands.offered.get(key, []) if one not in found]
        self._hands.offered[key] = found
        return answer

    async def shortcut(self, person: Person, callback_id: str) -> Json:
        ts = self._state.workspace.new_ts()
        return await self._delivery.interaction(payloads.shortcut(self._state, person, callback_id, ts))

    async def message_shortcut(self, person: Person, callback_id: str, channel: Channel, ts: str) -> Json:
        self._present(person, channel)
        shown = self._shown(person, channel, ts)
        if isinstance(shown, Ephemeral):
            raise Impossible("a message only you can see has no shortcuts")
        key, _ = self._state.response_urls.issue(person.slack_id, channel.id, message_ts=ts)
        payload = payloads.message_shortcut(
            self._state,
            person,
            callback_id,
            channel,
            shown,
            action_ts=self._state.workspace.new_ts(),
            response_url=self._response_url(key),
        )
        return await self._delivery.interaction(payload)

    def say(self, person: Person, channel: Channel, text: str, thread_ts: str | None) -> str:
        """Write a message; the app has not subscribed to messages and hears nothing. Returns its ts."""
        self._present(person, channel)
        if channel.archived:
            raise Impossible("that channel is archived")
        parent = self._state.workspace.messages_in(channel).get(thread_ts or "")
        if thread_ts and parent is None:
            raise Impossible("there is no such thread")
        content = Content(text, [], [], None, ())
        top = (parent.thread_ts or parent.ts) if parent else None
        return post(self._state, channel, content, user=person.slack_id, thread_ts=top).ts

    def open_home(self, person: Person, tab: str) -> None:
        """Look at the app's home (or its messages): the app hears of it."""
        self._active(person)
        home = self._state.modals.homes.get(person.slack_id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.slack_id,
            "channel": self._state.workspace.dm_with(person.slack_id).id,
            "tab": tab,
            "event_ts": self._state.workspace.new_ts(),
        }
        if home is not None and tab == "home":
            event["view"] = self._state.modals.describe(home)
        self._state.emit(event)

    def reload(self, person: Person) -> int:
        """Reload the client: ephemeral messages are gone. Returns how many there were."""
        workspace = self._state.workspace
        kept = [one for one in workspace.ephemerals if one.user != person.slack_id]
        gone = len(workspace.ephemerals) - len(kept)
        workspace.ephemerals = kept
        self._state.world.notify("ephemeral:deleted", {"user": person.slack_id})
        return gone

    def _present(self, person: Person, channel: Channel) -> None:
        self._active(person)
        if not self._state.workspace.may_see(person.slack_id, channel):
            raise Impossible(f"{person.email} cannot see that conversation")

    def _active(self, person: Person) -> None:
        if not person.active_on("slack"):
            raise Impossible(f"{person.email} is deactivated in Slack")

    def _shown(self, person: Person, channel: Channel, ts: str) -> Message | Ephemeral:
        message = self._state.workspace.messages_in(channel).get(ts)
        if message is not None:
            return message
        for shown in self._state.workspace.ephemerals:
            if shown.ts == ts and shown.channel == channel.id and shown.user == person.slack_id:
                return shown
        raise Impossible(f"{person.email} sees no message {ts} there")

    def _response_url(self, key: str) -> str:
        return f"{self._state.url}/response/{key}"


def _options_of(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
