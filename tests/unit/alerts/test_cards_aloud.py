"""Alerts and requests read aloud: the point first, then what to do, in words that hold without the buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alerts import messages as alert_cards
from bot.chat.model import Buttons, Reply
from bot.inventory.catalogue import Catalogue, build
from bot.inventory.holdings import Holdings, holdings
from bot.platform.model import PrincipalStatus
from bot.platform.plan import Receipt
from bot.requests import messages as request_cards
from bot.requests.model import Decision, RequestState
from tests.unit.samples import (
    NOW,
    PLAN,
    aloud,
    application,
    grant,
    item,
    job,
    member,
    owns,
    principal,
    request,
)

ITEMS = (
    item("AAAAA1", principal("005A", "Ana Duarte", PrincipalStatus.INACTIVE)),
    item("APPAA1", application("0H4A", "Marketo sync", contact="ana@example.com")),
    item("GRANT1", grant("grant:1", "Marketo sync", "005A", "0H4A")),
    item("TIE001", job("08e1", "005A", "Nightly")),
    item("CERTA1", grant("cert:1", "Single sign-on", "", ends_in=timedelta(days=3, hours=2))),
    item("CERTA2", grant("cert:2", "Old one", "", ends_in=timedelta(days=-2))),
)
PERSON = member("U5", "Ana Duarte", deactivated=True)


def catalogue() -> Catalogue:
    return build(ITEMS, [owns("U5", "grant1")], [PERSON])


def ana() -> Holdings:
    return holdings(catalogue(), "ana@example.com", PERSON)


def test_somebody_gone_with_everything_they_hold() -> None:
    """Who, says who, what stops, what else depends on them, and the typed twins of the buttons."""
    assert (
        aloud(alert_cards.owner_gone("7K2QXM", ana(), ["Slack", "salesforce:prod"]))
        == """\
