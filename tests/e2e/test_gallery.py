"""The gallery: what every command, alert and digest shows, drawn in one page and looked at in two widths.

That each screen keeps Slack's rules is judged when the desk is left, as for every module here.
"""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, words_of
from page_driver import ARGUMENTS, CHROMIUM
from playwright.async_api import async_playwright

from bot.config import Settings
from tests.words import complaints
from tests.words.pending import SCREENS as PENDING
from tests.words.screens import screens

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]
PLATFORMS = ("salesforce", "netsuite", "wrike", "nexonia")
TARGET = "svc.orders@integrations.larkspur.example"
FORMS = ("handover", "owner set", "salesforce create", "nexonia apply", "handover outreach")
SCREENS = 50  # kinds; the exact number is the wording's own
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def change(settings: Settings) -> Settings:
    """All platforms, with nothing counting how often they are asked."""
    tables = dict(settings.connections)
    for name in tables:
        if name.startswith("wrike:"):
            tables[name] = tables[name] | {"requests_per_minute": 100_000, "burst": 1_000}
    return settings.model_copy(update={"connections": tables})


async def everything(desk: Desk) -> int:
    """Have the bot show what it can: every command's examples, requests to their end, alerts, digests, Home."""
    operator, approver, admin = (desk.who(role) for role in ("operator", "approver", "admin"))
    await desk.post("/deactivate", {"email": "jiahui.tan@larkspur.example", "where": ["slack"]})
    await desk.said("Jia Hui Tan was deactivated")
    await desk.ask(operator, f'handover gong to {TARGET} --reason "To be seen here"')
    waiting = words_of(await desk.said("Approval needed", "Gong"))
    await desk.ask(approver, f"approve {waiting.rpartition('request ')[2][:6]}")
    await desk.said("waiting for proof", "Gong")
    assert desk.app
    asked = 0
    for spec in desk.app.services.specs:
        for example in spec.examples or (spec.name,):
            before = len(await desk.ephemerals(admin))
            typed = {"user": admin, "text": example, "channel": desk.channel}
            ack = (await desk.post("/slack/slash", typed)).get("ack") or {}
            asked += 1
            if "error" in ack or ack.get("response_type") == "in_channel":
                continue

            async def answered(before: int = before) -> bool:
                views = (await desk.get("/slack/views", user=admin))["views"]
                return bool(views) or len(await desk.ephemerals(admin)) > before

            await desk.until(answered)
            await desk.close_forms(admin)
    for user in (operator, approver, admin):
        await desk.post("/slack/open_home", {"user": user})
        await desk.until(lambda user=user: home(desk, user))
    for text in FORMS:
        await desk.typed_form(operator, text)
    await desk.close_forms(operator)
    await desk.advance(days=8)
    await desk.said("week", channel=desk.channel)
    return asked


async def home(desk: Desk, user: str) -> dict[str, Any] | None:
    view = (await desk.get("/slack/home", user=user))["view"]
    return dict(view) if view else None


async def test_every_screen_is_in_plain_words(desk: Desk) -> None:
    """No retired word, American spelling, and a reading grade of 8 or less on every screen that the bot can show."""
    assert await everything(desk) > 50
    shown = screens((await desk.get("/slack/wire"))["entries"])
    assert len(shown) >= SCREENS
    found = {kind: said for kind, passages in shown.items() if (said := complaints(passages))}
    report = [f"{kind}\n    {each}" for kind, said in found.items() if kind not in PENDING for each in said]
    report += [
        f"{kind}\n    plain by now: take it out of tests/words/pending.py" for kind in PENDING - set(found)
    ]
    if report:
        pytest.fail("\n".join(report), pytrace=False)


async def test_every_screen_is_drawn_and_fits(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    """At 390 and at 1,280 pixels: all kinds of screens, no error of the browser, nothing wider than the window."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the gallery was NOT tested")
    shots = tmp_path_factory.mktemp("gallery")
    troubles: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width in (390, 1280):
            page = await browser.new_page(viewport={"width": width, "height": 900}, locale="en-GB")
            page.on("pageerror", lambda problem: troubles.append(str(problem)))
            page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
            await page.goto(f"{desk.sandbox.ready['page']}gallery")
            await page.wait_for_selector("figure.screen")
            drawn = await page.locator("figure.screen").count()
            assert drawn >= SCREENS
            for surface in ("message", "modal", "home"):
                assert await page.locator(f'figure[data-surface="{surface}"]').count(), surface
            assert await page.locator(".unsupported").count() == 0
            assert await page.evaluate(WIDE) <= 0
            await page.screenshot(path=shots / f"gallery-{width}.png", full_page=True)
            await page.close()
        await browser.close()
    assert troubles == []
