"""Reasons a handover must not run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.platform.model import Principal, PrincipalKind, PrincipalStatus, Tie
from platforms.salesforce import preflight
from platforms.salesforce.apps import App
from platforms.salesforce.org import User
from platforms.salesforce.preflight import Admission, Case

ANA = Principal(
    native_id="005000000000001AAA",
    name="Ana",
    username="ana@acme.example",
    kind=PrincipalKind.PERSON,
    status=PrincipalStatus.ACTIVE,
)
SVC = replace(ANA, native_id="005000000000002AAA", username="svc@acme.example", kind=PrincipalKind.SERVICE)
APP = App(
    id="0H4000000000001AAA",
    name="Marketo sync",
    developer_name="Marketo_sync",
    kind="connected app",
    self_authorize=True,
    configured=True,
    consumer_key="3MVG9app",
)
CASE = Case(
    holder=User(ANA, "00e1"),
    target=User(SVC, "00e2"),
    own_id="005000000000009AAA",
    own_client_id="3MVG9bot",
    app=APP,
    app_name="Marketo sync",
)


def _target(**changes: object) -> Case:
    return replace(CASE, target=User(replace(SVC, **changes), "00e2"))  # type: ignore[arg-type]


def test_a_sound_case_has_no_objection() -> None:
    """An active integration user, an installed app that all may approve: nothing speaks against it."""
    assert list(preflight.about_grant(CASE)) == []


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (_target(status=PrincipalStatus.INACTIVE), "deactivated"),
        (_target(status=PrincipalStatus.FROZEN), "frozen"),
        (_target(status=PrincipalStatus.UNKNOWN), "cannot see whether"),
        (_target(kind=PrincipalKind.PERSON), "a person's account"),
        (_target(kind=PrincipalKind.UNKNOWN), "cannot see whether"),
        (replace(CASE, target=User(ANA, "00e1")), "holds it already"),
        (replace(CASE, own_id=SVC.native_id), "its own user"),
        (replace(CASE, own_id=ANA.native_id), "its own user"),
        (replace(CASE, own_client_id="3MVG9app"), "the bot itself"),
        (replace(CASE, target_grants=5), "all 5 OAuth grants"),
        (replace(CASE, app=None), "not installed"),
        (replace(CASE, app=replace(APP, self_authorize=False)), "admits approved users only"),
        (replace(CASE, app=replace(APP, self_authorize=None)), "admits approved users only"),
    ],
)
def test_each_reason_is_said(case: Case, said: str) -> None:
    """Every condition of the recipe has its own objection."""
    assert any(said in objection for objection in preflight.about_grant(case))


def test_four_approvals_still_leave_one() -> None:
    """The fifth approval ends nothing; only the sixth would."""
    assert list(preflight.about_grant(replace(CASE, target_grants=4))) == []


def test_the_permission_set_chosen_is_one_the_target_may_hold() -> None:
    """A set bound to a licence is chosen only if that licence is free or held, and after sets bound to none."""
    locked = Admission(set_id="0PS1", label="A", license="0PL000000000001AAA")
    free = Admission(set_id="0PS2", label="B")
    needy = replace(CASE, app=replace(APP, self_authorize=False), admissions=(locked,))
    assert needy.admission is None
    assert replace(needy, admissions=(locked, free)).admission == free
    assert replace(needy, set_licences_free={locked.license: 1}).admission == locked
    assert replace(needy, set_licences_held=frozenset({locked.license})).admission == locked
    assert list(preflight.about_grant(replace(needy, admissions=(free,)))) == []


def test_a_run_as_change_that_could_not_be_seen_is_refused() -> None:
    """Without the app's configuration nothing could close the guided step."""
    blind = replace(CASE, app=replace(APP, configured=False))
    assert any("cannot read" in said for said in preflight.about_run_as(blind))
    same = replace(CASE, app=replace(APP, run_as="SVC@acme.example"))
    assert any("already" in said for said in preflight.about_run_as(same))


def test_notes_say_what_changes_and_what_stays_behind() -> None:
    """Lost and gained rights, ties of the holder, and a last administrator are put into words."""
    case = replace(
        CASE,
        holder_held=frozenset({"PermissionsModifyAllData", "PermissionsApiEnabled"}),
        target_held=frozenset({"PermissionsApiEnabled", "PermissionsApiUserOnly", "PermissionsViewAllData"}),
        ties=(Tie(native_id="08e1", principal_id=ANA.native_id, kind="scheduled job", name="Nightly"),),
        holder_is_last_administrator=True,
    )
    said = " ".join(preflight.notes(case))
    assert "loses: Modify All Data." in said
    assert "gains: View All Data." in said
    assert "scheduled job Nightly" in said
    assert "last active administrator" in said
