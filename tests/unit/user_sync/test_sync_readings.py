"""Where the vendor's article is silent: each case with the reading taken, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sync_people import ANN, BOB, TODAY, employee, lines, rules, user, vendor

from bot.user_sync.forecast import Forecast, forecast, safety_limit
from bot.user_sync.model import Record, RecordKind, Rules, User, shortfall
from bot.user_sync.notices import NoticeKind
from bot.user_sync.rules import decide


def of(records: list[Record], users: list[User], under: Rules | None = None) -> Forecast:
    return forecast(tuple(records), tuple(users), under or rules())


def kinds(found: Forecast) -> set[NoticeKind]:
    return {notice.kind for notice in found.notices}


# matching -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["ANN@Example.COM", "  ann@example.com ", "ann@example.com\n"])
def test_case_and_space_in_an_email_are_forgiven_and_reported(email: str) -> None:
    """Being strict would end a user and create a duplicate for a capital letter."""
    found = of([employee()], [user(email=email)])
    assert lines(found.outcomes) == [("link", "N4", "1", "u1")]
    assert kinds(found) == {NoticeKind.SPELLING}


@pytest.mark.parametrize(("first", "last"), [(" ANN ", "lee"), ("ann", "L E E"), ("Mary  Ann", "Lee")])
def test_case_and_inner_spaces_in_a_name_are_forgiven(first: str, last: str) -> None:
    """Names are trimmed, inner spaces collapsed, case folded."""
    record = employee(first=" ".join(first.split()).title(), last=last.upper())
    assert lines(of([record], [user(first=first, last=f" {last} ")]).outcomes) == [("link", "N4", "1", "u1")]


def test_sharp_s_is_the_same_in_capitals() -> None:
    """Case folding, not lower case: STRASSE is Straße."""
    found = of([employee(last="STRASSE")], [user(last="Straße")])
    assert lines(found.outcomes) == [("link", "N4", "1", "u1")]


def test_two_ways_to_write_one_letter_are_one() -> None:
    """A composed é and an e with an accent after it cannot be told apart by eye."""
    found = of([employee(first="Zoé")], [user(first="Zoe\u0301")])
    assert lines(found.outcomes)[0][0] == "link"


@pytest.mark.parametrize(("theirs", "ours"), [("Zoé", "Zoe"), ("Ann", "Anne"), ("Bill", "William")])
def test_accents_and_nicknames_do_not_match_and_are_near_misses(theirs: str, ours: str) -> None:
    """Ann is not Anne: the old user ends, a new one is made with the same e-mail, and it is said loudly."""
    found = of([employee(first=theirs)], [user(first=ours)])
    assert lines(found.outcomes) == [("create", "N6", "1", None), ("inactivate", "U6", None, "u1")]
    near = next(n for n in found.notices if n.kind is NoticeKind.NEAR_NAME)
    assert near.grave
    assert "unconfirmed" in near.text


def test_first_and_last_name_are_compared_apart() -> None:
    """Mary Ann Lee is not Mary "Ann Lee"."""
    found = of([employee(first="Mary Ann", last="Lee")], [user(first="Mary", last="Ann Lee")])
    assert [line[0] for line in lines(found.outcomes)] == ["create", "inactivate"]


def test_one_name_with_two_emails_is_a_near_miss() -> None:
    """The user ends and a new one is made; if it is one person, somebody should look first."""
    found = of([employee(email="ann.lee@example.com")], [user()])
    assert [line[0] for line in lines(found.outcomes)] == ["create", "inactivate"]
    assert NoticeKind.NEAR_EMAIL in kinds(found)


@pytest.mark.parametrize("part", ["first", "last", "email"])
@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0"])
def test_what_is_only_spaces_is_missing(part: str, blank: str) -> None:
    """A name or address of nothing but spaces does not qualify."""
    found = of([employee(**{part: blank})], [])
    assert lines(found.outcomes) == [("none", "N1", "1", None)]


def test_a_user_without_a_name_matches_nobody() -> None:
    """Two blanks are not equal: nobody is anybody's namesake by lacking a name."""
    found = of([employee(first="")], [user(first="")])
    assert lines(found.outcomes) == [("none", "N1", "1", None), ("inactivate", "U6", None, "u1")]


