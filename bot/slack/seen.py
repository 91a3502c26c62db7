"""Remembers what was taken in already, because Slack delivers again what it believes lost."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED = 5_000  # an hour and more of a busy workspace; Slack gives up after minutes


class Seen:
    """A bounded set of ids, oldest forgotten first."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._ids: OrderedDict[str, None] = OrderedDict()

    def again(self, each: str) -> bool:
        """Whether this id came before. An empty id never did."""
        if not each:
            return False
        known = each in self._ids
        self._ids[each] = None
        while len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return known

    def forget(self, each: str) -> None:
        """Take it in again when it comes again: it was not dealt with."""
        self._ids.pop(each, None)
