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
from bot import dispatch, maintenance, sandbox_clock
from bot.alerts.digests import Digests
from bot.alerts.escalation import Escalation
from bot.alerts.lifecycle import DmReachability
from bot.alerts.triggers import Alerts
from bot.clock import Clock
from bot.config import Settings, secret_setting
from bot.connections import checks, connect
from bot.db.key_sources import key_source
from bot.db.leases import FileLimiter, PostgresLimiter, limiter
from bot.db.store import Store
from bot.delivery import Delivery
from bot.dispatch import Dispatcher, Routes
from bot.durable import Engine
from bot.durable.schedule import Schedule
from bot.errors import ConfigError
from bot.evidence.packs import Evidence
from bot.findings.check_runner import CheckRunner
from bot.findings.evaluation import FindingEvaluator
from bot.findings.suppression import FindingSuppressions
from bot.inventory.catalogue import Inventory
from bot.inventory.ownership import Ownerships
from bot.inventory.ownership_reviews import OwnershipReviews
from bot.maintenance import until
from bot.people.access import Access
from bot.people.members import People
from bot.people.step_up import StepUps
from bot.platform.ports import Destination, Health, Platform
from bot.requests import jobs as advance
from bot.requests.approvals import Approvals
from bot.requests.execution import Executor, StepExecutor
from bot.requests.leavers import Leavers
from bot.requests.notifier import RequestNotifier
from bot.requests.planning import Planner
from bot.requests.reminders import RequestReminders
from bot.requests.safety_limit import SafetyLimit
from bot.scans import jobs as scan
from bot.scans.scan import Scanner
from bot.secrets.destinations import every
from bot.secrets.exchange import SecretExchange
from bot.secrets.repository import SecretRepository
from bot.secrets.sealed_links import SealedLinks
from bot.secrets.vault import Vault
from bot.services import Services
from bot.slack.clients import Tokens
from bot.slack.workspace import Slack
from bot.store import open_store
from bot.text import Secret
from bot.user_sync.forecast import LIMIT_SHARE, LIMIT_USERS
from bot.user_sync.jobs import NightlyForecast
from bot.user_sync.service import UserSync
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
    _limiter: FileLimiter | PostgresLimiter
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
            store = await open_store(settings.store_url, key_source(settings), clock)
            opened.push_async_callback(store.aclose)
            async with store.read() as unit:
                names = [
                    name for name in await unit[SecretRepository].names() if not name.startswith("@")
                ]  # those are our own
                stored = {
                    name: secret for name in names if (secret := await unit[SecretRepository].get(name))
                }
            tokens = _tokens(settings, stored, root)
            slack = await Slack.open(tokens, settings.slack, settings.slack_address)
            opened.push_async_callback(slack.aclose)
            at_doors = limiter(settings.store_url, settings.data_dir)
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
        at_doors: FileLimiter | PostgresLimiter,
    ) -> App:
        channel = settings.slack.alert_channel
        access = Access(settings.roles, slack.directory, store, clock)
        everyday = settings.inventory.everyday_apps
        inventory = Inventory(store, everyday)
        policies = settings.policies.policies()
        alerts = Alerts(settings.alerts, inventory, channel, clock, policies)
        evaluator = FindingEvaluator(checks(), everyday, clock, policies)
        user_sync = UserSync(store, connected, inventory, settings, clock)
        limits = dict.fromkeys(user_sync.directories, (LIMIT_USERS, LIMIT_SHARE))
        safety_limit = SafetyLimit(settings.safety_limit, clock, limits)
        notifier = RequestNotifier(channel, clock)
        vault = Vault(store, connected, destinations, clock)
        told = {name: table.get("unused_for_s") for name, table in settings.connections.items()}
        waits = {name: timedelta(seconds=s) for name, s in told.items() if isinstance(s, int | float)}
        planner = Planner(
            store, connected, safety_limit, settings.integrations, policies, destinations, waits
        )
        ownerships = Ownerships(store, clock)
        approvals = Approvals(store, planner, access, settings.approval, notifier, clock)
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
                store,
                slack.directory,
                access,
                alerts.people_status_changed,
                slack.person,
                alone=settings.alone,
            ),
            inventory=inventory,
            evaluator=evaluator,
            suppressions=FindingSuppressions(store, clock),
            check_runner=CheckRunner(store, connected, evaluator),
            alerts=alerts,
            scanner=Scanner(store, connected, alerts, evaluator, settings.safety_limit, clock),
            planner=planner,
            vault=vault,
            approvals=approvals,
            leavers=Leavers(planner, approvals),
            files=slack.files,
            executor=Executor(store, StepExecutor(connected, vault), safety_limit, notifier, at_doors, clock),
            evidence=Evidence(store, clock),
            user_sync=user_sync,
            nightly_forecast=NightlyForecast(user_sync, alerts, store, channel, clock),
            secret_exchange=SecretExchange(store, vault, at_doors),
            links=SealedLinks(store, access, clock, settings.web.public_url),
            step_ups=StepUps(store, clock),
            reminders=RequestReminders(store, approvals.eligible, notifier, clock),
            ownerships=ownerships,
            ownership_reviews=OwnershipReviews(
                store, inventory, ownerships, settings.alerts, policies, clock
            ),
            escalation=Escalation(store, inventory, access, settings.alerts, channel, clock),
            digests=Digests(store, inventory, settings.alerts, policies, channel, clock),
            specs=found.specs,
            begin=app._begin,
            health=app.health,
        )
        return app

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then let go of everything in order.

        Raises:
            ConfigError: another bot uses the data directory, or Slack refuses a token.
        """
        keyring = self.store.keyring
        if self.settings.sandbox:
            await sandbox_clock.catch_up(self.settings.sandbox, self.clock)
        async with AsyncExitStack() as stack:
            engine = await Engine.open(
                self.settings.engine_url,
                data_dir=self.settings.data_dir,
                seal=keyring.seal,
                unseal=keyring.open,
            )
            stack.push_async_callback(engine.aclose)
            scan.register(engine, self.services.scanner)
            advance.register(engine, self.services.executor)
            self.services.nightly_forecast.register(engine)
            self._engine = engine
            await engine.launch()
            self._schedule = schedule = Schedule(self.clock, engine.start)
            self._plan(schedule, engine)
            delivery = Delivery(
                self.store,
                self.slack.chat,
                self._limiter,
                self.settings.slack.alert_channel,
                self.clock,
                alone=self.settings.alone,
                reach=DmReachability(self.services.alerts.life),
            )
            shown: list[BaseRoute] = []
            if self.settings.web.public_url:
                shown += SealedPage(self.services).routes()
            if self._scim_secret is not None:
                shown += ScimHook(self.services.people, self._scim_secret, self.clock).routes()
            if self.settings.slack_address:
                shown += SlackEvents(self.slack.received).routes()
            await stack.enter_async_context(serving(self.settings.web.listen, self.health, shown))
            await self.slack.connect(Dispatcher(self.routes, self.services))
            stack.push_async_callback(self.slack.disconnect)
            await schedule.start()
            stack.push_async_callback(schedule.stop)
            log.info("bot.ready", connections=len(self.platforms))
            endless = [
                maintenance.persist("delivery", delivery.run),
                maintenance.persist("members", lambda: maintenance.members_at_start(self.services)),
                self.slack.refused(),
                maintenance.persist("home", lambda: maintenance.keep(self.store, self.slack.refresh_homes)),
            ]
            if self.settings.sandbox:
                endless.append(sandbox_clock.follow(self.settings.sandbox, self.clock))
            await until(stop, endless)

    def _plan(self, schedule: Schedule, engine: Engine) -> None:
        """What happens by itself, and how often."""
        for connection in self.platforms:
            every_s = int(self.settings.connections[connection].get("scan_every_s", SCAN_EVERY_S))
            schedule.every(f"scan:{connection}", every_s, scan.NAME, connection)
        self.services.nightly_forecast.plan(schedule)
        schedule.tick("watch", self.settings.approval.watch_every_s, self._watch)
        maintenance.plan(schedule, engine, self.services)

    async def _watch(self) -> None:
        assert self._engine is not None  # noqa: S101  the schedule runs only while the engine does
        every_s = self.settings.approval.watch_every_s
        slot = datetime.fromtimestamp(
            self.clock.now().timestamp() // every_s * every_s, tz=self.clock.now().tzinfo
        )
        await advance.watch(self._engine, self.services.executor, slot)

    async def _begin(self, request_id: str) -> None:
        if self._engine is None:
            raise ConfigError(
                "The bot is not running, so nothing can be begun. Start it with `python -m bot run`."
            )
        await advance.begin(self._engine, self.clock, request_id)

    async def health(self) -> tuple[Health, ...]:
        """How the running parts do."""
        engine = Health(name="Engine", ok=self._engine is not None, detail="durable runs are taken up")
        jobs = self._schedule.status() if self._schedule else ()
        soonest = min((job.next_run for job in jobs if job.next_run), default=None)
        due = f"{len(jobs)} jobs, next at {soonest:%H:%M:%S} UTC" if soonest else "not running"
        trouble = await self.store.check()
        return (
            Health(name="Store", ok=not trouble, detail=trouble or "can be written"),
            self.slack.pulse(),
            engine,
            Health(name="Schedule", ok=bool(jobs), detail=due),
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
        await self._limiter.aclose()
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
