"""The sandbox's page in a real Chromium, used with the keyboard only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e import page_bot
from tests.e2e.page_bot import HOSTILE, REQUEST
from tests.e2e.page_driver import COMPOSER, Seat, seated

pytestmark = pytest.mark.browser

APPROVER = "Dan Kowalczyk"
LEAVER = "Alice Doherty"


@pytest.fixture
async def seat() -> AsyncIterator[Seat]:
    async with seated() as taken:
        yield taken


async def test_a_command_is_typed_answered_and_recalled(seat: Seat) -> None:
    """A slash command reaches the bot, its ephemeral answer says who sees it, and Up brings the command back."""
    await seat.type("/svc list")
    await seat.sees("3 integration accounts", ".message.ephemeral")
    await seat.sees("Only visible to you", ".message.ephemeral")
    assert [body["text"] for body in seat.told("command")] == ["list"]
    await seat.press("ArrowUp")
    await expect(seat.page.locator(COMPOSER)).to_have_value("/svc list")


async def test_commands_and_people_complete_while_typing(seat: Seat) -> None:
    """Tab completes a command and Enter a name; the name reaches the bot as a Slack mention."""
    await seat.page.keyboard.type("/svc im")
    await seat.sees("everything that breaks", ".hints")
    await seat.press("Tab")
    await expect(seat.page.locator(COMPOSER)).to_have_value("/svc impact ")
    await seat.page.keyboard.type("@ali")
    await seat.sees(LEAVER, ".hints")
    await seat.press("Enter", "Enter")
    await seat.until(lambda: seat.told("command"))
    person = seat.sandbox.world.person("alice.doherty@larkspur.example")
    assert person is not None
    assert seat.told("command")[0]["text"].startswith(f"impact <@{person.slack_id}")


async def test_a_bot_that_does_not_answer_is_said(seat: Seat) -> None:
    """A command without an acknowledgement fails with Slack's word for it, and the text stays to be sent again."""
    await seat.type("/svc quiet")
    await seat.sees("Waiting for svc: /svc quiet")
    await seat.sees("operation_timeout", ".toast.error")
    await expect(seat.page.locator(COMPOSER)).to_have_value("/svc quiet")


async def test_a_bot_that_is_gone_is_said_at_the_button(seat: Seat) -> None:
    """A button pressed while nobody listens fails in words, and works again when somebody does."""
    await seat.type("/svc list")
    await seat.sees("Next page", ".messages")
    await seat.bot.close_async()  # type: ignore[no-untyped-call]
    await seat.until(lambda: seat.sandbox.slack.connected == 0)
    await seat.tab_to("Next page", back=True)
    await seat.press("Enter")
    await seat.sees("svc could not be reached", ".toast.error")
    seat.bot = await page_bot.connect(seat.app, seat.sandbox.ready["slack"]["app_token"])
    await seat.until(lambda: seat.sandbox.slack.connected == 1)
    assert await seat.focused() == "Next page"
    await seat.press("Enter")
    await seat.until(lambda: seat.told("page_next"))


async def test_everything_is_seen_as_one_person(seat: Seat) -> None:
    """After a switch, what only the other person could see is gone, and private channels follow membership."""
    await seat.type("/svc list")
    await seat.sees("3 integration accounts", ".messages")
    await seat.switch_to("François Lefèvre")
    await seat.sees_not("3 integration accounts", ".messages")
    await seat.sees_not("it-private", ".place-list")
    await seat.sees("finance-systems", ".place-list")


async def test_a_confirmed_button_acts_once_and_the_thread_follows(seat: Seat) -> None:
    """Escape in a confirm dialog does nothing; yes acts once, replaces the buttons, and the steps arrive live."""
    await seat.type("/svc alert")
    await seat.sees("Approve handover", ".messages")
    await seat.switch_to(APPROVER)
    await seat.page.focus(COMPOSER)
    await seat.tab_to("Approve handover", back=True)
    await seat.press("Enter")
    await seat.sees("Marketo sync moves to svc-marketo.", "dialog.confirm")
    await seat.press("Escape")
    await expect(seat.page.locator("dialog")).to_have_count(0)
    assert await seat.focused() == "Approve handover"
    await seat.press("Enter", "Enter")
    await seat.sees("Approved by dan.kowalczyk", ".messages")
    await seat.sees_not("Approve handover", ".messages")
    await seat.sees("2 replies", ".messages")
    (pressed,) = seat.told("approve")
    assert pressed["actions"][0]["value"] == REQUEST
    await seat.page.focus(COMPOSER)
    await seat.tab_to("2 replies Last just now", back=True)
    await seat.press("Enter")
    await seat.sees("Step 2 of 2: the new token works", ".thread")
    await seat.app.client.chat_postMessage(
        channel=pressed["channel"]["id"], thread_ts=pressed["message"]["ts"], text="Step 3: late"
    )
    await seat.sees("Step 3: late", ".thread")


