"""An evidence pack as one page to read and to print: no scripts, nothing loaded, every name inert."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.requests.messages import ENDINGS
from bot.requests.model import RequestState
from bot.text import clean

LONGEST = 4000  # characters of one text from outside
_HERE = Path(__file__).parent
_MODES = {
    "auto": "by Handover",
    "guided": "by a person",
    "watch": "watched",
    "attested": "by a person, who signed for it",
}
_PLATFORM_DEEDS = {True: "done by Handover", False: "seen in the platform's record"}


def page(content: Mapping[str, Any]) -> str:
    """The page of a pack's content; the same content gives the same page.

    Texts from outside are escaped and lose control and bidirectional characters; the JSON keeps them.
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(shown=_shown, when=_when, who=lambda each: _who(content["people"], each))
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    receipts = {receipt["step"]: receipt for receipt in content["receipts"]}
    planned = content["plan"]["steps"]
    steps = [_step(step, receipts.get(step["key"])) for step in planned]
    steps += [_step(step, receipts.get(step["key"])) for step in _back(content["request"], planned)]
    return environment.get_template("page.html").render(
        pack=content,
        style=Markup(style),  # noqa: S704  our own file, and nothing from outside in it
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
        ending=ENDINGS[RequestState(content["request"]["state"])].rstrip("."),
        steps=steps,
        lines=[link for link in content["trail"]["links"] if "written" in link],
    )


def _back(request: Mapping[str, Any], planned: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps that take others back, as if they stood in the plan after them."""
    by_key = {step["key"]: step for step in planned}
    taken = [by_key[key] for key in (request["rollback"] or {"steps": ()})["steps"]]
    return [
        {
            **step,
            "key": f"undo:{step['key']}",
            "mode": step["twin"]["mode"] if step["twin"] else "attested",
            "title": step["twin"]["title"] if step["twin"] else step["undo"],
            "evidence": step["twin"]["evidence"] if step["twin"] else "",
            "undo": "",
            "twin": None,
            "destructive": False,
        }
        for step in taken
    ]


def _step(step: Mapping[str, Any], receipt: Mapping[str, Any] | None) -> dict[str, Any]:
    changed: list[tuple[str, str, str]] = []
    if receipt:
        before, after = receipt["facts_before"], receipt["facts_after"]
        changed = [
            (name, before.get(name, ""), after[name]) for name in after if after[name] != before.get(name)
        ]
    return {
        **step,
        "by": _MODES[step["mode"]],
        "receipt": receipt,
        "deed": _PLATFORM_DEEDS[receipt["acted"]] if receipt else "not done",
        "changed": changed,
    }


def _shown(text: object) -> str:
    return clean(str(text), LONGEST)


def _when(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC"


def _who(people: Mapping[str, Mapping[str, str]], actor: str) -> str:
    person = people.get(actor)
    if person is None:
        return "Handover itself" if actor == "system" else _shown(actor)
    return _shown(" ".join(filter(None, (person["name"], person["email"], f"({actor})"))))
