"""The composition root: the only module that knows everything. Tests call it with stand-ins behind the URLs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from starlette.routing import BaseRoute

import handlers
from bot import dispatch
from bot.clock import Clock
from bot.config import Settings, secret_setting
from bot.connecting import checks, connect
from bot.destinations import every
from bot.dispatch import Dispatcher, Routes
from bot.domain.secret import Secret
from bot.engine import Engine
from bot.errors import ConfigError
from bot.jobs import advance, follow, foresee, homes, scan, upkeep
from bot.jobs.deliver import Delivery
from bot.jobs.endless import until
from bot.ports import Destination, Platform, Pulse
from bot.schedule import Schedule
from bot.services import Services
from bot.services.access import Access
from bot.services.alerts import Alerts
from bot.services.approvals import Approvals
from bot.services.brake import Brake
from bot.services.diagnosis import Diagnosis
from bot.services.digests import Digests
from bot.services.escalation import Escalation
from bot.services.evidence import Evidence
from bot.services.handover import Handover
from bot.services.hands import Doer
from bot.services.inventory import Inventory
from bot.services.leaver import Leavers
from bot.services.ownership import Ownerships
from bot.services.passing import Passing
from bot.services.people import People
from bot.services.planning import Planner
from bot.services.reach import Reach
from bot.services.scanning import Scanning
from bot.services.sealed_links import SealedLinks
from bot.services.step_up import StepUps
from bot.services.stewardship import Stewardship
from bot.services.suppressing import Suppressing
from bot.services.telling import Telling
from bot.services.trial import Trials
from bot.services.user_sync import UserSync
from bot.services.vault import Vault
from bot.services.waiting import Waiting
from bot.slack.clients import Tokens
from bot.slack.workspace import Slack
from bot.store import FileTurns, PostgresTurns, Store, key_source, turns
from bot.web.health import serving
from bot.web.scim_hook import ScimHook
from bot.web.sealed_page import SealedPage
from bot.web.slack_events import SlackEvents

log = structlog.get_logger()
SCAN_EVERY_S = 900
SCIM_SECRET_LENGTH = 32  # characters: what signs for everybody must not be guessed


def routes() -> Routes:
    """Everything that can be asked; needs no configuration."""
    return dispatch.discover(handlers)


@dataclass(slots=True)
class App:
    """A composed bot. Opening it touches the database only; ``run`` starts everything else."""

    settings: Settings
    clock: Clock
    store: Store
    slack: Slack
    platforms: Mapping[str, Platform]
    destinations: Mapping[str, Destination]
    routes: Routes
    services: Services
    _turns: FileTurns | PostgresTurns
    _started: list[str]
    _scim_secret: Secret | None = None
    _engine: Engine | None = None
    _schedule: Schedule | None = None

    @classmethod
    async def open(cls, settings: Settings, *, root: Path) -> App:
        """Compose. ``root`` is the directory that the configuration's relative paths start from.

        Raises:
            ConfigError, StoreError: names the key, or what is wrong with the database or its key.
        """
        clock = Clock()
        async with AsyncExitStack() as opened:
            store = await Store.open(settings.store_url, key_source(settings), clock)
            opened.push_async_callback(store.aclose)
            async with store.read() as unit:
                names = [
                    name for name in await unit.secrets.names() if not name.startswith("@")
                ]  # those are our own
                stored = {name: secret for name in names if (secret := await unit.secrets.get(name))}
            tokens = _tokens(settings, stored, root)
            slack = await Slack.open(tokens, settings.slack, settings.slack_address)
            opened.push_async_callback(slack.aclose)
            at_doors = turns(settings.store_url, settings.data_dir)
            opened.push_async_callback(at_doors.aclose)
            connected = connect(settings, stored, root, clock, store, at_doors)
            app = cls._compose(
                settings, clock, store, slack, connected, every(settings, stored, root), at_doors
            )
            app._scim_secret = _scim_secret(settings, stored, root)
            opened.pop_all()  # all is well: from here on ``aclose`` lets go of it
        return app

    @classmethod
    def _compose(
        cls,
        settings: Settings,
        clock: Clock,
        store: Store,
        slack: Slack,
        connected: Mapping[str, Platform],
        destinations: Mapping[str, Destination],
        at_doors: FileTurns | PostgresTurns,
    ) -> App:
        channel = settings.slack.alert_channel
        access = Access(settings.roles, slack.directory, store, clock)
        everyday = settings.inventory.everyday_apps
        inventory = Inventory(store, everyday)
        policies = settings.policies.policies()
        alerts = Alerts(settings.alerts, inventory, channel, clock, policies)
        diagnosis = Diagnosis(checks(), everyday, clock, policies)
        user_sync = UserSync(store, connected, inventory, settings, clock)
        brake = Brake(settings.brake, clock, frozenset(user_sync.directories))
        telling = Telling(channel, clock)
        vault = Vault(store, connected, destinations, clock)
        told = {name: table.get("silence_s") for name, table in settings.connections.items()}
        waits = {name: timedelta(seconds=s) for name, s in told.items() if isinstance(s, int | float)}
        planner = Planner(store, connected, brake, settings.integrations, policies, destinations, waits)
        ownerships = Ownerships(store, clock)
        approvals = Approvals(store, planner, access, settings.approval, telling, clock)
        planner.joint["sync"] = user_sync.draft
        found = routes()
        app = cls(settings, clock, store, slack, connected, destinations, found, None, at_doors, [])  # type: ignore[arg-type]
        app.services = Services(
            settings=settings,
            clock=clock,
            store=store,
            platforms=connected,
            access=access,
            people=People(
                store, slack.directory, access, alerts.people_flipped, slack.person, alone=settings.alone
            ),
            inventory=inventory,
            diagnosis=diagnosis,
            suppressing=Suppressing(store, clock),
            trials=Trials(store, connected, diagnosis),
            alerts=alerts,
            scanning=Scanning(store, connected, alerts, diagnosis, settings.brake, clock),
            planner=planner,
            vault=vault,
            approvals=approvals,
            leavers=Leavers(planner, approvals),
            files=slack.files,
            handover=Handover(store, Doer(connected, vault), brake, telling, at_doors, clock),
            evidence=Evidence(store, clock),
            user_sync=user_sync,
            passing=Passing(store, vault, at_doors),
            links=SealedLinks(store, access, clock, settings.web.public_url),
            step_ups=StepUps(store, clock),
            waiting=Waiting(store, approvals.eligible, telling, clock),
            ownerships=ownerships,
            stewardship=Stewardship(store, inventory, ownerships, settings.alerts, policies, clock),
            escalation=Escalation(store, inventory, access, settings.alerts, channel, clock),
            digests=Digests(store, inventory, settings.alerts, policies, channel, clock),
            specs=found.specs,
            begin=app._begin,
            pulses=app.pulses,
        )
        return app

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then let go of everything in order.

        Raises:
            ConfigError: another bot uses the data directory, or Slack refuses a token.
        """
        keyring = self.store.keyring
        if self.settings.sandbox:
            await follow.catch_up(self.settings.sandbox, self.clock)
        async with AsyncExitStack() as stack:
            engine = await Engine.open(
                self.settings.engine_url,
                data_dir=self.settings.data_dir,
                seal=keyring.seal,
                unseal=keyring.open,
            )
            stack.push_async_callback(engine.aclose)
            scan.register(engine, self.services)
            advance.register(engine, self.services)
            foresee.register(engine, self.services)
            self._engine = engine
            await engine.launch()
            self._schedule = schedule = Schedule(self.clock, engine.start)
            self._plan(schedule, engine)
            delivery = Delivery(
                self.store,
                self.slack.chat,
                self._turns,
                self.settings.slack.alert_channel,
                self.clock,
                alone=self.settings.alone,
                reach=Reach(self.services.alerts.life),
            )
            shown: list[BaseRoute] = []
            if self.settings.web.public_url:
                shown += SealedPage(self.services).routes()
            if self._scim_secret is not None:
                shown += ScimHook(self.services.people, self._scim_secret, self.clock).routes()
            if self.settings.slack_address:
                shown += SlackEvents(self.slack.received).routes()
            await stack.enter_async_context(serving(self.settings.web.listen, self.pulses, shown))
            await self.slack.connect(Dispatcher(self.routes, self.services))
            stack.push_async_callback(self.slack.disconnect)
            await schedule.start()
            stack.push_async_callback(schedule.stop)
            log.info("bot.ready", connections=len(self.platforms))
            endless = [
                delivery.run(),
                upkeep.members_at_start(self.services),
                self.slack.refused(),
                homes.keep(self.store, self.slack.refresh_homes),
            ]
            if self.settings.sandbox:
                endless.append(follow.follow(self.settings.sandbox, self.clock))
            await until(stop, endless)

    def _plan(self, schedule: Schedule, engine: Engine) -> None:
        """What happens by itself, and how often."""
        for connection in self.platforms:
            every_s = int(self.settings.connections[connection].get("scan_every_s", SCAN_EVERY_S))
            schedule.every(f"scan:{connection}", every_s, scan.NAME, connection)
        foresee.plan(schedule, self.services)
        schedule.tick("watch", self.settings.approval.watch_every_s, self._watch)
        upkeep.plan(schedule, engine, self.services)

    async def _watch(self) -> None:
        assert self._engine is not None  # noqa: S101  the schedule runs only while the engine does
        every_s = self.settings.approval.watch_every_s
        slot = datetime.fromtimestamp(
            self.clock.now().timestamp() // every_s * every_s, tz=self.clock.now().tzinfo
        )
        await advance.watch(self._engine, self.services, slot)

    async def _begin(self, request_id: str) -> None:
        if self._engine is None:
            raise ConfigError(
                "The bot is not running, so nothing can be begun. Start it with `python -m bot run`."
            )
        await advance.begin(self._engine, self.services, request_id)

    async def pulses(self) -> tuple[Pulse, ...]:
        """How the running parts do."""
        engine = Pulse(name="Engine", ok=self._engine is not None, detail="durable runs are taken up")
        jobs = self._schedule.status() if self._schedule else ()
        soonest = min((job.next_run for job in jobs if job.next_run), default=None)
        due = f"{len(jobs)} jobs, next at {soonest:%H:%M:%S} UTC" if soonest else "not running"
        return (
            self.slack.pulse(),
            engine,
            Pulse(name="Schedule", ok=bool(jobs), detail=due),
        )

    async def checkup(self) -> list[tuple[bool, str, str]]:
        """What ``doctor`` looks at in Slack: whether it is well, what it is, how to mend it."""
        return [(look.ok, look.what, look.mend) for look in await self.slack.checkup()]

    async def aclose(self) -> None:
        """Let go of sockets and files."""
        for platform in self.platforms.values():
            await platform.aclose()
        for destination in self.destinations.values():
            await destination.aclose()
        await self._turns.aclose()
        await self.slack.aclose()
        await self.store.aclose()


