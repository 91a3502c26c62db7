"""The workspace's members as we know them, kept by events and by a daily reading, because events get lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from bot.audit.repository import AuditLog
from bot.db.store import Store
from bot.db.unit import Unit
from bot.durable import crash_point
from bot.errors import Conflict, NotFound
from bot.people.access import Access
from bot.people.model import Members, Person, remembered, resolved
from bot.people.repository import PersonRepository
from bot.text import fold

AT_ONCE = 500  # people in one transaction
GoneOrBack = Callable[[Unit, Sequence[Person]], Awaitable[None]]
Reader = Callable[[Mapping[str, Any]], Person]  # of a member as an event brings it


class People:
    """Keeps the table of members and says when somebody was deactivated or came back."""

    def __init__(
        self,
        store: Store,
        members: Members,
        access: Access,
        on_flip: GoneOrBack,
        read: Reader,
        *,
        alone: bool = False,
    ) -> None:
        self._store = store
        self._read = read
        self._members = members
        self._access = access
        self._on_flip = on_flip
        self._alone = alone  # no other process writes members: what was read once is still so
        self._held: dict[str, Person] = {}
        self._latest: dict[str, int] = {}  # Slack's counter of the last that was heard of somebody

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
        known = self._held.get(person.slack_id)
        if known is None:
            async with self._store.read() as unit:
                known = await unit[PersonRepository].get(person.slack_id)
            if self._alone and known is not None:
                self._held[person.slack_id] = known
        if self._tells(person, known):
            await self._keep([person])

    async def reconcile(self) -> int:
        """Read every member and learn from each; returns how many there are.

        Raises:
            PlatformError: Slack would not list them; nothing is concluded.
        """
        members = await self._members.members()
        async with self._store.read() as unit:
            known = {person.slack_id: person for person in await unit[PersonRepository].all()}
        news = [person for person in members if self._tells(person, known.get(person.slack_id))]
        for start in range(0, len(news), AT_ONCE):
            await self._keep(news[start : start + AT_ONCE])
        return len(members)

    async def struck(self, email: str, *, active: bool, signed_at: int) -> None:
        """Take in what the identity provider says of the member with that address; the same signal as Slack's own.

        Raises:
            NotFound: Slack knows nobody with that address.
            Conflict: it has said as much, or something later, before: a replay changes nothing.
        """
        async with self._store.write() as unit:
            known = resolved(await unit[PersonRepository].all()).get(fold(email))
            if known is None:
                raise NotFound("No member of the workspace has that address.")
            if signed_at <= known.idp_said_at:
                raise Conflict("That was heard before, or something later was.")
            self._held.pop(known.slack_id, None)
            person = replace(known, disabled_by_idp=not active, idp_said_at=signed_at)
            await unit[PersonRepository].put(person)
            if person.disabled_by_idp == known.disabled_by_idp:
                return
            said = "person:restored" if active else "person:disabled"
            await unit[AuditLog].append("identity provider", said, known.slack_id, {})
            if _gone(person) != _gone(known):
                await unit[PersonRepository].turned()
            await self._on_flip(unit, [person])

    def _tells(self, person: Person, known: Person | None) -> bool:
        """Whether this is news: most events are edits of a status, and cost no write.

        Slack's counter of such an edit is remembered here, so that what was said before it still counts as late.
        """
        latest = max(known.updated if known else -1, self._latest.get(person.slack_id, -1))
        if person.updated and person.updated < latest:  # one without the counter is not late
            return False
        self._latest[person.slack_id] = max(person.updated, latest)
        return known is None or replace(known, updated=person.updated or known.updated) != remembered(
            person, known
        )

    async def _keep(self, people: Sequence[Person]) -> None:
        for person in people:
            self._held.pop(person.slack_id, None)
        async with self._store.write() as unit:
            status_changed, turned = [], False
            for person in people:
                known = await unit[PersonRepository].get(person.slack_id)
                person = remembered(person, known)
                if not await unit[PersonRepository].put(person):
                    continue
                turned |= _gone(person) != (known is not None and _gone(known))
                if person.gone != (known.gone if known else False):
                    status_changed.append(person)
            if turned:
                await unit[PersonRepository].turned()
            if status_changed:
                await self._on_flip(unit, status_changed)


def _gone(person: Person) -> bool:
    """Whether their word does not count in decisions."""
    return person.gone or person.restricted
