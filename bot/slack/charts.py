"""A chart three ways: Slack's own block, its numbers in words, and a list with bars of letters.

Source: docs.slack.dev/reference/block-kit/blocks/data-visualization-block, read 2026-11-24; messages and Home tabs take
the block, modals do not.
"""

from __future__ import annotations

from bot.chat.model import Bullets, Chart, Code, Span
from bot.slack.richtext import BLANK, Json
from bot.text import clean

LONGEST_TITLE = 50
LONGEST_LABEL = 20
MOST_BARS = 20
MOST_CHARTS = 2  # on one surface
WIDTH = 12  # of the longest bar of letters: a phone shows thirty


def native(chart: Chart) -> Json | None:
    """The block, or None for what Slack would refuse: no bar, two of one label.

    It need not show a number before somebody points at a bar, so ``in_words`` stands beside it.
    """
    labels = [clean(label, LONGEST_LABEL) for label, _ in chart.bars[:MOST_BARS]]
    if not all(labels) or len(set(labels)) != len(labels) or not labels:
        return None
    counted = [
        {"label": label, "value": count} for label, (_, count) in zip(labels, chart.bars, strict=False)
    ]
    return {
        "type": "data_visualization",
        "title": clean(chart.title, LONGEST_TITLE) or BLANK,
        "chart": {
            "type": "bar",
            "series": [{"name": clean(chart.unit, LONGEST_LABEL) or BLANK, "data": counted}],
            "axis_config": {"categories": labels},
        },
    }


def in_words(chart: Chart) -> tuple[Span, ...]:
    """Every number of the chart, on one line."""
    return (" · ".join(f"{label}: {count:,}" for label, count in chart.bars),)


def as_list(chart: Chart) -> Bullets:
    """A line for each bar, where the block cannot be: drawn everywhere, and read aloud."""
    most = max((count for _, count in chart.bars), default=0)
    return Bullets(
        tuple((Code(f"{label} {_bar(count, most)}"), f" {count:,}") for label, count in chart.bars)
    )


def _bar(count: int, most: int) -> str:
    filled = -(-count * WIDTH // most) if most else 0
    return "█" * filled + "·" * (WIDTH - filled)
