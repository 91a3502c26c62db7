"""What of a listing the bot could see, and the gaps where it could not."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.errors import Forbidden
from bot.platform.model import Area, Gap
from platforms.netsuite.errors import Closed, deed

T = TypeVar("T")


@dataclass(slots=True)
class Sight:
    """Gaps as they are found; what is refused is a gap, any other failure fails the whole listing."""

    gaps: list[Gap] = field(default_factory=list)

    def miss(self, area: Area, what: str, reason: str, remedy: str) -> None:
        """Note a part that could not be seen."""
        gap = Gap(area=area, what=what, reason=reason, remedy=remedy)
        if gap not in self.gaps:
            self.gaps.append(gap)

    async def seen(self, work: Awaitable[T], area: Area, what: str, *tables: str) -> T | None:
        """What ``work`` brings, or None and a gap. NetSuite does not say whether permission or feature is missing."""
        try:
            return await work
        except Closed:
            raise  # not a part, but the way to all of them
        except Forbidden as error:
            reason = f"NetSuite answered {error.scope!r}: cannot see (permission or feature)"
            self.miss(area, what, reason, deed(*tables) if tables else error.hint)
            return None
