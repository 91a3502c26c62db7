"""The one judge of what we send: Slack's published limits (``block_rules``) and our own rules of safety."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.slack.block_rules import BLOCKS, RULES, Flag, Node, Nodes, Rows, Rule, Str, Strs, Text, Texts, Whole
from bot.slack.blocks import size, weight

Surface = Literal["message", "modal", "home", "ephemeral"]
LONGEST_TEXT = 4_000
VIEW_BYTES = 250_000
TABLE_CHARACTERS = 10_000
MARKDOWN_CHARACTERS = 12_000
_LIVE = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")
_TEXTS = {"plain_text": ("text", "emoji"), "mrkdwn": ("text", "verbatim")}


def problems(surface: Surface, payload: Mapping[str, Any]) -> list[str]:
    """What Slack, or our own rules of safety, would refuse; each line ends in a JSON pointer. Empty: sound.

    ``payload`` is the final JSON: a message's ``text`` and ``blocks``, or a whole view.
    """
    look = _Look()
    kinds, most = BLOCKS[surface]
    if surface in {"message", "ephemeral"}:
        look.parsed(payload.get("text"), LONGEST_TEXT, "/text")
    else:
        if payload.get("type") != surface:
            look.found(f"type must be {surface}", "/type")
        look.fields({key: value for key, value in payload.items() if key != "blocks"}, surface, "")
        if size(payload) > VIEW_BYTES:
            look.found(f"larger than {VIEW_BYTES:,} bytes", "")
    look.many(payload.get("blocks"), Nodes(kinds, 1, most, required=True), "/blocks")
    blocks = [block for block in payload.get("blocks") or [] if isinstance(block, dict)]
    _whole(look, surface, payload, blocks)
    return look.problems


def _whole(look: _Look, surface: Surface, payload: Mapping[str, Any], blocks: list[dict[str, Any]]) -> None:
    """What no block shows by itself."""
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        look.found(f"block_id {twice!r} is used twice", "/blocks")
    for place, block in enumerate(blocks):
        actions = list(_action_ids(block))
        if len(actions) != len(set(actions)):
            look.found("an action_id is used twice in one block", f"/blocks/{place}")
    if sum(block.get("type") == "data_visualization" for block in blocks) > 2:
        look.found("more than two charts", "/blocks")
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        look.found("more than one table", "/blocks")
    if sum(weight(block) for block in tables) > TABLE_CHARACTERS:
        look.found(f"tables hold more than {TABLE_CHARACTERS:,} characters", "/blocks")
    if sum(weight(b) for b in blocks if b.get("type") == "markdown") > MARKDOWN_CHARACTERS:
        look.found(f"markdown holds more than {MARKDOWN_CHARACTERS:,} characters", "/blocks")
    if any(b.get("type") == "input" for b in blocks) and surface == "modal" and "submit" not in payload:
        look.found("a form with inputs needs submit", "/submit")


def _action_ids(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if "action_id" in tree:
            yield tree["action_id"]
        for inner in tree.values():
            yield from _action_ids(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _action_ids(inner)


@dataclass(slots=True)
class _Look:
    """One walk over a payload."""

    problems: list[str] = field(default_factory=list)

    def found(self, what: str, at: str) -> None:
        self.problems.append(f"{what} [{at}]")

    def fields(self, node: Mapping[str, Any], kind: str, at: str) -> None:
        rules = RULES[kind]
        for name in sorted(node.keys() - rules.keys() - {"type", "block_id"}):
            self.found(f"{kind} has no field {name}", f"{at}/{name}")
        if "block_id" in node:
            self.string(node["block_id"], Str(255, 1), f"{at}/block_id")
        for name, rule in rules.items():
            if name in node:
                self.value(node[name], rule, f"{at}/{name}")
            elif rule.required:
                self.found(f"{kind} needs {name}", f"{at}/{name}")

    def value(self, value: Any, rule: Rule, at: str) -> None:
        match rule:
            case Text():
                self.text(value, rule, at)
            case Texts(most, each):
                for place, text in enumerate(self.listed(value, 1, most, at)):
                    self.text(text, each, f"{at}/{place}")
            case Str():
                self.string(value, rule, at)
            case Strs(most, each):
                found = self.listed(value, 1, most, at)
                for place, text in enumerate(found):
                    self.string(text, each, f"{at}/{place}")
                if len({str(text) for text in found}) < len(found):
                    self.found("the same string twice", at)
            case Node(kinds):
                self.node(value, kinds, at)
            case Nodes():
                self.many(value, rule, at)
            case Rows():
                self.rows(value, rule, at)
            case Whole(least, most):
                if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                    self.found(f"must be a whole number from {least} to {most}", at)
            case Flag():
                if not isinstance(value, bool):
                    self.found("must be true or false", at)

    def node(self, value: Any, kinds: frozenset[str], at: str) -> None:
        if not isinstance(value, dict):
            self.found("not an object", at)
            return
        kind = value.get("type") or (next(iter(kinds)) if len(kinds) == 1 else "")
        if kind not in kinds:
            self.found(f"{kind or 'something without a type'} is not allowed here", at)
        elif kind in _TEXTS:
            self.text(value, Text(2000, plain=False), at)
        else:
            self.fields(value, kind, at)

    def many(self, value: Any, rule: Nodes, at: str) -> None:
        for place, each in enumerate(self.listed(value, rule.least, rule.most, at)):
            self.node(each, rule.kinds, f"{at}/{place}")

    def listed(self, value: Any, least: int, most: int, at: str) -> list[Any]:
        if not isinstance(value, list):
            self.found("not a list", at)
            return []
        if not least <= len(value) <= most:
            self.found(f"{len(value)} items, not {least} to {most}", at)
        return value

    def text(self, value: Any, rule: Text, at: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in _TEXTS or (rule.plain and kind != "plain_text"):
            self.found(f"needs a {'plain_text' if rule.plain else 'text'} object", at)
            return
        if unknown := sorted(value.keys() - {"type", *_TEXTS[kind]}):
            self.found(f"{kind} has no field {unknown[0]}", at)
        if kind == "mrkdwn":
            self.parsed(value.get("text"), rule.most, f"{at}/text")
        else:
            self.string(value.get("text"), Str(rule.most, 1), f"{at}/text")

    def parsed(self, value: Any, most: int, at: str) -> None:
        """A text Slack parses: what is live in it could ping everybody or lead astray, so nothing may be."""
        self.string(value, Str(most, 1), at)
        if isinstance(value, str) and (live := _LIVE.search(value)):
            self.found(f"live mark-up {value[live.start() : live.start() + 12]!r}", at)

    def string(self, value: Any, rule: Str, at: str) -> None:
        if not isinstance(value, str):
            self.found("not a string", at)
        elif rule.values and value not in rule.values:
            self.found(f"must be one of {', '.join(sorted(rule.values))}", at)
        elif not rule.least <= len(value) <= rule.most:
            self.found(f"{len(value)} characters, not {rule.least} to {rule.most}", at)
        elif any("\ud800" <= char <= "\udfff" for char in value):
            self.found("a lone surrogate, which JSON cannot carry", at)

    def rows(self, value: Any, rule: Rows, at: str) -> None:
        rows = self.listed(value, 1, rule.most, at)
        if len({len(row) for row in rows if isinstance(row, list)}) > 1:
            self.found("rows differ in length", at)
        for place, row in enumerate(rows):
            self.many(row, Nodes(rule.kinds, 1, rule.cells), f"{at}/{place}")
