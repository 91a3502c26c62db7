"""NetSuite Connector's token user goes: the alert, the handover with people at the levers, the old token's end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk import Desk, desk_with_bot, ref_in, words_of

from bot.requests.model import RequestState
from sandbox.company import load

ALICE = "alice.doherty@larkspur.example"
SHARED = "svc.netsuite@integrations.larkspur.example"
CONNECTOR_ROLE = "NetSuite Connector Web Services"
REASON = "Alice leaves; orders must go on"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A workspace whose bot is connected to NetSuite, where the trail shows sign-ins at once."""
    async with desk_with_bot(tmp_path, load(), platforms=("netsuite",)) as opened:
        await opened.post("/netsuite/switches", {"audit_lag_s": 0})
        yield opened


async def approved(desk: Desk, asked: str, title: str) -> str:
    """Ask for something as an operator and approve it as somebody else; the request's id."""
    answer = await desk.slash(desk.who("operator"), asked)
    ref = ref_in(answer, "Request ")
    card = await desk.said("Approval needed", title)
    await desk.press(desk.who("approver"), card, "Approve")
    return ref


@pytest.mark.parametrize(
    ("lever", "asked", "words"),
    [
        ("/netsuite/employee", {"email": ALICE, "release_date": "2027-03-31"}, "is about to go"),
        ("/netsuite/roles", {"email": ALICE, "roles": [CONNECTOR_ROLE]}, "lacks a role it needs"),
        ("/netsuite/roles", {"email": ALICE, "roles": ["Administrator"]}, "lacks a role it needs"),
        ("/netsuite/token_state", {"token": "Connector, made by Alice", "revoke": True}, "has no live token"),
    ],
)
async def test_whatever_stops_the_connector_is_said_at_once(
    desk: Desk, lever: str, asked: dict[str, object], words: str
) -> None:
    """The next scan after a role, a date or a token went speaks of it in the channel, as P1."""
    await desk.post(lever, asked)
    await desk.scan()
    shown = words_of(await desk.said(words))
    assert "P1" in shown


async def test_an_inactive_token_user_is_said_at_once(desk: Desk) -> None:
    """Made inactive in NetSuite, the person and what still signs in as them are named within a scan."""
    await desk.post("/deactivate", {"email": ALICE, "where": ["netsuite"]})
    await desk.scan()
    await desk.said("Alice Doherty", "deactivated")
    found = await desk.ask(desk.who("viewer"), "findings P1 connector")
    assert "is inactive" in found


async def test_the_connectors_token_user_changes_and_orders_go_on(desk: Desk) -> None:
    """Asked, approved, walked to the end; not one order is lost, and the old user is only touched afterwards."""
    old = await desk.ref_of("Connector, made by Alice")
    ref = await approved(
        desk, f'handover {old} to {SHARED} --reason "{REASON}"', "Hand over NetSuite Connector"
    )
    orders = [await desk.post("/netsuite/order", {})]
    await desk.said("Your turn", "Administrator role")
    await desk.post(
        "/netsuite/roles",
        {"email": SHARED, "roles": ["Administrator", "Integration: finance", CONNECTOR_ROLE]},
    )
    await desk.said("Your turn", "Make a token")
    made = await desk.post(
        "/netsuite/token",
        {
            "application": "NetSuite Connector",
            "email": SHARED,
            "role": CONNECTOR_ROLE,
            "name": "as integration",
        },
    )
    await desk.said("Your turn", "Enter the new token")
    orders.append(await desk.post("/netsuite/order", {}))
    secrets = {name: made[name] for name in ("token_id", "token_secret")}
    await desk.post("/netsuite/connector", secrets)
    orders.append(await desk.post("/netsuite/order", {}))
    await desk.said("Confirmed", "Set By")
    await desk.advance(days=1, seconds=1200)
    await desk.said("Your turn", "inactive")
    await desk.post("/netsuite/token_state", {"token": "Connector, made by Alice", "inactive": True})
    await desk.said("Your turn", "Revoke the token")
    await desk.post("/netsuite/token_state", {"token": "Connector, made by Alice", "revoke": True})
    await desk.settled(ref, RequestState.DONE, within_s=30)
    orders.append(await desk.post("/netsuite/order", {}))
    assert [order["posted"] for order in orders] == [1, 1, 1, 1]
    said = " ".join(words_of(m) for m in await desk.messages())
    assert made["token_secret"] not in said


async def test_the_bots_own_certificate_rotates(desk: Desk) -> None:
    """One command and one approval; the bot goes on signing in, and the old certificate is revoked."""
    hello = desk.sandbox.ready["netsuite"]
    own = await desk.ref_of(f"certificate {hello['certificate_id'][:12]}")
    ref = await approved(desk, f'rotate {own} --reason "Yearly rotation"', "Rotate the bot's own certificate")
    await desk.settled(ref, RequestState.DONE, within_s=30)
    account = desk.sandbox.stand_ins["netsuite"].account  # type: ignore[attr-defined]
    assert account.mappings[hello["certificate_id"]].revoked
    assert "all whole" in await desk.scan()
    await desk.restart()
    assert "all whole" in await desk.scan()
