"""The inventory joined: who each credential acts as, who answers for it, and what a name means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import BadArgument, NotFound
from bot.inventory.catalogue import Catalogue, build
from bot.inventory.model import OwnershipState
from bot.platform.model import PrincipalKind
from tests.unit.samples import NOW, application, grant, item, job, member, owns, principal

ANA = item("AAAAA1", principal("005A", "Ana Duarte"))
SVC = item("SSSSS1", principal("005S", "Svc", kind=PrincipalKind.SERVICE))
IDLE = item("SSSSS2", principal("005T", "Idle", kind=PrincipalKind.SERVICE))
APP = item("APPAA1", application("0H4A", "Marketo sync"))
OWN = item("APPAA2", application("0H4B", "Salesforce for iOS"))
GRANT = item("GRANT1", grant("grant:1", "Marketo sync", "005A", "0H4A"))
SECOND = item("GRANT2", grant("grant:2", "Marketo sync", "005S", "0H4A"))
PHONE = item("GRANT3", grant("grant:3", "Salesforce for iOS", "005A", "0H4B"))
CERT = item("CERTA1", grant("cert:1", "Single sign-on 2024", "", ends_in=timedelta(days=3)))
ALL = (ANA, SVC, IDLE, APP, OWN, GRANT, SECOND, PHONE, CERT)


def catalogue(*ownerships: object, people: tuple[object, ...] = ()) -> Catalogue:
    return build(ALL, ownerships, people, frozenset({"salesforce for ios"}))  # type: ignore[arg-type]


def test_a_line_is_a_credential_or_a_service_account_without_one() -> None:
    """People's accounts are no integrations, and a service account is listed once, through what it holds."""
    assert {e.item.ref for e in catalogue().entries} == {"GRANT1", "GRANT2", "GRANT3", "CERTA1", "SSSSS2"}


def test_a_person_behind_a_credential_makes_it_personal() -> None:
    """A certificate is nobody's, a service user's grant is no person's."""
    personal = {e.item.ref: e.personal for e in catalogue().entries}
    assert personal == {"GRANT1": True, "GRANT2": False, "GRANT3": True, "CERTA1": False, "SSSSS2": False}


def test_everyday_apps_are_known_by_name() -> None:
    """What people use themselves is marked, not hidden: --all lists it."""
    assert [e.item.ref for e in catalogue().entries if e.everyday] == ["GRANT3"]


def test_the_nearest_owner_answers() -> None:
    """An owner of the grant goes before one of its application, and that before one of the account."""
    entries = {e.item.ref: e for e in catalogue(owns("U1", "appaa1"), owns("U2", "grant1")).entries}
    assert [(o.person if (o := entries[ref].owner) else None) for ref in ("GRANT1", "GRANT2", "GRANT3")] == [
        "U2",
        "U1",
        None,
    ]


def test_a_proposal_is_no_owner() -> None:
    """Nobody answers for anything they have not accepted."""
    asked = catalogue(owns("U1", "grant1", OwnershipState.PROPOSED))
    entry = next(e for e in asked.entries if e.item.ref == "GRANT1")
    assert (entry.owner, entry.proposed and entry.proposed.person) == (None, "U1")
    assert asked.orphaned(entry)


@pytest.mark.parametrize("gone", [True, False])
def test_an_owner_who_left_leaves_it_orphaned(gone: bool) -> None:
    """Ownership counts while the owner is there."""
    found = catalogue(owns("U1", "grant1"), people=(member("U1", "Ana Duarte", deactivated=gone),))
    assert found.orphaned(next(e for e in found.entries if e.item.ref == "GRANT1")) is gone


def test_what_is_missing_from_the_latest_listing_is_left_out() -> None:
    """The catalogue is what is, not what was."""
    gone = build([replace(GRANT, missing_since=NOW), ANA, APP], (), ())
    assert gone.entries == ()


@pytest.mark.parametrize(
    ("words", "ref"),
    [
        ("GRANT1", "GRANT1"),
        ("grant1", "GRANT1"),
        ("GRANTl", "GRANT1"),
        ("single sign", "CERTA1"),
        ("  SINGLE   sign-on 2024 ", "CERTA1"),
        ("marketo ana", "GRANT1"),
        ("ana duarte marketo", "GRANT1"),
        ("marketo svc", "GRANT2"),
        ("idle@example.com", "SSSSS2"),
    ],
)
def test_a_name_means_one_thing(words: str, ref: str) -> None:
    """References in any case and with look-alikes, and any words that single something out."""
    assert catalogue().find(words).ref == ref


@pytest.mark.parametrize("words", ["", "   "])
def test_nothing_said_is_asked_for(words: str) -> None:
    """An empty name is answered with what to type."""
    with pytest.raises(BadArgument, match="Say which one"):
        catalogue().find(words)


def test_several_are_listed_and_none_is_guessed() -> None:
    """The hint holds ids to copy, and who each acts as."""
    with pytest.raises(BadArgument, match=r"2 things .* `GRANT1` \(Marketo sync as ana@example.com\)"):
        catalogue().find("marketo")


def test_nothing_is_said_to_be_nothing() -> None:
    """An unknown name leads to the list."""
    with pytest.raises(NotFound, match="Try `list`"):
        catalogue().find("netsuite")


def test_a_name_with_backticks_cannot_break_a_hint() -> None:
    """What stands between backticks is shown as something to type, so names may not bring their own."""
    odd = [item(f"ODD00{n}", grant(f"grant:{n}", "`rm -rf`", "005A")) for n in range(2)]
    with pytest.raises(BadArgument) as caught:
        build([*odd, ANA], (), ()).find("rm")
    assert caught.value.hint.count("`") == 4


def test_ties_and_applications_can_be_named_too() -> None:
    """What has no line of its own is found by its whole name."""
    found = build([*ALL, item("TIE001", job("08e1", "005A", "Nightly"))], (), ())
    assert found.find("nightly").ref == "TIE001"
    assert found.find("ana@example.com marketo").ref == "GRANT1"
