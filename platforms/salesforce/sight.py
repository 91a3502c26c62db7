"""What the bot may see of a listing, and the gaps where it may not."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import Forbidden
from bot.platform.model import Area, Gap
from platforms.salesforce import permissions
from platforms.salesforce.answers import Listing
from platforms.salesforce.permissions import Need, Rights
from platforms.salesforce.rows import Row


@dataclass(slots=True)
class Sight:
    """Our rights, and the gaps as they are found. Those of missing rights are there from the start."""

    rights: Rights
    gaps: list[Gap] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gaps += [gap for need in permissions.NEEDS if (gap := permissions.gap(need, self.rights))]

    def may(self, need: Need) -> bool:
        """Whether we hold what ``need`` asks for."""
        return self.rights.any(*need.any_of)

    def miss(self, area: Area, what: str, reason: str, *deed: str) -> None:
        """Note a part that could not be seen, and the rights to tick."""
        self.gaps.append(Gap(area=area, what=what, reason=reason, remedy=permissions.tick(*deed)))

    def rows(self, answer: Listing | Forbidden, area: Area, what: str, *deed: str) -> tuple[Row, ...]:
        """The rows, or none and a gap that says why."""
        if isinstance(answer, Forbidden):
            self.miss(area, what, f"Salesforce answered {answer.scope}", *(deed or ("PermissionsViewSetup",)))
            return ()
        return answer.rows

    def allowed(self, answer: Listing | Forbidden, need: Need) -> tuple[Row, ...]:
        """The rows, but only with the right for them: some objects hide rows without a word."""
        if not self.may(need):
            return ()  # its gap stands already
        return self.rows(answer, need.area, need.what, *need.any_of)
