"""Spans as Slack's rich text, where nothing is parsed, and as plain text where rich text cannot stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from bot.chat.model import Code, Data, Link, Mention, Span, Strong, Typed, When
from bot.text import clean

Json = dict[str, Any]
BLANK = "(blank)"  # Slack refuses empty text, and an empty name should be seen to be one
LONGEST_DATA = 500  # a reason, at most
_MEMBER = re.compile(r"[UW][A-Z0-9]{1,30}")
_FORMATS = {"date": "{date_short_pretty}", "time": "{date_short_pretty} at {time}", "ago": "{ago}"}
_FALLBACKS = {"date": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M UTC", "ago": "%Y-%m-%d %H:%M UTC"}
_WIDTH_OF_LIVE = 24  # characters that a name or a date drawn by Slack is counted as


def elements(spans: Sequence[Span], command: str, limit: int) -> list[Json]:
    """The elements of one section, at most ``limit`` characters, never empty.

    Source: docs.slack.dev/reference/block-kit/block-elements/rich-text-section-element and date-element, read
    2026-11-21.
    """
    drawn: list[Json] = []
    left = limit
    for span in spans:
        element = _element(span, command)
        width = len(element.get("text", "")) or _WIDTH_OF_LIVE
        if element.get("text") == "":
            continue
        if width > left:
            drawn.append({"type": "text", "text": element.get("text", "")[: max(left - 1, 0)].rstrip() + "…"})
            break
        drawn.append(element)
        left -= width
    return drawn or [{"type": "text", "text": BLANK}]


def _element(span: Span, command: str) -> Json:
    match span:
        case Data(value, strong):
            return _text(clean(value, LONGEST_DATA) or BLANK, "bold" if strong else "")
        case Strong(value):
            return _text(spoken(value), "bold")
        case Code(value):
            return _text(clean(value, LONGEST_DATA), "code")
        case Typed(words):
            return _text(clean(f"{command} {words}", LONGEST_DATA), "code")
        case Mention(user_id):
            if _MEMBER.fullmatch(user_id):
                return {"type": "user", "user_id": user_id}
            return _text(clean(user_id) or BLANK)
        case When(at, style):
            return {
                "type": "date",
                "timestamp": int(at.timestamp()),
                "format": _FORMATS.get(style, _FORMATS["date"]),
                "fallback": _said(span),
            }
        case Link(url, text):
            return {"type": "link", "url": url, "text": spoken(text) or url}
        case str():
            return _text(spoken(span))


def _text(text: str, style: str = "") -> Json:
    return {"type": "text", "text": text, **({"style": {style: True}} if style else {})}


def _said(when: When) -> str:
    return when.at.astimezone(UTC).strftime(_FALLBACKS.get(when.style, _FALLBACKS["date"]))


def plain(spans: Sequence[Span], command: str, limit: int) -> str:
    """The spans as one line of at most ``limit`` characters; empty where they say nothing."""
    return clean("".join(_plain(span, command) for span in spans), limit)


def _plain(span: Span, command: str) -> str:
    match span:
        case Data(value, _):
            return clean(value, LONGEST_DATA) or BLANK
        case Strong(value) | Code(value):
            return value
        case Typed(words):
            return f"{command} {words}".strip()
        case Mention(user_id):
            return user_id
        case When():
            return _said(span)
        case Link(url, text):
            return f"{text} {url}".strip()
        case str():
            return span


def names_somebody(spans: Sequence[Span]) -> bool:
    """Whether plain text would show a bare member id."""
    return any(isinstance(span, Mention) for span in spans)


def spoken(text: str) -> str:
    """Our own words without characters that hide; spaces and line breaks stay."""
    kept = (" " if c.isspace() and c != "\n" else c for c in text if c.isspace() or not _hidden(c))
    return "".join(kept)


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} and char not in "\u200c\u200d"


def plain_text(text: str, limit: int, instead: str) -> Json:
    """A plain_text object: never parsed, no ``:emoji:``, never empty."""
    return {"type": "plain_text", "text": clean(text, limit) or instead, "emoji": False}


def escaped(text: str, limit: int) -> str:
    """``text`` for a field that Slack does parse: one line, no live mark-up, cut between characters.

    Source: docs.slack.dev/messaging/formatting-message-text#escaping, read 2026-11-21.
    """
    entities = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    said: list[str] = []
    left = limit
    for char in clean(text, limit):
        piece = entities.get(char, char)
        if len(piece) > left:
            break
        said.append(piece)
        left -= len(piece)
    return "".join(said)
