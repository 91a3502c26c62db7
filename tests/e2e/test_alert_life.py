"""An alert's life: who says so, snoozed, disclaimed, resolved; and never said twice."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk, buttons_of, ref_in, words_of

from bot.alerts.model import OWNER_GONE, Alert, AlertState
from bot.people.repository import PersonRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")
WENLI, JIAHUI, NOA = (f"{who}@larkspur.example" for who in ("wenli.chang", "jiahui.tan", "noa.bendavid"))
CLAIRE, ROBERT, MADISON = (
    f"{who}@larkspur.example" for who in ("claire.beaumont", "robert.tables", "madison.clarke")
)


async def about(desk: Desk, email: str) -> list[Alert]:
    """The alerts there ever were about one person."""
    return [alert for alert in await desk.alerts(OWNER_GONE) if alert.subject == email]


async def once(desk: Desk, email: str, state: AlertState) -> Alert:
    """The one alert about a person, once it is in a state."""

    async def there() -> Alert | None:
        found = await about(desk, email)
        return found[-1] if found and found[-1].state is state else None

    return await desk.until(there)


def freeze(desk: Desk, username: str, frozen: bool = True) -> None:
    """Freeze a user as an administrator of Salesforce would."""
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    user = next(row for row in org["User"] if row["Username"] == username)
    next(row for row in org["UserLogin"] if row["UserId"] == user["Id"])["IsFrozen"] = frozen


async def test_what_was_so_before_the_first_scan_is_told_once(desk: Desk) -> None:
    """Kenji left long ago and still holds a grant: the first listing says so, and he alone is named."""
    alert = await once(desk, "kenji.watanabe@larkspur.example", AlertState.OPEN)
    assert alert.payload["sources"] == "salesforce:prod"
    shown = await desk.said("Kenji Watanabe", "was deactivated, says salesforce:prod")
    assert "Workato" in words_of(shown)
    assert "Portal cleanup" not in words_of(shown)
    assert "scheduled jobs and dashboards" in words_of(shown)
    assert [each.subject for each in await desk.alerts(OWNER_GONE)] == ["kenji.watanabe@larkspur.example"]


async def test_an_old_account_that_holds_nothing_alarms_nobody(desk: Desk) -> None:
    """A service user's mailbox, or a second, inactive account, is not the person behind a living credential."""
    freeze(desk, "svc.warehouse@integrations.larkspur.example")  # its mailbox is Victor's
    await desk.scan()
    assert await about(desk, "victor.hallstrom@larkspur.example") == []
    freeze(desk, "svc.warehouse@integrations.larkspur.example", frozen=False)


async def test_a_scan_finds_somebody_deactivated_in_salesforce_alone(desk: Desk) -> None:
    """Slack knows nothing, the platform does; the message says who says so."""
    await desk.post("/deactivate", {"email": JIAHUI, "where": ["salesforce"]})
    await desk.scan()
    shown = await desk.said("Jia Hui Tan", "was deactivated, says salesforce:prod")
    assert "Outreach" in words_of(shown)


async def test_slack_saying_it_too_edits_the_same_message(desk: Desk) -> None:
    """One incident is one message, however many systems report it."""
    (before,) = [m for m in await desk.messages() if "Jia Hui Tan was deactivated" in words_of(m)]
    await desk.post("/deactivate", {"email": JIAHUI, "where": ["slack"]})
    after = await desk.said("Jia Hui Tan", "says Slack and salesforce:prod")
    assert after["ts"] == before["ts"]
    assert len(await about(desk, JIAHUI)) == 1


async def test_an_alert_never_repeats_over_twenty_scans(desk: Desk) -> None:
    """What was said and still is so is not said again."""
    before = [(m["ts"], words_of(m)) for m in await desk.messages()]
    for _ in range(20):
        await desk.scan()
    await asyncio.sleep(1.2)
    assert [(m["ts"], words_of(m)) for m in await desk.messages()] == before


async def test_back_in_one_system_is_not_back(desk: Desk) -> None:
    """The alert names who still says so, and is settled only when nobody does."""
    await desk.post("/reactivate", {"email": JIAHUI, "where": ["salesforce"]})
    await desk.scan()
    await desk.said("Jia Hui Tan", "was deactivated, says Slack. ")
    assert (await once(desk, JIAHUI, AlertState.OPEN)).payload["sources"] == "Slack"
    await desk.post("/reactivate", {"email": JIAHUI, "where": ["slack"]})
    settled = await desk.said("Jia Hui Tan", "is active again")
    assert buttons_of(settled) == {}
    assert (await once(desk, JIAHUI, AlertState.RESOLVED)).state is AlertState.RESOLVED


