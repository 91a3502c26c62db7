"""Trigger ids: proof that a person just did something, good for three seconds and one modal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack.errors import SlackError
from sandbox.world import World

LIVES = timedelta(seconds=3)


@dataclass(slots=True)
class Trigger:
    """Who did it, when, and in which view (None outside views)."""

    user: str
    view_id: str | None
    at: datetime
    exchanged: bool = False


class Triggers:
    """The trigger ids of one app. Old ones are kept, so that late use is told from invented ids."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        number = len(self._issued) + 1
        tail = f"{self._world.rng.getrandbits(128):032x}"
        trigger_id = f"{1_000_000_000_000 + number}.{9_000_000_000 + number}.{tail}"
        self._issued[trigger_id] = Trigger(user, view_id, self._world.now)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """
        Use one up.

        Raises SlackError: invalid_trigger_id, expired_trigger_id, exchanged_trigger_id.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.exchanged:
            raise SlackError("exchanged_trigger_id")
        if self._world.now - trigger.at > LIVES:
            raise SlackError("expired_trigger_id")
        trigger.exchanged = True
        return trigger
