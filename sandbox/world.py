"""The one shared state of a sandbox: its clock, its people, its faults, its request log and its changes."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from sandbox.company import Company

Role = Literal["admin", "approver", "operator", "viewer"]
Json = dict[str, Any]

FAULT_KINDS = frozenset(
    {"429", "500", "timeout", "timeout_after_effect", "reset", "short_listing", "slow", "bad_json"}
)
CALLS_KEPT = 20_000
CHANGES_KEPT_PER_READER = 1_000
_ID_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@dataclass(slots=True)
class Person:
    """
    Somebody who works at the company, on every platform at once.

    `ids` maps a platform to this person's id there, `holds` lists the labels of the credentials they hold;
    the stand-ins fill both. `inactive` names the platforms (and "slack") on which they are deactivated.
    A `guest` is in the workspace, but no full member of it.
    """

    email: str
    name: str
    slack_id: str
    role: Role = "viewer"
    title: str = ""
    department: str = ""
    manager: str | None = None
    tz: str = "Etc/UTC"
    platforms: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    holds: list[str] = field(default_factory=list)
    inactive: set[str] = field(default_factory=set)
    guest: bool = False
    terminated_on: date | None = None

    def active_on(self, platform: str) -> bool:
        return platform not in self.inactive


@dataclass(slots=True, eq=False)
class Fault:
    """One planted failure. `count` is how many more requests it hits; None means until cleared."""

    platform: str
    kind: str
    match: re.Pattern[str]
    count: int | None = 1
    retry_after_s: float = 1.0
    id: int = 0
    cleared: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Call:
    """One request a stand-in received. `status` is None when it was never answered; `path` has no secrets."""

    seq: int
    at: datetime
    platform: str
    method: str
    path: str
    status: int | None
    who: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class Change:
    """Something visible changed: `topic` is "subject:action", `data` is JSON."""

    seq: int
    at: datetime
    topic: str
    data: Json


class Changes(AsyncIterator[Change]):
    """One reader's bounded view of the changes; it simply ends when the reader falls too far behind."""

    def __init__(self, readers: set[Changes]) -> None:
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue(CHANGES_KEPT_PER_READER + 1)
        self._readers = readers
        readers.add(self)

    def put(self, change: Change) -> None:
        if self._queue.qsize() >= CHANGES_KEPT_PER_READER:
            self.close()
        else:
            self._queue.put_nowait(change)

    def close(self) -> None:
        if self in self._readers:
            self._readers.discard(self)
            self._queue.put_nowait(None)

    def __aiter__(self) -> Changes:
        return self

    async def __anext__(self) -> Change:
        change = await self._queue.get()
        if change is None:
            raise StopAsyncIteration
        return change

    def __enter__(self) -> Changes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class World:
    """The state every stand-in shares. Not safe across threads: one event loop owns it."""

    def __init__(self, company: Company, *, seed: int = 1, latency_ms: float = 0.0) -> None:
        self.company = company
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - believable data, not secrets
        self.latency_ms = latency_ms
        self.sync_records: Callable[[], list[Json]] | None = None
        """
        Set by whoever plays NetSuite: the employees and vendors that Nexonia's sync reads, each with kind, id, first,
        last, email, active, termination_date (a date or None), flag and manager_id.
        """
        self.traffic = False
        """Whether the integrations use their credentials by themselves (on in the demo, off in tests)."""
        self.faults: list[Fault] = []
        self._spent: list[Fault] = []
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.counters: Counter[str] = Counter()
        self._offset = timedelta()
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._advanced = asyncio.Event()
        self._seq = 0
        self._readers: set[Changes] = set()
        self.people: dict[str, Person] = {
            employee.email: Person(
                email=employee.email,
                name=employee.name,
                slack_id=self.make_id("U", employee.email),
                role=employee.slack_role,
                title=employee.title,
                department=employee.department,
                manager=employee.manager,
                tz=employee.tz,
                platforms=employee.platforms,
            )
            for employee in company.people
        }

    @property
    def now(self) -> datetime:
        """The sandbox's time: the real UTC clock plus what was advanced. Never goes back."""
        self._latest = max(self._latest, datetime.now(UTC) + self._offset)
        return self._latest

    def advance(self, days: float = 0, seconds: float = 0) -> datetime:
        """Move the clock forward. Raises ValueError on a step back."""
        step = timedelta(days=days, seconds=seconds)
        if step < timedelta():
            raise ValueError("the sandbox's clock only moves forward")
        self._offset += step
        self._advanced.set()
        self._advanced = asyncio.Event()
        self.notify("clock:advanced", {"now": self.now.isoformat(), "seconds": step.total_seconds()})
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until the sandbox's clock has moved by `seconds`; `advance` shortens the wait."""
        until = self.now + timedelta(seconds=seconds)
        while (left := (until - self.now).total_seconds()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):  # wait_for of Python 3.11 can swallow a cancellation
                    await self._advanced.wait()

    def make_id(self, prefix: str, key: str, length: int = 11) -> str:
        """An id that looks like a vendor's and is the same for the same seed, prefix and key."""
        number = int.from_bytes(hashlib.sha256(f"{self.seed}:{prefix}:{key}".encode()).digest())
        letters = []
        for _ in range(length - len(prefix)):
            number, place = divmod(number, len(_ID_ALPHABET))
            letters.append(_ID_ALPHABET[place])
        return prefix + "".join(letters)

    def person(self, who: str) -> Person | None:
        """Find by e-mail (any case) or Slack id."""
        if found := self.people.get(who) or self.people.get(who.lower()):
            return found
        return next((person for person in self.people.values() if person.slack_id == who), None)

    def add_fault(self, fault: Fault) -> None:
        """Plant a fault and number it."""
        self._seq += 1
        fault.id = self._seq
        self.faults.append(fault)
        self.notify("fault:added", describe_fault(fault))

    def clear_faults(self, platform: str | None = None, number: int | None = None) -> int:
        """Lift every fault (of one platform, or the one with that id), releasing what it holds. Returns how many."""

        def meant(fault: Fault) -> bool:
            return platform in (None, fault.platform) and number in (None, fault.id)

        lifted = [fault for fault in self.faults if meant(fault)]
        self.faults = [fault for fault in self.faults if fault not in lifted]
        for fault in filter(
            meant, (*lifted, *self._spent)
        ):  # a spent fault may still hold the request it hit
            fault.cleared.set()
        self._spent = [fault for fault in self._spent if not fault.cleared.is_set()]
        self.notify("fault:cleared", {"platform": platform, "lifted": len(lifted)})
        return len(lifted)

    def take_fault(self, platform: str, subjects: tuple[str, ...], *, listing: bool = True) -> Fault | None:
        """
        The first fault planted for a request, used up by one. `subjects`: spellings of "METHOD path".

        A short_listing fault waits for a request that is a `listing`.
        """
        for fault in self.faults:
            if fault.kind == "short_listing" and not listing:
                continue
            if fault.platform == platform and any(fault.match.search(text) for text in subjects):
                if fault.count is not None:
                    fault.count -= 1
                    if fault.count <= 0:
                        self.faults.remove(fault)
                        self._spent.append(fault)
                self.notify("fault:used", describe_fault(fault))
                return fault
        return None

    def record_call(
        self, *, platform: str, method: str, path: str, status: int | None, who: str, took_ms: float
    ) -> None:
        self._seq += 1
        self.calls.append(Call(self._seq, self.now, platform, method, path, status, who, took_ms))
        self.counters[f"{platform}.calls"] += 1
        self.counters[f"{platform}.status.{status or 'unanswered'}"] += 1

    def notify(self, topic: str, data: Json) -> None:
        """Tell every reader of `subscribe`. `data` must be JSON and hold no secret."""
        self._seq += 1
        change = Change(self._seq, self.now, topic, data)
        for reader in tuple(self._readers):
            reader.put(change)

    def subscribe(self) -> Changes:
        """Changes from this instant on; close it (or use `with`) when done. Ends for a slow reader."""
        return Changes(self._readers)

    def close(self) -> None:
        """Release everything that waits: held requests and readers of changes."""
        self.clear_faults()
        for reader in tuple(self._readers):
            reader.close()


def describe_fault(fault: Fault) -> Json:
    return {
        "id": fault.id,
        "platform": fault.platform,
        "kind": fault.kind,
        "match": fault.match.pattern,
        "count": fault.count,
        "retry_after_s": fault.retry_after_s,
    }
