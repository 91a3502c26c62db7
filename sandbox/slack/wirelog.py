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
        direction: Literal["in", "out"],
        transport: Literal["socket", "http", "api", "response_url"],
        kind: str,
        payload: Any,
        status: int | None = None,
    ) -> None:
        """
        Keep one payload: `in` is to the app, `out` from it; an answer is an entry of its own.

        `status` is the HTTP status of an answer.
        """
        self._seq += 1
        entry = {
            "seq": self._seq,
            "at": self._world.now.isoformat(),
            "direction": direction,
            "transport": transport,
            "kind": kind,
            "payload": mask_json(payload),
        }
        self._kept.append(entry if status is None else entry | {"status": status})
        self._world.notify("wire:added", {"seq": self._seq, "direction": direction, "kind": kind})

    def since(self, seq: int) -> list[Json]:
        return [entry for entry in self._kept if entry["seq"] > seq]
