"""Who may do what: roles from Slack groups, cached five minutes, and never guessed for anything that writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.audit.repository import AuditLog
from bot.chat.model import Caller, Role
from bot.clock import Clock
from bot.config import RoleSettings
from bot.db.store import Store
from bot.errors import Denied, NotFound, PlatformError
from bot.people.model import Members, Person
from bot.people.repository import PersonRepository

FRESH_FOR = timedelta(minutes=5)
STALE_READS_FOR = timedelta(hours=1)
EVERYBODY = "*"
UNREADABLE = (
    "Slack would not say who is in the groups that grant roles, so this is refused for now. "
    "Try again in a minute; `python -m bot doctor` says what is wrong."
)


class Access:
    """Decides roles. Groups that cannot be read grant nothing to somebody who wants to write."""

    def __init__(self, settings: RoleSettings, members: Members, store: Store, clock: Clock) -> None:
        self._grants = {
            Role.ADMIN: settings.admin,
            Role.APPROVER: settings.approver,
            Role.OPERATOR: settings.operator,
            Role.VIEWER: settings.viewer,
        }
        self._members = members
        self._store = store
        self._clock = clock
        self._groups: dict[str, tuple[datetime, frozenset[str]]] = {}
        self.turns = 0  # how often we heard that groups have other members

    async def role_of(self, caller: Caller, *, fresh: bool = False) -> Role:
        """The caller's highest role. ``fresh``: for writes; a group read longer than five minutes ago is read again.

        Raises:
            Denied: a group could not be read and the answer would depend on it.
        """
        unread: list[str] = []
        for role, holders in self._grants.items():
            for holder in holders:
                if holder == caller.user_id:
                    return role
                if holder == EVERYBODY and await self._full_member(caller):
                    return role
                if holder.startswith("S"):
                    group = await self._group(holder, writes=fresh)
                    if group is None:
                        unread.append(holder)
                    elif caller.user_id in group:
                        return role
        if unread:
            raise Denied(UNREADABLE, reason="groups_unreadable")
        return Role.NONE

    async def _full_member(self, caller: Caller) -> bool:
        """Whether "*" means them: guests, strangers and people whom Slack does not vouch for are not meant."""
        async with self._store.read() as unit:
            person = await unit[PersonRepository].get(caller.user_id)
        if person is None:  # joined since we last read the members
            try:
                person = await self._members.member(caller.user_id)
            except (PlatformError, NotFound):
                return False
        return not (person.gone or person.restricted)

    async def _group(self, group_id: str, *, writes: bool) -> frozenset[str] | None:
        now = self._clock.now()
        at, held = self._groups.get(group_id, (None, frozenset[str]()))
        if at and now - at < FRESH_FOR:
            return held
        try:
            held = frozenset(await self._members.group_members(group_id))
        except PlatformError:
            usable = at and not writes and now - at < STALE_READS_FOR
            return held if usable else None
        self._groups[group_id] = (now, held)
        return held

    def forget(self, group_id: str = "") -> None:
        """Read a group (or all of them) anew at its next use: its membership changed."""
        self.turns += 1
        if group_id:
            self._groups.pop(group_id, None)
        else:
            self._groups.clear()

    async def holders(self, role: Role) -> tuple[str, ...]:
        """Member ids that hold at least ``role``, by name, by group, or by being a member at all."""
        found: dict[str, None] = {}
        for grants, holders in self._grants.items():
            if not grants.covers(role):
                continue
            for holder in holders:
                if holder.startswith("S"):
                    found.update(dict.fromkeys(await self._group(holder, writes=True) or ()))
                elif holder == EVERYBODY:
                    found.update(dict.fromkeys(await self._full_members()))
                else:
                    found[holder] = None
        return tuple(found)

    async def named(self, names: Iterable[str]) -> frozenset[str]:
        """Member ids of roles, groups (S…) and members (U…): all of them, or an error.

        Raises:
            Denied: a group could not be read.
        """
        found: set[str] = set()
        for name in names:
            holders: tuple[str, ...] = (name,)
            if name in set(Role):
                found.update(await self.holders(Role(name)))
                covering = (held for role, held in self._grants.items() if role.covers(Role(name)))
                holders = tuple(holder for held in covering for holder in held)
            for group in (holder for holder in holders if holder.startswith("S")):
                members = await self._group(group, writes=True)
                if members is None:
                    raise Denied(UNREADABLE, reason="groups_unreadable")
                found.update(members)
            if name.startswith(("U", "W")):
                found.add(name)
        return frozenset(found)

    async def gone(self, member_ids: Iterable[str]) -> frozenset[str]:
        """Those of them who are no full, active members now, read live from Slack.

        Raises:
            Denied: Slack would not say.
        """
        found = set()
        for member_id in member_ids:
            try:
                person = await self._members.member(member_id)
            except NotFound:
                found.add(member_id)
                continue
            except PlatformError as exc:
                raise Denied(
                    "Slack would not confirm who approved before, so nothing was decided. "
                    "Try again in a minute.",
                    reason="identity_unreadable",
                ) from exc
            if person.gone or person.restricted:
                found.add(member_id)
        return frozenset(found)

    async def _full_members(self) -> tuple[str, ...]:
        async with self._store.read() as unit:
            people = await unit[PersonRepository].all()
        return tuple(p.slack_id for p in people if not (p.gone or p.restricted))

    async def living(self, caller: Caller) -> Person:
        """The person behind a click, read live from Slack.

        Raises:
            Denied: deactivated, a guest, from another workspace, or Slack would not say.
        """
        try:
            person = await self._members.member(caller.user_id)
        except PlatformError as exc:
            raise Denied(
                "Slack would not confirm who you are just now, so nothing was decided. Try again in a minute.",
                reason="identity_unreadable",
            ) from exc
        if person.gone or person.restricted:
            raise Denied(
                "Only full, active members of this workspace can decide.", reason="not_a_full_member"
            )
        return person

    async def refused(self, caller: Caller, what: str, reason: str = "role") -> None:
        """Write down that somebody was refused, and why."""
        detail = {"role": caller.role.value, "reason": reason}
        async with self._store.write() as unit:
            await unit[AuditLog].append(caller.user_id, "access:refused", what, detail)
