"""The workspace: its channels, direct messages, messages, ephemeral messages, user groups and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.world import Json, Person, World


@dataclass(slots=True)
class Channel:
    """A conversation. `kind` is public, private, im or mpim; `members` are Slack user ids."""

    id: str
    name: str
    kind: str
    members: set[str]
    topic: str = ""
    archived: bool = False
    created: int = 0


@dataclass(slots=True)
class Message:
    """A message everybody in the channel sees. `user` is a Slack user id, the app's own for its posts."""

    ts: str
    channel: str
    user: str
    at: datetime
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    edited_ts: str | None = None
    broadcast: bool = False


@dataclass(slots=True)
class Ephemeral:
    """A message only one person sees, until it is replaced, deleted or the page is reloaded."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None


@dataclass(slots=True)
class UserGroup:
    id: str
    handle: str
    name: str
    role: str
    users: list[str]
    disabled: bool = False
    updated: int = 0


@dataclass(slots=True)
class StoredFile:
    """An upload. `content` is None until the bytes arrive, `completed` false until the app says so."""

    id: str
    name: str
    title: str
    size: int
    created: int
    content: bytes | None = None
    completed: bool = False
    channels: list[str] = field(default_factory=list)


class Workspace:
    """Slack's own state for one team with one app installed."""

    def __init__(self, world: World) -> None:
        slack: Json = world.company.raw.get("slack", {})
        self.world = world
        self.team_name: str = slack.get("team", world.company.name)
        self.team_domain: str = slack.get("team_domain", "sandbox")
        self.command: str = slack.get("command", "/svc")
        self.bot_name: str = slack.get("bot_name", "svc")
        self.team_id = world.make_id("T", "team")
        self.app_id = world.make_id("A", "app")
        self.bot_id = world.make_id("B", "bot")
        self.bot_user_id = world.make_id("U", "bot user")
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.ephemerals: list[Ephemeral] = []
        self.files: dict[str, StoredFile] = {}
        self.updated: dict[str, int] = {}
        self._last_ts = 0
        self._people = {person.slack_id: person for person in world.people.values()}
        self.groups = {group.id: group for group in self._seeded_groups(slack)}
        self._seed_channels()

    def _seeded_groups(self, slack: Json) -> Iterator[UserGroup]:
        for entry in slack.get("usergroups", []):
            users = [person.slack_id for person in self.people() if person.role == entry["role"]]
            group_id = self.world.make_id("S", entry["handle"])
            yield UserGroup(group_id, entry["handle"], entry["name"], entry["role"], users)

    def _seed_channels(self) -> None:
        for entry in self.world.company.channels:
            members = {
                person.slack_id
                for person in self.people()
                if entry.members in ("everyone", person.department)
            }
            if entry.bot:
                members.add(self.bot_user_id)
            channel_id = self.world.make_id("C", entry.name)
            kind = "private" if entry.private else "public"
            self.channels[channel_id] = Channel(
                channel_id, entry.name, kind, members, entry.topic, created=self.epoch()
            )

    def people(self) -> Iterator[Person]:
        return iter(self.world.people.values())

    def person(self, slack_id: str) -> Person | None:
        return self._people.get(slack_id)

    def add_person(self, person: Person) -> None:
        self.world.people[person.email] = person
        self._people[person.slack_id] = person

    def epoch(self) -> int:
        return int(self.world.now.timestamp())

    def new_ts(self) -> str:
        """A message id: seconds and microseconds of the sandbox's clock, never the same twice."""
        self._last_ts = max(self._last_ts + 1, int(self.world.now.timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def channel(self, wanted: str) -> Channel | None:
        """By id, or a public or private channel by name with or without #."""
        if found := self.channels.get(wanted):
            return found
        name = wanted.removeprefix("#")
        return next((one for one in self.channels.values() if one.name == name and name), None)

    @property
    def alert_channel(self) -> Channel:
        names = [channel.name for channel in self.world.company.channels if channel.alerts]
        channel = self.channel(names[0]) if names else next(iter(self.channels.values()), None)
        if channel is None:
            raise ValueError("the company file has no Slack channel")
        return channel

    def dm_with(self, slack_id: str) -> Channel:
        """The app's direct message with one person, opened if it was not."""
        channel_id = self.world.make_id("D", slack_id)
        if channel_id not in self.channels:
            members = {slack_id, self.bot_user_id}
            self.channels[channel_id] = Channel(channel_id, "", "im", members, created=self.epoch())
        return self.channels[channel_id]

    def partner(self, channel: Channel) -> str | None:
        """The person at the other end of a direct message."""
        if channel.kind != "im":
            return None
        return next(iter(channel.members - {self.bot_user_id}), None)

    def may_see(self, slack_id: str, channel: Channel) -> bool:
        return channel.kind == "public" or slack_id in channel.members

    def messages_in(self, channel: Channel) -> dict[str, Message]:
        return self.messages.setdefault(channel.id, {})

    def group_members(self, group: UserGroup) -> list[str]:
        """Who is in a user group: people who are deactivated in Slack are not."""
        active = (self.person(slack_id) for slack_id in group.users)
        return [person.slack_id for person in active if person and person.active_on("slack")]

    def touch(self, slack_id: str) -> None:
        """Note that a profile changed: users.info and user_change carry the time as `updated`."""
        self.updated[slack_id] = max(self.epoch(), self.updated.get(slack_id, 0) + 1)


def describe_channel(workspace: Workspace, channel: Channel) -> Json:
    """The channel object of conversations.info and conversations.list."""
    described: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_private": channel.kind != "public",
        "is_org_shared": False,
        "context_team_id": workspace.team_id,
    }
    if channel.kind == "im":
        person = workspace.person(workspace.partner(channel) or "")
        deleted = person is not None and not person.active_on("slack")
        return described | {"user": workspace.partner(channel), "is_user_deleted": deleted}
    return described | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": workspace.bot_user_id in channel.members,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.topic, "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


def describe_message(workspace: Workspace, message: Message, *, metadata: bool = True) -> Json:
    """The message object as chat.postMessage returns it and conversations.history lists it."""
    described: Json = {
        "type": "message",
        "ts": message.ts,
        "user": message.user,
        "team": workspace.team_id,
        "text": message.text,
    }
    if message.user == workspace.bot_user_id:
        described |= {
            "bot_id": workspace.bot_id,
            "app_id": workspace.app_id,
            "bot_profile": {
                "id": workspace.bot_id,
                "app_id": workspace.app_id,
                "name": workspace.bot_name,
                "team_id": workspace.team_id,
                "deleted": False,
            },
        }
    optional: dict[str, Any] = {
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": message.files,
        "thread_ts": message.thread_ts,
        "metadata": message.metadata if metadata else None,
    }
    described |= {key: value for key, value in optional.items() if value}
    if message.broadcast:
        described["subtype"] = "thread_broadcast"
    if message.edited_ts:
        described["edited"] = {"user": message.user, "ts": message.edited_ts}
    replies = [
        one
        for one in workspace.messages.get(message.channel, {}).values()
        if one.thread_ts == message.ts and one.ts != message.ts
    ]
    if replies:
        described |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": list(dict.fromkeys(one.user for one in replies)),
            "latest_reply": replies[-1].ts,
        }
    return described
