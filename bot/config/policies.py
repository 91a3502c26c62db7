"""What a company has decided where the vendors' advice differs. Checks read it; nothing here is a rule by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.text import fold


class Accounts(StrEnum):
    """How many integrations may sign in with one integration account."""

    DEDICATED = "dedicated"  # one account for each integration: one that is lost or stopped stops one thing
    SHARED = "shared"  # several may: each account costs a licence


class Administrator(StrEnum):
    """Whether an integration account may be an administrator."""

    FORBIDDEN = "forbidden"  # a role or permission set with what it needs
    ALLOWED = "allowed"  # as some connectors' own instructions ask


class MustOwn(StrEnum):
    """Who has to answer for an integration before it counts as owned."""

    NOBODY = "nobody"  # owners are recorded and never asked for
    OWNER = "owner"  # somebody who accepted and is active
    OWNER_AND_BACKUP = "owner_and_backup"  # and a second one, for when the first goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The decisions, each with the default that costs least when it turns out to be wrong."""

    accounts: Accounts = Accounts.DEDICATED
    administrator: Administrator = Administrator.FORBIDDEN
    must_own: MustOwn = MustOwn.OWNER
    attest_days: int = 90  # an owner says again that it is theirs after this long
    oldest_days: int = 365  # of a credential whose kind has no age of its own; 0: any age will do
    ages_days: Mapping[str, int] = field(
        default_factory=dict
    )  # by kind of credential, for example "oauth_grant"
    usage_interval_h: Mapping[str, float] = field(
        default_factory=dict
    )  # by integration: hours between two uses

    def oldest(self, kind: str) -> timedelta | None:
        """How old a credential of that kind may get; None where any age will do."""
        days = self.ages_days.get(kind, self.oldest_days)
        return timedelta(days=days) if days else None

    def cadence(self, integration: str) -> timedelta | None:
        """How often an integration is used, where somebody has said so; by its name, however it is spelt."""
        wanted = fold(integration)
        hours = next((hours for name, hours in self.usage_interval_h.items() if fold(name) == wanted), None)
        return None if hours is None else timedelta(hours=hours)


DEFAULTS = Policies()
