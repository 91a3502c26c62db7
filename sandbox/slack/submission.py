"""Submitting and dismissing modals, and obeying the app's answer as Slack's client does."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.blockkit import check_view, too_large
from sandbox.slack.content import all_blocks
from sandbox.slack.delivery import Delivery
from sandbox.slack.errors import SlackError
from sandbox.slack.hands import Hands, Impossible
from sandbox.slack.inputs import is_empty
from sandbox.slack.modals import View
from sandbox.slack.state import State
from sandbox.world import Json, Person


class Submissions:
    """What happens to a person's open modals."""

    def __init__(self, state: State, delivery: Delivery, hands: Hands) -> None:
        self._state = state
        self._delivery = delivery
        self._hands = hands

    async def submit(self, person: Person, view: View, values: dict[str, Any]) -> Json:
        """
        Fill in and submit the topmost modal; Slack's client checks required inputs first.

        Raises Impossible when that check fails, naming the block.
        """
        if self._top(person) is not view:
            raise Impossible("only the topmost modal can be submitted")
        if not view.payload.get("submit"):
            raise Impossible("this modal has no submit button")
        self._hands.fill_in(person, view.payload["blocks"], view.values, values)
        self._refuse_empty(view)
        self._state.modals.set_errors(view, {})
        ack = await self._delivery.interaction(payloads.view_submission(self._state, person, view))
        if "error" in ack:
            return ack
        return self._obey(person, view, ack)

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

    def _top(self, person: Person) -> View | None:
        stack = self._state.modals.stacks.get(person.slack_id)
        return stack[-1] if stack else None
