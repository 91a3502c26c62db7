"""
The chart of a data_visualization block: pie, bar, area or line.

Source:
    docs.slack.dev/reference/block-kit/blocks/data-visualization-block, read 2026-11-24: fields, the longest texts, one
    to six series or segments (slackblocks 3.0.0 takes twelve; the smaller number stands), one to twenty points each.
    That labels are the axis's categories, in any order, and that names and categories differ is from the same page; the
    wording of those two complaints is ours.
"""

from __future__ import annotations

from typing import Any

from sandbox.slack.blockkit.rules import Check, anything, by_type, items, number, shape, string

LABEL = string(20, 1)
POINTS = 20


def _more_than_nothing(check: Check, value: dict[str, Any], at: str) -> None:
    weight = value.get("value")
    if isinstance(weight, int | float) and weight <= 0:
        check.fail("must be greater than 0", f"{at}/value", type="exclusive_min", expected=0)


def _one_axis(check: Check, value: dict[str, Any], at: str) -> None:
    """Every series has one point for each category, and a name of its own."""
    axis, series = value.get("axis_config"), value.get("series")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    if not isinstance(categories, list) or not isinstance(series, list):
        return
    if len({str(each) for each in categories}) < len(categories):
        check.fail("categories must be unique", f"{at}/axis_config/categories")
    names = [each.get("name") for each in series if isinstance(each, dict)]
    if len({str(name) for name in names}) < len(names):
        check.fail("series names must be unique", f"{at}/series")
    for place, each in enumerate(series):
        points = each.get("data") if isinstance(each, dict) else None
        if isinstance(points, list):
            labels = [str(point.get("label")) for point in points if isinstance(point, dict)]
            if sorted(labels) != sorted(str(category) for category in categories):
                check.fail("data labels must match axis_config.categories", f"{at}/series/{place}/data")


_SEGMENT = shape({"label": LABEL, "value": number(whole=False)}, ("label", "value"), _more_than_nothing)
_POINT = shape({"label": LABEL, "value": number(whole=False)}, ("label", "value"))
_SERIES = shape({"name": LABEL, "data": items(_POINT, 1, POINTS)}, ("name", "data"))
_AXIS = shape(
    {"categories": items(LABEL, 1, POINTS), "x_label": string(50), "y_label": string(50)}, ("categories",)
)
_OVER_AN_AXIS = shape(
    {"type": anything, "series": items(_SERIES, 1, 6), "axis_config": _AXIS},
    ("series", "axis_config"),
    _one_axis,
)
CHART = by_type(
    {
        "pie": shape({"type": anything, "segments": items(_SEGMENT, 1, 6)}, ("segments",)),
        "bar": _OVER_AN_AXIS,
        "area": _OVER_AN_AXIS,
        "line": _OVER_AN_AXIS,
    }
)
