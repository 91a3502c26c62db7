"""The sealed page in a real Chromium: by keyboard, on a phone and on a desk, light and dark."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from desk import Desk
from playwright.async_api import BrowserContext, Error, Page, async_playwright, expect
from sealed_pages import BY_HAND, PEM, RECEIVE, asked, link_in, with_page
from test_page_looks import AA_TEXT, CONTRASTS, NAMELESS

from bot.config import Settings
from bot.requests.model import RequestState
from tests.e2e.page_driver import ARGUMENTS, CHROMIUM

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]
TOKEN = "tk-typed-in-a-browser-7Qm"
SHOTS = os.environ.get("SEALED_PAGE_SHOTS", "")  # a directory, to look at what is drawn
WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def change(settings: Settings) -> Settings:
    return with_page(settings)


@asynccontextmanager
async def chromium(
    *, width: int, height: int, scheme: str, script: bool = True
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page of a fresh browser, and what it complained about."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the sealed page was NOT tested in a browser")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context: BrowserContext = await started.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            permissions=["clipboard-read", "clipboard-write"],
            java_script_enabled=script,
        )
        page = await context.new_page()
        troubles: list[str] = []
        page.on(
            "console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda problem: troubles.append(str(problem)))
        try:
            yield page, troubles
        finally:
            await started.close()


async def looks_right(page: Page, name: str) -> None:
    """Nothing overflows, everything has a name and enough contrast; a picture where one is wanted."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert await page.evaluate(WIDE) <= 0, "it scrolls sideways"
    assert await page.evaluate(NAMELESS) == []
    faint = [found for found in await page.evaluate(CONTRASTS) if found[0] < AA_TEXT]
    assert faint == []


async def nothing_behind(page: Page) -> None:
    """The browser kept no page that it could go back to."""
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        await page.go_back()
    await page.wait_for_url("chrome-error://**")


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(390, 844, "light"), (390, 844, "dark"), (1280, 800, "light"), (1280, 800, "dark")],
)
async def test_by_keyboard_from_code_to_thanks(desk: Desk, width: int, height: int, scheme: str) -> None:
    """Typed, wrong code first; sealed; shown and copied by its button; in place. No complaint of the browser."""
    request = await asked(desk, RECEIVE, BY_HAND)
    operator, look = request.requester, f"{width}-{scheme}"
    await desk.at_step(request.ref, "receive")
    url, code = link_in(await desk.slash(operator, f"secret {request.ref}"))
    async with chromium(width=width, height=height, scheme=scheme) as (page, troubles):
        await page.goto(url)
        await expect(page.get_by_label("Code")).to_be_focused()
        await looks_right(page, f"1-code-{look}")
        await page.keyboard.type("0000 0000")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("4 of 5")
        await expect(page.get_by_label("Code")).to_be_focused()
        await looks_right(page, f"2-wrong-{look}")
        troubles.clear()  # Chromium reports the 403 of a wrong code
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        field = page.get_by_label("token_id", exact=True)
        await expect(field).to_be_focused()
        await page.keyboard.type(f"{TOKEN} ")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Show token_id"
        await page.keyboard.press("Space")
        await expect(field).to_have_attribute("type", "text")
        await page.keyboard.press("Tab")
        await page.keyboard.insert_text(PEM)
        await looks_right(page, f"3-enter-{look}")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading")).to_have_text("Sealed")
        await expect(page.locator("main")).to_contain_text("White space around token_id")
        await looks_right(page, f"4-sealed-{look}")
        await nothing_behind(page)

        await desk.at_step(request.ref, "deliver")
        url, code = link_in(await desk.slash(operator, f"secret {request.ref}"))
        await page.goto(url)
        await expect(page.get_by_label("Code")).to_be_focused()
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading")).to_have_text("Shown once")
        await expect(page.get_by_label("token_id", exact=True)).to_have_value(TOKEN)
        await page.get_by_role("button", name="Copy private_key").press("Enter")
        await expect(page.get_by_role("status")).to_have_text("private_key is copied.")
        assert await page.evaluate("navigator.clipboard.readText()") == PEM + "\n"
        await looks_right(page, f"5-shown-{look}")
        await page.get_by_role("button", name="They Are in Place").press("Enter")
        await expect(page.get_by_role("heading")).to_have_text("Thank you")
        await nothing_behind(page)
        assert [
            trouble for trouble in troubles if "404" not in trouble and "ERR_CACHE_MISS" not in trouble
        ] == []
    await desk.settled(request.ref, RequestState.DONE)


async def test_without_scripts(desk: Desk) -> None:
    """Everything but the copy and show buttons works in a browser that runs none."""
    request = await asked(desk, RECEIVE)
    await desk.at_step(request.ref, "receive")
    url, code = link_in(await desk.slash(request.requester, f"secret {request.ref}"))
    async with chromium(width=390, height=844, scheme="light", script=False) as (page, _):
        await page.goto(url)
        await page.get_by_label("Code").fill(code)
        await page.get_by_role("button", name="Continue").click()
        await expect(page.get_by_role("button", name="Show token_id")).to_be_hidden()
        await page.get_by_label("token_id", exact=True).fill(TOKEN)
        await page.get_by_label("private_key", exact=True).fill(PEM)
        await page.get_by_role("button", name="Seal").click()
        await expect(page.get_by_role("heading")).to_have_text("Sealed")
    await desk.settled(request.ref, RequestState.DONE)