def _tokens(settings: Settings, stored: Mapping[str, Secret], root: Path) -> Tokens:
    slack = settings.slack
    table = {
        "bot_token": slack.bot_token.get_secret_value(),
        "bot_token_file": slack.bot_token_file,
        "app_token": slack.app_token.get_secret_value(),
        "app_token_file": slack.app_token_file,
        "signing_secret": slack.signing_secret.get_secret_value(),
        "signing_secret_file": slack.signing_secret_file,
    }

    def secret(name: str) -> Secret:
        return secret_setting(table, name, stored, where="slack", root=root)

    if slack.mode == "http":
        return Tokens(bot=secret("bot_token"), signing=secret("signing_secret"))
    return Tokens(bot=secret("bot_token"), app=secret("app_token"))


def _scim_secret(settings: Settings, stored: Mapping[str, Secret], root: Path) -> Secret | None:
    web = settings.web
    if not web.hears_scim:
        return None
    table = {"scim_secret": web.scim_secret.get_secret_value(), "scim_secret_file": web.scim_secret_file}
    found = secret_setting(table, "scim_secret", stored, where="web", root=root)
    if len(found.reveal()) < SCIM_SECRET_LENGTH:
        raise ConfigError(
            f"web.scim_secret: shorter than {SCIM_SECRET_LENGTH} characters. "
            "`openssl rand -hex 32` makes one."
        )
    return found