async def test_gone_again_within_a_day_is_the_same_incident(desk: Desk) -> None:
    """What returns within a day is open again in its own message, and its thread says so."""
    before = await desk.said("Jia Hui Tan", "is active again")
    await desk.post("/deactivate", {"email": JIAHUI, "where": ["slack"]})
    await once(desk, JIAHUI, AlertState.OPEN)
    assert len(await about(desk, JIAHUI)) == 1
    after = await desk.said("Jia Hui Tan was deactivated")
    assert after["ts"] == before["ts"]
    note = await desk.said("The cause is back within a day")
    assert note["thread_ts"] == before["ts"]


async def test_gone_again_after_a_day_is_a_new_incident(desk: Desk) -> None:
    """What returns later is told anew, in a message of its own."""
    await desk.post("/reactivate", {"email": JIAHUI, "where": ["slack"]})
    settled = await desk.said("Jia Hui Tan", "is active again")
    await desk.advance(days=1, seconds=60)
    await desk.post("/deactivate", {"email": JIAHUI, "where": ["slack"]})
    await once(desk, JIAHUI, AlertState.OPEN)
    assert len(await about(desk, JIAHUI)) == 2
    shown = await desk.said("Jia Hui Tan was deactivated")
    assert shown["ts"] != settled["ts"]
    await desk.said("Jia Hui Tan", "is active again")


async def test_whoever_takes_an_alert_stands_in_its_message(desk: Desk) -> None:
    """P1 and nobody on it; then assigned; then taken, by whom it was for although they are no operator."""
    operator, other = desk.who("operator"), desk.who("viewer", 1)
    ref = (await once(desk, JIAHUI, AlertState.OPEN)).ref
    shown = await desk.said("Jia Hui Tan was deactivated", "P1 · Not acknowledged yet")
    assert "Only operators" in await desk.ask(other, f"ack {ref}")
    assert "mention one person" in await desk.ask(operator, f"assign {ref} ben")
    assert "It is for" in await desk.ask(operator, f"assign {ref} <@{other}>")
    await desk.said("Jia Hui Tan was deactivated", "not acknowledged yet")
    assert "You are on it" in await desk.ask(other, f"ack {ref} calling the vendor")
    taken = await desk.said("Jia Hui Tan was deactivated", "Acknowledged by", "since")
    assert taken["ts"] == shown["ts"]
    note = await desk.said("calling the vendor")
    assert note["thread_ts"] == shown["ts"]
    assert "on it already" in await desk.ask(other, f"ack {ref}")
    listed = await desk.ask(operator, "alerts P1 jiahui")
    assert ref in listed
    assert f"<@{other}>" in listed


async def test_a_frozen_owner_is_called_frozen_and_then_deactivated(desk: Desk) -> None:
    """Freezing is not leaving: the words follow what the platform says, and old words do not linger."""
    freeze(desk, NOA)
    await desk.scan()
    await desk.said("Owner frozen", "was frozen, says salesforce:prod (frozen)", "Snowflake ELT")
    await desk.post("/deactivate", {"email": NOA, "where": ["salesforce"]})
    await desk.scan()
    await desk.said("Owner deactivated", "says salesforce:prod. ", "Snowflake ELT")
    await desk.post("/reactivate", {"email": NOA, "where": ["salesforce"]})
    freeze(desk, NOA, frozen=False)
    await desk.scan()
    await once(desk, NOA, AlertState.RESOLVED)


async def test_a_snooze_needs_an_end_and_a_reason(desk: Desk) -> None:
    """At most seven days for somebody who is gone, and others read why it is quiet."""
    ref = (await once(desk, JIAHUI, AlertState.OPEN)).ref
    operator = desk.who("operator")
    for typed, said in (
        (f"snooze {ref} 8 on leave", "between 1 and 7 days"),
        (f"snooze {ref} 0 on leave", "between 1 and 7 days"),
        (f"snooze {ref} 3", "Give a reason"),
        (f"snooze {ref} soon on leave", "whole number"),
        (f"snooze {ref} until 2026-13-01 on leave", "whole number"),
        (f"snooze {ref} until 2020-01-01 on leave", "between 1 and 7 days"),
        (f"snooze {ref}", "Type the alert"),
        ("snooze ZZZZZZ 3 on leave", "No alert has that id"),
    ):
        assert said in await desk.ask(operator, typed), typed
    assert "needs the operator role" in await desk.ask(desk.who("viewer"), f"snooze {ref} 3 on leave")
    assert (await about(desk, JIAHUI))[-1].state is AlertState.OPEN


