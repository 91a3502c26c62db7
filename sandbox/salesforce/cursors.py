"""Query locators: where a listing that did not fit on one page goes on."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.salesforce.ids import Mint

_LIFE = timedelta(days=2)
_KEPT = 10


@dataclass(frozen=True, slots=True)
class Cursor:
    """The rows a query found, and all that is needed to print more of them."""

    user_id: str
    rows: list[Any]
    plan: Any
    total: int
    page: int
    made_at: datetime


class Cursors:
    """
    At most ten open locators per user, two days each; the oldest of a user is dropped for the eleventh.

    Source: SOAP API Developer Guide, queryMore() and query cursor limits, read 2026-11-21.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._mint = Mint()

    def keep(self, cursor: Cursor) -> str:
        """Remember a cursor and name it."""
        mine = [locator for locator, other in self._open.items() if other.user_id == cursor.user_id]
        for locator in mine[: max(0, len(mine) - _KEPT + 1)]:
            del self._open[locator]
        locator = self._mint.new("01g")
        self._open[locator] = cursor
        return locator

    def find(self, locator: str, user_id: str, now: datetime) -> Cursor | None:
        """The cursor, if it is this user's and still alive."""
        cursor = self._open.get(locator)
        if cursor is None or cursor.user_id != user_id or now - cursor.made_at >= _LIFE:
            return None
        return cursor