def test_a_malformed_email_qualifies_and_is_warned_of() -> None:
    """The article asks for an e-mail address to be there, no more."""
    found = of([employee(email="ann at example")], [])
    assert lines(found.outcomes) == [("create", "N6", "1", None)]
    assert NoticeKind.MALFORMED_EMAIL in kinds(found)


# two of something -----------------------------------------------------------------------------------------------------


def test_two_users_equal_to_one_record() -> None:
    """The lowest id is linked, the other stays as an orphan, and a person is asked."""
    found = of([employee()], [user("10"), user("9")])
    assert lines(found.outcomes) == [("link", "N4", "1", "9"), ("orphan", "U5", None, "10")]
    assert NoticeKind.TWO_USERS in kinds(found)


def test_two_records_that_match_one_user() -> None:
    """One at a time: the first links, the second gets a twin."""
    found = of([employee("10"), employee("9")], [user()])
    assert lines(found.outcomes) == [("link", "N4", "9", "u1"), ("create", "N6", "10", None)]
    assert {NoticeKind.TWO_RECORDS, NoticeKind.SHARED_EMAIL} <= kinds(found)


def test_an_employee_and_a_vendor_who_are_one_person() -> None:
    """Employees first, whatever the ids; always flagged."""
    found = of([vendor("1"), employee("2")], [user()])
    assert lines(found.outcomes) == [("link", "N4", "2", "u1"), ("create", "N6", "1", None)]
    assert NoticeKind.TWO_KINDS in kinds(found)


def test_two_users_with_one_email_are_reported() -> None:
    """Whether Nexonia permits it is unconfirmed, so it is said; nobody ends because of it."""
    records = [employee("1"), employee("2", first="Bo")]
    users = [user("a", integration_id="1"), user("b", first="Bo", integration_id="2")]
    found = of(records, users)
    assert [line[0] for line in lines(found.outcomes)] == ["update", "update"]
    assert kinds(found) == {NoticeKind.SHARED_EMAIL}


# dates ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "qualifies"),
    [(TODAY - timedelta(days=1), False), (TODAY, True), (TODAY + timedelta(days=1), True), (None, True)],
    ids=["yesterday", "today", "tomorrow", "none"],
)
def test_a_termination_date_has_passed_when_it_is_before_today(ends: date | None, qualifies: bool) -> None:
    """Who leaves today goes with the first sync after midnight."""
    assert (shortfall(employee(termination_date=ends), rules()) == "") is qualifies


def test_who_leaves_today_is_pointed_out() -> None:
    """Up to a day of access is left; only manual deactivation is sooner."""
    found = of([employee(termination_date=TODAY)], [user(integration_id="1")])
    assert lines(found.outcomes) == [("update", "N2", "1", "u1")]
    assert NoticeKind.LAST_DAY in kinds(found)


def test_the_day_is_the_companys() -> None:
    """The same record qualifies on one side of midnight and not on the other: the caller says which day it is."""
    record = employee(termination_date=TODAY)
    assert not shortfall(record, rules(today=TODAY))
    assert shortfall(record, rules(today=TODAY + timedelta(days=1)))


# ignored users --------------------------------------------------------------------------------------------------------


def test_an_ignored_match_blocks_its_record() -> None:
    """No user for the record, and its expenses are not exported: the reason says so."""
    found = of([employee()], [user(ignore=True)])
    assert lines(found.outcomes) == [("blocked_by_ignored", "N5", "1", "u1"), ("none", "U2", None, "u1")]
    assert "not exported" in found.outcomes[0].reason


