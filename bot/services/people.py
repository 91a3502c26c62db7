"""The workspace's members as we know them, kept by events and by a daily reading, because events get lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from bot.domain.records import Person
from bot.engine import crash_point
from bot.ports import Members
from bot.services.access import Access
from bot.store import Store, Unit

GoneOrBack = Callable[[Unit, Person], Awaitable[None]]
Reader = Callable[[Mapping[str, Any]], Person]  # of a member as an event brings it


class People:
    """Keeps the table of members and says when somebody was deactivated or came back."""

    def __init__(
        self, store: Store, members: Members, access: Access, on_flip: GoneOrBack, read: Reader
    ) -> None:
        self._store = store
        self._read = read
        self._members = members
        self._access = access
        self._on_flip = on_flip

    async def event(self, name: str, event: Mapping[str, object]) -> None:
        """Take in one event of the workspace. Late, doubled and unrelated ones change nothing."""
        if name in {"user_change", "team_join"}:
            crash_point("event.taken")
            await self.learn(self._read(cast(Mapping[str, Any], event["user"])))
        elif name in {"subteam_members_changed", "subteam_updated"}:
            subteam = cast(Mapping[str, Any], event.get("subteam", {}))
            self._access.forget(str(event.get("subteam_id") or subteam.get("id", "")))

    async def learn(self, person: Person) -> None:
        """Remember a person; speak only when they were deactivated or came back."""
        async with self._store.read() as unit:
            known = await unit.people.get(person.slack_id)
        if known is not None and (known.updated > person.updated or known == person):
            return  # most events are status edits: no write for those that tell us nothing
        async with self._store.write() as unit:
            known = await unit.people.get(person.slack_id)
            if not await unit.people.put(person):
                return
            if person.deactivated != (known.deactivated if known else False):
                await self._on_flip(unit, person)

    async def reconcile(self) -> int:
        """Read every member and learn from each; returns how many there are.

        Raises:
            PlatformError: Slack would not list them; nothing is concluded.
        """
        members = await self._members.members()
        for person in members:
            await self.learn(person)
        return len(members)
