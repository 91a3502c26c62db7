"""What no document settles, as capabilities: "cannot" until a probe of the real account has shown otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from bot.platform.ports import Memory
from bot.text import Secret

_NAME = "capabilities"


class Point(StrEnum):
    """The open points of the facts about NetSuite, in the order of their worth."""

    INTEGRATIONS = "integration records can be listed"
    CERTIFICATES_OF_OTHERS = "the certificate list shows other people's certificates"
    ROLES_KEYED = "assigning a role that is held already adds no second line"
    RELEASE_DATE = "termination dates can be read by SuiteQL"
    M2M_REFUSAL = "the token endpoint says why it refuses"
    LIMIT_ANSWER = "a 429 says how long to wait"
    LICENCE_COUNTERS = "an employee's record tells the licence counts"
    ACCESS_STOPS_TOKENS = "clearing Give Access stops tokens"
    TOKEN_INFO = "tokeninfo tells user and role"  # noqa: S105  a sentence
    CONTEXTS = "the ways of changes have names"
    NEW_TOKEN_AFTER_2027 = "new tokens on old integrations work after 2027.1"  # noqa: S105  a sentence
    TRAIL_AGE = "the audit trail goes back 90 days"
    M2M_CALLS_LOGGED = "the audit trail shows each M2M request, not only each sign-in"
    LONG_CERTIFICATES = "certificates of more than two years are refused"
    TOKEN_NAME_OF_M2M = "OAuth 2.0 sign-ins carry no token name"  # noqa: S105  a sentence
    TIME_ZONE = "dates are printed in the configured time zone"


class Answer(StrEnum):
    """What a probe found."""

    YES = "yes"  # seen
    NO = "no"  # looked, and it is not so
    UNKNOWN = "unknown"  # not tried, or what was seen settles nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One point, answered."""

    answer: Answer
    detail: str
    at: datetime


class Capabilities:
    """What probes have found, kept with the connection."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def known(self) -> Mapping[Point, Finding]:
        """Everything found so far."""
        kept = await self._memory.recall(_NAME)
        if kept is None:
            return {}
        found = msgspec.json.decode(kept.reveal(), type=dict[str, Finding])
        return {Point[name]: finding for name, finding in found.items() if name in Point.__members__}

    async def has(self, point: Point) -> bool:
        """Whether a probe has shown it. Everything else is "cannot"."""
        finding = (await self.known()).get(point)
        return finding is not None and finding.answer is Answer.YES

    async def keep(self, found: Mapping[Point, Finding]) -> None:
        """Add to what is known; a look that settled nothing takes nothing back."""
        settled = {p: f for p, f in found.items() if f.answer is not Answer.UNKNOWN}
        merged = {**await self.known(), **settled}
        body = msgspec.json.encode({point.name: finding for point, finding in merged.items()})
        await self._memory.keep(_NAME, Secret(body.decode()))
