"""The decision tables, row by row: 96 cases seen from the record, 24 seen from the user."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from sync_people import BOB, employee, lines, rules, user

from bot.user_sync.model import Record, User
from bot.user_sync.rules import decide

LINKED = ("nobody", "an active user", "an inactive user")
TWINS = ("free", "ignored", "other's", "inactive")
SUBSETS = tuple(s for n in range(5) for s in combinations(TWINS, n))
RECORD_SIDE = tuple(product((True, False), LINKED, SUBSETS))


def _record_side(qualifies: bool, linked: str, twins: tuple[str, ...]) -> tuple[list[Record], list[User]]:
    """Ann's record, who it is linked to, and her namesakes among the users. Bob is whom another is linked to."""
    records = [employee("1", active=qualifies), employee("2", **BOB)]
    users = []
    if linked != "nobody":
        users.append(user("linked", **BOB, integration_id="1", active=linked == "an active user"))
    for twin in twins:
        users.append(
            user(
                twin,
                ignore=twin == "ignored",
                active=twin != "inactive",
                integration_id="2" if twin == "other's" else "",
            )
        )
    return records, users


def _expected_of_record(qualifies: bool, linked: str, twins: tuple[str, ...]) -> tuple[str, str, str | None]:
    """The six lines of the table, in words of their own."""
    if not qualifies:
        return "none", "N1", None
    if linked == "an active user":
        return "update", "N2", "linked"
    if linked == "an inactive user":
        return "stranded", "N3", "linked"
    if "free" in twins:
        return "link", "N4", "free"
    if "ignored" in twins:
        return "blocked_by_ignored", "N5", "ignored"
    return "create", "N6", None


def test_the_record_side_has_96_cases_in_six_lines() -> None:
    """The table is whole: 48 + 16 + 16 + 8 + 4 + 4."""
    counted: dict[str, int] = {}
    for case in RECORD_SIDE:
        rule = _expected_of_record(*case)[1]
        counted[rule] = counted.get(rule, 0) + 1
    assert counted == {"N1": 48, "N2": 16, "N3": 16, "N4": 8, "N5": 4, "N6": 4}


@pytest.mark.parametrize(
    ("qualifies", "linked", "twins"),
    RECORD_SIDE,
    ids=[
        f"{'qualifies' if q else 'does not qualify'}, linked to {who}, matched by {' and '.join(t) or 'nobody'}"
        for q, who, t in RECORD_SIDE
    ],
)
def test_record_side(qualifies: bool, linked: str, twins: tuple[str, ...]) -> None:
    """Each record gets the one outcome of its line of the table, whatever else is there."""
    records, users = _record_side(qualifies, linked, twins)
    mine = [line for line in lines(decide(records, users, rules())) if line[2] == "1" and line[1][0] == "N"]
    action, rule, who = _expected_of_record(qualifies, linked, twins)
    assert mine == [(action, rule, "1", who)]


LINKS = ("none", "one that qualifies", "one that does not")
USER_SIDE = tuple(product((True, False), (True, False), LINKS, (True, False)))


def _user_side(
    active: bool, ignored: bool, linked: str, matches: bool, *, taken: bool = False, deleted: bool = False
) -> tuple[list[Record], list[User]]:
    """One user; a record of the same person if it ``matches``, which may be ``taken`` by somebody else."""
    who = {} if matches else BOB
    records = [employee("1")]
    users = [user("u", **who, active=active, ignore=ignored)]
    if linked == "one that qualifies":
        users = [user("u", **who, active=active, ignore=ignored, integration_id="1")]
    elif linked == "one that does not":
        records += [] if deleted else [employee("9", active=False)]
        users = [user("u", **who, active=active, ignore=ignored, integration_id="9")]
    if taken:
        users.append(user("other", **BOB, integration_id="1"))
    return records, users


def _expected_of_user(active: bool, ignored: bool, linked: str, matches: bool) -> set[tuple[str, str]]:
    if not active:
        return {("stranded", "N3")} if linked == "one that qualifies" else {("none", "U1")}
    if linked == "one that qualifies":
        return {("update", "N2")}  # U4, and of U2 the two that are linked to one who qualifies
    if ignored:
        return (
            {("blocked_by_ignored", "N5"), ("none", "U2")}
            if matches and linked == "none"
            else {("none", "U2")}
        )
    if linked == "one that does not":
        return {("inactivate", "U3")}
    return {("link", "N4")} if matches else {("inactivate", "U6")}


@pytest.mark.parametrize(
    ("active", "ignored", "linked", "matches"),
    USER_SIDE,
    ids=[
        f"{'active' if a else 'inactive'}, {'ignored' if i else 'not ignored'}, linked to {who}, "
        f"{'matches' if m else 'no match'}"
        for a, i, who, m in USER_SIDE
    ],
)
@pytest.mark.parametrize("deleted", [False, True], ids=["record is there", "record is deleted"])
def test_user_side(active: bool, ignored: bool, linked: str, matches: bool, deleted: bool) -> None:
    """Each user is treated as its line of the table says, whether a linked record is unfit or gone."""
    records, users = _user_side(active, ignored, linked, matches, deleted=deleted)
    mine = {line[:2] for line in lines(decide(records, users, rules())) if line[3] == "u"}
    assert mine == _expected_of_user(active, ignored, linked, matches)


def test_the_user_side_has_24_cases() -> None:
    """The table is whole."""
    assert len(set(USER_SIDE)) == 24


def test_a_user_who_matches_a_taken_record_is_an_orphan() -> None:
    """U5: active, not ignored, unlinked, matching a record that has another user: stays, unlinked."""
    records, users = _user_side(True, False, "none", True, taken=True)
    assert ("orphan", "U5", None, "u") in lines(decide(records, users, rules()))


@pytest.mark.parametrize("ignored", [True, False])
def test_a_linked_record_that_qualifies_again_does_not_reactivate(ignored: bool) -> None:
    """U1 and N3: nothing of the rules makes an inactive user active."""
    records, users = _user_side(False, ignored, "one that qualifies", True)
    assert lines(decide(records, users, rules())) == [("stranded", "N3", "1", "u")]
