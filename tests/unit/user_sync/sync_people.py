"""People for the tests of the sync: one Ann, who qualifies, and whatever differs."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.user_sync.model import Outcome, Record, RecordKind, Rules, User

TODAY = date(2026, 11, 24)
ANN = {"first": "Ann", "last": "Lee", "email": "ann@example.com"}
BOB = {"first": "Bob", "last": "Orr", "email": "bob@example.com"}


def employee(native_id: str = "1", **differs: Any) -> Record:
    """An employee who qualifies."""
    return Record(
        **({"id": native_id, "kind": RecordKind.EMPLOYEE, **ANN, "active": True, "flag": True} | differs)
    )


def vendor(native_id: str = "1", **differs: Any) -> Record:
    """A vendor who qualifies."""
    return employee(native_id, **({"kind": RecordKind.VENDOR} | differs))


def user(native_id: str = "u1", **differs: Any) -> User:
    """An active user, linked to nothing."""
    return User(**({"id": native_id, **ANN, "active": True} | differs))


def rules(**differs: Any) -> Rules:
    """Both kinds, no filter for employees."""
    return Rules(**({"today": TODAY} | differs))


def lines(outcomes: tuple[Outcome, ...]) -> list[tuple[str, str, str | None, str | None]]:
    """Action, rule, record id and user id of each."""
    return [
        (o.action.value, o.rule.value, o.record and o.record.id, o.user and o.user.id)  # type: ignore[misc]
        for o in outcomes
    ]
