"""Who is in the workspace and in its groups: joining, deactivation, and the events that tell of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sandbox.slack.delivery import Delivery
from sandbox.slack.methods import usergroups, users
from sandbox.slack.state import State
from sandbox.slack.workspace import UserGroup
from sandbox.world import Json, Person


class Membership:
    """Changes an administrator makes; each sends the events Slack would send."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery

    def deactivate(self, person: Person) -> None:
        """Does nothing to somebody already deactivated. Open modals close; groups no longer list them."""
        if not person.active_on("slack"):
            return
        person.inactive.add("slack")
        self._state.modals.stacks.pop(person.slack_id, None)
        self._tell_groups(person, "removed")
        self.changed(person)

    def reactivate(self, person: Person) -> None:
        if person.active_on("slack"):
            return
        person.inactive.discard("slack")
        self._tell_groups(person, "added")
        self.changed(person)

    def terminate(self, person: Person, on: date) -> None:
        """Deactivate when that day begins in UTC; at once when it has."""
        begins = datetime.combine(on, time(), UTC)
        wait_s = (begins - self._state.world.now).total_seconds()
        if wait_s <= 0:
            self.deactivate(person)
        else:
            self._delivery.spawn(self._later(person, on, wait_s))

    async def _later(self, person: Person, on: date, wait_s: float) -> None:
        await self._state.world.sleep(wait_s)
        if person.terminated_on == on:
            self.deactivate(person)

    def changed(self, person: Person) -> None:
        """Send user_change with the whole profile, as for every edit of it."""
        self._state.workspace.touch(person.slack_id)
        self._send({"type": "user_change", "user": users.describe(self._state, person)})
        self._state.world.notify("person:changed", {"user": person.slack_id, "email": person.email})

    def join(self, person: Person) -> None:
        """Add somebody new to the workspace and to its public channels that hold everyone."""
        self._state.workspace.add_person(person)
        everyone = {
            channel.name for channel in self._state.world.company.channels if channel.members == "everyone"
        }
        for channel in self._state.workspace.channels.values():
            if channel.name in everyone:
                channel.members.add(person.slack_id)
        self._send({"type": "team_join", "user": users.describe(self._state, person)})

    def set_group(self, group: UserGroup, members: list[str]) -> None:
        """Give a user group these members (Slack ids)."""
        before = set(self._state.workspace.group_members(group))
        group.users = members
        after = set(self._state.workspace.group_members(group))
        self._group_changed(group, added=sorted(after - before), removed=sorted(before - after))

    def _tell_groups(self, person: Person, how: str) -> None:
        for group in self._state.workspace.groups.values():
            if person.slack_id in group.users:
                self._group_changed(group, **{how: [person.slack_id]})

    def _group_changed(
        self, group: UserGroup, *, added: list[str] | None = None, removed: list[str] | None = None
    ) -> None:
        before, group.updated = group.updated, max(self._state.workspace.epoch(), group.updated + 1)
        members = self._state.workspace.group_members(group)
        self._send(
            {
                "type": "subteam_members_changed",
                "subteam_id": group.id,
                "team_id": self._state.workspace.team_id,
                "date_previous_update": before or 1_700_000_000,
                "date_update": group.updated,
                "added_users": added or [],
                "added_users_count": str(len(added or [])),
                "removed_users": removed or [],
                "removed_users_count": str(len(removed or [])),
            }
        )
        subteam = usergroups.describe(self._state, group) | {"users": members, "user_count": len(members)}
        self._send({"type": "subteam_updated", "subteam": subteam})

    def _send(self, event: Json) -> None:
        stamped = event | {"event_ts": self._state.workspace.new_ts()}
        if event["type"] in ("user_change", "team_join"):
            stamped["cache_ts"] = self._state.workspace.epoch()
        self._state.emit(stamped)
