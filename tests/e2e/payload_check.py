"""What every module's desk is held to at its end: sound payloads, nobody pinged, no failure of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.slack.limits import Surface, problems

SURFACES: dict[str, Surface] = {
    "chat.postMessage": "message",
    "chat.update": "message",
    "chat.postEphemeral": "ephemeral",
}
VIEWS = ("views.open", "views.update", "views.push", "views.publish")
NEVER = (
    "slack.broadcasts",
    "slack.bad_acks",
    "slack.bad_ack_messages",
    "slack.posts_without_text",
    "slack.unreadable_acks",
    "slack.error.invalid_blocks",
    "slack.error.invalid_arguments",
    "slack.error.invalid_view",
    "slack.error.view_too_large",
    "slack.error.msg_too_long",
)


def complaints(entries: Sequence[Mapping[str, Any]], counters: Mapping[str, int]) -> list[str]:
    """What our judge or the stand-in's says against anything the bot sent; empty when all is sound."""
    found = [f"{name}: {counters[name]}" for name in NEVER if counters.get(name)]
    for entry in entries:
        if entry["direction"] != "out":
            continue
        for surface, payload in _shown(entry):
            found += [f"{entry['kind']}: {problem}" for problem in problems(surface, payload)]
        if "failed on our side" in (said := json.dumps(entry["payload"], ensure_ascii=False)):
            found.append(f"{entry['kind']} admits a failure: {said[:400]}")
    return found


def _shown(entry: Mapping[str, Any]) -> Iterator[tuple[Surface, Mapping[str, Any]]]:
    """The messages and views in something the bot sent."""
    kind, payload = entry["kind"], entry["payload"]
    if kind in SURFACES:
        yield SURFACES[kind], _content(payload)
    elif kind in VIEWS:
        view = _read(payload["view"])
        yield ("home" if view["type"] == "home" else "modal"), view
    elif kind == "response_url":
        yield "ephemeral", _content(payload)
    elif kind == "ack" and (answer := payload.get("payload")):
        if "blocks" in answer:
            yield "ephemeral", _content(answer)
        if "view" in answer:
            yield "modal", answer["view"]


def _content(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": payload.get("text"), "blocks": _read(payload.get("blocks") or [])}


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
