"""What a person stands behind, and whether they still can."""

from __future__ import annotations

import pytest

from bot.alerts.triggers import endangered
from bot.inventory.catalogue import build
from bot.inventory.holdings import Holdings, holdings
from bot.inventory.model import Item
from bot.people.model import Person
from bot.platform.model import PrincipalKind, PrincipalStatus
from tests.unit.samples import application, grant, item, job, member, owns, principal

ACTIVE, FROZEN, INACTIVE = PrincipalStatus.ACTIVE, PrincipalStatus.FROZEN, PrincipalStatus.INACTIVE
MAIL = "ana@example.com"
APP = item("APPAA1", application("0H4A", "Marketo sync", contact=MAIL))
GRANT = item("GRANT1", grant("grant:1", "Marketo sync", "005A", "0H4A"))
JOB = item("TIE001", job("08e1", "005A", "Nightly"))


def ana(status: PrincipalStatus = ACTIVE, kind: PrincipalKind = PrincipalKind.PERSON) -> Item:
    return item("AAAAA1", principal("005A", "Ana Duarte", status, kind))


def held(*items: Item, person: Person | None = None, everyday: frozenset[str] = frozenset()) -> Holdings:
    people = () if person is None else (person,)
    return holdings(build(items, (), people, everyday), MAIL.upper(), person)


def test_everything_that_depends_on_a_person_is_theirs() -> None:
    """Credentials, jobs, apps that name them, and what they answer for."""
    person = member("U1", "Ana Duarte")
    found = holdings(build([ana(), APP, GRANT, JOB], [owns("U1", "grant1")], [person]), MAIL, person)
    assert [
        len(part) for part in (found.accounts, found.entries, found.ties, found.contacts, found.owned)
    ] == [
        1,
    ] * 5


def test_nothing_is_nothing() -> None:
    """Somebody without any part in integrations is no matter of ours."""
    assert not held(ana())
    assert held(ana(), JOB)


def test_a_service_account_with_a_persons_mailbox_is_not_that_person() -> None:
    """Who reads its mail is not who acts."""
    assert not held(ana(kind=PrincipalKind.SERVICE), GRANT).entries


def test_peoples_own_apps_do_not_count() -> None:
    """A phone app stops with its owner and nobody minds."""
    assert not held(ana(), APP, GRANT, everyday=frozenset({"marketo sync"})).entries


@pytest.mark.parametrize(
    ("status", "away", "said"),
    [
        (ACTIVE, False, ()),
        (ACTIVE, True, ("Slack",)),
        (FROZEN, False, ("salesforce:prod (frozen)",)),
        (INACTIVE, False, ("salesforce:prod",)),
        (INACTIVE, True, ("Slack", "salesforce:prod")),
    ],
)
def test_who_says_so(status: PrincipalStatus, away: bool, said: tuple[str, ...]) -> None:
    """Each system that calls them stopped is named, frozen apart from deactivated."""
    person = member("U1", "Ana Duarte", deactivated=away)
    found = held(ana(status), APP, GRANT, person=person)
    assert (found.stopped, found.gone) == (said, bool(said))


def test_an_old_account_that_holds_nothing_does_not_speak() -> None:
    """Gone from one account, alive in the one that matters: no alarm, yet not settled as back either."""
    old = item("AAAAA2", principal("005Z", "Ana Old", INACTIVE, email=MAIL))
    found = held(ana(), old, APP, GRANT)
    assert found.stopped == ()
    assert found.gone


@pytest.mark.parametrize(
    ("status", "kind", "away", "alarm"),
    [
        (ACTIVE, PrincipalKind.PERSON, False, False),
        (ACTIVE, PrincipalKind.PERSON, True, True),
        (FROZEN, PrincipalKind.PERSON, False, True),
        (INACTIVE, PrincipalKind.UNKNOWN, False, True),
        (INACTIVE, PrincipalKind.SERVICE, False, False),
        (PrincipalStatus.UNKNOWN, PrincipalKind.PERSON, False, False),
    ],
)
def test_who_is_looked_at_after_a_scan(
    status: PrincipalStatus, kind: PrincipalKind, away: bool, alarm: bool
) -> None:
    """Only people who hold something and are said to be gone; what could not be seen is not gone."""
    person = member("U1", "Ana Duarte", deactivated=away)
    found = endangered(build([ana(status, kind), APP, GRANT], (), [person]))
    assert found == (frozenset({MAIL}) if alarm else frozenset())


def test_integrations_are_grouped_by_where_and_what() -> None:
    """Four tokens of one app on one system are one integration."""
    more = [item(f"GRANT{n}", grant(f"grant:{n}", "Marketo sync", "005A", "0H4A")) for n in (2, 3, 4)]
    (group,) = held(ana(), APP, GRANT, *more).by_integration().items()
    assert (group[0], len(group[1])) == (("salesforce:prod", "Marketo sync"), 4)
