"""A person at the sandbox's page: a real Chromium, a real keyboard, and a small bot behind it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import ConsoleMessage, Page, Request, async_playwright, expect
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from sandbox.company import load
from sandbox.running import Sandbox, running
from tests.e2e import page_bot

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WITHIN_S = 10.0
TABS_AT_MOST = 120  # once round the page, with a card for each platform
COMPOSER = "#composer-input"


@dataclass
class Seat:
    """One person at one page. `troubles` collects what must never happen; every test ends by looking at it."""

    page: Page
    sandbox: Sandbox
    app: AsyncApp
    bot: AsyncSocketModeHandler
    troubles: list[str] = field(default_factory=list)

    @property
    def said(self) -> list[tuple[str, Any]]:
        """What the bot was told: pairs of what and payload."""
        found: list[tuple[str, Any]] = self.app.said  # type: ignore[attr-defined]
        return found

    def told(self, what: str) -> list[Any]:
        return [payload for kind, payload in self.said if kind == what]

    async def type(self, text: str) -> None:
        """Type into the message box and send it."""
        await self.page.focus(COMPOSER)
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Escape")
        await self.page.keyboard.press("Enter")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def tab_to(self, name: str, *, back: bool = False) -> None:
        """Press Tab (or Shift+Tab) until the focused control is called `name`."""
        for _ in range(TABS_AT_MOST):
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            if await self.focused() == name:
                return
        pytest.fail(f"the Tab key never reaches {name!r}; it ends at {await self.focused()!r}")

    async def focused(self) -> str:
        """The accessible name of what has focus: its label, or its text."""
        name: str = await self.page.evaluate(
            """() => { const node = document.activeElement;
            return node.getAttribute("aria-label") ?? node.labels?.[0]?.textContent ?? node.textContent; }"""
        )
        return " ".join(name.split())

    async def sees(self, text: str | re.Pattern[str], within: str = "body") -> None:
        await expect(self.page.locator(within).first).to_contain_text(text, timeout=WITHIN_S * 1000)

    async def sees_not(self, text: str, within: str = "body") -> None:
        await expect(self.page.locator(within).first).not_to_contain_text(text, timeout=WITHIN_S * 1000)

    async def switch_to(self, name: str) -> None:
        """Become somebody else, by keyboard."""
        await self.press("Control+k")
        await expect(self.page.locator("#switch-search")).to_be_focused()
        await self.page.keyboard.type(name)
        await self.press("Enter")
        await self.sees(name, ".switch")

    async def until(self, true: Callable[[], object]) -> None:
        for _ in range(int(WITHIN_S / 0.02)):
            if true():
                return
            await asyncio.sleep(0.02)
        pytest.fail("it did not happen in time")


@asynccontextmanager
async def seated(*, width: int = 1280, height: int = 800, scheme: str = "light") -> AsyncIterator[Seat]:
    """
    Open the page of a fresh sandbox, with the bot connected.

    On a clean exit it fails if the browser complained about anything: an error in the console, a violation of
    the page's content policy, an exception, or a request to anywhere but the sandbox.
    """
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the page was NOT tested")
    async with running(load()) as sandbox, async_playwright() as playwright:
        app = page_bot.build(sandbox.ready["slack"]["bot_token"], sandbox.ready["slack"]["api"])
        bot = await page_bot.connect(app, sandbox.ready["slack"]["app_token"])
        seat: Seat | None = None
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            page = await browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                locale="en-GB",
            )
            seat = Seat(page, sandbox, app, bot)
            _watch(seat)
            await page.goto(sandbox.ready["page"])
            await expect(page.locator(COMPOSER)).to_be_focused()
            await expect(page.locator(".link-state")).to_have_text("Live")
            yield seat
            assert seat.troubles == []
        finally:
            await browser.close()
            await (seat.bot if seat else bot).close_async()  # type: ignore[no-untyped-call]


def _watch(seat: Seat) -> None:
    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            seat.troubles.append(f"console: {message.text}")

    def request(asked: Request) -> None:
        if not asked.url.startswith((seat.sandbox.ready["page"], "blob:")):
            seat.troubles.append(f"request to {asked.url}")

    seat.page.on("console", console)
    seat.page.on("pageerror", lambda problem: seat.troubles.append(f"exception: {problem}"))
    seat.page.on("request", request)
