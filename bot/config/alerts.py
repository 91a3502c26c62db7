"""[alerts]: when to speak."""

from __future__ import annotations

from datetime import time
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from bot.chat.quiet_hours import QuietHours
from bot.config.table import Section


class AlertSettings(Section):
    """[alerts]: when to speak."""

    expiry_days: tuple[int, ...] = Field((60, 30, 14, 7, 3, 1, 0), description="days before the expiry date")
    unused_days: int = Field(
        90, ge=1, description="days after which an unused credential is worth a question"
    )
    escalate_after_h: tuple[float, float, float, float] = Field(
        (0.25, 4.0, 8.0, 24.0),
        description="hours until an urgent alert that nobody takes goes to owner, backup, channel, approvers; "
        "six times as long for what is for this week",
    )
    quiet_from: time = Field(time(20), description="nobody gets direct messages from here, in their own zone")
    quiet_to: time = Field(time(8), description="to here; the same time twice means never quiet")
    urgent_any_time: bool = Field(True, description="urgent alerts reach owners in quiet hours too")
    digest_at: time = Field(
        time(9),
        description="when each person's daily digest comes, in their own zone, and the team's on Mondays",
    )
    timezone: str = Field("UTC", description="of the team's weekly digest, for example Europe/Berlin")

    @field_validator("escalate_after_h")
    @classmethod
    def _each_later(cls, hours: tuple[float, ...]) -> tuple[float, ...]:
        if list(hours) != sorted(hours) or hours[0] < 0:
            raise ValueError("each must be later than the one before")
        return hours

    @field_validator("timezone")
    @classmethod
    def _a_zone_there_is(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("no zone is called that; take one such as Europe/Berlin")
        return name

    @property
    def quiet_hours(self) -> QuietHours:
        """The same as a rule."""
        return QuietHours(start=self.quiet_from, end=self.quiet_to)
