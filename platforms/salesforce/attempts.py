"""A user's sign-ins since an instant, and instants as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.platform.model import Login
from bot.platform.plan import Action
from platforms.salesforce import logins, queries
from platforms.salesforce.org import Org


async def since(org: Org, user: str, application: str, after: datetime) -> list[Login]:
    """A user's sign-ins through an app (any, if empty) after an instant, oldest first."""
    rows = await org.rows(queries.logins_of([user], after))
    found = (logins.read(row) for row in rows)
    return sorted(
        (one for one in found if one.at > after and (not application or one.application == application)),
        key=lambda login: login.at,
    )


def begun(action: Action) -> datetime | None:
    """Since when the step of an action waits; None where that is not on record."""
    return instant(action.known.get("since", ""))


def instant(raw: str) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def said(at: datetime | None) -> str:
    """As people read it, to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "an unknown time"