def test_ignored_and_linked_to_who_left() -> None:
    """Never made inactive, though the record no longer qualifies."""
    found = of([employee(active=False)], [user(integration_id="1", ignore=True)])
    assert lines(found.outcomes) == [("none", "N1", "1", None), ("none", "U2", "1", "u1")]
    assert NoticeKind.IGNORED_LINKED in kinds(found)


def test_ignored_and_linked_to_who_qualifies() -> None:
    """Updated by the table; that its data follows is marked as unconfirmed."""
    found = of([employee()], [user(integration_id="1", ignore=True, **BOB)])
    assert lines(found.outcomes) == [("update", "N2", "1", "u1")]
    assert "unconfirmed" in found.outcomes[0].reason


# links ----------------------------------------------------------------------------------------------------------------


def test_a_deleted_record_ends_its_user() -> None:
    """Rule b, where the listing is whole; whether it is whole is for the caller to know."""
    found = of([], [user(integration_id="1")])
    assert lines(found.outcomes) == [("inactivate", "U3", None, "u1")]


def test_a_short_listing_is_stopped_by_the_brake() -> None:
    """The literal rules make everybody inactive; that is not shown as a usual night."""
    found = of([], [user(str(n), integration_id=str(n)) for n in range(3)])
    assert "3 users of 3" in found.safety_limit
    assert "There is no employee at all in the listing." in found.hints


@pytest.mark.parametrize(
    ("ending", "active", "stops"),
    [(0, 0, False), (5, 50, False), (5, 49, True), (6, 1000, True), (1, 9, True), (1, 10, False)],
)
def test_the_brake_holds_above_five_users_or_a_tenth(ending: int, active: int, stops: bool) -> None:
    """More than five users, or more than ten in a hundred."""
    assert bool(safety_limit(ending, active)) is stops


def test_a_new_filter_that_nobody_ticked_is_pointed_out() -> None:
    """The same mass effect, with its cause named."""
    records = [employee(str(n), flag=False) for n in range(8)]
    users = [user(str(n), integration_id=str(n)) for n in range(8)]
    found = of(records, users, rules(employee_filter=True))
    assert found.safety_limit
    assert "Not one active employee has the checkbox ticked, so none of them qualifies." in found.hints


def test_a_renamed_email_keeps_the_link() -> None:
    """The link is by the hidden id, so rule a does not speak of linked users."""
    found = of([employee(email="ann.new@example.com", last="Lee-Orr")], [user(integration_id="1")])
    assert lines(found.outcomes) == [("update", "N2", "1", "u1")]
    assert "changes last name, e-mail" in found.outcomes[0].reason
    assert not found.safety_limit


def test_a_rename_onto_another_users_email() -> None:
    """The link is kept, the collision reported, and nobody ends because of it."""
    records = [employee("1", email=BOB["email"]), employee("2", **BOB)]
    found = of(records, [user("a", integration_id="1"), user("b", **BOB, integration_id="2")])
    assert [line[0] for line in lines(found.outcomes)] == ["update", "update"]
    assert kinds(found) == {NoticeKind.RENAME}


def test_an_inactive_match_does_not_block() -> None:
    """A second user is created; reactivating by hand is the better way."""
    found = of([employee()], [user(active=False)])
    assert lines(found.outcomes) == [("create", "N6", "1", None), ("none", "U1", None, "u1")]
    assert NoticeKind.INACTIVE_TWIN in kinds(found)


def test_a_rehire_on_the_same_record_is_stranded() -> None:
    """Qualifies and linked, but no written rule reactivates."""
    found = of([employee()], [user(integration_id="1", active=False)])
    assert lines(found.outcomes) == [("stranded", "N3", "1", "u1")]


def test_a_rehire_on_a_new_record_gets_a_new_user() -> None:
    """The old user stays inactive, and the history is split."""
    found = of([employee("1", active=False), employee("2")], [user(integration_id="1", active=False)])
    assert ("create", "N6", "2", None) in lines(found.outcomes)
    assert NoticeKind.INACTIVE_TWIN in kinds(found)


