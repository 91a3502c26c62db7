"""The schedule, on a running loop and real time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock, FixedClock
from bot.engine import Engine
from bot.errors import ConfigError, InvariantBroken, Unreachable
from bot.schedule import Schedule

NOON = datetime(2026, 11, 18, 12, 0, 30, tzinfo=UTC)  # a Wednesday


class Starts:
    """Stands where the engine's ``start`` would: notes what is asked of it."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.calls: list[tuple[str, tuple[object, ...]]] = []

    async def __call__(self, workflow: str, *args: object, id: str) -> None:  # noqa: A002 (the engine's own name)
        self.ids.append(id)
        self.calls.append((workflow, args))


@asynccontextmanager
async def running(schedule: Schedule) -> AsyncIterator[Schedule]:
    await schedule.start()
    try:
        yield schedule
    finally:
        await schedule.stop()


def slot_now() -> int:
    return int(datetime.now(UTC).timestamp())


async def test_replicas_agree_on_slots() -> None:
    """Two schedules that never met ask for the same ids: the count of periods since 1970."""
    starts = Starts(), Starts()
    schedules = [Schedule(Clock(), one) for one in starts]
    for schedule in schedules:
        schedule.every("scan:crm", 1, "scan", "crm")
    first = slot_now()
    async with running(schedules[0]):
        await asyncio.sleep(0.4)
        async with running(schedules[1]):
            await asyncio.sleep(2.5)
    last = slot_now()
    for one in starts:
        assert len(one.ids) == len(set(one.ids)) >= 3
        assert set(one.ids) <= {f"scan:crm:{n}" for n in range(first, last + 1)}
        assert set(one.calls) == {("scan", ("crm",))}
    assert set(starts[1].ids) <= set(starts[0].ids)


async def test_a_start_makes_up_for_the_last_slot() -> None:
    """Each start submits the slot that should have run last, so that a restart misses none and repeats one id."""
    for shift in (timedelta(0), timedelta(days=400)):
        starts = Starts()
        clock = FixedClock(NOON)
        clock.shift = shift  # a sandbox that has moved on: slots follow real time
        schedule = Schedule(clock, starts)
        schedule.every("scan", 900, "scan")
        schedule.every("daily", 86400, "daily")
        schedule.cron("digest", "30 8 * * *", "digest")
        schedule.cron("weekly", "0 9 * * 4", "weekly")
        async with running(schedule):
            await asyncio.sleep(0.1)
        midnight = NOON.replace(hour=0, minute=0, second=0)
        assert sorted(starts.ids) == sorted(
            [
                f"scan:{int(NOON.timestamp()) // 900}",
                f"daily:{int(midnight.timestamp()) // 86400}",
                "digest:20261118T0830Z",
                "weekly:20261112T0900Z",
            ]
        )


async def test_slots_older_than_a_week_are_let_go() -> None:
    """What the engine may have forgotten is not submitted again."""
    starts = Starts()
    schedule = Schedule(FixedClock(NOON), starts)
    schedule.cron("monthly", "0 0 1 * *", "monthly")
    schedule.every("rare", 86400 * 400, "rare")
    async with running(schedule):
        await asyncio.sleep(0.1)
    assert starts.ids == []


async def test_a_late_loop_runs_the_newest_slot_once() -> None:
    """After the loop was blocked for some slots, the newest of them is submitted under its own time."""
    starts = Starts()
    schedule = Schedule(Clock(), starts)
    schedule.every("scan", 1, "scan")
    async with running(schedule):
        await asyncio.sleep(0.05)
        before = list(starts.ids)
        time.sleep(3.2)  # noqa: ASYNC251 (blocking the loop is the point)
        woke = slot_now()
        await asyncio.sleep(0.1)
        late = starts.ids[len(before) :]
    assert late[0] in (f"scan:{woke}", f"scan:{woke + 1}")
    assert len(late) == len(set(late)) <= 2  # a second one if the next second has begun meanwhile


async def test_a_failing_job_costs_its_slot_only(caplog: pytest.LogCaptureFixture) -> None:
    """An error is logged without its values, ``last_run`` stays empty, and the next slot comes."""
    calls: list[str] = []

    async def fail(workflow: str, *args: object, id: str) -> None:  # noqa: A002
        calls.append(id)
        raise LookupError("planted-value")

    async def unreachable() -> None:
        raise Unreachable("crm:prod could not be reached.")

    schedule = Schedule(Clock(), fail)
    schedule.every("scan", 1, "scan")
    schedule.tick("send", 0.2, unreachable)
    with caplog.at_level(logging.INFO):
        async with running(schedule):
            await asyncio.sleep(2.3)
            jobs = schedule.status()
    assert len(calls) >= 3
    assert [job.last_run for job in jobs] == [None, None]
    assert "LookupError at test_schedule.py" in caplog.text
    assert "unreachable: crm:prod could not be reached." in caplog.text
    assert "planted-value" not in caplog.text


async def test_a_tick_does_not_overlap_itself() -> None:
    """A tick that takes longer than its period is not run beside itself."""
    inside, most, count = 0, 0, 0

    async def slow() -> None:
        nonlocal inside, most, count
        inside, count = inside + 1, count + 1
        most = max(most, inside)
        await asyncio.sleep(0.35)
        inside -= 1

    schedule = Schedule(Clock(), Starts())
    schedule.tick("send", 0.1, slow)
    async with running(schedule):
        await asyncio.sleep(1.5)
    assert most == 1
    assert count >= 3


