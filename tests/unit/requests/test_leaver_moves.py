"""Where a leaver's integrations could go, and until when that has to begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config.policies import Accounts, Policies
from bot.inventory.catalogue import build
from bot.inventory.holdings import holdings
from bot.inventory.model import Item
from bot.inventory.usage_interval import UsageInterval
from bot.platform.model import PrincipalKind, PrincipalStatus
from bot.requests.leavers import Move, moves
from tests.unit.samples import NOW, application, grant, item, principal

SVC = PrincipalKind.SERVICE
ITEMS = (
    item("ANA001", principal("005A", "Ana Duarte")),
    item("APP001", application("0H4A", "Marketo sync")),
    item("APP002", application("0H4B", "Gong")),
    item("APP003", application("0H4C", "Tableau")),
    item("GRT001", grant("g1", "Marketo sync", "005A", "0H4A")),
    item("GRT002", grant("g2", "Gong", "005A", "0H4B")),
    item("SVC001", principal("005S", "Busy Svc", kind=SVC)),
    item("SVC002", principal("005T", "Free Svc", kind=SVC)),
    item("SVC003", principal("005U", "Asleep Svc", PrincipalStatus.FROZEN, kind=SVC)),
    item("GRT003", grant("g3", "Tableau", "005S", "0H4C")),
)


def planned(
    policies: Policies, items: tuple[Item, ...] = ITEMS, beat: timedelta | None = None, days: int = 10
) -> tuple[Move, ...]:
    catalogue = build(items, (), ())
    rhythms = {"grt001": UsageInterval(beat=beat)} if beat else {}
    leaves = NOW + timedelta(days=days)
    return moves(catalogue, holdings(catalogue, "ana@example.com"), policies, rhythms, leaves)


def test_a_dedicated_account_serves_one_integration() -> None:
    """The one that serves nothing goes to the first; for the second nothing is free, and nothing is invented."""
    gong, marketo = planned(Policies(accounts=Accounts.DEDICATED))
    assert (gong.entry.name, gong.target) == ("Gong", "free@example.com")
    assert (marketo.entry.name, marketo.target) == ("Marketo sync", "")


def test_two_credentials_of_one_integration_go_to_one_account() -> None:
    """Dedicated means to the integration, not to each of its tokens."""
    items = (*ITEMS, item("GRT004", grant("g4", "Gong again", "005A", "0H4B")))
    targets = [move.target for move in planned(Policies(), items) if move.entry.name == "Gong"]
    assert targets == ["free@example.com", "free@example.com"]


def test_a_shared_account_is_the_one_that_serves_least() -> None:
    """Sharing is allowed, crowding is not wanted; a frozen account is nobody's target."""
    targets = [move.target for move in planned(Policies(accounts=Accounts.SHARED))]
    assert targets == ["free@example.com", "busy@example.com"]


@pytest.mark.parametrize(("days", "late"), [(10, False), (2, True)])
def test_it_has_to_begin_a_full_beat_before_the_day(days: int, late: bool) -> None:
    """A weekly job handed over on Friday would not be seen silent by Monday."""
    *_, marketo = planned(Policies(), beat=timedelta(days=7), days=days)
    assert marketo.begin_by is not None
    assert marketo.begin_by == NOW + timedelta(days=days) - timedelta(days=7) * 1.25 - timedelta(days=1)
    assert (marketo.begin_by <= NOW - timedelta(days=1)) is late


@pytest.mark.parametrize(
    "unfit",
    [
        {"privileges": ("Modify All Data",)},
        {"email": ""},
        {"username": "wrike.sync@example.com"},
    ],
    ids=["has powers", "nobody can sign in as it", "is another system's"],
)
def test_an_unfit_account_is_not_proposed(unfit: dict[str, object]) -> None:
    """What is proposed can be asked for by one press, so it must be an account one would choose."""
    free = replace(principal("005T", "Free Svc", kind=SVC), **unfit)  # type: ignore[arg-type]
    items = (
        *(one for one in ITEMS if one.ref != "SVC002"),
        item("SVC002", free),
        item("WRK001", principal("w1", "Wrike Svc", kind=SVC), "wrike:prod"),
    )
    assert [move.target for move in planned(Policies(accounts=Accounts.DEDICATED), items)] == ["", ""]
