"""When things run. APScheduler is the clock and keeps no state; the engine makes each slot run once.

Every replica fires every slot, and a restarted one fires the last slot again: the run's id holds the slot, and
the engine starts an id once. Slots follow real time, also while a sandbox shifts our clock.
Source: apscheduler.readthedocs.io/en/3.x, and its source 3.11.3, read 2026-11-21.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock
from bot.durable import Discreet
from bot.errors import ConfigError, InvariantBroken

EPOCH = datetime.fromtimestamp(0, UTC)
LOOK_BACK = timedelta(days=7)  # an older slot is not made up for; the engine remembers ids for longer
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_run_at: ContextVar[datetime] = ContextVar("run_at")


class Start(Protocol):
    """Begins a durable run once per id: the engine's ``start``."""

    async def __call__(self, workflow: str, *args: object, id: str) -> None:  # noqa: A002
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the schedule. Aware UTC; ``None`` where it has not run, or will not again."""

    name: str
    next_run: datetime | None
    last_run: datetime | None  # when it last ended well in this process


class RunAtExecutor(AsyncIOExecutor):  # type: ignore[misc]  # apscheduler has no types
    """Tells a job the time it was scheduled for, which APScheduler 3 keeps to itself."""

    def _do_submit_job(self, job: Any, run_times: Sequence[datetime]) -> None:
        token = _run_at.set(run_times[-1])
        try:
            super()._do_submit_job(job, run_times)  # creates a task, which copies the context
        finally:
            _run_at.reset(token)


class Schedule:
    """
    Durable slots (``every``, ``cron``) and this process's own ticks (``tick``). Add all of them before ``start``.

    However late the loop wakes up, the newest slot that is due runs, once; a job never overlaps itself. What a
    job raises is logged and costs that slot only.
    """

    def __init__(self, clock: Clock, start: Start) -> None:
        self._clock = clock
        self._start_run = start
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            executors={"default": RunAtExecutor()},
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": int(LOOK_BACK.total_seconds()),
            },
        )
        self._names: list[str] = []
        self._durable: dict[str, Callable[[datetime], Awaitable[None]]] = {}
        self._last: dict[str, datetime] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._stopping = False

    def every(self, name: str, seconds: int, workflow: str, *args: object) -> None:
        """Start ``workflow`` each time ``seconds`` have passed since 1970, as ``name:<how often that was>``."""
        if seconds < 1:
            raise ConfigError(f"schedule.{name}: the period must be at least one second.")

        async def submit(at: datetime) -> None:
            slot = int(at.timestamp() // seconds)
            await self._start_run(workflow, *args, id=f"{name}:{slot}")

        self._add_durable(name, IntervalTrigger(seconds=seconds, start_date=EPOCH, timezone=UTC), submit)

    def cron(self, name: str, expr: str, workflow: str, *args: object, zone: str = "UTC") -> None:
        """
        Start ``workflow`` at the minutes of a five-field cron expression, as ``name:<UTC minute>``.

        As in cron Sunday is 0 or 7. Unlike cron, day of month and weekday cannot both be given.

        Raises:
            ConfigError: the expression or the time zone is not one.
        """
        try:
            trigger = CronTrigger.from_crontab(_for_apscheduler(expr), timezone=ZoneInfo(zone))
        except (ValueError, ZoneInfoNotFoundError) as exc:
            raise ConfigError(
                f"schedule.{name}: {expr!r} in {zone!r} is not a time to run at: {exc}."
            ) from exc

        async def submit(at: datetime) -> None:
            await self._start_run(workflow, *args, id=f"{name}:{at.astimezone(UTC):%Y%m%dT%H%MZ}")

        self._add_durable(name, trigger, submit)

    def tick(self, name: str, seconds: float, fn: Callable[[], Awaitable[None]]) -> None:
        """Call ``fn`` every ``seconds`` in this process only, the first time after one period."""

        async def call() -> None:
            await self._watched(name, fn())

        self._add(name, IntervalTrigger(seconds=seconds, timezone=UTC), call)

    def _add_durable(self, name: str, trigger: Any, submit: Callable[[datetime], Awaitable[None]]) -> None:
        async def fire() -> None:
            await self._watched(name, submit(_run_at.get()))

        self._add(name, trigger, fire)
        self._durable[name] = submit

    def _add(self, name: str, trigger: Any, fire: Callable[[], Awaitable[None]]) -> None:
        if name in self._names or self._scheduler.running:
            raise InvariantBroken(f"Job {name} was scheduled twice or after the start.")
        self._scheduler.add_job(fire, trigger, id=name)
        self._names.append(name)

    async def start(self) -> None:
        """Begin, and submit of each durable job the last slot of the past seven days, in case it was missed."""
        logger = logging.getLogger("apscheduler.executors.default")
        if not any(isinstance(one, Discreet) for one in logger.filters):
            logger.addFilter(Discreet())
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._scheduler.start()
        now = self._clock.now() - self._clock.shift
        for name, submit in self._durable.items():
            missed = _last_before(self._scheduler.get_job(name).trigger, now)
            if missed is not None:
                self._scheduler.add_job(self._make_up, args=(name, submit, missed), id=f"{name} (missed)")

    async def stop(self) -> None:
        """Fire nothing more; ticks that are under way are cancelled, and have ended when this returns."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        under_way = set(self._running)
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)

    def status(self) -> tuple[Job, ...]:
        """Every job, by name."""
        jobs = {name: self._scheduler.get_job(name) for name in sorted(self._names)}
        return tuple(
            Job(name, getattr(job, "next_run_time", None), self._last.get(name)) for name, job in jobs.items()
        )

    async def _make_up(self, name: str, submit: Callable[[datetime], Awaitable[None]], at: datetime) -> None:
        await self._watched(name, submit(at))

    async def _watched(self, name: str, call: Awaitable[None]) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (a coroutine runs in a task)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await call
        except asyncio.CancelledError:
            if not self._stopping:  # else APScheduler would report our own stop as a failure
                raise
            return
        self._last[name] = self._clock.now() - self._clock.shift


