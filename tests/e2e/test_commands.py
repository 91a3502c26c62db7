"""Everything people can type, through Socket Mode, against a real bot and the stand-ins."""

from __future__ import annotations

import pytest
from desk import Desk, buttons_of, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_no_words_give_a_menu(desk: Desk) -> None:
    """Without arguments the bot says what waits for the caller and offers the usual deeds."""
    shown = words_of(await desk.slash(desk.who("admin"), ""))
    assert "Waiting for you" in shown or "Nothing is waiting for you" in shown
    assert "List Mine" in shown
    assert "/svc list expiring" in shown


async def test_every_verb_is_explained(desk: Desk) -> None:
    """help <verb> explains each verb that exists, in the words of its handler's docstring."""
    assert desk.app
    for spec in desk.app.routes.specs:
        shown = words_of(await desk.slash(desk.who("viewer"), f"help {spec.verb}"))
        assert spec.summary in shown, spec.verb


async def test_a_typo_is_answered_with_what_was_meant(desk: Desk) -> None:
    """An unknown verb is never a dead end: the nearest verb is offered as a button."""
    shown = await desk.slash(desk.who("viewer"), "hepl")
    assert "Did you mean" in words_of(shown)


async def test_the_list_pages_and_filters(desk: Desk) -> None:
    """Ten lines a page with buttons, and filters that can be combined."""
    first = await desk.slash(desk.who("viewer"), "list")
    assert "1–10 of" in words_of(first)
    second = words_of(await desk.slash(desk.who("viewer"), "list --page 2"))
    assert "11–" in second
    expiring = words_of(await desk.slash(desk.who("viewer"), "list salesforce expiring"))
    assert "SelfSignedCert" in expiring
    assert "Marketo" not in expiring
    assert "iOS" not in words_of(first) + second  # a person's own app is not an integration


async def test_a_name_from_the_platform_is_shown_letter_for_letter(desk: Desk) -> None:
    """Hostile names reach people as data: nobody is pinged, nothing is linked."""
    shown = words_of(await desk.slash(desk.who("viewer"), "list gateway"))
    assert "<script>alert(1)</script>" in shown
    assert (await desk.get("")).get("counters", {}).get("slack.broadcasts", 0) == 0


async def test_show_says_who_it_acts_as_and_what_to_do(desk: Desk) -> None:
    """One line of the inventory in full, with its buttons' typed twins."""
    shown = words_of(await desk.slash(desk.who("operator"), "show marketo"))
    for said in (
        "marcus.delacroix@larkspur.example",
        "Last used",
        "Hand Over",
        "/svc handover",
        "Modify All Data",
    ):
        assert said in shown


async def test_an_ambiguous_name_lists_what_it_could_mean(desk: Desk) -> None:
    """Several matches are listed with their ids, and nothing is guessed."""
    shown = words_of(await desk.slash(desk.who("viewer"), "show workato"))
    assert "Use an id instead" in shown


async def test_impact_groups_by_integration_and_says_what_it_cannot_see(desk: Desk) -> None:
    """What breaks if somebody leaves: tokens by integration, and ties that are no tokens."""
    shown = words_of(await desk.slash(desk.who("operator"), "impact marcus.delacroix@larkspur.example"))
    for said in ("Marketo sync", "Gong", "Lead scoring refresh", "would stop"):
        assert said in shown
    mentioned = desk.sandbox.world.people["marcus.delacroix@larkspur.example"].slack_id
    assert "Marketo sync" in words_of(await desk.slash(desk.who("operator"), f"impact <@{mentioned}>"))


async def test_findings_are_listed_worst_first_and_one_by_one(desk: Desk) -> None:
    """Each finding states the bad state, its evidence and one deed."""
    shown = await desk.slash(desk.who("viewer"), "findings")
    assert "P1" in words_of(shown)
    assert "deactivated or frozen user" in words_of(shown)
    only = words_of(await desk.slash(desk.who("viewer"), "findings P1"))
    assert "P3 " not in only.replace("P3 for the next review", "")


async def test_status_names_connections_and_parts(desk: Desk) -> None:
    """Connections with freshness and calls, what is not visible, engine, schedule, store and link."""
    shown = words_of(await desk.slash(desk.who("viewer"), "status --details"))
    for said in ("salesforce:prod", "Engine", "Schedule", "Slack", "Store", "daily API calls"):
        assert said in shown


async def test_status_is_five_lines_when_all_is_well(desk: Desk) -> None:
    """Nothing needs attention, so nothing is said of any part by itself; the rest is behind a button."""
    shown = await desk.slash(desk.who("viewer"), "status")
    said = words_of(shown)
    for line in ("Connections", "Coverage", "Handover", "Messages", "Audit log"):
        assert line in said
    assert "Needs attention" not in said
    assert "daily API calls" not in said
    assert "Details" in buttons_of(shown)


async def test_whoami_names_the_role(desk: Desk) -> None:
    """Anybody may ask who the bot takes them for."""
    assert "You are approver" in words_of(await desk.slash(desk.who("approver"), "whoami"))


async def test_a_viewer_cannot_write(desk: Desk) -> None:
    """Verbs that write are refused by role, with what to do about it, and the refusal is on record."""
    shown = words_of(await desk.slash(desk.who("viewer"), "scan"))
    assert "needs the admin role" in shown
    trail = words_of(await desk.slash(desk.who("viewer"), "audit"))
    assert "was refused" in trail


async def test_logins_shows_where_from(desk: Desk) -> None:
    """Sign-ins of one user, read live."""
    shown = words_of(
        await desk.slash(desk.who("viewer"), "salesforce logins svc.casebot@integrations.larkspur.example")
    )
    assert "Sign-ins of the last day" in shown


async def test_scan_by_hand_reports(desk: Desk) -> None:
    """An admin can look now, and is told what it cost and found."""
    shown = words_of(await desk.slash(desk.who("admin"), "scan salesforce"))
    assert "calls" in shown
    assert "salesforce:prod" in shown


async def test_an_answer_can_be_shown_to_everybody(desk: Desk) -> None:
    """Only with --public does the channel see an answer; what writes is never answered there."""
    before = len(await desk.messages())
    await desk.slash(desk.who("viewer"), "whoami")
    assert len(await desk.messages()) == before
    await desk.slash(desk.who("viewer"), "list celigo --public")
    shown = await desk.messages()
    assert len(shown) == before + 1
    assert "Celigo" in words_of(shown[-1])
    assert "has no --public" in await desk.ask(desk.who("operator"), "snooze X 3 why --public")


async def test_a_guest_sees_nothing(desk: Desk) -> None:
    """What everybody may do is for full members: a guest may ask who they are, and no more."""
    guest = desk.who("viewer", 3)
    await desk.post("/slack/profile", {"user": guest, "guest": True})

    async def refused() -> bool:
        return "needs the viewer role and you have none" in await desk.ask(guest, "list")

    await desk.until(refused)
    assert "You are none" in await desk.ask(guest, "whoami")
    await desk.post("/slack/profile", {"user": guest, "guest": False})


async def test_somebody_new_is_known_without_waiting(desk: Desk) -> None:
    """A member who joined a moment ago may look at once."""
    await desk.post("/slack/join", {"email": "new.hire@larkspur.example", "name": "New Hire"})
    assert "line" in await desk.ask("new.hire@larkspur.example", "list celigo")
