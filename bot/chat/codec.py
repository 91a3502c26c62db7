"""A reply as bytes, for the outbox, and back.

JSON with a version. The unions of ``conversation`` carry no tags of their own, so every span and part is written
as ``[tag, fields]``; a plain string is one of our own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bot.chat.model import (
    Bullets,
    Button,
    Buttons,
    Chart,
    Code,
    Data,
    Divider,
    Fields,
    Form,
    Heading,
    Input,
    Link,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Span,
    Strong,
    Table,
    Typed,
    Verbatim,
    When,
)
from bot.errors import SchemaMismatch

VERSION = 1
_SPANS: Mapping[str, type[Data | Strong | Code | Typed | Mention | When | Link]] = {
    "data": Data,
    "strong": Strong,
    "code": Code,
    "typed": Typed,
    "mention": Mention,
    "when": When,
    "link": Link,
}
_SPAN_TAGS = {kind: tag for tag, kind in _SPANS.items()}


def encode_reply(reply: Reply) -> bytes:
    """The reply, whole. Lone surrogates, which no encoding carries, become question marks."""
    tree = {
        "v": VERSION,
        "summary": reply.summary,
        "parts": [_part(part) for part in reply.parts],
        "public": reply.public,
        "replace": reply.replace,
        "form": None if reply.form is None else _form(reply.form),
        "errors": dict(reply.errors),
    }
    return msgspec.json.encode(_speakable(tree))


def decode_reply(body: bytes) -> Reply:
    """The reply that ``encode_reply`` was given.

    Raises:
        SchemaMismatch: written by another version of Handover, or damaged.
    """
    try:
        tree = msgspec.json.decode(body)
        if tree["v"] != VERSION:
            raise SchemaMismatch(f"A queued message has format {tree['v']}; this program reads {VERSION}.")
        return Reply(
            summary=tree["summary"],
            parts=tuple(_read_part(part) for part in tree["parts"]),
            public=tree["public"],
            replace=tree["replace"],
            form=None if tree["form"] is None else _read_form(tree["form"]),
            errors=tree["errors"],
        )
    except (msgspec.DecodeError, LookupError, TypeError, ValueError) as exc:
        raise SchemaMismatch("A queued message could not be read: it is damaged.") from exc


def _speakable(tree: Any) -> Any:
    if isinstance(tree, str):
        return tree.encode("utf-8", "replace").decode()
    if isinstance(tree, Mapping):
        return {_speakable(key): _speakable(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_speakable(value) for value in tree]
    return tree


def _span(span: Span) -> Any:
    return span if isinstance(span, str) else [_SPAN_TAGS[type(span)], msgspec.to_builtins(span)]


def _spans(spans: Sequence[Span]) -> list[Any]:
    return [_span(span) for span in spans]


def _part(part: Part) -> list[Any]:
    match part:
        case Heading(text):
            return ["heading", text]
        case Para(spans):
            return ["para", _spans(spans)]
        case Note(spans):
            return ["note", _spans(spans)]
        case Bullets(items, numbered):
            return ["numbered" if numbered else "bullets", [_spans(item) for item in items]]
        case Fields(pairs):
            return ["fields", [[label, _spans(spans)] for label, spans in pairs]]
        case Table(header, rows):
            return ["table", [list(header), [[_spans(cell) for cell in row] for row in rows]]]
        case Chart(title, unit, bars):
            return ["chart", [title, unit, [list(bar) for bar in bars]]]
        case Verbatim(text):
            return ["verbatim", text]
        case Divider():
            return ["divider", None]
        case Buttons(items):
            return ["buttons", msgspec.to_builtins(items)]


def _form(form: Form) -> dict[str, Any]:
    return {
        "name": form.name,
        "title": form.title,
        "submit": form.submit,
        "state": dict(form.state),
        "parts": [_part(part) for part in form.parts],
        "inputs": msgspec.to_builtins(form.inputs),
    }


def _read_span(tree: Any) -> Span:
    if isinstance(tree, str):
        return tree
    tag, fields = tree
    return msgspec.convert(fields, _SPANS[tag])


def _read_spans(tree: Any) -> tuple[Span, ...]:
    return tuple(_read_span(span) for span in tree)


def _read_part(tree: Any) -> Part:
    tag, inside = tree
    match tag:
        case "heading":
            return Heading(inside)
        case "para":
            return Para(_read_spans(inside))
        case "note":
            return Note(_read_spans(inside))
        case "bullets" | "numbered":
            return Bullets(tuple(_read_spans(item) for item in inside), tag == "numbered")
        case "fields":
            return Fields(tuple((label, _read_spans(spans)) for label, spans in inside))
        case "table":
            header, rows = inside
            return Table(tuple(header), tuple(tuple(_read_spans(cell) for cell in row) for row in rows))
        case "chart":
            title, unit, bars = inside
            return Chart(title, unit, tuple((label, count) for label, count in bars))
        case "verbatim":
            return Verbatim(inside)
        case "divider":
            return Divider()
        case "buttons":
            return Buttons(msgspec.convert(inside, tuple[Button, ...]))
        case _:
            raise ValueError("unknown part")


def _read_form(tree: Any) -> Form:
    return Form(
        name=tree["name"],
        title=tree["title"],
        submit=tree["submit"],
        state=tree["state"],
        parts=tuple(_read_part(part) for part in tree["parts"]),
        inputs=msgspec.convert(tree["inputs"], tuple[Input, ...]),
    )