def _last_before(trigger: Any, now: datetime) -> datetime | None:
    """The newest time of ``trigger`` within ``LOOK_BACK``; it can only be asked for next ones."""
    for back in (timedelta(hours=1), timedelta(days=1), LOOK_BACK):
        found: datetime | None = None
        at: datetime | None = trigger.get_next_fire_time(None, now - back)
        while at is not None and at <= now:
            found, at = at, trigger.get_next_fire_time(at, at)
        if found is not None:
            return found
    return None


def _for_apscheduler(expr: str) -> str:
    """
    ``expr`` with weekdays listed by name and months by number.

    APScheduler counts weekdays from Monday where cron counts from Sunday, and reads "mon-fri/2" as "mon-fri".
    Source: apscheduler.readthedocs.io, CronTrigger.from_crontab, warning about issue 286, read 2026-11-21.
    """
    fields = expr.lower().split()
    if len(fields) != 5:
        raise ValueError("five fields are needed: minute, hour, day of month, month, weekday")
    if fields[2] != "*" and fields[4] != "*":
        raise ValueError("give the day of month or the weekday, not both")
    fields[3] = _numbered(fields[3], MONTHS, first=1)
    if fields[4] != "*":
        days = {day for part in fields[4].split(",") for day in _weekdays(_numbered(part, WEEKDAYS, first=0))}
        fields[4] = ",".join(WEEKDAYS[day] for day in sorted(days))
    return " ".join(fields)


def _numbered(field: str, names: Sequence[str], first: int) -> str:
    return re.sub(r"[a-z]+", lambda name: str(names.index(name[0]) + first), field)


def _weekdays(part: str) -> set[int]:
    """The days, 0 is Sunday, of ``*``, ``n``, ``n-m`` and either with ``/step``."""
    found = re.fullmatch(r"(?:\*|([0-7])(?:-([0-7]))?)(?:/([1-7]))?", part)
    if found is None:
        raise ValueError(f"{part} is no weekday")
    begin, end, step = found.groups()
    low = int(begin or 0)
    high = int(end or (6 if begin is None or step else low))
    if high == 0 < low:  # Monday to Sunday
        high = 7
    if high < low:
        raise ValueError(f"{part} runs backwards")
    return {day % 7 for day in range(low, high + 1, int(step or 1))}
