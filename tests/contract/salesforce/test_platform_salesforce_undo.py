"""What a plan assigned can be taken away again, against an org on real sockets."""

from __future__ import annotations

import pytest
from salesforce_bench import Bench, Walk

from bot.errors import Forbidden, OutcomeUnknown, Rejected
from bot.platform.plan import Action, Outcome

NEW = {
    "name": "Ledger sync",
    "email": "ledger@larkspur.example",
    "username": "svc.ledger@integrations.larkspur.example",
    "permission_sets": "Integration: sales data",
}


async def _made(bench: Bench) -> dict[str, Action]:
    """A user that a plan made; how to take back each of its assignments, by step."""
    walk = Walk(bench, (await bench.platform.change("create", NEW)).plan)
    taken = {}
    for key in ("create-user", "assign-licence", "assign-set-1"):
        assert (await walk.act(key)).outcome is Outcome.DONE
        given = walk.action(key)
        verb = given.verb.replace("assign", "unassign")
        taken[key] = Action(verb=verb, subject="", params=given.params, known=given.known)
    return taken


async def test_assignments_are_taken_back_in_reverse_order(bench: Bench) -> None:
    """A set and then its licence: looked up, removed, and seen to be gone; the user stays."""
    taken = await _made(bench)
    for key in ("assign-set-1", "assign-licence"):
        assert (await bench.platform.confirm(taken[key], key)).outcome is Outcome.NOT_DONE
        await bench.platform.apply(taken[key], key)
        assert (await bench.platform.confirm(taken[key], key)).outcome is Outcome.DONE
    (user,) = bench.stand_in.org["User"].where("Username", NEW["username"])
    assert user["IsActive"]


async def test_what_is_gone_already_is_not_removed_again(bench: Bench) -> None:
    """Where nothing is assigned any more, no call is made that could remove something else."""
    taken = (await _made(bench))["assign-set-1"]
    await bench.platform.apply(taken, "undo")
    before = _deletions(bench)
    await bench.platform.apply(taken, "undo")
    assert _deletions(bench) == before == 1


async def test_a_removal_whose_answer_is_lost_is_found_by_reading(bench: Bench) -> None:
    """The time-out leaves the outcome open; a look settles it."""
    taken = (await _made(bench))["assign-set-1"]
    hasty = bench.another(timeout_s=0.5)
    await bench.fault("timeout_after_effect", "DELETE .*/sobjects/PermissionSetAssignment")
    with pytest.raises(OutcomeUnknown):
        await hasty.apply(taken, "undo")
    assert (await hasty.confirm(taken, "undo")).outcome is Outcome.DONE


async def test_nothing_is_concluded_about_a_user_that_is_not_seen(bench: Bench) -> None:
    """A user who cannot be found does not count as one without the set."""
    taken = (await _made(bench))["assign-set-1"]
    lost = Action(
        verb=taken.verb, subject="", params=dict(taken.params) | {"username": "nobody@larkspur.example"}
    )
    assert (await bench.platform.confirm(lost, "undo")).outcome is Outcome.UNKNOWN
    with pytest.raises(Rejected):
        await bench.platform.apply(lost, "undo")


async def test_without_the_right_to_look_nothing_counts_as_gone(bench: Bench) -> None:
    """Salesforce may show fewer assignments and not say so: then nobody can tell, and nothing is removed."""
    taken = await _made(bench)
    bench.take_away("ViewSetup")
    bench.take_away("AssignPermissionSets")
    for key in ("assign-set-1", "assign-licence"):
        seen = await bench.platform.confirm(taken[key], key)
        assert seen.outcome is Outcome.UNKNOWN
        assert "View Setup" in seen.detail
        with pytest.raises(Forbidden):
            await bench.platform.apply(taken[key], key)
    assert _deletions(bench) == 0


def _deletions(bench: Bench) -> int:
    return sum(call.method == "DELETE" for call in bench.stand_in.org.world.calls)
