"""Everything the bot shows can be pressed by anybody: it works, or it says why not; whatever names are in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from desk import Desk, buttons_of, words_of
from payload_check import complaints

pytestmark = pytest.mark.asyncio(loop_scope="module")
TARGET = "svc.orders@integrations.larkspur.example"
ROLES = ("viewer", "operator", "admin", "approver")
REPLIES = {"response_url", "views.open", "views.push", "chat.postEphemeral", "chat.update"}
FIRST = (
    "", "help", "help list", "list", "list --all --page 2", "list mine", "list expiring", "list orphaned",
    "list personal", "show marketo", "show celigo", "show document signing", "findings", "status", "whoami",
    "alerts", "forecast", "findings --state suppressed", "check", "check account-shared", "owner attest",
    "impact marcus.delacroix@larkspur.example --on 14d",
    "impact marcus.delacroix@larkspur.example", "audit", "audit --page 2", "requests", "requests all", "hepl",
    "salesforce logins svc.casebot@integrations.larkspur.example",
)  # fmt: skip
HOSTILE = (
    "<!channel> <@U0NOBODY> *bold* _it_ ~no~ `code`",
    "@here & <https://evil.example|Click> &lt;b&gt; \\n",
    "\u202eevil\u202c \u0000\u0007 end",
    "🙂" * 60,
    "x" * 3000,
    "\"; DROP TABLE item; -- ' =HYPERLINK(1)",
    "   ",
    "اسم عربي ‏- שם",
)


async def answered(desk: Desk, user: str, press: Any) -> None:
    """Do a press and wait until the bot has shown somebody something for it."""
    last = (await desk.get("/slack/wire"))["last"]
    await press

    async def shown() -> bool:
        entries = (await desk.get("/slack/wire", since=str(last)))["entries"]
        return any(e["direction"] == "out" and e["kind"] in REPLIES for e in entries)

    await desk.until(shown)
    await desk.close_forms(user)


def pressable(message: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The buttons of a message as (label, action, value); what changes the message comes last."""
    for label, button in sorted(
        buttons_of(message).items(), key=lambda pair: pair[0] in {"Approve", "Stop Here"}
    ):
        yield label, button["action_id"], button.get("value", "")


async def press_all(
    desk: Desk, user: str, messages: list[dict[str, Any]], pressed: set[tuple[str, str]]
) -> int:
    """Press every button of some messages that was not pressed yet."""
    count = 0
    for message in messages:
        for label, action, value in pressable(message):
            if "owner.decline" in action:
                continue  # its sibling Accept has taken the place of the question
            kind = (action.rpartition(":")[0], value.partition(" ")[0])
            if kind in pressed:
                continue
            pressed.add(kind)
            count += 1
            await answered(desk, user, desk.click(user, message, label))
    return count


async def test_something_of_everything_is_on_the_screen(desk: Desk) -> None:
    """An alert, a request that waits for approval, one that waits for evidence, and a question about ownership."""
    operator = desk.who("operator")
    await desk.post("/deactivate", {"email": "jiahui.tan@larkspur.example", "where": ["slack"]})
    for name in ("gong", "tableau"):
        await desk.ask(operator, f'handover {name} to {TARGET} --reason "So that there is one to press"')
    waiting = words_of(await desk.said("Approval needed", "Tableau"))
    await desk.ask(desk.who("approver", 1), f"approve {waiting.rpartition('request ')[2][:6]}")
    await desk.ask(operator, f"owner set tableau <@{desk.who('viewer')}>")
    await desk.said("waiting for proof", "Tableau")
    await desk.said("Jia Hui Tan was deactivated")


@pytest.mark.parametrize("role", ROLES)
async def test_every_button_of_every_reply_does_something(desk: Desk, role: str) -> None:
    """No button is dead and none fails: each shows a result, a form, or why this person may not."""
    user, pressed = desk.who(role), set[tuple[str, str]]()
    count = 0
    for text in FIRST:
        count += await press_all(desk, user, [await desk.slash(user, text)], pressed)
    count += await press_all(desk, user, (await desk.ephemerals(user))[-20:], pressed)
    count += await press_all(desk, user, await desk.messages(), pressed)
    count += await press_all(desk, user, await desk.dm(user), pressed)
    assert count >= 15, pressed
    entries = (await desk.get("/slack/wire"))["entries"]
    assert not complaints(entries, (await desk.get("", only="counters"))["counters"])