def test_a_vendor_who_became_an_employee_in_one_night() -> None:
    """Rule b ends the vendor's user, and the employee gets a new one."""
    found = of([vendor("1", active=False), employee("2")], [user(integration_id="vendor:1")])
    assert ("create", "N6", "2", None) in lines(found.outcomes)
    assert ("inactivate", "U3", "1", "u1") in lines(found.outcomes)


def test_a_match_of_a_record_linked_elsewhere_is_an_orphan() -> None:
    """Neither made inactive nor linked; nothing is exported."""
    found = of([employee()], [user("a", integration_id="1"), user("b")])
    assert lines(found.outcomes) == [("update", "N2", "1", "a"), ("orphan", "U5", None, "b")]


def test_an_administrator_made_directly_in_nexonia_is_inactivated() -> None:
    """The main trap for service accounts: unlinked, without the mark to be ignored."""
    found = of([employee()], [user(integration_id="1"), user("admin", **BOB)])
    assert ("inactivate", "U6", None, "admin") in lines(found.outcomes)


def test_two_users_linked_to_one_record_are_both_kept() -> None:
    """No rule ends a linked user whose record qualifies; that there are two is reported."""
    found = of([employee()], [user("a", integration_id="1"), user("b", integration_id="employee:1")])
    assert lines(found.outcomes) == [("update", "N2", "1", "a"), ("update", "N2", "1", "b")]
    assert NoticeKind.LINKED_TWICE in kinds(found)


def test_of_two_linked_users_the_active_one_counts() -> None:
    """A record with an active user is not stranded by an inactive one beside it."""
    found = of([employee()], [user("a", integration_id="1", active=False), user("b", integration_id="1")])
    assert lines(found.outcomes) == [("update", "N2", "1", "b"), ("none", "U1", "1", "a")]


@pytest.mark.parametrize(
    ("integration_id", "person", "linked"),
    [
        ("7", ANN, RecordKind.EMPLOYEE),
        ("7", BOB, RecordKind.VENDOR),
        ("7", {"first": "Cy"}, RecordKind.EMPLOYEE),
        ("vendor:7", ANN, RecordKind.VENDOR),
        ("Employee: 7", BOB, RecordKind.EMPLOYEE),
    ],
)
def test_an_id_that_both_kinds_have(integration_id: str, person: dict[str, str], linked: RecordKind) -> None:
    """As written where it names the kind; else the employee, unless only the vendor is the user's namesake."""
    records = [employee("7"), vendor("7", **BOB)]
    found = of(records, [user(integration_id=integration_id, **person)])
    updated = next(o for o in found.outcomes if o.action == "update")
    assert updated.record is not None
    assert updated.record.kind is linked


# who qualifies --------------------------------------------------------------------------------------------------------


def test_a_company_as_vendor_does_not_qualify() -> None:
    """No first and last name: only individual vendors become users."""
    assert shortfall(vendor(first="", last=""), rules()) == "no first name; no last name"


@pytest.mark.parametrize("flag", [False, None])
@pytest.mark.parametrize("employee_filter", [False, True])
def test_vendors_always_need_the_checkbox(flag: bool | None, employee_filter: bool) -> None:
    """The filter is optional for employees only."""
    under = rules(employee_filter=employee_filter)
    assert "checkbox" in shortfall(vendor(flag=flag), under)
    assert ("checkbox" in shortfall(employee(flag=flag), under)) is employee_filter


def test_without_the_filter_a_service_accounts_employee_becomes_a_user() -> None:
    """A billed seat and a login mail to a service mailbox."""
    robot = employee(first="Nexonia", last="Integration", email="svc@example.com", flag=False)
    assert lines(of([robot], []).outcomes) == [("create", "N6", "1", None)]
    assert lines(of([robot], [], rules(employee_filter=True)).outcomes) == [("none", "N1", "1", None)]


