"""
Rich text: sections, lists, quotes and the pieces they are made of.

Source:
    docs.slack.dev/reference/block-kit/blocks/rich-text-block and slack_sdk 3.47.0, read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.blockkit.rules import anything, by_type, flag, items, number, one_of, shape, string

_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = shape(dict.fromkeys(_STYLES, flag))
_ID = string(255, 1)
_BASE = {"type": anything, "style": _STYLE}

PIECE = by_type(
    {
        "text": shape({**_BASE, "text": string(12_000, 1)}, ("text",)),
        "link": shape({**_BASE, "url": string(3000, 1), "text": string(12_000), "unsafe": flag}, ("url",)),
        "user": shape({**_BASE, "user_id": _ID}, ("user_id",)),
        "usergroup": shape({**_BASE, "usergroup_id": _ID}, ("usergroup_id",)),
        "channel": shape({**_BASE, "channel_id": _ID}, ("channel_id",)),
        "team": shape({**_BASE, "team_id": _ID}, ("team_id",)),
        "emoji": shape({**_BASE, "name": _ID, "skin_tone": number(1, 6), "unicode": string(255)}, ("name",)),
        "broadcast": shape({**_BASE, "range": one_of("here", "channel", "everyone")}, ("range",)),
        "color": shape({**_BASE, "value": string(7, pattern=r"#[0-9A-Fa-f]{6}")}, ("value",)),
        "date": shape(
            {
                **_BASE,
                "timestamp": number(),
                "format": string(255, 1),
                "url": string(3000),
                "fallback": string(3000),
            },
            ("timestamp", "format"),
        ),
        "tag": shape({**_BASE}, open_ended=True),
    }
)
_PLAIN_PIECE = by_type(
    {
        "text": shape({**_BASE, "text": string(12_000, 1)}, ("text",)),
        "link": shape({**_BASE, "url": string(3000, 1), "text": string(12_000)}, ("url",)),
    }
)
SECTION = shape({"type": anything, "elements": items(PIECE, 0)}, ("elements",))
_INDENT = number(0, 8)
_BORDER = number(0, 1)

ELEMENT = by_type(
    {
        "rich_text_section": SECTION,
        "rich_text_list": shape(
            {
                "type": anything,
                "style": one_of("bullet", "ordered"),
                "elements": items(by_type({"rich_text_section": SECTION}), 0),
                "indent": _INDENT,
                "offset": number(0),
                "border": _BORDER,
            },
            ("style", "elements"),
        ),
        "rich_text_preformatted": shape(
            {
                "type": anything,
                "elements": items(_PLAIN_PIECE, 0),
                "border": _BORDER,
                "language": string(255),
            },
            ("elements",),
        ),
        "rich_text_quote": shape(
            {"type": anything, "elements": items(PIECE, 0), "border": _BORDER}, ("elements",)
        ),
    }
)
