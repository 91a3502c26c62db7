"""Everything that passed between Slack and the app, as raw payloads with the secrets masked."""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

from sandbox.masking import mask_json
from sandbox.world import Json, World

KEPT = 2_000


class WireLog:
    """The last payloads both ways, for the wire panel and for tests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: deque[Json] = deque(maxlen=KEPT)
        self._seq = 0

    def add(
        self,
        to: Literal["app", "slack"],
        via: Literal["socket", "http", "api", "response_url"],
        name: str,
        payload: Any,
        answer: Any = None,
    ) -> None:
        """`answer` is what came back on the same request; on a socket the ack is an entry of its own."""
        self._seq += 1
        self._kept.append(
            {
                "seq": self._seq,
                "at": self._world.now.isoformat(),
                "to": to,
                "via": via,
                "name": name,
                "payload": mask_json(payload),
                "answer": mask_json(answer),
            }
        )
        self._world.notify("slack:wire", {"seq": self._seq, "to": to, "via": via, "name": name})

    def since(self, seq: int) -> list[Json]:
        return [entry for entry in self._kept if entry["seq"] > seq]
