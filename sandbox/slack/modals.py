"""Views: the stack of modals each person has open, and each person's home tab."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.content import all_blocks, interactive, named
from sandbox.slack.errors import SlackError
from sandbox.slack.inputs import initial_state
from sandbox.slack.workspace import Workspace
from sandbox.world import Json, World

STACK = 3


@dataclass(slots=True)
class View:
    """One view of one person. `values` is what they have filled in, `errors` what the app objected to."""

    id: str
    user: str
    payload: Json
    hash: str
    root_id: str
    previous_id: str | None
    values: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


class Modals:
    """The views of everybody."""

    def __init__(self, world: World, workspace: Workspace) -> None:
        self._world = world
        self._workspace = workspace
        self._count = 0
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def open(self, user: str, payload: Json) -> View:
        """Start a new stack; what was open before is gone (UNCONFIRMED for an app's own open modal)."""
        self._refuse_duplicate(payload, ignoring=None)
        self.stacks[user] = []
        return self._push(user, payload)

    def push(self, user: str, payload: Json) -> View:
        """Raises SlackError: not_found (nothing is open), push_limit_reached, duplicate_external_id."""
        stack = self.stacks.get(user, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        self._refuse_duplicate(payload, ignoring=None)
        return self._push(user, payload)

    def _push(self, user: str, payload: Json) -> View:
        stack = self.stacks.setdefault(user, [])
        self._count += 1
        view_id = self._world.make_id("V", f"{user}:{self._count}")
        view = View(
            id=view_id,
            user=user,
            payload=self._settled(payload),
            hash=self._new_hash(),
            root_id=stack[0].id if stack else view_id,
            previous_id=stack[-1].id if stack else None,
        )
        view.values = initial_state(view.payload["blocks"])
        stack.append(view)
        self._changed(user)
        return view

    def update(self, view: View, payload: Json, expected_hash: str | None) -> View:
        """
        Replace a view's content; what was filled in stays where block and action keep their ids.

        Raises SlackError: hash_conflict, duplicate_external_id.
        """
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        self._refuse_duplicate(payload, ignoring=view)
        filled = view.values
        view.payload = self._settled(payload)
        view.hash = self._new_hash()
        view.errors = {}
        view.values = initial_state(view.payload["blocks"])
        for block in all_blocks(view.payload["blocks"]):
            for element in interactive(block):
                kept = filled.get(block["block_id"], {}).get(element["action_id"])
                if kept is not None and kept.get("type") == element["type"]:
                    view.values.setdefault(block["block_id"], {})[element["action_id"]] = kept
        if view.payload["type"] == "home":
            self._world.notify("home:changed", {"user": view.user})
        else:
            self._changed(view.user)
        return view

    def publish(self, user: str, payload: Json, expected_hash: str | None) -> View:
        """Set a person's home tab. Raises SlackError: hash_conflict, duplicate_external_id."""
        home = self.homes.get(user)
        if home is not None:
            return self.update(home, payload, expected_hash)
        if expected_hash:
            raise SlackError("hash_conflict")
        self._refuse_duplicate(payload, ignoring=None)
        view_id = self._world.make_id("V", f"home:{user}")
        settled = self._settled(payload)
        home = View(view_id, user, settled, self._new_hash(), view_id, None)
        home.values = initial_state(settled["blocks"])
        self.homes[user] = home
        self._world.notify("home:changed", {"user": user})
        return home

    def close(self, user: str, view: View, *, clear: bool) -> list[View]:
        """Take a view (and all of them, with `clear`) off the screen. Returns what went, topmost first."""
        stack = self.stacks.get(user, [])
        first = 0 if clear or view.payload.get("clear_on_close") else stack.index(view)
        gone = stack[first:][::-1]
        del stack[first:]
        self._changed(user)
        return gone

    def set_errors(self, view: View, errors: dict[str, str]) -> None:
        view.errors = errors
        self._changed(view.user)

    def find(self, view_id: str | None = None, external_id: str | None = None) -> View | None:
        everything = [view for stack in self.stacks.values() for view in stack] + list(self.homes.values())
        for view in everything:
            if view_id and view.id == view_id:
                return view
            if external_id and view.payload.get("external_id") == external_id:
                return view
        return None

    def describe(self, view: View) -> Json:
        """The view object of Slack's answers and payloads."""
        payload = view.payload
        return {
            "id": view.id,
            "team_id": self._workspace.team_id,
            "type": payload["type"],
            "blocks": deepcopy(payload["blocks"]),
            "private_metadata": payload.get("private_metadata") or "",
            "callback_id": payload.get("callback_id") or "",
            "state": {"values": deepcopy(view.values)},
            "hash": view.hash,
            "title": payload.get("title"),
            "clear_on_close": bool(payload.get("clear_on_close")),
            "notify_on_close": bool(payload.get("notify_on_close")),
            "close": payload.get("close"),
            "submit": payload.get("submit"),
            "previous_view_id": view.previous_id,
            "root_view_id": view.root_id,
            "app_id": self._workspace.app_id,
            "external_id": payload.get("external_id") or "",
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": self._workspace.bot_id,
        }

    def _settled(self, payload: Json) -> Json:
        return payload | {"blocks": named(self._world, payload["blocks"])}

    def _refuse_duplicate(self, payload: Json, ignoring: View | None) -> None:
        external_id: Any = payload.get("external_id")
        found = self.find(external_id=external_id) if external_id else None
        if found is not None and found is not ignoring:
            raise SlackError("duplicate_external_id")

    def _new_hash(self) -> str:
        return f"{self._workspace.epoch()}.{self._world.rng.getrandbits(32):08x}"

    def _changed(self, user: str) -> None:
        self._world.notify("view:changed", {"user": user})
