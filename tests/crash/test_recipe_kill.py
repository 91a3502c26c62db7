"""SIGKILL at every named point of every step of every recipe, there and back, on SQLite and on PostgreSQL.

Each kill is followed by a new process. In the end the plan is where it was to be, nothing was done twice, and no
credential is left that nobody knows of.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.audit.repository import AuditLog
from bot.chat.model import Role
from bot.requests.model import RequestState
from bot.secrets.repository import SecretRepository
from tests.crash.recipes import RECIPES
from tests.crash.stage import AFTER, BEFORE, ROOT, WITHIN, Recipe, Stage, staged

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(params=DATABASES)
async def stage(request: pytest.FixtureRequest, recipe: Recipe, tmp_path: Path) -> AsyncIterator[Stage]:
    """An installation on each database, with the platforms of the recipe."""
    url = str(request.getfixturevalue("fresh_postgres")) if request.param == "postgresql" else ""
    async with staged(recipe, tmp_path, url) as made:
        yield made


async def _ask(stage: Stage, recipe: Recipe) -> None:
    draft, inputs = await recipe.draft(stage)
    assert draft.objections == ()
    approvals = stage.app.services.approvals
    asked = await approvals.open(draft, stage.caller(Role.OPERATOR), "killed at every named point", inputs)
    for nth in range(asked.needed):
        await approvals.decide(asked.ref, None, stage.caller(Role.APPROVER, nth), approve=True, reason="")
    stage.request_id = asked.id


@pytest.mark.timeout(900)
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
async def test_killed_at_every_point_it_ends_where_it_was_to_end(stage: Stage, recipe: Recipe) -> None:
    """Every step of the recipe dies before its intent, after it, after the effect and after the record."""
    await _ask(stage, recipe)
    request = await stage.walk(recipe.hands)
    assert request.state is RequestState.DONE, request
    await recipe.done(stage)
    acted = sum(receipt.acted for receipt in request.receipts)
    assert stage.deaths >= 4 * acted
    await _whole(stage)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
async def test_killed_at_every_point_of_the_way_back_nothing_is_left(stage: Stage, recipe: Recipe) -> None:
    """Turned back as late as can be and killed at each point of each step back: as if it had never been."""
    await _ask(stage, recipe)
    request = await stage.walk(recipe.hands, until=recipe.turn)
    assert request.state is RequestState.DONE or (request.step and request.step.key == recipe.turn), request
    await stage.app.services.executor.roll_back(request.ref, stage.desk.who("operator"))
    request = await stage.walk(recipe.back)
    assert request.state is RequestState.ROLLED_BACK, request
    await recipe.undone(stage)
    await _whole(stage)


async def _whole(stage: Stage) -> None:
    """The trail holds together, each step has one receipt, and the drawer is empty."""
    request = await stage.request()
    keys = [receipt.step for receipt in request.receipts]
    assert len(keys) == len(set(keys))
    async with stage.app.store.read() as unit:
        assert (await unit[AuditLog].verify()).ok
        assert not [name for name in await unit[SecretRepository].names() if stage.request_id in name]


def test_every_named_point_of_a_step_is_tried() -> None:
    """A crash point that is added to the code is added here too."""
    found = set()
    for source in (
        path for subject in ("requests", "secrets") for path in (ROOT / "bot" / subject).rglob("*.py")
    ):
        found |= {
            line.split('crash_point("')[1].split('"')[0]
            for line in source.read_text().splitlines()
            if 'crash_point("' in line
        }
    elsewhere = {"event.taken", "request.decided", "request.turned_back"}
    assert found - elsewhere == {*BEFORE, *AFTER, *(point for inside in WITHIN.values() for point in inside)}
