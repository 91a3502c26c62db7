"""How people handle elements: finding the one meant, giving it a value, and what Slack's client refuses."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.content import all_blocks, interactive
from sandbox.slack.inputs import BadInput, filled
from sandbox.slack.state import State
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


class Hands:
    """
    People's hands on the elements of messages and views.

    `offered` holds the options the app last gave an external select, by Slack id and action id.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.offered: dict[tuple[str, str], list[Json]] = {}

    def fill_in(
        self,
        person: Person,
        blocks: list[Json],
        values: dict[str, dict[str, Json]],
        entered: dict[str, Any],
        *,
        strict: bool = True,
    ) -> None:
        """
        Put what a person entered into `values`, the state of these blocks.

        Unless `strict`, what is not complete yet (a text still too short) is left out, as while typing.
        """
        known = {block["block_id"]: block for block in all_blocks(blocks)}
        for block_id, actions in entered.items():
            if block_id not in known:
                raise Impossible(f"there is no block {block_id!r}")
            if not isinstance(actions, dict):
                raise Impossible(f"{block_id}: give an object of action ids and values")
            for action_id, value in actions.items():
                block, element = find([known[block_id]], action_id, block_id, None)
                with nullcontext() if strict else suppress(Impossible):
                    self.use(person, block, element, value, values)

    def use(
        self, person: Person, block: Json, element: Json, value: Any, values: dict[str, dict[str, Json]]
    ) -> Json:
        """
        The element's state after a person used it, noted in `values` if it keeps one.

        Raises Impossible for what no client lets through.
        """
        if not has_state(element) and element["type"] != "overflow":
            return {}

        def offer(wanted: str) -> Json | None:
            known = self.offered.get((person.slack_id, element["action_id"]), [])
            initial = [element.get("initial_option"), *(element.get("initial_options") or [])]
            return next((one for one in [*known, *initial] if one and one.get("value") == wanted), None)

        try:
            state = filled(element, value, offer)
        except BadInput as mistake:
            raise Impossible(f"{block['block_id']}: {mistake}") from None
        if has_state(element):
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
        return state

    def action(self, block: Json, element: Json, state: Json) -> Json:
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


def has_state(element: Json) -> bool:
    return element["type"] not in ("button", "overflow", "workflow_button", "icon_button", "feedback_buttons")


def find(blocks: list[Json], action_id: str, block_id: str | None, value: Any) -> tuple[Json, Json]:
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
