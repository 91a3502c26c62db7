"""The users of the directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.world import Json


@dataclass(slots=True, eq=False)
class User:
    """One Nexonia user. `integration_id` is the hidden link to a NetSuite record; `ignore` the flag of seed 002."""

    id: str
    first: str
    last: str
    email: str
    role: str = "Employee"
    active: bool = True
    ignore: bool = False
    integration_id: str | None = None
    manager_id: str | None = None

    def shown(self) -> Json:
        return {
            "id": self.id,
            "first": self.first,
            "last": self.last,
            "email": self.email,
            "role": self.role,
            "active": self.active,
            "ignore": self.ignore,
            "integration_id": self.integration_id,
            "manager_id": self.manager_id,
        }


@dataclass(slots=True)
class Directory:
    """Users by id, in the order of their ids, which are whole numbers as text."""

    users: dict[str, User] = field(default_factory=dict)
    _last: int = 500

    def add(self, **values: Any) -> User:
        self._last += 1
        user = User(id=str(self._last), **values)
        self.users[user.id] = user
        return user

    def by_email(self, email: str) -> list[User]:
        wanted = email.strip().casefold()
        return [user for user in self.users.values() if user.email.strip().casefold() == wanted]

    def linked_to(self, integration_id: str, *, but: User | None = None) -> User | None:
        return next(
            (u for u in self.users.values() if u.integration_id == integration_id and u is not but), None
        )
