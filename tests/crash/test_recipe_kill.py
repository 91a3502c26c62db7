"""SIGKILL at every named point of every step of every recipe, there and back, on SQLite and on PostgreSQL.

Each kill is followed by a new process. In the end the plan is where it was to be, nothing was done twice, and no
credential is left that nobody knows of.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App
from bot.config import load
from bot.domain.conversation import Role
from bot.domain.plan import Hands, Step, StepMode
from bot.domain.records import ChangeRequest, RequestState
from bot.jobs import follow
from bot.store import FileKeySource
from sandbox.company import load as company
from sandbox.running import running
from tests.contract import kv2_server
from tests.crash.recipes import RECIPES, Recipe, caller
from tests.e2e.desk import Desk

ROOT = Path(__file__).parents[2]
BEFORE, AFTER = ("step.looked", "step.intended"), ("step.applied", "step.recorded")
WITHIN = {  # what the vault does inside of a step, by its verb
    "make-key": ("vault.made", "vault.sealed"),
    "make-password": ("vault.sealed",),
    "deliver": ("vault.written",),
    "withdraw": ("vault.put_back",),
}
MOST = 120  # processes for one way; more means that it goes round in circles
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@dataclass
class Stage:
    """A sandbox, an installation, and this process's own hands on its database between two kills."""

    desk: Desk
    config: Path
    app: App
    shelf: kv2_server.Engine
    request_id: str = ""
    deaths: int = 0
    forker: asyncio.subprocess.Process | None = None

    async def request(self) -> ChangeRequest:
        """The request as it stands."""
        async with self.app.store.read() as unit:
            return await unit.requests.get(self.request_id)

    def effects(self, method: str, path: str) -> int:
        """How many calls of a method to paths that hold ``path`` were carried out."""
        calls = self.desk.sandbox.world.calls
        return sum(c.method == method and path in f"{c.path}/" and (c.status or 0) // 100 == 2 for c in calls)

    def rows(self, table: str, **where: object) -> list[Mapping[str, Any]]:
        """Rows of the Salesforce stand-in."""
        org = self.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        return [row for row in org[table] if all(row[k] == v for k, v in where.items())]

    def celigo(self) -> Any:
        """The app whose pair is rotated."""
        org = self.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        return next(app for app in org.apps.values() if app.label == "Celigo")

    async def process(self, point: str = "") -> bool:
        """One process that walks until it waits, or dies at ``point``; whether it died."""
        if self.forker is None:
            self.forker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.crash.walker", str(self.config), self.request_id),
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        assert self.forker.stdin
        assert self.forker.stdout
        self.forker.stdin.write(f"{point}\n".encode())
        while not (said := await self.forker.stdout.readline()).strip().isdigit():
            assert said, "the walker ended"  # else it is a line of the log
        assert int(said) in (0, signal.SIGKILL)
        return int(said) != 0

    async def walk(self, hands: Mapping[str, Any], until: str = "") -> ChangeRequest:
        """Kill at each point in turn, do what people do where it waits, until it ends or waits at ``until``."""
        done: set[str] = set()
        for _ in range(MOST):
            request = await self.request()
            step = request.step
            for point in points_of(step):
                if not await self.process(point):
                    break
                self.deaths += 1
            request = await self.request()
            step = request.step
            if step is None or not request.state.live or step.key == until:
                return request
            if request.state is RequestState.WAITING and step.key in hands and step.key not in done:
                done.add(step.key)
                await hands[step.key](self)
        raise AssertionError(f"it does not come to an end: {await self.request()}")


def points_of(step: Step | None) -> tuple[str, ...]:
    """Where a process can die while it takes a step, in the order in which it comes by."""
    if step is None or step.mode is not StepMode.AUTO:
        return ("step.recorded",)
    inside = WITHIN.get(step.action.verb, ()) if step.action.hands is Hands.VAULT else ()
    return (*BEFORE, *inside, *AFTER)


@pytest.fixture(params=DATABASES)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """An installation on each database."""
    url = str(request.getfixturevalue("fresh_postgres")) if request.param == "postgresql" else ""
    async with _stage(tmp_path, url) as made:
        yield made


@asynccontextmanager
async def _stage(directory: Path, database_url: str) -> AsyncIterator[Stage]:
    async with (
        kv2_server.running() as shelf,
        running(company(), directory=directory, platforms=("slack", "salesforce")) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        config = Path(sandbox.ready["bot_config"])
        await asyncio.to_thread(_configure, config, shelf.url, database_url)
        settings = load(config)
        settings.data_dir.mkdir(exist_ok=True)
        FileKeySource.create(settings.key_file)
        app = await App.open(settings, root=config.parent)
        stage = Stage(Desk(sandbox, http, settings), config, app, shelf)
        try:
            assert settings.sandbox
            await follow.catch_up(settings.sandbox, app.clock)
            await app.services.people.reconcile()
            await app.services.scanning.scan("salesforce:prod")
            app_now = stage.celigo()
            shelf.put("celigo", {"client_id": app_now.client_id, "client_secret": app_now.client_secret})
            yield stage
        finally:
            await app.aclose()
            if stage.forker:
                stage.forker.kill()
                await stage.forker.wait()


def _configure(config: Path, shelf_url: str, database_url: str) -> None:
    top = f'database_url = "{database_url}"\n' if database_url else ""
    tables = f"""
[destinations.celigo]
kind = "vault"
url = "{shelf_url}"
path = "celigo"
token = "{kv2_server.TOKEN}"

[[integrations]]
application = "Celigo"
destination = "celigo"
"""
    config.write_text(top + config.read_text() + tables)


async def _ask(stage: Stage, recipe: Recipe) -> None:
    draft, inputs = await recipe.draft(stage)
    approvals = stage.app.services.approvals
    asked = await approvals.open(draft, caller(stage, Role.OPERATOR), "killed at every named point", inputs)
    await approvals.decide(asked.ref, None, caller(stage, Role.APPROVER), approve=True, reason="")
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
    """Turned back at its last wait and killed at each point of each step back: as if it had never been."""
    await _ask(stage, recipe)
    request = await stage.walk(recipe.hands, until=recipe.turn)
    assert request.step is not None, request
    await stage.app.services.handover.roll_back(request.ref, stage.desk.who("operator"))
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
        assert (await unit.audit.verify()).ok
        assert not [name for name in await unit.secrets.names() if stage.request_id in name]


def test_every_named_point_of_a_step_is_tried() -> None:
    """A crash point that is added to the code is added here too."""
    found = set()
    for source in (ROOT / "bot" / "services").rglob("*.py"):
        found |= {
            line.split('crash_point("')[1].split('"')[0]
            for line in source.read_text().splitlines()
            if 'crash_point("' in line
        }
    elsewhere = {"event.taken", "request.decided", "request.turned_back"}
    assert found - elsewhere == {*BEFORE, *AFTER, *(point for inside in WITHIN.values() for point in inside)}
