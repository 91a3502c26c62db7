"""What is typed about NetSuite, through Slack, against a real bot and the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk, desk_with_bot, words_of

from sandbox.company import load

ALICE = "alice.doherty@larkspur.example"
SHARED = "svc.netsuite@integrations.larkspur.example"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A workspace whose bot is connected to NetSuite."""
    async with desk_with_bot(tmp_path, load(), platforms=("netsuite",)) as opened:
        yield opened


async def test_the_inventory_names_netsuites_credentials(desk: Desk) -> None:
    """Tokens and OAuth 2.0 sign-ins are listed with who they act as; what cannot be seen is said in status."""
    listed = await desk.ask(desk.who("viewer"), "list netsuite connector")
    assert "Access token" in listed
    assert ALICE in listed
    status = await desk.ask(desk.who("viewer"), "status --details")
    assert "not visible" in status
    assert "client credentials mappings" in status
    assert "By a person:" in status
    assert "Make a token for somebody" in status


async def test_the_connectors_view_in_slack(desk: Desk) -> None:
    """Anybody may look; when its user loses a role the view says what would break."""
    shown = await desk.ask(desk.who("viewer"), "netsuite connector")
    assert "Nothing speaks against it" in shown
    await desk.post("/netsuite/roles", {"email": ALICE, "roles": ["Administrator"]})
    shown = await desk.ask(desk.who("viewer"), "netsuite connector")
    assert "lost the role" in shown


async def test_whose_name_is_on_changes_in_slack(desk: Desk) -> None:
    """With an account, a number of days, and a wrong number of days."""
    viewer = desk.who("viewer")
    shown = await desk.ask(viewer, "netsuite changes --since 30")
    assert "integration account" in shown
    only = await desk.ask(viewer, f"netsuite changes {ALICE} --since 30")
    assert ALICE in only
    assert "tendai" not in only
    assert "between 1 and 90" in await desk.ask(viewer, "netsuite changes --since soon")
    await desk.post("/netsuite/change", {"email": ALICE})
    alice = next(p.slack_id for p in desk.sandbox.world.people.values() if p.email == ALICE)
    assert "under one name" in await desk.ask(viewer, f"netsuite changes <@{alice}> --since 30")


async def test_licences_and_capabilities_in_slack(desk: Desk) -> None:
    """Estimates are called estimates; what is not probed is not claimed."""
    licenses = await desk.ask(desk.who("viewer"), "netsuite licenses")
    assert "estimated" in licenses
    assert SHARED in licenses
    can = await desk.ask(desk.who("viewer"), "netsuite capabilities")
    assert "not probed" in can


async def test_hostile_names_are_shown_as_they_are(desk: Desk) -> None:
    """A name with a channel call or a formula in it is text, in views as in lists."""
    shown = await desk.slash(desk.who("viewer"), "findings 90 days")
    assert "<!here>" in words_of(shown)
    for block in shown["blocks"]:
        text = block.get("text") or {}
        assert not (text.get("type") == "mrkdwn" and "<!here>" in text.get("text", ""))


async def test_a_role_is_asked_for_approved_and_assigned(desk: Desk) -> None:
    """An operator asks, somebody else approves, the bot assigns, and the record shows it."""
    operator = desk.who("operator")
    asked = await desk.ask(
        operator,
        f'netsuite assign {SHARED} --role "Integration: expenses" --reason "Expense feed moves to it"',
    )
    assert "waits for an approver" in asked
    message = await desk.said("Assign Integration: expenses", "Approve")
    await desk.press(desk.who("approver"), message, "Approve")
    account = desk.sandbox.stand_ins["netsuite"].account  # type: ignore[attr-defined]

    async def assigned() -> bool:
        return 1059 in account["employee"].where(email=SHARED)[0]["_roles"]

    await desk.until(assigned)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ('netsuite assign nobody --role 1058 --reason "A long enough reason"', "no employee"),
        (f'netsuite assign {SHARED} --role Weather --reason "A long enough reason"', "there is none called"),
        (f'netsuite unassign {ALICE} --role Administrator --reason "A long enough reason"', "by a person"),
        (f'netsuite inactive {ALICE} --reason "A long enough reason"', "hand them over first"),
        ('netsuite revoke nothing-such --reason "A long enough reason"', "Nothing in the inventory"),
        (f'netsuite assign {SHARED} --role 1059 --reason "A long enough reason" --connection x', "Say which"),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_is_asked_for(desk: Desk, typed: str, words: str) -> None:
    """Each refusal is in plain words, and no request is made of it."""
    assert words in await desk.ask(desk.who("operator"), typed)
    assert "No request" in await desk.ask(desk.who("operator"), "requests")


async def test_incomplete_words_open_a_form(desk: Desk) -> None:
    """What was typed stands in the form; what is wrong stays in it with its reason."""
    operator = desk.who("operator")
    form = await desk.typed_form(operator, f"netsuite assign {SHARED}")
    answer = await desk.submit(operator, form, user=SHARED, role="Weather", reason="A long enough reason")
    assert "there is none called" in str(answer)
    answer = await desk.submit(
        operator, form, user=SHARED, role="Integration: expenses", reason="A long enough reason"
    )
    assert "errors" not in answer
