"""NetSuite's card of the World panel in a real Chromium, used with the keyboard only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.e2e.page_driver import Seat, seated

pytestmark = pytest.mark.browser
SHARED = "svc.netsuite@integrations.larkspur.example"


@pytest.fixture
async def seat() -> AsyncIterator[Seat]:
    async with seated() as taken:
        yield taken


async def test_the_connectors_token_changes_hands(seat: Seat) -> None:
    """A role is given, a token made and entered in the Connector: orders are the new user's; the old token ends."""
    account: Any = seat.sandbox.stand_ins["netsuite"].account  # type: ignore[attr-defined]
    await seat.page.focus("#tab-world")
    await seat.page.select_option("#ns-role-user", SHARED)
    await seat.page.select_option("#ns-role-role", "Administrator")
    await seat.tab_to("Give: Give somebody a role")
    await seat.press("Enter")
    await seat.sees("The role is given")
    shared = account["employee"].where(email=SHARED)[0]
    assert [account.name("role", one) for one in shared["_roles"]] == [
        "Integration: finance", "NetSuite Connector Web Services", "Administrator",
    ]  # fmt: skip
    await seat.page.select_option("#ns-token-user", SHARED)
    await seat.page.select_option("#ns-token-role", "NetSuite Connector Web Services")
    await seat.tab_to("Make: Make an access token")
    await seat.press("Enter")
    await seat.tab_to("Enter the token just made in NetSuite Connector")
    await seat.press("Enter")
    await seat.sees("The Connector holds the new token")
    await seat.tab_to("Post a sales order through NetSuite Connector")
    await seat.press("Enter")
    await seat.sees("A sales order is posted")
    assert list(account["transaction"])[-1]["createdby"] == shared["id"]
    await seat.tab_to("Revoke: End an access token")
    await seat.press("Enter")
    await seat.sees("The token is revoked")
    assert account["oauthtoken"].where(tba_token_name="Connector, made by Alice")[0]["brevoked"] == "T"
    assert account.connector_token not in await seat.page.content()
