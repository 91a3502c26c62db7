"""A leaver is told of, whatever happened to addresses and profiles before, meanwhile and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from estate import Estate, grant, person

from bot.alerts.model import OWNER_GONE
from bot.clock import FixedClock
from bot.config import RoleSettings
from bot.db.store import Store
from bot.inventory.holdings import holdings
from bot.people.access import Access
from bot.people.members import People
from bot.people.model import Person
from bot.requests.approvers import Roster
from bot.slack.directory import person_of

TEAM = "T0"
ANA = "U0ANA"


def member(
    email: str | None = "ana@example.com", *, user: str = ANA, at: int = 1, **more: Any
) -> dict[str, Any]:
    """Slack's object of an active member; ``email`` None where Slack shows none."""
    profile: dict[str, Any] = {"real_name": "Ana Field"}
    if email is not None:
        profile["email"] = email
    return {"id": user, "team_id": TEAM, "name": "ana", "deleted": False, "updated": at, "real_name": "Ana Field",
            "tz": "Europe/Lisbon", "profile": profile, **more}  # fmt: skip


def deactivated(email: str | None = "ana@example.com", *, user: str = ANA, at: int = 10) -> dict[str, Any]:
    """As a live workspace shows a deactivated member: without the keys of names, zones and roles."""
    return {key: value for key, value in member(email, user=user, at=at, deleted=True).items()
            if key not in {"real_name", "tz"}}  # fmt: skip


def erased(*, user: str = ANA, at: int = 20) -> dict[str, Any]:
    """After the second button: a placeholder for the name, and no address."""
    return {"id": user, "team_id": TEAM, "name": "deactivateduser417", "deleted": True, "is_forgotten": True,
            "updated": at, "profile": {"real_name": "Deactivated User", "display_name": ""}}  # fmt: skip


@dataclass
class Company:
    """Ana holds two credentials in Salesforce, and Slack sends events about her."""

    estate: Estate
    people: People

    async def event(self, user: Mapping[str, Any]) -> None:
        await self.people.event("user_change", {"type": "user_change", "user": user})

    async def alert(self) -> str:
        """ "" where nobody's leaving is told, else how many credentials the one open alert speaks of."""
        live = await self.estate.live(OWNER_GONE)
        assert len(live) <= 1, "one person is one alert"
        return live[0].payload["count"] if live else ""

    async def held(self, email: str) -> int:
        """How many credentials ``impact`` lists for whoever has, or had, that address."""
        return len(holdings(await self.estate.inventory.catalogue(), email).entries)


class Nobody:
    """No reading of all members in these tests: only events."""

    async def members(self) -> tuple[Person, ...]:
        return ()

    async def member(self, slack_id: str) -> Person:
        raise AssertionError(slack_id)

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        return ()


@pytest.fixture
async def company(store: Store, clock: FixedClock) -> Company:
    """Known to Slack and listed once."""
    estate, workspace = Estate(store, clock), Nobody()
    people = People(store, workspace, Access(RoleSettings(), workspace, store, clock),
                    estate.alerts.people_status_changed, lambda user: person_of(user, TEAM))  # fmt: skip
    made = Company(estate, people)
    await made.event(member())
    estate.lists(person("ana"), person("ben"), grant("g1"), grant("g2"), grant("g3", holder="ben"))
    await estate.scan()
    return made


async def test_an_erased_profile_is_no_return(company: Company) -> None:
    """Deactivated, then erased: the alert stays, `impact` still knows her, and a scan changes neither."""
    await company.event(deactivated())
    assert await company.alert() == "2"
    await company.event(erased())
    await company.estate.scan(hours=1)
    assert await company.alert() == "2"
    assert await company.held("ana@example.com") == 2
    async with company.estate.store.read() as unit:
        catalogue = await company.estate.inventory.within(unit)
    assert (catalogue.people[ANA].name, catalogue.people[ANA].erased) == ("Ana Field", True)


@pytest.mark.parametrize(
    "last",
    [erased(), deactivated(None), {**deactivated(), "updated": None}, deactivated("ana@elsewhere.example")],
    ids=["erased at once", "no address in it", "no counter in it", "under another address"],
)
async def test_whatever_the_last_event_lacks_she_is_told_of(company: Company, last: dict[str, Any]) -> None:
    """What Slack does not show any more was known before."""
    await company.event(last)
    assert await company.alert() == "2"


async def test_an_address_that_changed_in_slack_alone_is_still_hers(company: Company) -> None:
    """The platform goes on with the old address; her leaving is told under either."""
    await company.event(member("ana.gil@example.com", at=5))
    assert await company.held("ana@example.com") == await company.held("ana.gil@example.com") == 2
    await company.event(deactivated("ana.gil@example.com"))
    assert await company.alert() == "2"
    await company.estate.scan(hours=1)
    assert await company.alert() == "2"


async def test_an_address_that_changed_on_the_platform_alone_loses_nothing(company: Company) -> None:
    """The account is hers as it was: neither the credentials nor an open alert go, before or after she leaves."""
    moved = replace(company.estate.listing.principals["ana"], email="a.field@old-domain.example")
    company.estate.lists(moved)
    await company.estate.scan(hours=1)
    assert await company.held("ana@example.com") == 2
    await company.event(deactivated())
    assert await company.alert() == "2"
    company.estate.lists(replace(moved, email="ana@example.com.invalid"))
    await company.estate.scan(hours=1)
    assert await company.alert() == "2"


async def test_an_account_that_somebody_else_has_got_goes_with_its_address(company: Company) -> None:
    """An address that leads to another member is evidence against the former link."""
    await company.event(member("ben@example.com", user="U0BEN"))
    company.estate.lists(replace(company.estate.listing.principals["ana"], email="ben@example.com"))
    await company.estate.scan(hours=1)
    assert (await company.held("ana@example.com"), await company.held("ben@example.com")) == (0, 3)


async def test_a_second_account_with_her_address_is_nobodys_leaving(company: Company) -> None:
    """The twin goes, she stays; the twin's return tells nothing either. Then she goes herself."""
    await company.event(member(user="U1TWIN", at=2))
    await company.event(deactivated(user="U1TWIN"))
    assert await company.alert() == ""
    await company.event(deactivated(at=30))
    assert await company.alert() == "2"


async def test_back_under_a_new_id_she_is_active(company: Company) -> None:
    """The old id stays deactivated; the address is hers again under the new one, and that is evidence."""
    await company.event(deactivated())
    await company.event(member(user="U2NEW", at=40))
    await company.estate.scan(hours=1)
    assert await company.alert() == ""


async def test_one_leaver_is_one_alert_whatever_address_it_began_with(company: Company) -> None:
    """A change of address after she left edits the alert; it opens no second one and resolves nothing."""
    await company.event(deactivated())
    await company.event(deactivated("gone-ana@example.com", at=15))
    await company.estate.scan(hours=1)
    assert await company.alert() == "2"


async def test_the_holder_is_no_approver_under_a_former_address(company: Company) -> None:
    """Separation of duties holds for the person, not for today's address."""
    await company.event(member("ana.gil@example.com", at=5))
    catalogue = await company.estate.inventory.catalogue()
    roster = Roster.of(catalogue.people.values())
    assert roster.by_email["ana@example.com"] == roster.by_email["ana.gil@example.com"] == {ANA}
