"""Tonight's sync of users in Slack: foreseen, alarmed about, applied by an approved plan, and refused when blind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from desk import Desk, ref_in, words_of

from bot.alerts.model import AlertState
from bot.config import Settings
from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLATFORMS = ("nexonia",)
CONNECTION = "nexonia:prod"
ROBOT = "nexonia.sync@integrations.larkspur.example"
REASON = "New hires start on Monday morning"


def change(settings: Settings) -> Settings:
    """The sandbox's directory, with its records from files beside the bot's data instead of a NetSuite."""
    place = settings.data_dir.parent
    table = {k: v for k, v in settings.connections[CONNECTION].items() if k != "records"}
    files = {f"{kind}s_file": str(place / f"{kind}s.json") for kind in ("employee", "vendor")}
    return settings.model_copy(
        update={"connections": {**settings.connections, CONNECTION: {**table, **files, "timeout_s": 3}}}
    )


def nexonia(desk: Desk) -> Any:
    """The stand-in."""
    return desk.sandbox.stand_ins["nexonia"]


def user(desk: Desk, email: str) -> Any:
    """The first user with an address, straight from the stand-in."""
    return next(iter(nexonia(desk).directory.by_email(email)), None)


async def export(desk: Desk) -> None:
    """NetSuite's employees and vendors as files, as an administrator exports them."""
    place = desk.settings.data_dir.parent
    rows = (await desk.get("/nexonia/state"))["records"]
    for kind in ("employee", "vendor"):
        mine = [row for row in rows if row["kind"] == kind]
        (place / f"{kind}s.json").write_text(json.dumps(mine))


async def test_the_forecast_says_who_and_why(desk: Desk) -> None:
    """Counts, rules and reasons for each, near-misses, who gets mail, what a person does, and whose directory it is."""
    await export(desk)
    shown = await desk.slash(desk.who("viewer"), "nexonia sync")
    said = words_of(shown)
    for words in (
        "made inactive",
        "U6",
        "U3",
        "matches no record that qualifies, by e-mail and name",
        "Near name",
        "First-login mail goes to",
        "set “Ignore for Integration: Yes”",
        "the sandbox's own directory, which is ours and not Nexonia's",
        "Days count in Europe/London",
    ):
        assert words in said, words


async def test_an_account_that_others_need_is_an_alarm(desk: Desk) -> None:
    """P1 with the remedy, once; edited away when the account is safe."""
    alarm = await desk.said("P1", "Expense Robot", "Ignore for Integration: Yes")
    assert "Administrator" in words_of(alarm) or "program" in words_of(alarm)
    await desk.ask(desk.who("viewer"), "nexonia sync")
    (alert,) = await desk.alerts("sync-endangers")
    robot = user(desk, ROBOT).id
    assert alert.state is AlertState.OPEN
    assert robot in alert.payload["whom"].split(", ")
    await desk.post("/nexonia/user", {"email": ROBOT, "ignore": True})
    await desk.ask(desk.who("viewer"), "nexonia sync")

    async def spared() -> bool:
        (found,) = await desk.alerts("sync-endangers")
        return found.state is AlertState.RESOLVED or robot not in found.payload["whom"].split(", ")

    await desk.until(spared)


async def test_the_channel_gets_an_alarm_or_a_few_lines(desk: Desk) -> None:
    """The day's forecast is short in the channel, and said once: the alarm of a new danger says it all."""
    alarmed = len(await desk.messages())
    services = desk.app.services if desk.app else None
    assert services
    assert await services.nightly_forecast.run(CONNECTION) == "told"
    shown = await desk.said("Tonight's sync of users", "made inactive", "Show All")
    assert len(words_of(shown)) < 600
    assert len([m for m in await desk.messages() if "For a person to do" in words_of(m)]) == 0
    assert len(await desk.messages()) <= alarmed + 1


async def test_hostile_names_stay_text(desk: Desk) -> None:
    """A user called <!channel> is shown, and calls nobody."""
    await desk.post("/nexonia/user", {"email": "hostile@larkspur.example", "ignore": False})
    shown = json.dumps(await desk.slash(desk.who("viewer"), "nexonia sync"))
    assert "hostile@larkspur.example" in shown
    assert "\u202e" not in shown
    await desk.post("/nexonia/user", {"email": "hostile@larkspur.example", "ignore": True})


async def test_a_short_listing_forecasts_nothing(desk: Desk) -> None:
    """Half of the users are not believed to be all; an administrator may say that they are."""
    await desk.fault("nexonia", "short_listing", match="GET .*/users", count=50)
    said = await desk.ask(desk.who("operator"), "nexonia sync")
    assert "nothing is forecast, because only" in said
    assert "Only an administrator" in await desk.ask(desk.who("operator"), "nexonia sync --smaller")
    await desk.heal()
    assert "nothing is forecast" not in await desk.ask(desk.who("operator"), "nexonia sync")


@pytest.mark.parametrize("kind", ["500", "bad_json", "reset"])
async def test_a_directory_that_cannot_be_read_forecasts_nothing(desk: Desk, kind: str) -> None:
    """Could not look is never nobody there."""
    await desk.fault("nexonia", kind, match="GET .*/users", count=100)
    assert "No forecast" in await desk.ask(desk.who("operator"), "nexonia sync")
    await desk.heal()


