"""The story the product exists for: a colleague is deactivated, their integration moves, and it is on record."""

from __future__ import annotations

import pytest
from desk import Desk, buttons_of, words_of

from bot.audit.repository import AuditLog

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEAVER = "marcus.delacroix@larkspur.example"
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "Marcus was deactivated today"


async def test_the_alert_lists_everything_they_hold(desk: Desk) -> None:
    """One message per person, within seconds, with every credential and what else depends on them."""
    await desk.post("/deactivate", {"email": LEAVER, "where": ["slack"]})
    alert = await desk.said("Marcus Delacroix", "was deactivated", within_s=5)
    shown = words_of(alert)
    for said in ("Marketo sync", "Gong", "Slack"):
        assert said in shown
    assert list(buttons_of(alert)) == ["Plan Handover", "Snooze", "Not Mine"]


async def test_a_doubled_event_says_nothing_new(desk: Desk) -> None:
    """Slack delivers events twice and out of order; people see one message."""
    await desk.post("/slack/chaos", {"duplicate": 2, "shuffle": True})
    await desk.post("/deactivate", {"email": LEAVER, "where": ["slack"]})
    shown = [
        m for m in await desk.messages() if "Marcus Delacroix" in words_of(m) and "deactivated" in words_of(m)
    ]
    assert len(shown) == 1
    await desk.post("/slack/chaos", {"duplicate": 0, "shuffle": False})


async def test_a_request_with_an_unfit_target_keeps_the_form_open(desk: Desk) -> None:
    """What was wrong and how to mend it is said at the field; nothing typed is lost."""
    alert = await desk.said("Marcus Delacroix", "was deactivated")
    operator = desk.who("operator")
    plan = buttons_of(alert)["Plan Handover"]
    await desk.post(
        "/slack/click",
        {"user": operator, "channel": desk.channel, "ts": alert["ts"], "action_id": plan["action_id"]},
    )
    view = await desk.view(operator)
    options = {o["text"]["text"]: o for b in view["blocks"] for o in b.get("element", {}).get("options", [])}
    marketo = next(o for label, o in options.items() if "Marketo" in label)
    assert await desk.offered(operator, view, "target", "nobody.here@larkspur.example") == []
    to = await desk.option(operator, view, "target", TARGET)
    ack = await desk.submit(operator, view, credential=marketo, target=to, reason="short")
    assert ack["response_action"] == "errors"
    done = await desk.submit(operator, view, credential=marketo, target=to, reason=REASON)
    assert done.get("response_action") != "errors", done


async def test_the_requester_cannot_approve(desk: Desk) -> None:
    """Approval belongs to somebody else; the refusal says who may."""
    card = await desk.said("Approval needed", "Marketo sync")
    shown = await desk.press(desk.who("operator"), card, "Approve")
    assert "approver" in words_of(shown)


async def test_an_approved_plan_runs_in_its_thread(desk: Desk) -> None:
    """Every step leaves its receipt in the thread; the old grant goes only after the new one is proven."""
    card = await desk.said("Approval needed", "Marketo sync")
    await desk.press(desk.who("approver"), card, "Approve")
    await desk.said("Your turn", "Approve Marketo sync")
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await desk.said("Confirmed", "Approve Marketo sync as")
    await desk.post("/advance", {"seconds": 5})
    await desk.post("/salesforce/use", {"username": TARGET, "app": "Marketo sync", "times": 3})
    await desk.said("Confirmed", "Check that the new grant works")
    assert "Marketo sync" in await desk.grants(LEAVER)
    await desk.post("/advance", {"days": 1, "seconds": 120})
    await desk.said("Done", "Revoke the grant", within_s=30)
    assert "Marketo sync" not in await desk.grants(LEAVER)
    await desk.said("Marketo sync", "Request", "Done.")
    requester = await desk.dm(desk.who("operator"))
    assert any("Done." in words_of(m) for m in requester)


async def test_the_trail_holds_it_all(desk: Desk) -> None:
    """Who asked, who approved and each step, chained."""
    card = await desk.said("Marketo sync", "Request", "Done.")
    ref = words_of(card).rsplit("audit ", 1)[-1].split()[0]
    trail = words_of(await desk.slash(desk.who("viewer"), f"audit {ref}"))
    for said in ("finished request", "finished a step", "began a step"):
        assert said in trail
    older = words_of(await desk.slash(desk.who("viewer"), f"audit {ref} --page 2"))
    assert "approved request" in trail + older
    assert desk.app
    async with desk.app.store.read() as unit:
        assert (await unit[AuditLog].verify()).ok
