"""What a message says: reading it from a call, refusing what Slack refuses, counting mass mentions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sandbox.slack.args import Args
from sandbox.slack.blockkit import check_blocks
from sandbox.slack.errors import SlackError, refused_layout
from sandbox.world import Json, World

TEXT_LIMIT = 40_000
UPDATE_TEXT_LIMIT = 4_000
ATTACHMENTS = 100
METADATA_BYTES = 16_000
MARKDOWN_LIMIT = 12_000
_BROADCAST = re.compile(r"<!(?:channel|here|everyone|group|subteam\^[A-Z0-9]+)(?:\|[^>]*)?>")
_AT_WORDS = re.compile(r"(?<!\w)@(?:channel|here|everyone)\b")


@dataclass(frozen=True, slots=True)
class Content:
    """One message's content, checked. `metadata` is None when it was not given, {} when it shall go."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Json | None
    warnings: tuple[str, ...]


def read_content(world: World, args: Args) -> Content:
    """
    The message a call describes.

    Raises SlackError: no_text, invalid_blocks (with Slack's complaints), invalid_blocks_format,
    markdown_text_conflict, msg_too_long, too_many_attachments, invalid_metadata_format, metadata_too_large.
    """
    text, markdown = args.text("text"), args.text("markdown_text")
    blocks = _blocks(args)
    attachments = _attachments(args)
    if markdown:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > MARKDOWN_LIMIT:
            raise SlackError("msg_too_long")
        text = markdown
    if not (text and text.strip()) and not blocks and not attachments:
        raise SlackError("no_text")
    warnings = []
    if not text:
        world.counters["slack.posts_without_text"] += 1
    elif len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
        warnings.append("message_truncated")
    content = Content(
        text=text or "",
        blocks=named(world, blocks),
        attachments=attachments,
        metadata=_metadata(args),
        warnings=tuple(warnings),
    )
    world.counters["slack.broadcasts"] += count_broadcasts(content, args)
    return content


def _blocks(args: Args) -> list[Json]:
    blocks = args.object("blocks", "invalid_blocks_format")
    if blocks is None:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    if problems := check_blocks(blocks):
        raise refused_layout("invalid_blocks", problems)
    return blocks


def _attachments(args: Args) -> list[Json]:
    attachments = args.object("attachments", "invalid_attachments")
    if attachments is None:
        return []
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for place, attachment in enumerate(attachments):
        if problems := check_blocks(attachment.get("blocks", []), f"/attachments/{place}/blocks"):
            raise refused_layout("invalid_blocks", problems)
    return attachments


def _metadata(args: Args) -> Json | None:
    metadata = args.object("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def named(world: World, blocks: list[Json]) -> list[Json]:
    """A copy in which every block has a block_id and every interactive element an action_id, as Slack gives."""
    blocks = deepcopy(blocks)
    for block in blocks:
        if not block.get("block_id"):
            block["block_id"] = _short_id(world)
        for element in interactive(block):
            if not element.get("action_id"):
                element["action_id"] = _short_id(world)
        if block.get("type") == "container":
            block["child_blocks"] = named(world, block["child_blocks"])
    return blocks


def _short_id(world: World) -> str:
    return "".join(world.rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=5))


INTERACTIVE = frozenset(
    (
        "button",
        "overflow",
        "workflow_button",
        "checkboxes",
        "radio_buttons",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
        "multi_static_select",
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
        "feedback_buttons",
        "icon_button",
    )
)


def interactive(block: Any) -> Iterator[Json]:
    """Every element of one block that a person can use, not those of blocks nested in it."""
    if isinstance(block, list):
        for inner in block:
            yield from interactive(inner)
    elif isinstance(block, dict):
        if block.get("type") in INTERACTIVE:
            yield block
        else:
            for key, inner in block.items():
                if key != "child_blocks":
                    yield from interactive(inner)


def all_blocks(blocks: list[Json]) -> Iterator[Json]:
    """Blocks and the blocks nested in containers."""
    for block in blocks:
        yield block
        yield from all_blocks(block.get("child_blocks") or [])


def count_broadcasts(content: Content, args: Args | None = None) -> int:
    """How many live mass mentions (channel, here, everyone, a user group) a message carries."""
    count = sum(len(_BROADCAST.findall(text)) for text in _live_texts(content))
    count += sum(1 for _ in _rich_broadcasts(content.blocks))
    if args is not None and (args.flag("link_names") or args.text("parse") == "full"):
        count += len(_AT_WORDS.findall(content.text))
    return count


def _live_texts(content: Content) -> Iterator[str]:
    yield content.text
    yield from _markup(content.blocks)
    for attachment in content.attachments:
        yield from (value for value in attachment.values() if isinstance(value, str))
        yield from _markup(attachment.get("blocks", []))


def _markup(value: Any) -> Iterator[str]:
    """The texts in which Slack would look for markup: mrkdwn objects and markdown blocks."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _markup(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _markup(inner)


def _rich_broadcasts(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if value.get("type") in ("broadcast", "usergroup"):
            yield value
        for inner in value.values():
            yield from _rich_broadcasts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _rich_broadcasts(inner)
