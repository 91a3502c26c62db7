"""A larger alert speaks for smaller ones: they are told in its thread, and post nothing of their own."""

from __future__ import annotations

from collections.abc import Iterable

from bot.alerts.model import INCIDENT, NOT_VISIBLE, OWN_CREDENTIAL, OWNER_GONE, Alert, covered
from bot.inventory.catalogue import Entry
from bot.text import fold


class Inhibition:
    """What is live now and speaks for others: an owner who is gone, a source unseen, our own sign-in."""

    def __init__(self, live: Iterable[Alert]) -> None:
        self._by: dict[tuple[str, str], Alert] = {}
        for alert in live:
            for subject in covered(alert) if alert.rule == OWNER_GONE else (alert.subject,):
                self._by[alert.rule, subject] = alert

    def of(self, entry: Entry) -> Alert | None:
        """The alert that speaks for this line of the inventory; the widest of several."""
        return (
            self.of_connection(entry.item.connection)
            or self._by.get((OWN_CREDENTIAL, entry.item.id))
            or self._by.get((OWNER_GONE, fold(entry.account.email if entry.account else "")))
            or self._by.get((INCIDENT, incident_subject(entry)))
        )

    def of_connection(self, connection: str) -> Alert | None:
        """The alert that speaks for everything a source shows."""
        return self._by.get((NOT_VISIBLE, connection))


def incident_subject(entry: Entry) -> str:
    """What a vendor's incident with this line's application is known by."""
    application = entry.credential.application_id if entry.credential else ""
    return f"{entry.item.connection}|{application or fold(entry.name)}"
