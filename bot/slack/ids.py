"""The names Slack sends back to us, versioned so that a button of an older release is known for what it is."""

from __future__ import annotations

import re

_KNOWN = re.compile(r"svc\.(.+)\.v1(?::[0-9]+)?", re.DOTALL)
LONGEST = 255  # characters of an action_id or callback_id


def action_id(action: str, index: int) -> str:
    """A button's id. ``index`` makes it unique where two buttons of a message do the same."""
    return f"svc.{action}.v1:{index}"


def callback_id(form: str) -> str:
    """A form's id."""
    return f"svc.{form}.v1"


def named(slack_id: str) -> str | None:
    """The action or form behind an id; None where no current release made it."""
    found = _KNOWN.fullmatch(slack_id)
    return found[1] if found else None


def travels(value: str, limit: int) -> bool:
    """Whether an opaque value comes back from Slack as it went: short enough, and encodable."""
    return len(value) <= limit and not any("\ud800" <= char <= "\udfff" for char in value)