async def test_stopping_ends_what_runs(caplog: pytest.LogCaptureFixture) -> None:
    """After ``stop`` nothing runs, nothing fires, and the stop itself is no error."""
    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            ended.append("cleaned up")

    schedule = Schedule(Clock(), Starts())
    schedule.tick("send", 0.1, long)
    await schedule.start()
    await asyncio.sleep(0.3)
    await schedule.stop()
    assert ended == ["cleaned up"]
    await asyncio.sleep(0.4)
    assert ended == ["cleaned up"]
    assert "ERROR" not in caplog.text
    await schedule.stop()


async def test_status_tells_last_and_next() -> None:
    """Each job is listed by name with its next time and the time it last ended well."""
    schedule = Schedule(Clock(), Starts())
    schedule.every("scan", 3600, "scan")
    schedule.tick("send", 3600, lambda: asyncio.sleep(0))
    schedule.cron("digest", "0 8 * * *", "digest", zone="Europe/Berlin")
    async with running(schedule):
        await asyncio.sleep(0.1)
        digest, scan, send = schedule.status()
    assert [one.name for one in (digest, scan, send)] == ["digest", "scan", "send"]
    assert scan.next_run is not None
    assert scan.next_run.timestamp() % 3600 == 0
    assert scan.last_run is not None
    assert datetime.now(UTC) - scan.last_run < timedelta(seconds=10)
    assert send.last_run is None
    assert digest.next_run is not None
    assert digest.next_run.astimezone(UTC).hour in (6, 7)  # eight in Berlin, summer or winter


@pytest.mark.parametrize(
    ("expr", "days"),
    [
        ("0 9 * * 0", {6}),
        ("0 9 * * 7", {6}),
        ("0 9 * * 1", {0}),
        ("0 9 * * mon", {0}),
        ("0 9 * * 1-5", {0, 1, 2, 3, 4}),
        ("0 9 * * 5-7", {4, 5, 6}),
        ("0 9 * * 2,4", {1, 3}),
        ("0 9 * * 1-5/2", {0, 2, 4}),
        ("0 9 * * Mon-Fri/2", {0, 2, 4}),
        ("0 9 * * mon-sun", {0, 1, 2, 3, 4, 5, 6}),
        ("0 9 * * 0-2", {6, 0, 1}),
        ("0 9 * * */3", {6, 2, 5}),
        ("0 9 * nov-dec 3", {2}),
        ("0 9 * * *", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
async def test_weekdays_are_those_of_cron(expr: str, days: set[int]) -> None:
    """Sunday is 0 and 7, as every crontab has it (in ``datetime`` it is 6, Monday is 0)."""
    starts = Starts()
    for n in range(14):
        schedule = Schedule(FixedClock(NOON + timedelta(days=n)), starts)
        schedule.cron("weekly", expr, "weekly")
        async with running(schedule):
            await asyncio.sleep(0.01)
    found = {
        datetime.strptime(one, "weekly:%Y%m%dT%H%MZ").replace(tzinfo=UTC).weekday() for one in starts.ids
    }
    assert found == days


@pytest.mark.parametrize(
    "expr",
    [
        "",
        "0 9 * *",
        "61 9 * * *",
        "0 9 * * 8",
        "0 9 1 * 1",
        "0 9 * * 5-2",
        "@daily",
        "0 9 * * xyz",
        "0 9 * jan-junk 1",
    ],
)
def test_what_is_no_cron_expression_stops_the_boot(expr: str) -> None:
    """A schedule that could mean something else than it says is refused, naming the job."""
    with pytest.raises(ConfigError, match="digest"):
        Schedule(Clock(), Starts()).cron("digest", expr, "digest")


def test_what_is_no_time_zone_or_period_stops_the_boot() -> None:
    """So are unknown zones and periods under a second."""
    schedule = Schedule(Clock(), Starts())
    with pytest.raises(ConfigError, match="digest"):
        schedule.cron("digest", "0 9 * * *", "digest", zone="Mars/Olympus")
    with pytest.raises(ConfigError, match="scan"):
        schedule.every("scan", 0, "scan")


async def test_jobs_are_added_once_and_before_the_start() -> None:
    """A second job of a name, or one that would miss its making up, is a bug of ours."""
    schedule = Schedule(Clock(), Starts())
    schedule.every("scan", 60, "scan")
    with pytest.raises(InvariantBroken):
        schedule.every("scan", 90, "scan")
    async with running(schedule):
        with pytest.raises(InvariantBroken):
            schedule.every("late", 60, "scan")


async def test_a_slot_runs_once_through_restarts(tmp_path: Path) -> None:
    """With the engine behind it, restarting again and again within a slot runs that slot once."""
    runs: list[int] = []
    for n in range(3):
        engine = await Engine.open(
            f"sqlite:///{tmp_path}/e.db", data_dir=None, seal=lambda b, _: b, unseal=lambda b, _: b
        )

        async def scan(n: int = n) -> None:
            runs.append(n)

        engine.workflow("scan", scan)
        await engine.launch()
        schedule = Schedule(FixedClock(NOON), engine.start)
        schedule.every("scan", 86400 * 5, "scan")
        async with running(schedule):
            await asyncio.sleep(0.3)
        await engine.aclose()
    assert runs == [0]
