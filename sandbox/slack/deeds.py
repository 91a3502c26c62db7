"""What people do in Slack: type commands, press buttons, fill in and close modals, open the home tab."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import payloads, typed
from sandbox.slack.args import Args
from sandbox.slack.blockkit import check_view, too_large
from sandbox.slack.content import Content, all_blocks, interactive, read_content
from sandbox.slack.delivery import Delivery
from sandbox.slack.errors import SlackError
from sandbox.slack.inputs import BadInput, filled, initial_state, is_empty
from sandbox.slack.methods.chat import post, whisper
from sandbox.slack.modals import View
from sandbox.slack.response_urls import Reach
from sandbox.slack.state import State
from sandbox.slack.workspace import Channel, Ephemeral, Message
from sandbox.world import Json, Person


class Impossible(ValueError):
    """A person could not do that in Slack's own client; the text says why."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """
    An element somebody used: a button's value (to tell it from others), a menu's choice.

    `others` is what the other inputs around it hold, as {block_id: {action_id: value}}.
    """

    action_id: str
    block_id: str | None = None
    value: Any = None
    others: dict[str, Any] = field(default_factory=dict)


class Deeds:
    """People's actions, each delivered to the app and answered with its ack."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery
        self._offered: dict[tuple[str, str], list[Json]] = {}

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
        block, element = _find(blocks, pressed.action_id, pressed.block_id, pressed.value)
        values = initial_state(blocks)
        self._fill_in(person, blocks, values, pressed.others)
        state = self._use(person, block, element, pressed.value, values)
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
            self._action(block, element, state),
            values,
            response_url=self._response_url(key),
        )
        return await self._delivery.interaction(payload)

    async def click_in_view(self, person: Person, view: View, pressed: Pressed) -> Json:
        """Use an element of a modal or of the home tab; menus keep what was chosen."""
        self._active(person)
        blocks = view.payload["blocks"]
        block, element = _find(blocks, pressed.action_id, pressed.block_id, pressed.value)
        self._fill_in(person, blocks, view.values, pressed.others)
        state = self._use(person, block, element, pressed.value, view.values)
        action = self._action(block, element, state)
        return await self._delivery.interaction(payloads.view_action(self._state, person, view, action))

    async def submit(self, person: Person, view: View, values: dict[str, Any]) -> Json:
        """
        Fill in and submit the topmost modal; Slack's client checks required inputs first.

        Raises Impossible when that check fails, naming the block.
        """
        if self._top(person) is not view:
            raise Impossible("only the topmost modal can be submitted")
        if not view.payload.get("submit"):
            raise Impossible("this modal has no submit button")
        self._fill_in(person, view.payload["blocks"], view.values, values)
        self._refuse_empty(view)
        self._state.modals.set_errors(view, {})
        ack = await self._delivery.interaction(payloads.view_submission(self._state, person, view))
        if "error" in ack:
            return ack
        return self._obey(person, view, ack)

    def _fill_in(
        self,
        person: Person,
        blocks: list[Json],
        values: dict[str, dict[str, Json]],
        entered: dict[str, Any],
    ) -> None:
        """Put what a person entered into `values`, the state of these blocks."""
        known = {block["block_id"]: block for block in all_blocks(blocks)}
        for block_id, actions in entered.items():
            if block_id not in known:
                raise Impossible(f"there is no block {block_id!r}")
            if not isinstance(actions, dict):
                raise Impossible(f"{block_id}: give an object of action ids and values")
            for action_id, value in actions.items():
                block, element = _find([known[block_id]], action_id, block_id, None)
                self._use(person, block, element, value, values)

    def _refuse_empty(self, view: View) -> None:
        for block in all_blocks(view.payload["blocks"]):
            if block["type"] == "input" and not block.get("optional"):
                state = view.values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
                if is_empty(state):
                    raise Impossible(f"{block['block_id']}: please complete this required field")

    def _obey(self, person: Person, view: View, ack: Json) -> Json:
        """Do what the app's answer to a submission says: errors, update, push, clear, or close."""
        stack = self._state.modals.stacks.get(person.slack_id, [])
        if view not in stack:  # the app closed or replaced it meanwhile
            return ack
        match ack.get("response_action"):
            case None:
                self._state.modals.close(person.slack_id, view, clear=False)
            case "clear":
                self._state.modals.close(person.slack_id, view, clear=True)
            case "errors":
                return self._show_errors(view, ack)
            case "update" | "push" as deed:
                return self._replace(person, view, ack, deed)
            case _:
                self._state.world.counters["slack.bad_acks"] += 1
                return {"error": "invalid_response_action", **ack}
        return ack

    def _show_errors(self, view: View, ack: Json) -> Json:
        given = ack.get("errors")
        errors: dict[str, str] = given if isinstance(given, dict) else {}
        inputs = {block["block_id"] for block in view.payload["blocks"] if block["type"] == "input"}
        if not errors or not set(errors) <= inputs or not all(isinstance(t, str) for t in errors.values()):
            self._state.world.counters["slack.bad_acks"] += 1
            return {"error": "invalid_errors", **ack}
        self._state.modals.set_errors(view, errors)
        return ack

    def _replace(self, person: Person, view: View, ack: Json, deed: str) -> Json:
        payload = ack.get("view")
        problems = check_view(payload)
        if problems or too_large(payload) or not isinstance(payload, dict) or payload["type"] != "modal":
            self._state.world.counters["slack.bad_acks"] += 1
            messages = [problem.line() for problem in problems]
            return {"error": "invalid_view", "response_metadata": {"messages": messages}}
        try:
            if deed == "update":
                self._state.modals.update(view, payload, None)
            else:
                self._state.modals.push(person.slack_id, payload)
        except SlackError as refusal:
            self._state.world.counters["slack.bad_acks"] += 1
            return {"error": refusal.code}
        return ack

    async def close(self, person: Person, view: View, *, clear: bool) -> Json:
        """Dismiss a modal (with `clear`, all of them); the app hears of those that asked to."""
        if view not in self._state.modals.stacks.get(person.slack_id, []):
            raise Impossible("that modal is not open")
        gone = self._state.modals.close(person.slack_id, view, clear=clear)
        told = [one for one in gone if one.payload.get("notify_on_close")]
        is_cleared = clear or bool(view.payload.get("clear_on_close"))
        acks = await asyncio.gather(
            *(
                self._delivery.interaction(
                    payloads.view_closed(self._state, person, one, is_cleared=is_cleared)
                )
                for one in told
            )
        )
        return next((ack for ack in acks if "error" in ack), {})

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
        block, element = _find(blocks, action_id, block_id, None)
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
        if len(answer.get("options") or []) > 100 or len(answer.get("option_groups") or []) > 100:
            self._state.world.counters["slack.bad_acks"] += 1
            return {"error": "too_many_options"}
        self._offered[(person.slack_id, action_id)] = found
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

    def _top(self, person: Person) -> View | None:
        stack = self._state.modals.stacks.get(person.slack_id)
        return stack[-1] if stack else None

    def _use(
        self, person: Person, block: Json, element: Json, value: Any, values: dict[str, dict[str, Json]]
    ) -> Json:
        """
        The element's state after a person used it, noted in `values` if it keeps one.

        Raises Impossible for what no client lets through.
        """
        if not _has_state(element) and element["type"] != "overflow":
            return {}

        def offer(wanted: str) -> Json | None:
            known = self._offered.get((person.slack_id, element["action_id"]), [])
            initial = [element.get("initial_option"), *(element.get("initial_options") or [])]
            return next((one for one in [*known, *initial] if one and one.get("value") == wanted), None)

        try:
            state = filled(element, value, offer)
        except BadInput as mistake:
            raise Impossible(f"{block['block_id']}: {mistake}") from None
        if _has_state(element):
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
        return state

    def _action(self, block: Json, element: Json, state: Json) -> Json:
        """One entry of `actions`."""
        action: Json = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
            "action_ts": self._state.workspace.new_ts(),
        }
        action |= {key: value for key, value in state.items() if key != "type"}
        for key in ("text", "value", "style", "placeholder", "confirm", "url"):
            if key in element and key not in action:
                action[key] = element[key]
        return action

    def _response_url(self, key: str) -> str:
        return f"{self._state.url}/response/{key}"


def _has_state(element: Json) -> bool:
    return element["type"] not in ("button", "overflow", "workflow_button", "icon_button", "feedback_buttons")


def _options_of(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _find(blocks: list[Json], action_id: str, block_id: str | None, value: Any) -> tuple[Json, Json]:
    """
    The element meant, and its block. Of several buttons with one action_id the one with that value.

    Raises Impossible when there is none, or when a button's value is not the one given.
    """
    found = [
        (block, element)
        for block in all_blocks(blocks)
        if block_id in (None, block["block_id"])
        for element in interactive(block)
        if element["action_id"] == action_id
    ]
    if not found:
        shown = [one["action_id"] for block in all_blocks(blocks) for one in interactive(block)]
        raise Impossible(
            f"nothing there has the action {action_id!r}; there is {', '.join(shown) or 'nothing'}"
        )
    if value is not None and found[0][1]["type"] == "button":
        found = [(block, element) for block, element in found if element.get("value") == value]
        if not found:
            raise Impossible(f"no button {action_id!r} there carries that value")
    return found[0]
