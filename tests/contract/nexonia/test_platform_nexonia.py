"""The Nexonia adapter over its three directories: whole or not at all, one write for each act, read back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.clock import Clock
from bot.errors import (
    AuthFailed,
    BadArgument,
    NotSupported,
    PlatformError,
    ProtocolChanged,
    Rejected,
    Unreachable,
)
from bot.platform.model import PrincipalStatus
from bot.platform.plan import Action, Outcome
from bot.text import Secret
from bot.user_sync import actions
from bot.user_sync.actions import Act, ActKind, State
from bot.user_sync.model import Directory, Records, User
from platforms.nexonia.adapter import Nexonia
from platforms.nexonia.config import parse
from sandbox.company import load
from sandbox.running import Sandbox, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
GENERIC = {
    "items": "users", "page_param": "page", "size_param": "page_size", "page_size": 7, "pages": "pages",
    "total": "total", "one_path": "/users/{id}", "create_path": "/users", "new": {"role": "Employee"},
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def box() -> AsyncIterator[Sandbox]:
    """The stand-in alone."""
    async with running(load(), platforms=("nexonia",)) as found:
        yield found


@asynccontextmanager
async def connected(box: Sandbox, *, token: str = "", **table: Any) -> AsyncIterator[Nexonia]:
    """The adapter at the stand-in."""
    hello = box.ready["nexonia"]
    full = {"directory": "sandbox", "url": hello["url"], "write": True, "timeout_s": 2, **table}
    settings = parse("nexonia:test", full, lambda name: Secret(token or hello["token"]))
    adapter = Nexonia("nexonia:test", settings, Clock())
    try:
        yield adapter
    finally:
        await adapter.aclose()


def standing(box: Sandbox) -> Any:
    """The stand-in's users."""
    return box.stand_ins["nexonia"].directory  # type: ignore[attr-defined]


async def plant(box: Sandbox, kind: str, match: str = "", count: int = 100) -> None:
    async with httpx.AsyncClient() as http:
        body = {"platform": "nexonia", "kind": kind, "match": match, "count": count}
        (await http.post(f"{box.world_url}/faults", json=body)).raise_for_status()


async def heal(box: Sandbox) -> None:
    async with httpx.AsyncClient() as http:
        (await http.post(f"{box.world_url}/faults", json={"clear": True})).raise_for_status()


def action(act: Act) -> Action:
    return Action(verb=act.kind.value, subject=act.user_id, params={"act": actions.written((act,))})


def act_on(user: User | None, kind: ActKind, **after: Any) -> Act:
    before = actions.state(user) if user else None
    now = State(first="N", last="N", email="n@x.test", active=True, ignore=False, integration_id="")
    base = before or now
    values = {name: after.get(name, getattr(base, name)) for name in State.__struct_fields__}
    return Act(
        kind=kind, user_id=user.id if user else "", before=before, after=State(**values), reason="", rule=""
    )


@pytest.mark.parametrize("table", [{}, {"directory": "rest", "rest": GENERIC}], ids=["sandbox", "mapping"])
async def test_every_user_page_by_page(box: Sandbox, table: dict[str, Any]) -> None:
    """However small the pages, each user once, with everything that a sync looks at."""
    async with connected(box, **table) as nexonia:
        assert isinstance(nexonia, Directory)
        assert isinstance(nexonia, Records)
        listed = await nexonia.users()
        assert [u.id for u in listed.users] == list(standing(box).users)
        for user in listed.users:
            played = standing(box).users[user.id]
            assert (user.email, user.active, user.ignore) == (played.email, played.active, played.ignore)
            assert user.integration_id == (played.integration_id or "")
        found = await nexonia.snapshot(None)
        assert {p.native_id for p in found.principals if p.status is PrincipalStatus.ACTIVE} == {
            u.id for u in listed.users if u.active
        }
        assert found.requests >= 1
        assert found.gaps, "what Nexonia does not show is said"


@pytest.mark.parametrize("kind", ["500", "bad_json", "reset", "timeout"])
async def test_a_failed_listing_is_an_error(box: Sandbox, kind: str) -> None:
    """Whole, or not at all."""
    await plant(box, kind)
    async with connected(box) as nexonia:
        with pytest.raises(PlatformError):
            await nexonia.users()
    await heal(box)


