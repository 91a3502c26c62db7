"""The page: to be read by strangers, so nothing in it may act."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from evidence_case import PLAN, RECEIPTS, packed, request
from playwright.async_api import async_playwright

from bot.evidence.packs import Pack
from bot.requests.model import Decision

HOSTILE = (
    "</style></td><script>alert(1)</script><img src=x onerror=alert(2)>\"'><a href='javascript:alert(3)'>x</a>"
    "{{ 7*7 }}{% raw %}&lt;b&gt;\u202eevil\u0000\x1b[2J"
)


class Seen(HTMLParser):
    """The tags, attributes and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words += " "
        self.tags.add(tag)
        self.attributes.update((tag, name) for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def hostile() -> Pack:
    """A pack in which everything that comes from outside is an attack."""
    steps = tuple(
        replace(step, title=HOSTILE, undo=HOSTILE, evidence=HOSTILE, instructions=(HOSTILE,))
        for step in PLAN.steps
    )
    plan = replace(
        PLAN, title=HOSTILE, subject_label=HOSTILE, subject_id=HOSTILE, holder_id=HOSTILE, holder_email=HOSTILE,
        target_id=HOSTILE, target_label=HOSTILE, downtime=HOSTILE, notes=(HOSTILE,), steps=steps,
    )  # fmt: skip
    facts: dict[str, Any] = {HOSTILE: HOSTILE}
    receipts = tuple(replace(each, detail=HOSTILE, record_id=HOSTILE, facts=facts) for each in RECEIPTS)
    decision = Decision(approver=HOSTILE, approved=True, rev=1, at=RECEIPTS[0].at, reason=HOSTILE)
    of = request(
        plan, requester=HOSTILE, reason=HOSTILE, detail=HOSTILE, receipts=receipts, decisions=(decision,)
    )
    return packed(of)


def test_hostile_names_are_inert(hostile: Pack) -> None:
    """Whatever names and reasons hold, the page has the tags and attributes of any other and shows them as text."""
    plain = Seen(packed(request()).files["evidence.html"].decode())
    shown = Seen(hostile.files["evidence.html"].decode())
    assert shown.tags == plain.tags
    assert shown.attributes == plain.attributes
    assert shown.words.count("<script>alert(1)</script>") > 20
    assert "{{ 7*7 }}{% raw %}&lt;b&gt;" in shown.words
    assert not re.search("[\u202e\u0000\x1b]", shown.words)
    assert not {"script", "img", "a", "iframe", "link", "form", "object"} & shown.tags


def test_the_json_keeps_names_letter_for_letter(hostile: Pack) -> None:
    """What the page leaves out for safety is in the signed JSON."""
    assert json.loads(hostile.files["evidence.json"])["plan"]["title"] == HOSTILE


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """A policy forbids all but its own style, and there is no address in it."""
    text = packed(request()).files["evidence.html"].decode()
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html.unescape(text)
    assert not re.search(r"https?:|url\(|@import|\bon\w+=|\bsrc=|\bhref=", text)
    assert " style=" not in text


@pytest.mark.browser
async def test_a_browser_shows_it_and_does_nothing_else(tmp_path: Path, hostile: Pack) -> None:
    """In Chromium the style holds, nothing is run or loaded, and on a phone nothing runs over the edge."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: the page was NOT looked at")
    path = tmp_path / "evidence.html"
    path.write_bytes(hostile.files["evidence.html"])
    seen: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 390, "height": 800})
        page.on("console", lambda said: seen.append(said.text))
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda asked: seen.append(asked.url))
        await page.goto(path.as_uri())
        assert await page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "650"
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await browser.close()
    assert seen == [path.as_uri()]


def test_the_page_tells_the_whole_story() -> None:
    """Who asked and why, who decided, each step with the platform's record, before and after, and how to check it."""
    pack = packed(request())
    words = " ".join(Seen(pack.files["evidence.html"].decode()).words.split())
    for said in (
        "Hand over Marketo sync from Zoë to svc-marketo", "Ona Asker ona@larkspur.example (UASKER)",
        "Zoë leaves on Friday", "Ada Approver", "quite so", "Before: held by zoe@larkspur.example",
        "After: held by svc-marketo@larkspur.example", "The platform's own record: 0CP01", "grant_id not known 0CP01",
        "seen in the platform's record", "done by Handover", "request:opened", "access:refused", "safety_limit:counted",
        PLAN.digest, pack.fingerprint, "verify_evidence.py", "2026-11-21 09:30:00 UTC", "Done",
    ):  # fmt: skip
        assert said in words, said
