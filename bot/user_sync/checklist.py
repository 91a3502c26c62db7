"""What a person does about a forecast, in the words of the article help.nexonia.com 231967567 (read 2026-11)."""

from __future__ import annotations

from collections.abc import Iterator

from bot.text import plural
from bot.user_sync.forecast import Forecast
from bot.user_sync.model import SyncAction, SyncRule


def checklist(found: Forecast) -> Iterator[str]:
    """One deed a line, for what the forecast holds; nothing where nothing needs a person."""
    ended_without_link = sum(o.rule is SyncRule.MATCHES_NOBODY for o in found.outcomes)
    ended_with_link = found.counts[SyncAction.INACTIVATE] - ended_without_link
    if found.safety_limit:
        yield "Do not run the sync, and hold the one of tonight, until you know why so many users would end."
    if ended_without_link:
        yield (
            f"{plural(ended_without_link, 'user')} made directly in Nexonia: to keep one, open Settings > Users > the "
            "user, set “Ignore for Integration: Yes” near the bottom of the page, Apply. Or create it in NetSuite "
            "first, as an Employee or Vendor that qualifies."
        )
    if ended_with_link:
        yield (
            f"{plural(ended_with_link, 'user')} whose record no longer qualifies: to keep one, make the Employee or "
            "Vendor in NetSuite qualify again (first name, last name, e-mail address, active, no termination date that "
            "has passed, checkbox checked)."
        )
    if count := found.counts[SyncAction.BLOCKED_BY_IGNORED]:
        yield (
            f"{plural(count, 'record')} blocked by a user set to “Ignore for Integration: Yes”: set it to No in "
            "Settings > Users to have it linked. Until then its expenses and time entries do not export to NetSuite."
        )
    if count := found.counts[SyncAction.STRANDED]:
        yield (
            f"{plural(count, 'person', 'people')} with an inactive user: make the user active again by hand in "
            "Settings > Users; no rule of the sync does."
        )
    if count := found.counts[SyncAction.ORPHAN]:
        yield (
            f"{plural(count, 'double user')} of a record that has another: make the double inactive in Settings > "
            "Users; its data does not export to NetSuite."
        )
    if found.counts[SyncAction.CREATE]:
        yield "New users appear at the next Full Sync: Integration > Integration Setup > Configuration Data."
