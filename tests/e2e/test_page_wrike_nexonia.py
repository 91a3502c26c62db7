"""Wrike's and Nexonia's cards of the World panel in a real Chromium, used with the keyboard only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.page_driver import Seat, seated

pytestmark = pytest.mark.browser
ALICE = "alice.doherty@larkspur.example"
ADA = "ada.okonkwo@larkspur.example"
FLOW = "NetSuite billing milestones"
INVITED = "wrike.netsuite@integrations.larkspur.example"
ROBOT = "nexonia.sync@integrations.larkspur.example"


@pytest.fixture
async def seat() -> AsyncIterator[Seat]:
    async with seated() as taken:
        yield taken


async def test_what_wrike_leaves_to_people_is_done_on_its_card(seat: Seat) -> None:
    """An invitation is accepted, a token made, a flow signed in as somebody else and run, and a token ended."""
    wrike: Any = seat.sandbox.stand_ins["wrike"]
    tenant, flows = wrike.tenant, wrike.flows
    await seat.page.focus("#tab-world")
    await seat.page.select_option("#wr-invitation", label=INVITED)
    await seat.tab_to("Accept: Accept an invitation")
    await seat.press("Enter")
    await seat.sees("The invitation is accepted")
    assert tenant.by_email(INVITED).active
    await seat.page.select_option("#wr-token-user", ADA)
    await seat.tab_to("Make: Make a permanent token")
    await seat.press("Enter")
    await seat.sees("The token is made")
    (made,) = [t for t in wrike.tokens.permanent.values() if t.user_id == tenant.by_email(ADA).id]
    assert made.value not in await seat.page.content()
    await seat.page.select_option("#wr-flow-name", FLOW)
    await seat.page.select_option("#wr-flow-user", INVITED)
    await seat.tab_to("Sign in: Sign the flow in")
    await seat.press("Enter")
    await seat.sees("The flow is signed in")
    assert tenant.contacts[flows.all[FLOW].grant.user_id].email == INVITED
    before = flows.all[FLOW].ran
    await seat.tab_to("Run it: Run the flow")
    await seat.press("Enter")
    await seat.until(lambda: flows.all[FLOW].ran != before or flows.all[FLOW].failing)
    failing = flows.all[FLOW].failing
    await seat.sees(f"The flow failed: {failing}" if failing else "The flow ran")
    await seat.page.select_option("#wr-end-token", made.id)
    await seat.tab_to("Revoke: End a token or an app’s access")
    await seat.press("Enter")
    await seat.sees("The access is ended")
    assert made.revoked


async def test_the_sync_of_users_runs_from_nexonias_card(seat: Seat) -> None:
    """Who is ignored by hand is spared; everybody else fares as the notice counts."""
    nexonia: Any = seat.sandbox.stand_ins["nexonia"]
    (robot,) = nexonia.directory.by_email(ROBOT)
    await seat.page.focus("#tab-world")
    await seat.page.select_option("#nx-user-name", robot.id)
    await seat.page.select_option("#nx-deed", "ignore")
    await seat.tab_to("Change: Change a user by hand")
    await seat.press("Enter")
    await seat.sees("The user is changed")
    assert robot.ignore
    before = sum(user.active for user in nexonia.directory.users.values())
    await seat.tab_to("Run the sync")
    await seat.press("Enter")
    await seat.sees("The sync ran")
    done = [row.action for row in nexonia.last]
    await seat.sees(f"{done.count('inactivate')} made inactive, {done.count('create')} created")
    after = sum(user.active for user in nexonia.directory.users.values())
    assert after - before == done.count("create") - done.count("inactivate")
    assert robot.active
