"""When grants end by the policy of their app: a while after their last use, or after they were made.

UNCONFIRMED in its words: facts name the values Infinite and SpecificLifetime, and the two columns beside them. What is
not understood has no end that we know of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.platform.model import Credential
from platforms.salesforce.apps import App, Refresh

_UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1), "months": timedelta(days=28)}
_IDLE, _LIFE = "specificinactivity", "specificlifetime"


def limit(refresh: Refresh) -> timedelta | None:
    """The time that a policy gives; None where it gives all, or we do not understand it."""
    unit = _UNITS.get(refresh.unit.lower())
    if refresh.policy.lower() not in {_IDLE, _LIFE} or unit is None or not refresh.period.isdecimal():
        return None
    return unit * int(refresh.period) or None


def ending(held: Iterable[Credential], apps: Iterable[App], now: datetime) -> list[Credential]:
    """The grants, with an end where their app's policy sets one.

    An idle limit moves with each use, so it has a date only once half of it has passed unused: a grant that is used as
    it should be is never near an end.
    """
    limits = {app.id[:15]: (app.refresh.policy.lower(), limit(app.refresh)) for app in apps}
    return [_ending(one, *limits.get(one.application_id[:15], ("", None)), now) for one in held]


def _ending(grant: Credential, policy: str, lasts: timedelta | None, now: datetime) -> Credential:
    if lasts is None or grant.created_at is None:
        return grant
    if policy == _LIFE:
        return replace(grant, expires_at=grant.created_at + lasts)
    used = max(grant.created_at, grant.last_used_at or grant.created_at)
    return replace(grant, expires_at=used + lasts) if now - used >= lasts / 2 else grant
