"""What of a document or a screen is prose: passages with the line they stand on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_COMMENT = re.compile(r"^\s*# ?(\S.*)?$")
_SETTING = re.compile(r"^[\[\w][\w\"'.:*\[\]-]*( = |\]$)")


_SCRIPT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, a list item, a cell or a line of a message. Names stand in backticks or asterisks."""

    line: int
    text: str


def markdown(text: str) -> Iterator[Passage]:
    """The prose of a Markdown page: no code blocks, no addresses; code spans and emphasis kept as names."""
    line = 1
    for token in _MARKDOWN.parse(text):
        line = token.map[0] + 1 if token.map else line
        if token.type == "inline":
            yield Passage(line, "".join(_inline(token.children or [])))


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "code_inline":
            yield f"`{token.content}`"
        elif token.type in ("em_open", "em_close"):
            yield "*"
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type == "text":
            yield token.content


def comments(text: str) -> Iterator[Passage]:
    """The prose of a configuration file's comments: one passage a run, and no settings."""
    started, held = 0, ""
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        found = _COMMENT.match(line)
        said = (found[1] or "") if found else ""
        if said and not _SETTING.match(said):
            started, held = (started, f"{held} {said}") if held else (number, said)
            continue
        if held:
            yield Passage(started, held)
            held = ""
        if beside := re.search(r"\s# +(.*)$", line):
            yield Passage(number, beside[1])


def plain(text: str) -> Iterator[Passage]:
    """The prose of a plain text: a paragraph is a passage."""
    for found in re.finditer(r"(?:^[^\n]*\S[^\n]*\n?)+", text, re.MULTILINE):
        yield Passage(text.count("\n", 0, found.start()) + 1, " ".join(found[0].split()))


def strings(source: str) -> Iterator[Passage]:
    """What a Python module may say to people: its literal texts of two words or more, and no docstrings."""
    tree = ast.parse(source)
    unsaid = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in unsaid]
    for text in texts:
        if isinstance(text.value, str) and " " in text.value:
            yield Passage(text.lineno, text.value)


def html(text: str) -> Iterator[Passage]:
    """The prose of a page's template: each text between tags; what the template puts in is a name."""
    page = BeautifulSoup(
        re.sub(r"\{%.*?%\}|\{#.*?#\}", "", re.sub(r"\{\{.*?\}\}", "`x`", text)), "html.parser"
    )
    for found in page.find_all(string=True):
        said = " ".join(found.split())
        if (
            said
            and type(found) is NavigableString
            and found.parent
            and found.parent.name not in ("style", "script")
        ):
            yield Passage(found.parent.sourceline or 1, said)


def javascript(source: str) -> Iterator[Passage]:
    """What a script of a page may say: its literal texts that hold a space, and no comments."""
    for found in _SCRIPT.finditer(source):
        if found["text"] and " " in found["text"]:
            said = re.sub(r"\$\{[^}]*\}", "`x`", found["text"][1:-1])
            yield Passage(source.count("\n", 0, found.start()) + 1, said)


def blocks(shown: Mapping[str, Any]) -> Iterator[Passage]:
    """The words of a Slack message or view, each text a passage; mentions, links and code as names."""
    for text in _texts([shown.get(key) for key in ("title", "blocks", "submit", "close")]):
        for line in text.splitlines():
            if line.strip():
                yield Passage(1, line.strip())


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if node.get("type") in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
            yield "".join(_rich(each) for each in node.get("elements", []))
            return
        if node.get("type") in ("plain_text", "mrkdwn") and isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for each in node:
            yield from _texts(each)


def _rich(element: Mapping[str, Any]) -> str:
    text = str(element.get("text", ""))
    if element.get("type") != "text":
        return text if element.get("type") == "link" and " " in text else "`x`"
    return f"`{text}`" if (element.get("style") or {}).get("code") else text


def read(path: Path) -> list[Passage]:
    """The prose of a file, by its name's ending."""
    text = path.read_text(encoding="utf-8")
    configuration = dict.fromkeys((".toml", ".yaml", ".yml", ".service"), comments)
    kinds = {".md": markdown, ".py": strings, ".js": javascript, ".html": html, **configuration}
    reads = comments if path.name.startswith("Dockerfile") else kinds.get(path.suffix, plain)
    return list(reads(text))
