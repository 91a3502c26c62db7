"""The workspace's people and groups, as ``bot.platform.ports.Members`` promises them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from bot.errors import NotFound, ProtocolChanged, Rejected
from bot.people.model import Person
from bot.slack.clients import Clients
from bot.slack.failures import CONNECTION, called

PAGE = 200
PAGES_PER_MINUTE = 15  # of the twenty and more that tier 2 allows
SLACKBOT = "USLACKBOT"


class Directory:
    """Reads members and groups. ``members`` keeps below Slack's rate by itself; everything else is one call."""

    def __init__(self, clients: Clients, *, window_s: float = 60.0) -> None:
        self._clients = clients
        self._window_s = window_s
        self._calls: deque[float] = deque(maxlen=PAGES_PER_MINUTE)
        self._team_id = ""

    async def members(self) -> tuple[Person, ...]:
        """Everybody but apps, deactivated people included; complete or an error.

        Cost: one request per 200 members, at most fifteen a minute.

        Raises:
            PlatformError: a page could not be had, so nothing is known.
            ProtocolChanged: a page lacked its members.
        Source:
            docs.slack.dev/reference/methods/users.list, read 2026-11-21.
        """
        team = await self.team()
        found: list[Person] = []
        cursor = ""
        while True:
            await self._pace()
            page = await called(
                "users.list", self._clients.background.users_list(limit=PAGE, cursor=cursor or None)
            )
            if not isinstance(page.get("members"), list):
                raise ProtocolChanged(
                    "Slack's list of members had none.", connection=CONNECTION, operation="users.list"
                )
            found += [person_of(user, team) for user in page["members"] if not _is_app(user)]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return tuple(found)

    async def member(self, slack_id: str) -> Person:
        """One person, read live: for decisions, never from a cache.

        Raises:
            NotFound: Slack knows nobody by that id, or will not show them.
            PlatformError: Slack would not say.
        """
        team = await self.team()
        call = self._clients.interactive.users_info(user=slack_id)
        try:
            answer = await called("users.info", call)
        except Rejected as exc:
            if exc.vendor_code in {"user_not_found", "user_not_visible"}:
                raise NotFound("Slack knows nobody by that mention.") from exc
            raise
        return person_of(_user(answer, "users.info"), team)

    async def by_email(self, email: str) -> Person | None:
        """Whoever has that address; None where Slack finds nobody (which may include deactivated people)."""
        team = await self.team()
        call = self._clients.interactive.users_lookupByEmail(email=email)
        try:
            answer = await called("users.lookupByEmail", call)
        except Rejected as exc:
            if exc.vendor_code == "users_not_found":
                return None
            raise
        return person_of(_user(answer, "users.lookupByEmail"), team)

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        """The member ids of a user group.

        Raises:
            Forbidden: no such group, no paid plan, or no scope: it grants nothing to anybody.
            PlatformError: Slack would not say.
        """
        call = self._clients.interactive.usergroups_users_list(usergroup=group_id)
        answer = await called("usergroups.users.list", call)
        users = answer.get("users")
        if not isinstance(users, list):
            raise ProtocolChanged(
                "Slack's group had no list of members.",
                connection=CONNECTION,
                operation="usergroups.users.list",
            )
        return tuple(str(user) for user in users)

    async def team(self) -> str:
        """The workspace's id; asked for once."""
        if not self._team_id:
            self._team_id = str(
                (await called("auth.test", self._clients.interactive.auth_test())).get("team_id", "")
            )
        return self._team_id

    async def _pace(self) -> None:
        now = time.monotonic()
        if len(self._calls) == PAGES_PER_MINUTE and (wait_s := self._calls[0] + self._window_s - now) > 0:
            await asyncio.sleep(wait_s)
        self._calls.append(time.monotonic())


def person_of(user: Mapping[str, Any], team_id: str) -> Person:
    """Slack's user object as a person. Keys vanish for deactivated people, so each is optional.

    Guests, apps and people of other workspaces are ``restricted``: they may never decide.

    Source: docs.slack.dev/reference/objects/user-object, read 2026-11-21.
    """
    profile = user.get("profile") or {}
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    stranger = bool(user.get("is_stranger")) or bool(team_id and user.get("team_id") and team_id not in teams)
    guest = user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_bot")
    return Person(
        slack_id=str(user["id"]),
        name=str(user.get("real_name") or profile.get("real_name") or user.get("name") or user["id"]),
        email=str(profile.get("email") or ""),
        deactivated=bool(user.get("deleted")),
        restricted=bool(guest) or stranger,
        tz=str(user.get("tz") or ""),
        updated=int(user.get("updated") or 0),
        erased=bool(user.get("is_forgotten")),
    )


def _is_app(user: Mapping[str, Any]) -> bool:
    return bool(user.get("is_bot")) or user.get("id") == SLACKBOT


def _user(answer: Mapping[str, Any], operation: str) -> Mapping[str, Any]:
    user = answer.get("user")
    if not isinstance(user, Mapping) or "id" not in user:
        raise ProtocolChanged("Slack's answer had no user.", connection=CONNECTION, operation=operation)
    return user
