"""What is not plain is said of a file and of a screen, so that the tests on it can fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.words import complaints
from tests.words.__main__ import main
from tests.words.screens import screens

HARD = "Considerable organizational deliberations necessitate comprehensive authorization documentation."


def said(heading: str, text: str, kind: str = "chat.postMessage") -> dict[str, Any]:
    """An entry of the wire log: one message of the bot, its blocks as Slack's clients send them."""
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": heading}},
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
    ]
    return {"direction": "out", "kind": kind, "payload": {"text": heading, "blocks": json.dumps(blocks)}}


def test_a_file_is_judged_by_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page is held to words and grade, a module to words; the exit status says whether anything was found."""
    (tmp_path / "page.md").write_text(f"Mend it.\n\n{HARD}\n")
    (tmp_path / "module.py").write_text(f'SAID = "Mend it"\nHARD = "{HARD}"\n')
    (tmp_path / "plain.md").write_text("Fix it.\n")
    assert main([str(tmp_path / "page.md"), str(tmp_path / "module.py")]) == 1
    page, module = capsys.readouterr().out.split("module.py")
    assert "line 1: “Mend” → fix" in page
    assert "reading grade" in page
    assert "line 1: “Mend” → fix" in module
    assert "reading grade" not in module
    assert main([str(tmp_path / "plain.md")]) == 0


def test_each_kind_of_screen_is_judged_in_its_latest_form() -> None:
    """Numbers do not make a kind; what people sent to the bot is not its own word; a view in an answer is a screen."""
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": []}
    found = screens(
        [
            said("3 alerts", "Nobody is on it"),
            said("12 alerts", "Acknowledged by Ben", kind="chat.update"),
            {**said("Typed", "mend it"), "direction": "in"},
            {"direction": "out", "kind": "ack", "payload": {"payload": {"view": view}}},
        ]
    )
    assert list(found) == ["message: # alerts", "modal: Ask"]
    assert complaints(found["message: # alerts"]) == []
    unkind = screens([said("3 alerts", "Nobody is on it")])
    assert complaints(unkind["message: # alerts"]) == [
        "line 1: “Nobody is on it” → acknowledge; not acknowledged yet"
    ]