def test_a_kind_that_is_not_synced_does_not_qualify() -> None:
    """Users linked to vendors end when only employees are synced."""
    found = of([vendor()], [user(integration_id="1")], rules(kinds=frozenset({RecordKind.EMPLOYEE})))
    assert lines(found.outcomes) == [("none", "N1", "1", None), ("inactivate", "U3", "1", "u1")]
    assert "vendors are not synced" in found.outcomes[0].reason


def test_every_shortfall_is_named() -> None:
    """Who looks at the forecast mends all of it at once."""
    record = vendor(first="", last=" ", email="", active=False, flag=False, termination_date=date(2020, 1, 1))
    assert shortfall(record, rules(kinds=frozenset({RecordKind.EMPLOYEE}))) == (
        "vendors are not synced; no first name; no last name; no e-mail address; inactive; "
        "terminated on 2020-01-01; checkbox not ticked"
    )


# managers and roles ---------------------------------------------------------------------------------------------------


def test_managers_in_a_circle_are_reported_once() -> None:
    """A circle makes the vendor's sync fail; who leads into it is not part of it."""
    records = [
        employee(str(n), first=f"P{n}", manager_id=str(up))
        for n, up in ((1, 2), (2, 3), (3, 1), (4, 1), (5, 5))
    ]
    circles = [n for n in of(records, []).notices if n.kind is NoticeKind.MANAGER_CYCLE]
    assert sorted(tuple(sorted(r.id for r in n.records)) for n in circles) == [("1", "2", "3"), ("5",)]


def test_a_manager_who_will_be_no_user_is_reported() -> None:
    """A manager must be a Nexonia user too."""
    found = of([employee("1", manager_id="2"), employee("2", **BOB, active=False)], [])
    assert NoticeKind.MANAGER_MISSING in kinds(found)


def test_a_role_that_nobody_has_is_reported() -> None:
    """A role that is not there by exactly that name is silently not synced."""
    found = of([employee(role="approver")], [user(integration_id="1", role="Approver")])
    assert NoticeKind.ROLE_UNKNOWN in kinds(found)


# what could not be seen -----------------------------------------------------------------------------------------------


def test_without_the_integration_id_every_line_says_both() -> None:
    """Who is linked is unknown, so each line says what happens if linked and if not."""
    records = [employee("1"), employee("2", **BOB), employee("3", active=False)]
    users = [user("a", integration_id=None), user("b", first="Old", integration_id=None)]
    found = of(records, users)
    assert [line[0] for line in lines(found.outcomes)] == ["link", "create", "none", "inactivate"]
    assert all("if not linked: " in o.reason and "if linked: " in o.reason for o in found.outcomes)
    assert any("Integration ID" in hint for hint in found.hints)


def test_without_the_ignore_mark_every_ending_says_so() -> None:
    """Anybody may be ignored: no line promises that somebody ends."""
    found = of([employee()], [user("a", ignore=None), user("b", **BOB, ignore=None)])
    assert all(o.reason.startswith("unless it is ignored") for o in found.outcomes)


def test_ids_are_ordered_as_numbers_before_words() -> None:
    """9 before 10 before A2: the same order on every run, however the file is sorted."""
    users = [user(n, first=n) for n in ("A2", "10", "9")]
    assert [o.user.id for o in decide([], users, rules()) if o.user] == ["9", "10", "A2"]


def test_the_forecast_does_not_depend_on_the_order_of_the_files() -> None:
    """Two exports of one company give one forecast."""
    records = [employee("2"), employee("1"), vendor("3")]
    users = [user("b"), user("a"), user("c", ignore=True)]
    one = of(records, users)
    assert one.outcomes == of(records[::-1], users[::-1]).outcomes


def test_counts_name_every_action() -> None:
    """Nobody to inactivate is a nought, not a gap."""
    found = of([employee()], [])
    assert found.counts["create"] == 1
    assert set(found.counts) == {
        "update", "link", "create", "inactivate", "blocked_by_ignored", "stranded", "orphan", "none"
    }  # fmt: skip
    assert replace(found, safety_limit="").of() == ()