async def test_a_modal_is_filled_in_refused_and_accepted(seat: Seat) -> None:
    """Inputs take the keyboard, errors appear under their input with focus, and accepted values arrive exactly."""
    await seat.type("/svc handover")
    await seat.sees("Plan a handover", "dialog.modal")
    assert await seat.focused() == "Account"
    await seat.page.keyboard.type("marketo")
    await seat.sees("Marketo sync 2", "[role=listbox]:popover-open")
    await seat.press("ArrowDown", "Enter", "Tab")
    await seat.page.keyboard.type("dan kow")
    await seat.press("Enter", "Tab")
    await seat.page.keyboard.type("short")
    await seat.tab_to("Normal")
    await seat.press("Space")
    await seat.tab_to("The current owner")
    await seat.press("Space")
    await seat.tab_to("Request")
    await seat.press("Enter")
    await seat.sees("Give a reason of at least 10 characters", "[data-block=reason]")
    assert await seat.focused() == "Reason"
    await seat.page.keyboard.type(" of ours, said in full")
    await seat.tab_to("Request")
    await seat.press("Enter")
    await expect(seat.page.locator("dialog")).to_have_count(0)
    values = seat.told("plan")[-1]["view"]["state"]["values"]
    dan = seat.sandbox.world.person("dan.kowalczyk@larkspur.example")
    assert dan is not None
    assert values["account"]["pick"]["selected_option"]["value"] == "Marketo sync 2"
    assert values["owner"]["pick"]["selected_user"] == dan.slack_id
    assert values["reason"]["text"]["value"] == "short of ours, said in full"
    assert values["kind"]["kind"]["selected_option"]["value"] == "normal"
    assert [one["value"] for one in values["tell"]["tell"]["selected_options"]] == ["owner"]
    assert values["due"]["date"]["selected_date"] is None


async def test_escape_closes_the_list_first_and_the_modal_second(seat: Seat) -> None:
    """Escape never throws away a form while a list is open; the app hears of the close, and focus goes back."""
    await seat.type("/svc handover")
    await seat.sees("Plan a handover", "dialog.modal")
    await seat.page.keyboard.type("mark")
    await seat.sees("Marketo sync 1", "[role=listbox]:popover-open")
    await seat.press("Escape")
    await expect(seat.page.locator("[role=listbox]:popover-open")).to_have_count(0)
    await expect(seat.page.locator("dialog.modal")).to_be_visible()
    await seat.press("Escape")
    await expect(seat.page.locator("dialog")).to_have_count(0)
    await seat.until(lambda: seat.told("closed"))
    await expect(seat.page.locator(COMPOSER)).to_be_focused()


async def test_a_required_field_left_empty_never_reaches_the_app(seat: Seat) -> None:
    """Slack's client refuses an empty required input by itself, and so does the page, at each of them."""
    await seat.type("/svc handover")
    await seat.sees("Plan a handover", "dialog.modal")
    await seat.tab_to("Request")
    await seat.press("Enter")
    await expect(seat.page.locator(".error")).to_have_count(4)
    assert await seat.focused() == "Account"
    assert seat.told("plan") == []


async def test_hostile_names_stay_text(seat: Seat) -> None:
    """A name made of markup is drawn letter by letter everywhere: no element, no script, no broadcast."""
    await seat.type("/svc list")
    await seat.sees(HOSTILE, ".messages table")
    await seat.type("/svc alert")
    await seat.sees(f"Recorded name: {HOSTILE}", ".messages")
    await seat.type("<img src=x onerror=alert(1)> & <https://evil.example|click>")
    await seat.sees("<img src=x onerror=alert(1)> & <https://evil.example|click>", ".messages")
    await seat.press("Control+k")
    await seat.sees("Robert <!channel> =cmd()", "dialog")
    assert await seat.page.locator("img").count() == 0
    links = await seat.page.locator("a[href^=http]").evaluate_all(
        "all => all.map((a) => [a.href, a.textContent])"
    )
    assert links == [["https://evil.example/", "https://evil.example"]]  # says where it leads, as in Slack
    assert "owned" not in await seat.page.title()
    await seat.press("Escape")


async def test_deactivating_somebody_reaches_the_bot_and_marks_them(seat: Seat) -> None:
    """The World panel deactivates in one system by keyboard; the bot hears it, and that person can do nothing."""
    await seat.page.focus("#tab-world")
    await seat.tab_to(f"Deactivate {LEAVER}")
    await seat.press("Enter", "Enter")
    await seat.sees(f"{LEAVER} is deactivated in Slack", ".toasts")
    await seat.until(lambda: any(event["user"]["deleted"] for event in seat.told("user_change")))
    await seat.sees("Deactivated in Slack", ".people")
    await seat.switch_to(LEAVER)
    await seat.sees("Deactivated", ".switcher")
    await seat.type("/svc list")
    await seat.sees("alice.doherty@larkspur.example is deactivated in Slack", ".toast.error")
    refused = seat.troubles.pop()
    assert "400 (Bad Request)" in refused  # the browser's own note about the refusal that was shown