@pytest.mark.parametrize("role", ROLES)
async def test_the_home_tab_and_its_buttons(desk: Desk, role: str) -> None:
    """Home says what waits and how things stand; its buttons answer, and stay where they are."""
    user = desk.who(role)
    await desk.post("/slack/open_home", {"user": user})

    async def published() -> dict[str, Any] | None:
        view = (await desk.get("/slack/home", user=user))["view"]
        return dict(view) if view else None

    view = await desk.until(published)
    for said in ("Waiting for you", "Without an owner", "Expire within 7 days", "Findings"):
        assert said in words_of(view)
    for label, button in buttons_of(view).items():
        click = {"user": user, "home": True, "action_id": button["action_id"], "value": button["value"]}
        await desk.post("/slack/click", click)

        async def opened() -> dict[str, Any] | None:
            views = (await desk.get("/slack/views", user=user))["views"]
            return views[-1] if views else None

        shown = await desk.until(opened)  # there is no channel to answer in
        assert len(words_of(shown)) > 30, label
        await desk.close_forms(user)
    total = (await desk.ask(user, "list")).split(" of ")[1].split()[0]
    assert f"Accounts and credentials:  {total}" in words_of(view)


async def test_next_takes_the_place_of_the_page(desk: Desk) -> None:
    """Turning pages does not fill the channel: the same message shows the next ten."""
    user = desk.who("viewer", 2)
    first = await desk.slash(user, "list --sort name")
    before = len(await desk.ephemerals(user))
    await desk.click(user, first, "Next")

    async def turned() -> dict[str, Any] | None:
        shown = (await desk.ephemerals(user))[-1]
        return shown if "11–20" in words_of(shown) else None

    second = await desk.until(turned)
    assert len(await desk.ephemerals(user)) == before
    assert {"Previous", "Next"} <= set(buttons_of(second))
    await desk.click(user, second, "Previous")

    async def back() -> bool:
        return "1–10" in words_of((await desk.ephemerals(user))[-1])

    await desk.until(back)


async def test_pages_keep_what_was_searched_for(desk: Desk) -> None:
    """The next page is of the same question, quoted words included."""
    user = desk.who("viewer", 3)
    first = await desk.slash(user, "list 'o' \"a\" --all --sort name")
    assert '"a"' in words_of(first)
    await desk.click(user, first, "Next")

    async def turned() -> dict[str, Any] | None:
        shown = (await desk.ephemerals(user))[-1]
        return shown if "11–" in words_of(shown) else None

    second = words_of(await desk.until(turned))
    total = words_of(first).split(" of ")[1].split()[0]
    assert f"of {total}" in second


async def test_the_trail_pages_to_its_beginning(desk: Desk) -> None:
    """Newest first, ten a page, to the very first line; beyond it there is nothing, and that is said."""
    user, page, seen = desk.who("viewer"), 1, 0
    while "Nothing on record" not in (said := await desk.ask(user, f"audit --page {page}")):
        assert f"page {page}" in said
        seen, page = seen + 1, page + 1
        assert page < 60
    assert seen >= 2
    assert "Nothing on record" in await desk.ask(user, "audit ZZZZZZ")
    assert "scanned" in await desk.ask(user, "audit salesforce:prod --since 1d")


async def test_hostile_names_everywhere_are_only_text(desk: Desk) -> None:
    """Whatever people and programs are called: nobody is pinged, nothing is a link, and every payload is sound."""
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    tokens, users = list(org["OauthToken"]), [r for r in org["User"] if "@larkspur" in r["Username"]]
    for n, name in enumerate(HOSTILE):
        tokens[n]["AppName"] = name
        users[n]["Name"] = name[:80]
        menu = list(org["ConnectedApplication"])[n]
        menu["Name"] = name[:200]
        org["Certificate"].change(list(org["Certificate"])[n % 5], {"MasterLabel": name[:60]})
    holder = "noa.bendavid@larkspur.example"
    await desk.post("/slack/profile", {"user": holder, "name": "<!channel> @here *Noa* <script>"})
    await desk.scan()
    viewer, operator = desk.who("viewer"), desk.who("operator")
    for text in ("list --all", "list --all --page 2", "findings", "findings --page 2", "show 'evil'",
                 f"impact {holder}", f"list {HOSTILE[0]}", f"show {HOSTILE[1]}", HOSTILE[4], f"help {HOSTILE[0]}",
                 f"requests {HOSTILE[0]}", f"audit {HOSTILE[0]}", f"list --owner {HOSTILE[0]}"):  # fmt: skip
        assert await desk.slash(viewer, text)
    await desk.ask(operator, f"handover snowflake to {TARGET} --reason '{HOSTILE[0]} {HOSTILE[2]}'")
    await desk.post("/deactivate", {"email": holder, "where": ["slack"]})
    alert = await desk.said("was deactivated", "Snowflake", within_s=40)
    view = await desk.pressed_form(operator, alert, "Plan Handover")
    assert await desk.offered(operator, view, "target", HOSTILE[0][:200]) == []
    to = await desk.option(operator, view, "target", TARGET)
    ack = await desk.submit(operator, view, target=to, reason=HOSTILE[3])
    assert "error" not in ack
    counters = (await desk.get("", only="counters"))["counters"]
    assert counters.get("slack.broadcasts", 0) == 0
    assert not complaints((await desk.get("/slack/wire"))["entries"], counters)
