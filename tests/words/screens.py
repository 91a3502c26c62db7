"""The screens in a sandbox's wire log: each kind once, in its latest form, as the gallery draws them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.words.prose import Passage, blocks

_MESSAGES = {"chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"}
_VIEWS = {"views.open", "views.update", "views.push", "views.publish"}


def screens(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[Passage]]:
    """The prose of each kind of screen that the bot showed, by surface and heading, without what it is about."""
    found = {}
    for entry in entries:
        if entry["direction"] == "out":
            for shown in _shown(entry["kind"], entry["payload"]):
                found[_kind(shown)] = list(blocks(shown))
    return found


def _shown(kind: str, payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    answer = payload.get("payload") or {}
    if kind in _MESSAGES:
        yield {"text": payload.get("text"), "blocks": _read(payload.get("blocks") or [])}
    elif kind in _VIEWS:
        yield _read(payload["view"])
    elif kind == "ack" and "blocks" in answer:
        yield answer
    elif kind == "ack" and "view" in answer:
        yield answer["view"]


def _kind(shown: Mapping[str, Any]) -> str:
    surface = shown.get("type", "message")
    headings = [each["text"]["text"] for each in shown["blocks"] if each["type"] == "header"]
    title = (shown.get("title") or {}).get("text") or shown.get("text") or "Home"
    plain = re.sub(r"\d[\d.,]*", "#", (headings or [title])[0])
    return f"{surface}: {re.split('[:(“`]', plain)[0].strip()[:60]}"


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