@pytest.mark.parametrize(
    "rest",
    [{**GENERIC, "items": "people"}, {**GENERIC, "pages": "last"}, {**GENERIC, "page_param": ""},
     {**GENERIC, "fields": {n: n for n in ("id", "first", "last", "email")} | {"active": "alive"}}],
    ids=["no list", "no number of pages", "one page of several", "no active mark"],
)  # fmt: skip
async def test_a_mapping_that_does_not_fit_is_an_error(box: Sandbox, rest: dict[str, Any]) -> None:
    """What an answer lacks is never guessed: a first page is not the list."""
    async with connected(box, directory="rest", write=False, rest=rest) as nexonia:
        with pytest.raises(ProtocolChanged):
            await nexonia.users()


async def test_fields_that_are_not_mapped_are_unknown(box: Sandbox) -> None:
    """Without the link and the ignore mark nobody counts as unlinked or as not ignored."""
    fields = {name: name for name in ("id", "first", "last", "email", "active")}
    async with connected(box, directory="rest", write=False, rest={**GENERIC, "fields": fields}) as nexonia:
        listed = await nexonia.users()
    assert not listed.links_known
    assert not listed.ignores_known


async def test_a_refused_token(box: Sandbox) -> None:
    """A definitive refusal, and no token in its words."""
    async with connected(box, token="nx_wrong") as nexonia:
        with pytest.raises(AuthFailed) as caught:
            await nexonia.identify()
    assert "nx_wrong" not in caught.value.hint


async def test_each_act_is_seen_done_and_seen_again(box: Sandbox) -> None:
    """Looked up, written once, read back; done again it is already so."""
    async with connected(box) as nexonia:
        people = (await nexonia.users()).users
        free = next(u for u in people if u.active and not u.integration_id and not u.ignore)
        linked = next(u for u in people if u.active and u.integration_id)
        wanted = [
            act_on(linked, ActKind.UPDATE, last="Renamed"),
            act_on(free, ActKind.LINK, integration_id="70007", first="Linked"),
            act_on(None, ActKind.CREATE, integration_id="70008", email="made@larkspur.example"),
        ]
        for one in wanted:
            assert (await nexonia.confirm(action(one), "k")).outcome is Outcome.NOT_DONE
            await nexonia.apply(action(one), "k")
            seen = await nexonia.confirm(action(one), "k")
            assert seen.outcome is Outcome.DONE
            assert seen.record_id
        now = next(u for u in (await nexonia.users()).users if u.id == free.id)
        end = act_on(now, ActKind.INACTIVATE, active=False)
        await nexonia.apply(action(end), "k")
        assert (await nexonia.confirm(action(end), "k")).outcome is Outcome.DONE
        assert not standing(box).users[free.id].active


async def test_a_user_who_changed_meanwhile_is_left_alone(box: Sandbox) -> None:
    """The write is refused when the user is not what the plan was made for."""
    async with connected(box) as nexonia:
        user = next(u for u in (await nexonia.users()).users if u.active and not u.ignore)
        one = act_on(user, ActKind.INACTIVATE, active=False)
        standing(box).users[user.id].ignore = True
        with pytest.raises(Rejected, match="no longer as it was"):
            await nexonia.apply(action(one), "k")
        assert standing(box).users[user.id].active
        drawn = await nexonia.change("sync", {"acts": actions.written((one,))})
        assert drawn.objections == (f"user {user.id} changed meanwhile",)


async def test_what_cannot_be_looked_at_is_unknown(box: Sandbox) -> None:
    """Never "not done": that would be done again."""
    async with connected(box) as nexonia:
        user = (await nexonia.users()).users[0]
        await plant(box, "500")
        seen = await nexonia.confirm(action(act_on(user, ActKind.UPDATE, last="X")), "k")
        await heal(box)
    assert seen.outcome is Outcome.UNKNOWN


async def test_a_directory_that_is_only_read_is_never_written(box: Sandbox) -> None:
    """Without write = true nothing is planned and nothing done."""
    async with connected(box, write=False) as nexonia:
        one = act_on(None, ActKind.CREATE, integration_id="1")
        with pytest.raises(NotSupported):
            await nexonia.change("sync", {"acts": actions.written((one,))})
        with pytest.raises(NotSupported):
            await nexonia.apply(action(one), "k")
        with pytest.raises(NotSupported):
            await nexonia.handover("x", "y")


async def test_a_plan_of_nothing_is_refused(box: Sandbox) -> None:
    """And so is one that nobody forecast."""
    async with connected(box) as nexonia:
        for text in ("[]", "", "{"):
            with pytest.raises(BadArgument):
                await nexonia.change("sync", {"acts": text})
        with pytest.raises(NotSupported):
            await nexonia.change("freeze", {})