async def test_the_clock_and_the_faults_answer_to_the_panel(seat: Seat) -> None:
    """Advancing moves the sandbox's clock by exactly that; a fault is planted, listed and lifted."""
    before = seat.sandbox.world.now
    await seat.page.focus("#tab-world")
    await seat.tab_to("Advance by 7 days")
    await seat.press("Enter")
    await seat.sees("+7 d", ".clock")
    assert 7 <= (seat.sandbox.world.now - before).total_seconds() / 86_400 < 7.01
    await seat.tab_to("Break it")
    await seat.press("Enter")
    await seat.sees("500: server error, once more", ".faults")
    (fault,) = seat.sandbox.world.faults
    assert (fault.platform, fault.kind, fault.count) == ("salesforce", "500", 1)
    await seat.press("Tab", "Enter")
    await seat.sees("Nothing is broken right now.", "#panel")
    assert seat.sandbox.world.faults == []


async def test_the_bots_process_answers_to_the_panel(seat: Seat) -> None:
    """Kill and start reach whoever looks after the bot's process, and the panel follows what became of it."""

    class Keeper:
        def __init__(self) -> None:
            self.deeds: list[str] = []
            self.running = True

        async def do(self, deed: str) -> dict[str, Any]:
            if deed != "status":
                self.deeds.append(deed)
                self.running = deed in ("start", "restart")
                seat.sandbox.world.notify("bot:changed", {"running": self.running})
            return {"running": self.running, "pid": 4711, "ready_s": 1.5, "log": ["it was fine"]}

    keeper = seat.sandbox.control.supervisor = Keeper()
    await seat.page.reload()
    await seat.sees("svc is running process 4711, ready in 1.5 s", "#panel")
    await seat.page.focus("#tab-world")
    await seat.tab_to("Kill (SIGKILL)")
    await seat.press("Enter")
    await seat.sees("svc is not running", "#panel")
    await seat.tab_to("Start")
    await seat.press("Enter")
    await seat.sees("svc is running", "#panel")
    assert keeper.deeds == ["kill", "start"]


async def test_what_comes_while_reading_further_up_is_counted(seat: Seat) -> None:
    """A new message never moves the text somebody reads; a button counts what came and leads down to it."""
    for _ in range(3):
        await seat.type("/svc list")
    await expect(seat.page.locator(".message.ephemeral")).to_have_count(3)
    messages = seat.page.locator("#talk .messages")
    await messages.evaluate("list => { list.scrollTop = 0; }")
    channel = seat.sandbox.ready["slack"]["channel"]
    await seat.app.client.chat_postMessage(channel=channel, text="Further down")
    await seat.sees("1 new message", ".jump")
    assert await messages.evaluate("list => list.scrollTop") == 0
    await seat.page.focus(COMPOSER)
    await seat.tab_to("1 new message", back=True)
    await seat.press("Enter")
    await expect(seat.page.get_by_text("Further down", exact=True)).to_be_in_viewport()
    await expect(seat.page.locator(".jump button")).to_have_count(0)


async def test_the_wire_shows_what_was_said_without_secrets(seat: Seat) -> None:
    """Every payload is there in both directions, can be found and opened, and holds no token."""
    await seat.type("/svc list")
    await seat.page.focus("#tab-world")
    await seat.press("ArrowRight", "Enter")
    await seat.tab_to("Filter the wire")
    await seat.page.keyboard.type("slash_commands")
    await expect(seat.page.locator(".wire-list li")).to_have_count(1)
    await seat.page.locator(".wire-list summary").focus()
    await seat.press("Enter")
    await seat.sees('"command": "/svc"', ".wire-list")
    shown = await seat.page.locator(".wire-list").text_content() or ""
    assert seat.sandbox.ready["slack"]["bot_token"] not in shown
    assert '"token": "…"' in shown


async def test_the_home_tab_is_asked_for_and_drawn(seat: Seat) -> None:
    """Opening the app's home tells the bot, and what it publishes appears by itself."""
    await seat.tab_to("integrations-alerts", back=True)
    await seat.press("End", "Enter")
    await seat.sees("Waiting for you", ".home")


async def test_news_in_another_place_is_marked(seat: Seat) -> None:
    """A message elsewhere marks the channel unread for its members, without a reload."""
    general = next(one for one in seat.sandbox.slack.channels() if one["name"] == "general")
    await seat.app.client.chat_postMessage(channel=general["id"], text="Something new")
    await expect(seat.page.locator(".place.fresh")).to_contain_text("general")
