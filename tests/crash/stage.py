"""A sandbox and an installation whose processes die at named points, with the hands of the people around it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot import sandbox_clock
from bot.app import App
from bot.chat.model import Caller, Role
from bot.config import load
from bot.db.key_sources import FileKeySource
from bot.inventory.catalogue import Entry
from bot.platform.plan import Draft, Hands, Step, StepMode
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from sandbox.company import load as company
from sandbox.running import running
from tests.contract import kv2_server
from tests.e2e.desk import Desk

ROOT = Path(__file__).parents[2]
SHELF = "shelf"  # the place where a consumer reads what it signs in with
BEFORE, AFTER = ("step.looked", "step.intended"), ("step.applied", "step.recorded")
WITHIN = {  # what the vault does inside of a step, by its verb
    "make-key": ("vault.made", "vault.sealed"),
    "make-password": ("vault.sealed",),
    "deliver": ("vault.written",),
    "withdraw": ("vault.put_back",),
}
MOST = 120  # processes for one way; more means that it goes round in circles
EVERY = "*"  # among hands: for each step that has none of its own


@dataclass
class Stage:
    """A sandbox, an installation, and this process's own hands on its database between two kills."""

    desk: Desk
    config: Path
    app: App
    shelf: kv2_server.Engine
    request_id: str = ""
    deaths: int = 0
    kept: dict[str, str] = field(default_factory=dict, repr=False)  # what people have noted for later
    forker: asyncio.subprocess.Process | None = None

    async def request(self) -> ChangeRequest:
        """The request as it stands."""
        async with self.app.store.read() as unit:
            return await unit[RequestRepository].get(self.request_id)

    def effects(self, method: str, path: str) -> int:
        """How many calls of a method to paths that hold ``path`` were carried out."""
        calls = self.desk.sandbox.world.calls
        return sum(c.method == method and path in f"{c.path}/" and (c.status or 0) // 100 == 2 for c in calls)

    def stand_in(self, platform: str) -> Any:
        """A platform's other side."""
        return self.desk.sandbox.stand_ins[platform]

    async def pull(self, lever: str, **asked: object) -> Any:
        """What people do outside of the bot: a lever of the world."""
        return await self.desk.post(lever, asked)

    def held(self) -> dict[str, Any]:
        """What the consumer reads now."""
        versions = self.shelf.secrets[SHELF]
        return versions[max(versions)].data

    async def entry(self, words: str) -> Entry:
        """The one thing of the inventory that these words, or this native id, mean."""
        catalogue = await self.app.services.inventory.catalogue()
        found = next((e for e in catalogue.entries if e.item.body.native_id == words), None)
        found = found or catalogue.entry(catalogue.find(words))
        assert found, words
        return found

    def caller(self, role: Role, nth: int = 0) -> Caller:
        """Somebody with that role."""
        return Caller(user_id=self.desk.who(role.value, nth), role=role)

    async def attest(self) -> None:
        """The operator signs for the step that waits."""
        await self.app.services.handover.attest(await self.request(), self.desk.who("operator"), "seen to it")

    async def enter(self, **values: str) -> None:
        """The operator enters secrets on the sealed page."""
        await self.app.services.passing.enter(
            self.request_id, values, by=self.desk.who("operator"), way="sealed page"
        )

    async def carry_over(self) -> dict[str, str]:
        """The operator reads secrets from the sealed page, and says there that they are in place."""
        passing, who = self.app.services.passing, self.desk.who("operator")
        seen = await passing.show(self.request_id, by=who, way="sealed page")
        await passing.in_place(self.request_id, seen.prints, by=who, way="sealed page")
        return {name: value.reveal() for name, value in seen.values.items()}

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

    async def walk(self, hands: Mapping[str, Hand], until: str = "") -> ChangeRequest:
        """Kill at each point in turn, do what people do where it waits, until it ends or comes to ``until``."""
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
            assert request.state is not RequestState.HELD, request.detail
            hand = hands.get(step.key, hands.get(EVERY))
            if request.state is RequestState.WAITING and hand and step.key not in done:
                done.add(step.key)
                await hand(self)
        raise AssertionError(f"it does not come to an end: {await self.request()}")


Hand = Callable[[Stage], Awaitable[None]]


async def no_more(stage: Stage) -> None:
    """Nothing besides what the test itself looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """
    One recipe as a story. ``hands``: what is done while a step waits, by its key; ``back``: the same on the way back.

    ``turn``: the step before which it is turned back; empty: once it is done. ``delivers_to``: the integration whose
    credentials are kept on the shelf. ``configured``: alters the sandbox's configuration.
    """

    name: str
    platforms: Collection[str]
    draft: Callable[[Stage], Awaitable[tuple[Draft, Mapping[str, str]]]]
    done: Hand
    undone: Hand
    turn: str
    hands: Mapping[str, Hand] = field(default_factory=dict)
    back: Mapping[str, Hand] = field(default_factory=dict)
    delivers_to: str = ""
    configured: Callable[[str, Path], str] = lambda text, _: text
    ready: Hand = no_more

    @property
    def connection(self) -> str:
        """Whose plan it is."""
        return f"{next(iter(self.platforms))}:prod"


def points_of(step: Step | None) -> tuple[str, ...]:
    """Where a process can die while it takes a step, in the order in which it comes by."""
    if step is None or step.mode is not StepMode.AUTO:
        return ("step.recorded",)
    inside = WITHIN.get(step.action.verb, ()) if step.action.hands is Hands.VAULT else ()
    return (*BEFORE, *inside, *AFTER)


@asynccontextmanager
async def staged(recipe: Recipe, directory: Path, database_url: str) -> AsyncIterator[Stage]:
    """Everything a recipe needs, listed once; PostgreSQL where an address is given."""
    async with (
        kv2_server.running() as shelf,
        running(company(), directory=directory, platforms=recipe.platforms) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        config = Path(sandbox.ready["bot_config"])
        await asyncio.to_thread(_configure, config, recipe, shelf.url, database_url)
        settings = load(config)
        settings.data_dir.mkdir(exist_ok=True)
        FileKeySource.create(settings.key_file)
        app = await App.open(settings, root=config.parent)
        stage = Stage(Desk(sandbox, http, settings), config, app, shelf)
        try:
            assert settings.sandbox
            await sandbox_clock.catch_up(settings.sandbox, app.clock)
            await app.services.people.reconcile()
            await recipe.ready(stage)
            await app.services.scanning.scan(recipe.connection)
            yield stage
        finally:
            await app.aclose()
            if stage.forker:
                stage.forker.kill()
                await stage.forker.wait()


def _configure(config: Path, recipe: Recipe, shelf_url: str, database_url: str) -> None:
    top = f'database_url = "{database_url}"\n' if database_url else ""
    text = recipe.configured(config.read_text(), config.parent)
    shelf = f"""
[destinations.{SHELF}]
kind = "vault"
url = "{shelf_url}"
path = "{SHELF}"
token = "{kv2_server.TOKEN}"

[[integrations]]
application = "{recipe.delivers_to}"
destination = "{SHELF}"
"""
    config.write_text(top + text + (shelf if recipe.delivers_to else ""))
