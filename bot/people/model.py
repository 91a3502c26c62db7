"""Step-up: a second proof of who approves, by a code that an authenticator app shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the workspace. ``updated`` is Slack's own counter, so that late events change nothing."""

    slack_id: str
    name: str
    email: str = ""
    deactivated: bool = False
    restricted: bool = False  # guest or stranger: may never decide
    tz: str = ""
    updated: int = 0
    struck_off: bool = False  # the identity provider says that they are inactive
    struck_at: int = (
        0  # when it last spoke of them, in seconds since 1970, as it signed; what is older is not heard
    )

    @property
    def gone(self) -> bool:
        """Whether anybody who knows says that they may not sign in."""
        return self.deactivated or self.struck_off


class Members(Protocol):
    """The workspace's people. Implemented by ``bot.slack.directory``, which services may not name."""

    async def members(self) -> tuple[Person, ...]:
        """Everybody, deactivated ones included, or an error."""

    async def member(self, slack_id: str) -> Person:
        """One person, read live."""

    async def group_members(self, group_id: str) -> tuple[str, ...]:
        """The member ids of a user group."""


WRONG_AT_MOST = 5  # wrong codes in a row, then it is locked
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """What is kept for one member. Secrets are out of its repr; ``recovery`` holds hashes only."""

    slack_id: str
    secret: bytes = field(default=b"", repr=False)  # empty: not enrolled
    pending: bytes = field(default=b"", repr=False)  # shown, and not yet confirmed by a code
    enrolled_at: datetime | None = None
    last_step: int = -1  # number of the newest time-step a code of which was accepted
    wrong: int = 0  # wrong codes since the last right one
    locked_until: datetime | None = None
    recovery: tuple[bytes, ...] = field(default=(), repr=False)  # of the recovery codes left
    rev: int = 0  # 0: never stored

    @property
    def enrolled(self) -> bool:
        """Whether codes of theirs are accepted."""
        return bool(self.secret)

    def locked(self, now: datetime) -> bool:
        """Whether no code of theirs is looked at now."""
        return self.locked_until is not None and now < self.locked_until
