"""The sandbox's page as it is drawn: policy, contrast, names, narrow windows, blocks, lost connections."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import expect

from tests.e2e.page_driver import COMPOSER, seated

pytestmark = pytest.mark.browser

AA_TEXT = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of ordinary text."""

CONTRASTS = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    brush.clearRect(0, 0, 1, 1);
    for (const colour of colours) { brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1); }
    return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const box = node.getBoundingClientRect();
    const said = walker.currentNode.data.trim().slice(0, 40);
    if (!said || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest(".unseen, .skips, noscript") || box.width < 2) continue;
    const behind = [];
    for (let at = node; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
    const [text, ground] = [over([...behind, getComputedStyle(node).color]), over(behind)].map(light);
    const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    found.push([Math.round(ratio * 100) / 100, `${node.className || node.tagName}: ${said}`]);
  }
  return found;
}"""

NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea, dialog, [role=option]")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")
    || [...(node.labels ?? [])].some((label) => label.textContent.trim()) || node.textContent.trim()))
  .map((node) => node.outerHTML.slice(0, 160))"""

DRAW = """async ([blocks, context]) => {
  const { drawBlocks } = await import("/static/js/blocks/index.js");
  const { valuesOf } = await import("/static/js/blocks/values.js");
  const names = { U1: "Ana", C1: "general", S1: "it-admins" };
  const drawn = drawBlocks(blocks, {
    surface: "test", values: valuesOf("test"), errors: {}, viewer: "U1", zone: "Etc/UTC", now: () => 1700000000000,
    nameOf: (kind, id) => names[id] ?? null, people: () => [], channels: () => [], seen: new Map(),
    act: async () => {}, search: async () => [], confirm: async () => true, ...context,
  });
  return { text: drawn.textContent, html: drawn.innerHTML };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read(scheme: str) -> None:
    """All visible text has a contrast of at least 4.5 to what is behind it, in both colour schemes."""
    async with seated(scheme=scheme, height=2400) as seat:
        await seat.type("/svc list")
        await seat.type("/svc alert")
        await seat.sees("Approve handover", ".messages")
        await seat.page.locator("[data-focus=fault-plant]").click()
        await seat.sees("once more", ".faults")
        low: list[str] = []
        for tab in ("#tab-world", "#tab-wire"):
            await seat.page.click(tab)
            found = await seat.page.evaluate(CONTRASTS)
            assert len(found) > 40
            low += [f"{ratio} {what}" for ratio, what in found if ratio < AA_TEXT]
        await seat.type("/svc handover")
        await seat.sees("Plan a handover", "dialog.modal")
        low += [f"{r} {what}" for r, what in await seat.page.evaluate(CONTRASTS) if r < AA_TEXT]
        assert low == []


async def test_every_control_has_a_name() -> None:
    """No button, input or option is nameless to a screen reader, on any panel or dialog."""
    async with seated() as seat:
        await seat.type("/svc alert")
        await seat.sees("Approve handover", ".messages")
        nameless = await seat.page.evaluate(NAMELESS)
        await seat.page.click("#tab-wire")
        nameless += await seat.page.evaluate(NAMELESS)
        await seat.press("Control+k")
        nameless += await seat.page.evaluate(NAMELESS)
        await seat.press("Escape")
        await seat.type("/svc handover")
        await seat.sees("Plan a handover", "dialog.modal")
        nameless += await seat.page.evaluate(NAMELESS)
        assert nameless == []


async def test_a_phone_shows_one_part_at_a_time_and_never_scrolls_sideways() -> None:
    """At 390 by 844 the dock reaches every part, and nothing is wider than the window."""
    async with seated(width=390, height=844) as seat:
        await seat.type("/svc list")
        await seat.sees("3 integration accounts", ".messages")
        for name, part in (("Places", "#places"), ("World", "#side"), ("Wire", "#side"), ("Chat", "#talk")):
            await seat.page.get_by_role("navigation", name="Views").get_by_role("button", name=name).click()
            await expect(seat.page.locator(part)).to_be_visible()
            shown = await seat.page.locator("#places, #talk, #side").evaluate_all(
                "nodes => nodes.filter((node) => node.checkVisibility()).length"
            )
            assert shown == 1
            assert await seat.page.evaluate("document.scrollingElement.scrollWidth") <= 390
            for edge in await seat.page.locator(f"{part} button:visible").evaluate_all(
                "nodes => nodes.map((node) => node.getBoundingClientRect().right)"
            ):
                assert edge <= 390


async def test_the_policy_allows_only_the_sandbox_itself() -> None:
    """The page forbids inline script, inline style, framing and every other origin, and is served fresh."""
    async with seated() as seat, aiohttp.ClientSession() as http, http.get(seat.sandbox.ready["page"]) as got:
        policy = got.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        text = await got.text()
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        done = await seat.page.evaluate(
            """() => new Promise((resolve) => {
              addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
            })"""
        )
        assert done == "script-src-elem"
        assert await seat.page.evaluate("window.ran") is None
        seat.troubles.clear()  # the violation above was asked for


async def test_a_lost_sandbox_is_said_and_found_again() -> None:
    """When the sandbox goes away a banner says so and nothing typed is lost; when it is back, the page goes on."""
    async with seated() as seat:

        async def serve(port: int) -> web.AppRunner:
            runner = web.AppRunner(seat.sandbox.control.application(), shutdown_timeout=0.2)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            return runner

        first = await serve(0)
        port = first.addresses[0][1]
        await seat.page.goto(f"http://127.0.0.1:{port}/")
        await expect(seat.page.locator(COMPOSER)).to_be_focused()
        await expect(seat.page.locator(".link-state")).to_have_text("Live")
        await first.cleanup()
        await seat.sees("Connection lost", ".banner")
        await seat.type("hello?")
        await seat.sees("The sandbox does not answer", ".toast.error")
        await expect(seat.page.locator(COMPOSER)).to_have_value("hello?")
        second = await serve(port)
        await expect(seat.page.locator(".banner")).to_have_count(0, timeout=10_000)
        await seat.press("Enter")
        await seat.sees("hello?", ".messages")
        await seat.page.goto("about:blank")
        await second.cleanup()
        seat.troubles.clear()  # another origin and refused connections were the point


MRKDWN = [
    ("*bold* and _it_ and ~gone~ and `a*b*c`", "<strong>bold</strong>", "<code>a*b*c</code>"),
    ("snake_case_name 2*3*4", "snake_case_name 2*3*4", ""),
    ("<@U1> in <#C1|x> for <!subteam^S1>", "@Ana", "@it-admins"),
    ("<!date^1700000000^{date_num}|then>", "2023", ""),
    ("<!date^x^{date_num}|then>", "then", ""),
    ("<javascript:alert(1)|press me>", "<span>press me</span>", ""),
    ("&lt;b&gt; &amp;amp; https://example.com/a?b=1.", "&lt;b&gt; &amp;amp;", 'href="https://example.com/a?b=1"'),
    ("&gt; quoted\nnot", "<blockquote>quoted</blockquote>not", ""),
    ("```x = *1*\ny```", "<code>x = *1*\ny</code>", ""),
]  # fmt: skip


async def test_mrkdwn_becomes_what_slack_shows() -> None:
    """Styles, mentions, dates, links, quotes and code are drawn; anything that could act is not a link."""
    async with seated() as seat:
        for text, *wanted in MRKDWN:
            block = {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": text}}
            drawn = await seat.page.evaluate(DRAW, [[block], {}])
            for part in wanted:
                assert part in drawn["html"], f"{text!r} is drawn as {drawn['html']}"


BLOCKS: list[tuple[dict[str, Any], str]] = [
    ({"type": "header", "text": {"type": "plain_text", "text": "Head"}}, "Head"),
    ({"type": "hologram", "secret": 1}, "Unsupported block: hologram"),
    ({"type": "markdown", "text": "**kept** as <b>text</b>"}, "**kept** as <b>text</b>"),
    ({"type": "image", "image_url": "https://elsewhere.example/x.png", "alt_text": "A chart"}, "A chart"),
    ({"type": "alert", "level": "error", "text": {"type": "plain_text", "text": "No"}}, "Error: No"),
    (
        {
            "type": "data_table",
            "caption": "Expiring",
            "page_size": 1,
            "rows": [
                [{"type": "raw_text", "text": "Name"}, {"type": "raw_text", "text": "Days"}],
                [{"type": "raw_text", "text": "Celigo"}, {"type": "raw_number", "value": 7, "text": "7"}],
                [{"type": "raw_text", "text": "Gong"}, {"type": "raw_number", "value": 30, "text": "30"}],
            ],
        },
        "Rows 1–1 of 2",
    ),
    (
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]},
                {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "inner"}]}]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
                {"type": "rich_text_section", "elements": [
                    {"type": "date", "timestamp": 1700000000, "format": "{date_long_pretty}", "fallback": "then"},
                    {"type": "usergroup", "usergroup_id": "S1"},
                    {"type": "emoji", "name": "tada"},
                    {"type": "mystery"}]},
            ],
        },
        "oneinnersaidcodeToday@it-admins🎉Unsupported: mystery",
    ),
    *(
        (
            {
                "type": "data_visualization",
                "title": "Ends ahead",
                "chart": {
                    "type": kind,
                    "series": [{"name": "Ends", "data": [{"label": "Dec", "value": 3}, {"label": "Jan", "value": 0}]}],
                    "axis_config": {"categories": ["Dec", "Jan"]},
                },
            },
            "Ends ahead30DecJanEnds",
        )
        for kind in ("bar", "line", "area")
    ),
    (
        {
            "type": "data_visualization",
            "title": "By kind",
            "chart": {"type": "pie", "segments": [{"label": "One", "value": 1}, {"label": "Two", "value": 3}]},
        },
        "By kind25 %75 %OneTwo",
    ),
]  # fmt: skip


async def test_every_block_is_drawn_and_unknown_ones_are_said() -> None:
    """Each kind of block shows its content; one that the page does not know is a visible box, never nothing."""
    async with seated() as seat:
        for number, (block, text) in enumerate(BLOCKS):
            drawn = await seat.page.evaluate(DRAW, [[block | {"block_id": f"b{number}"}], {}])
            assert text in drawn["text"], drawn["html"]
            assert "<img" not in drawn["html"]