Ana Duarte was deactivated and 1 integration credential still acts as them. Plan a handover.
# Owner deactivated
Ana Duarte was deactivated, says Slack and salesforce:prod. 1 integration credential still acts as them.
Id | Integration | What | Where | Last used
GRANT1 | Marketo sync | OAuth grant | salesforce:prod | not recorded
Also: 1 scheduled job or dashboard, owner of 1 account, contact of 1 application.
[Plan Handover] [Snooze] [Not Mine]
An integration stops when its account does. Or type \
/svc handover <id> to <account> · /svc snooze 7K2QXM 3 · alert 7K2QXM"""
    )


def test_somebody_frozen_is_called_frozen() -> None:
    """Freezing is reversible, and the words say that nobody left."""
    said = aloud(alert_cards.owner_gone("7K2QXM", ana(), ["salesforce:prod (frozen)"]))
    assert "# Owner frozen" in said
    assert "deactivated" not in said


def test_a_person_whose_name_is_not_known_is_called_by_address() -> None:
    """Every alert names somebody."""
    nobody = Holdings(email="gone@example.com", person=None)
    assert "gone@example.com was deactivated" in aloud(alert_cards.owner_gone("X", nobody, ["Slack"]))


def test_a_long_list_is_cut_and_counted() -> None:
    """Ten lines, then how many more and where to see them."""
    more = [item(f"GRANX{n}", grant(f"grant:{n}", f"App {n}", "005A")) for n in range(10, 30)]
    held = holdings(build([*ITEMS, *more], (), [PERSON]), "ana@example.com", PERSON)
    said = aloud(alert_cards.owner_gone("7K2QXM", held, ["Slack"]))
    assert "… and 11 more. See /svc impact ana@example.com for all." in said


def test_how_an_alert_about_somebody_ends() -> None:
    """Back, or no longer needed: each says that nothing was done, or that nothing is left to do."""
    assert aloud(alert_cards.owner_back("7K2QXM", ana())).splitlines()[0] == (
        "Ana Duarte is active again. This alert is resolved. Nothing was changed."
    )
    assert aloud(alert_cards.owner_free("7K2QXM", ana())).splitlines()[0] == (
        "Nothing depends on Ana Duarte now. This alert is resolved."
    )


def test_end_dates_that_came_nearer() -> None:
    """What ended and what will, the worst first; one line each."""
    found = catalogue()
    entries = {e.item.ref: e for e in found.entries}
    fresh = [(entries["CERTA2"], 0), (entries["CERTA1"], 7)]
    said = aloud(alert_cards.expiring(fresh, found, NOW))
    assert said.splitlines()[0] == (
        "2 credentials expire soon, 1 already expired. First: Old one (certificate) has expired."
    )
    assert "Single sign-on CERTA1 | Certificate | nobody | 2026-11-24 · expires in 3 days" in said
    one = aloud(alert_cards.expiring(fresh[1:], found, NOW))
    assert one.splitlines()[0] == "Single sign-on (certificate) expires in 3 days. Renew it or hand it over."


def test_a_source_that_cannot_be_seen() -> None:
    """Nothing about it is certain, and that is said before anything else."""
    said = aloud(alert_cards.blind("7K2QXM", "salesforce:prod", "It answered with HTTP 500."))
    assert said.splitlines()[0] == (
        "salesforce:prod is not visible to Handover. What you see of it may be out of date until this is fixed."
    )
    assert "It marks nothing as gone or resolved." in said


def test_a_request_that_waits() -> None:
    """The question, who asks and why, the plan in full, what to know, and both ways to answer."""
    said = aloud(request_cards.request_card(request()))
    for line in (
        "Hand over Marketo sync from ana@example.com to svc@example.com? Approve or deny request 7K2QXM.",
        "# Approval needed",
        "Asked by: @U1",
        "Reason: Ana leaves on Friday",
        "Held by: ana@example.com",
        "Downtime: none expected",
        "3 steps, in this order:",
        "- The integration loses: Modify All Data.",
        "Or type /svc approve 7K2QXM · /svc deny 7K2QXM <reason> · request 7K2QXM",
    ):
        assert line in said.splitlines(), line
    assert "Waiting for approval, 0 of 1. Expires without an answer: 2026-11-22 09:00" in said
    assert "Revoke the grant of ana@example.com, by Handover. Stops something that is in use" in said


ENDS = [state for state in RequestState if not state.live]


@pytest.mark.parametrize("state", ENDS)
def test_a_settled_request_has_no_buttons(state: RequestState) -> None:
    """Buttons are replaced by a record: what happened, who decided, where to read on."""
    decision = Decision(approver="U2", approved=state is RequestState.DONE, rev=1, at=NOW, reason="Fine")
    reply = request_cards.request_card(request(state, decisions=(decision,)))
    assert not [part for part in reply.parts if isinstance(part, Buttons)]
    assert request_cards.ENDINGS[state] in reply.summary
    assert "/svc audit 7K2QXM" in aloud(reply)
    assert "@U2" in aloud(reply)


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        (RequestState.PENDING, ["Approve", "Deny"]),
        (RequestState.APPROVED, []),
        (RequestState.RUNNING, []),
        (RequestState.WAITING, ["Check Now", "Stop Here"]),
        (RequestState.HELD, ["Try Again", "Stop Here"]),
    ],
)
def test_a_living_request_has_the_buttons_that_work_now(state: RequestState, labels: list[str]) -> None:
    """Nothing is offered that would be refused for what the request is."""
    assert _labels(request_cards.request_card(request(state))) == labels


def test_progress_says_what_is_done_now_and_not_begun() -> None:
    """Each step stands in one of three places."""
    receipt = Receipt(step="preflight", at=NOW, acted=False, detail="nothing speaks against it")
    waiting = request(RequestState.WAITING, cursor=1, receipts=(receipt,), detail="no grant yet")
    said = aloud(request_cards.request_card(waiting))
    assert "Check once more that nothing speaks against it – done 2026-11-21 09:00" in said
    assert "Approve Marketo sync as svc@example.com – now" in said
    assert "Revoke the grant of ana@example.com – not begun" in said
    assert "no grant yet" in said


def test_notes_in_the_thread() -> None:
    """Whose turn, what closes it, what proved it, why it is held."""
    guided = replace(PLAN.steps[1], instructions=("Open a window.", "Press Allow."), evidence="a new grant")
    waiting = request(RequestState.WAITING, detail="no grant yet")
    assert aloud(request_cards.waiting_note(waiting, guided)) == (
        "Your turn: Approve Marketo sync as svc@example.com\n"
        "Your turn: Approve Marketo sync as svc@example.com\n"
        "- Open a window.\n- Press Allow.\nProof: a new grant\nno grant yet"
    )
    receipt = Receipt(step="retire", at=NOW, acted=True, detail="gone from a listing", record_id="grant:1")
    assert aloud(request_cards.step_note(waiting, PLAN.steps[2], receipt)).splitlines()[1] == (
        "Done: Revoke the grant of ana@example.com. Gone from a listing · record grant:1"
    )
    assert "Try Again or Stop Here" in aloud(request_cards.held_note(request(RequestState.HELD, detail="x")))


def _labels(reply: Reply) -> list[str]:
    return [b.label for part in reply.parts if isinstance(part, Buttons) for b in part.items]
