"""Members as they are known over time, and what proves them a second time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the workspace. ``updated`` is Slack's own counter, so that late events change nothing.

    Name and addresses outlive their source: see ``remembered``.
    """

    slack_id: str
    name: str
    email: str = ""
    deactivated: bool = False
    restricted: bool = False  # guest or stranger: may never decide
    tz: str = ""
    updated: int = 0
    disabled_by_idp: bool = False  # the identity provider says that they are inactive
    idp_said_at: int = (
        0  # when it last spoke of them, in seconds since 1970, as it signed; what is older is not heard
    )

    former: tuple[str, ...] = ()  # addresses that were theirs before, the latest first
    erased: bool = False  # Slack has overwritten the profile: name and address are those from before

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that is or was theirs, folded."""
        return frozenset(fold(address) for address in (self.email, *self.former) if address)

    @property
    def gone(self) -> bool:
        """Whether anybody who knows says that they may not sign in."""
        return self.deactivated or self.disabled_by_idp


def remembered(person: Person, known: Person | None) -> Person:
    """A member as Slack shows them now, with what it does not show any more but was known.

    An address that is missing (hidden, erased, no scope) is not an address that ended, so the known one stays. One that
    changed is kept as a former one. Of an erased profile the name is a placeholder, so the known name stays; a
    deactivated member's object lacks the keys of guests. What the identity provider said is not Slack's to change.

    Source: docs.slack.dev/reference/objects/user-object, and what live workspaces showed, read 2026-12-01.
    """
    if known is None:
        return person
    email = person.email or known.email
    before = [a for a in (known.email, *known.former) if a and fold(a) != fold(email)]
    return replace(
        person,
        name=known.name if person.erased else person.name,
        email=email,
        former=tuple(dict.fromkeys(before)),
        restricted=person.restricted or (person.deactivated and known.restricted),
        tz=person.tz or known.tz,
        updated=person.updated or known.updated,
        disabled_by_idp=known.disabled_by_idp,
        idp_said_at=known.idp_said_at,
    )


def resolved(people: Iterable[Person]) -> dict[str, Person]:
    """Whom each address, folded, belongs to.

    Whoever has an address now goes before whoever had it once: addresses are given out again. Of several who have it
    now, a full member who is active goes first: a second account with one address is nobody's leaving.
    """
    ranked: dict[str, tuple[tuple[bool, bool, int], Person]] = {}
    for person in people:
        for address in person.addresses:
            now = address == fold(person.email)
            rank = (now, now and not person.gone and not person.restricted, person.updated)
            if address not in ranked or rank > ranked[address][0]:
                ranked[address] = (rank, person)
    return {address: person for address, (_, person) in ranked.items()}


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