async def test_a_snooze_by_form_is_told_in_the_thread(desk: Desk) -> None:
    """The message stays where it is; its thread says who quieted it, until when and why."""
    operator = desk.who("operator")
    shown = await desk.said("Jia Hui Tan was deactivated")
    view = await desk.pressed_form(operator, shown, "Snooze")
    three = next(
        o for b in view["blocks"] for o in b.get("element", {}).get("options", []) if o["value"] == "3"
    )
    await desk.submit(operator, view, days=three, reason="Parental leave, back on Monday")
    note = await desk.said("snoozed this until", "Parental leave")
    assert note["thread_ts"] == shown["ts"]
    assert (await once(desk, JIAHUI, AlertState.SNOOZED)).note == "Parental leave, back on Monday"


async def test_a_snoozed_alert_wakes_once(desk: Desk) -> None:
    """When its time is over and the cause still stands the thread says so, one time."""
    await desk.advance(days=2)
    await asyncio.sleep(2.5)
    assert (await about(desk, JIAHUI))[-1].state is AlertState.SNOOZED
    await desk.advance(days=1, seconds=60)
    await once(desk, JIAHUI, AlertState.OPEN)
    await desk.said("The snooze is over and the cause remains")
    await desk.advance(days=1)
    await asyncio.sleep(2.5)
    said = [m for m in await desk.messages() if "The snooze is over" in words_of(m)]
    assert len(said) == 1


async def test_what_resolves_while_snoozed_does_not_wake(desk: Desk) -> None:
    """A snooze that outlives its cause ends in silence."""
    await desk.post("/deactivate", {"email": MADISON, "where": ["slack"]})
    ref = (await once(desk, MADISON, AlertState.OPEN)).ref
    assert "Snoozed until" in await desk.ask(desk.who("operator"), f"snooze {ref} 2d moves to another team")
    await desk.post("/reactivate", {"email": MADISON, "where": ["slack"]})
    await once(desk, MADISON, AlertState.RESOLVED)
    await desk.advance(days=3)
    await asyncio.sleep(2.5)
    assert len([m for m in await desk.messages() if "The snooze is over" in words_of(m)]) == 1
    assert "settled already" in await desk.ask(desk.who("operator"), f"snooze {ref} 2 why not again")


async def test_not_mine_names_somebody_else_in_the_thread(desk: Desk) -> None:
    """The alert stays open; the thread says who disclaimed it and who should look instead."""
    viewer, other = desk.who("viewer"), desk.who("operator", 2)
    shown = await desk.said("Jia Hui Tan was deactivated")
    view = await desk.pressed_form(viewer, shown, "Not Mine")
    await desk.submit(viewer, view, instead=other)
    note = await desk.said("says this is not theirs", f"<@{other}>")
    assert note["thread_ts"] == shown["ts"]
    assert (await about(desk, JIAHUI))[-1].state is AlertState.OPEN
    ref = ref_in(shown, "alert ")
    said = await desk.ask(desk.who("viewer", 1), f"reassign {ref}")
    assert "not yours" in said
    assert "Mention one person" in await desk.ask(viewer, f"reassign {ref} ben")


async def test_an_alert_is_settled_when_nothing_depends_on_them_any_more(desk: Desk) -> None:
    """Once everything is handed over nobody has to remember the leaver."""
    await desk.post("/deactivate", {"email": CLAIRE, "where": ["salesforce"]})
    await desk.scan()
    await desk.said("Claire Beaumont", "was deactivated", "Tableau")
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    grant = next(row for row in org["OauthToken"] if row["AppName"] == "Tableau")
    org["OauthToken"].delete(grant)
    await desk.scan()
    await once(desk, CLAIRE, AlertState.RESOLVED)
    settled = await desk.said("Claire Beaumont", "Nothing depends on")
    assert buttons_of(settled) == {}


async def test_who_left_slack_before_a_credential_was_seen_is_told_too(desk: Desk) -> None:
    """It does not matter which is learnt first: that somebody is gone, or what they hold."""
    email = "tomasz.zielinski@larkspur.example"
    await desk.post("/deactivate", {"email": email, "where": ["slack"]})
    app = desk.app
    assert app

    async def known() -> bool:
        async with app.store.read() as unit:
            person = await unit[PersonRepository].by_email(email)
        return bool(person and person.deactivated)

    await desk.until(known)
    assert await about(desk, email) == []
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    user = next((row for row in org["User"] if row["Email"] == email), None)
    if user is None:
        pytest.fail(f"{email} has no Salesforce user in this company")
    await desk.post("/salesforce/authorize", {"email": email, "app": "Gong"})
    await desk.scan()
    assert "Gong" in words_of(await desk.said("Tomasz Zieliński", "was deactivated, says Slack"))
