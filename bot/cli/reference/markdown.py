"""Markdown, as little of it as the reference pages need."""

from __future__ import annotations

import inspect
from collections.abc import Iterable


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; pipes and line ends inside cells are taken care of."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def code(text: str) -> str:
    """Fixed width; empty for nothing."""
    return f"`{text}`" if text else ""


def prose(documented: object) -> str:
    """A docstring as paragraphs of one line each, with Markdown's code marks."""
    text = inspect.cleandoc(inspect.getdoc(documented) or "").replace("``", "`")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
