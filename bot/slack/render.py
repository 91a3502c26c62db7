"""A reply, a form or the Home tab as what Slack's API takes.

Text from outside goes only where Slack parses nothing: rich text, plain text, raw table cells. The one parsed
field, a message's ``text``, holds the summary, escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bot.chat.model import Form, Para, Part, Reply
from bot.errors import InvariantBroken
from bot.slack import ids
from bot.slack.blocks import Canvas, numbered
from bot.slack.inputs import input_block
from bot.slack.richtext import BLANK, Json, escaped, plain_text

LONGEST_SUMMARY = 3_000
LONGEST_METADATA = 3_000
CHANNEL = "channel"  # the key of a form's state that says where its answer goes


def render_message(reply: Reply, *, command: str, revision: str = "") -> Json:
    """``text`` and ``blocks`` of a message. ``revision`` makes the block ids this revision's own.

    ``text`` is what notifications and screen readers say; a reply without parts shows its summary.
    """
    blocks = Canvas("message", command).draw(reply.parts, instead=reply.summary or BLANK)
    return {
        "text": escaped(reply.summary, LONGEST_SUMMARY) or BLANK,
        "blocks": numbered(blocks, revision),
    }


def render_view(form: Form, *, command: str, channel: str = "") -> Json:
    """A modal. ``channel``, where given, travels in the form's state.

    Raises:
        InvariantBroken: the state is longer than Slack carries; it should hold ids only.
    """
    state = {CHANNEL: channel, **form.state} if channel else dict(form.state)
    metadata = json.dumps(state, separators=(",", ":"), sort_keys=True)
    if len(metadata) > LONGEST_METADATA:
        raise InvariantBroken(f"the state of the form {form.name} is longer than Slack carries")
    asked = [input_block(each) for each in form.inputs]
    shown = Canvas("modal", command, beside=asked).draw(form.parts, "" if asked else "Nothing to show.")
    view: Json = {
        "type": "modal",
        "callback_id": ids.callback_id(form.name),
        "title": plain_text(form.title, 24, "Handover"),
        "close": plain_text("Cancel" if form.submit else "Close", 24, "Close"),
        "private_metadata": metadata,
        "blocks": shown + asked,
    }
    if form.submit or any(block["type"] == "input" for block in asked):
        view["submit"] = plain_text(form.submit, 24, "Send")
    return view


def render_home(parts: Sequence[Part], *, command: str, charts: bool = True) -> Json:
    """The Home tab. ``charts``: as Slack's own block, else as a list."""
    canvas = Canvas("home", command, charts=charts)
    return {"type": "home", "blocks": canvas.draw(parts, instead="Nothing here yet.")}


def loading_view(title: str) -> Json:
    """A modal to open at once, to be filled when there is something to say."""
    return notice_view(title, (Para(("Loading…",)),), command="")


def working_view(title: str) -> Json:
    """What a form turns into while it is being worked on."""
    return notice_view(title, (Para(("Working…",)),), command="")


def notice_view(title: str, parts: Sequence[Part], *, command: str) -> Json:
    """A modal that only tells."""
    return render_view(Form(name="notice", title=title, parts=tuple(parts)), command=command)


def state_of(view: Mapping[str, object]) -> dict[str, str]:
    """The state a form was rendered with; empty for a view that is not ours."""
    try:
        state = json.loads(str(view.get("private_metadata") or "{}"))
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in state.items()} if isinstance(state, dict) else {}