async def test_a_file_that_is_off_forecasts_nothing(desk: Desk) -> None:
    """The file, the row and the column are named; nothing is applied."""
    place = desk.settings.data_dir.parent / "vendors.json"
    before = place.read_text()
    place.write_text(before.replace("true", '"perhaps"', 1))
    said = await desk.ask(desk.who("operator"), "nexonia sync")
    assert "vendors.json: row" in said
    assert "column active" in said
    assert "vendors.json: row" in await desk.ask(desk.who("operator"), f'nexonia apply --reason "{REASON}"')
    place.write_text(before)


async def test_the_brake_stops_a_plan(desk: Desk) -> None:
    """More than five users, or a tenth, would end: nobody may ask for it."""
    place = desk.settings.data_dir.parent / "employees.json"
    before = place.read_text()
    rows = json.loads(before)
    place.write_text(json.dumps([row | {"flag": row["flag"] and n % 3 > 0} for n, row in enumerate(rows)]))
    said = await desk.ask(desk.who("operator"), "nexonia sync")
    assert "Stop." in said
    refused = await desk.ask(desk.who("operator"), f'nexonia apply --reason "{REASON}"')
    assert "safety limit reached" in refused
    place.write_text(before)


async def test_the_nightly_forecast_is_said_once_a_day(desk: Desk) -> None:
    """By the schedule's own run; a second run of the day says nothing new."""
    assert desk.app
    assert await desk.app.services.nightly_forecast.run(CONNECTION) == "told"
    await desk.said("Tonight's sync of users")
    assert await desk.app.services.nightly_forecast.run(CONNECTION) == "told"
    told = [m for m in await desk.messages() if "Tonight's sync of users" in words_of(m)]
    assert len(told) == 1
    assert any(job.name == f"foresee:{CONNECTION}" for job in desk.app._schedule.status())  # type: ignore[union-attr]


async def test_an_approved_plan_does_what_the_sync_would(desk: Desk) -> None:
    """Asked for, approved by somebody else, done user by user, read back; afterwards nothing is left to do."""
    for email in await _doomed(desk):
        await desk.post("/nexonia/user", {"email": email, "ignore": True})
    people = len(nexonia(desk).directory.users)
    said = await desk.ask(desk.who("operator"), f'nexonia apply --reason "{REASON}"')
    ref = ref_in(said, "requests ")
    assert len(nexonia(desk).directory.users) == people, "nothing is written before it is approved"
    assert "Approved" in await desk.ask(desk.who("approver"), f"approve {ref}")
    done = await desk.settled(ref, RequestState.DONE, RequestState.HELD, within_s=60)
    assert done.state is RequestState.DONE, done.detail
    assert all(receipt.acted and receipt.record_id for receipt in done.receipts)
    assert user(desk, "carol.ferreira@larkspur.example").integration_id
    assert user(desk, "hothilan@larkspur.example").integration_id
    assert "would change nothing" in await desk.ask(
        desk.who("operator"), f'nexonia apply --reason "{REASON}"'
    )
    rows = (await desk.post("/nexonia/sync", {}))["rows"]
    assert {row["action"] for row in rows} <= {"update", "none", "orphan", "stranded", "blocked_by_ignored"}


async def _doomed(desk: Desk) -> list[str]:
    """Who would be made inactive, so that the brake lets the rest be applied."""
    assert desk.app
    seen = await desk.app.services.user_sync.look(CONNECTION)
    return [
        o.user.email
        for o in seen.forecast.of(*[a for a in seen.forecast.counts if a == "inactivate"])
        if o.user
    ]


async def test_a_plan_is_void_once_a_record_changed(desk: Desk) -> None:
    """What was shown is what runs: the records are read again when somebody approves."""
    place = desk.settings.data_dir.parent / "employees.json"
    rows = json.loads(place.read_text())
    new = rows[0] | {
        "id": "88001",
        "first": "Nova",
        "last": "Reyes",
        "email": "nova@larkspur.example",
        "flag": True,
    }
    new |= {"active": True, "termination_date": None}
    place.write_text(json.dumps([*rows, new]))
    ref = ref_in(await desk.ask(desk.who("operator"), f'nexonia apply --reason "{REASON}"'), "requests ")
    place.write_text(json.dumps([*rows, new | {"last": "Reyes-Vega"}]))
    said = await desk.ask(desk.who("approver"), f"approve {ref}")
    assert "Not approved" in said
    assert user(desk, "nova@larkspur.example") is None
    assert await desk.state_of(ref) is RequestState.VOIDED


async def test_an_unknown_outcome_makes_no_second_user(desk: Desk) -> None:
    """The answer to a creation is lost: it is read back, recorded, and not done again."""
    ref = ref_in(await desk.ask(desk.who("operator"), f'nexonia apply --reason "{REASON}"'), "requests ")
    await desk.fault("nexonia", "timeout_after_effect", match="POST .*/users", count=1)
    await desk.ask(desk.who("approver"), f"approve {ref}")
    await desk.settled(ref, RequestState.DONE, within_s=90)
    await desk.heal()
    assert len(nexonia(desk).directory.by_email("nova@larkspur.example")) == 1


async def test_who_may_ask(desk: Desk) -> None:
    """Anybody looks; only operators ask for the sync to be applied; without a reason a form asks for it."""
    assert "operator" in (await desk.ask(desk.who("viewer"), f'nexonia apply --reason "{REASON}"')).casefold()
    view = await desk.typed_form(desk.who("operator"), "nexonia apply")
    answer = await desk.submit(desk.who("operator"), view, reason="New hires start on Monday morning")
    assert "nothing to apply" in json.dumps(answer)