async def test_a_long_plan_takes_the_first_forty(box: Sandbox) -> None:
    """People read a plan before they decide; the rest is named and comes in the next."""
    many = tuple(act_on(None, ActKind.CREATE, integration_id=str(n)) for n in range(100, 150))
    async with connected(box) as nexonia:
        plan = (await nexonia.change("sync", {"acts": actions.written(many), "notes": "one\ntwo"})).plan
    assert len(plan.steps) == len({step.key for step in plan.steps}) == 40
    assert "10 acts more: ask for the next plan when this one is done." in plan.notes


# files ----------------------------------------------------------------------------------------------------------------


def over_files(place: Path, **table: Any) -> Nexonia:
    full = {
        "users_file": str(place / "u.csv"),
        "employees_file": str(place / "e.csv"),
        "kinds": ["employee"],
        **table,
    }
    return Nexonia("nexonia:test", parse("nexonia:test", full, lambda name: Secret("")), Clock())


@pytest_asyncio.fixture(loop_scope="module")
async def place(box: Sandbox, tmp_path: Path) -> Path:
    """The stand-in's own export, with the labels of its screen, and one employee."""
    async with httpx.AsyncClient() as http:
        for name, how in (("u.csv", {"format": "json"}), ("screen.csv", {"format": "csv"})):
            exported = await http.get(f"{box.world_url}/nexonia/export", params={"hidden": "true", **how})
            (tmp_path / name).write_text(exported.text)
    (tmp_path / "e.csv").write_text("id,first,last,email,active,termination_date\n1,Ann,Lee,a@x.test,T,\n")
    return tmp_path


async def test_an_export_reads_like_the_directory_itself(box: Sandbox, place: Path) -> None:
    """The same users by either way, whatever the file is called."""
    async with connected(box) as nexonia:
        live = (await nexonia.users()).users
    found = over_files(place)
    assert (await found.users()).users == live
    (one,) = (await found.records()).records
    assert one.email == "a@x.test"
    assert (await found.identify()).gaps


async def test_an_export_with_the_labels_of_the_screen(box: Sandbox, place: Path) -> None:
    """Headings are mapped; somebody who is called like a formula is named, with row and column."""
    found = over_files(place, users_file=str(place / "screen.csv"), user_columns={"id": "User ID"})
    row = 1 + next(n for n, u in enumerate(standing(box).users.values(), 1) if u.last.startswith("="))
    with pytest.raises(ProtocolChanged, match=f"screen.csv: row {row}, column last: is a formula"):
        await found.users()
    hostile = next(u for u in standing(box).users.values() if u.last.startswith("="))
    text = (place / "screen.csv").read_text()
    (place / "screen.csv").write_text(text.replace('"=HYPERLINK', '"HYPERLINK'))
    async with connected(box) as nexonia:
        live = (await nexonia.users()).users
    assert [u.id for u in (await found.users()).users] == [u.id for u in live]
    assert hostile.id in {u.id for u in live}


async def test_an_old_export_is_not_believed(place: Path) -> None:
    """Nobody knows what changed since."""
    old = (datetime.now(UTC) - timedelta(hours=30)).timestamp()
    os.utime(place / "u.csv", (old, old))
    with pytest.raises(Unreachable, match=r"30 hours old, and at most 26 are allowed"):
        await over_files(place, max_age_h=26).users()


async def test_a_file_that_is_not_there_or_off(place: Path) -> None:
    """Could not look, with the file's name; or what is wrong with it, with row and column."""
    with pytest.raises(ProtocolChanged, match="row 1, column id: missing"):
        await over_files(place, users_file=str(place / "screen.csv")).users()
    (place / "e.csv").unlink()
    with pytest.raises(Unreachable, match=r"e\.csv cannot be read"):
        await over_files(place).records()


async def test_records_from_nowhere(place: Path) -> None:
    """A connection that is not told where people come from says so."""
    nexonia = Nexonia(
        "nexonia:test",
        parse("nexonia:test", {"users_file": str(place / "u.csv")}, lambda _: Secret("")),
        Clock(),
    )
    with pytest.raises(NotSupported, match="set records"):
        await nexonia.records()


async def test_a_file_confirms_nothing(place: Path) -> None:
    """What is true now cannot be read from an export."""
    seen = await over_files(place).confirm(Action(verb="x", subject=""), "k")
    assert seen.outcome is Outcome.UNKNOWN
