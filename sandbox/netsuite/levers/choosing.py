"""Finding what a lever is about: people by e-mail, roles and integrations by name or number, tokens by name or id."""

from __future__ import annotations

from typing import Any

from sandbox.asked import Asked, refuse
from sandbox.netsuite.account import Account, Mapping
from sandbox.netsuite.tables import Row


class Choosing:
    """Each method takes the key it reads; what is not there is refused with 404."""

    def __init__(self, account: Account, asked: Asked) -> None:
        self.account = account
        self.asked = asked

    def employee(self, key: str = "email") -> Row:
        email = self.asked.text(key).lower()
        found = next((row for row in self.account["employee"] if (row["email"] or "").lower() == email), None)
        return found or self._missing(f"no employee has the address {email}")

    def role(self, key: str = "role") -> Row:
        return self._role(self.asked.values.get(key))

    def roles(self, key: str = "roles") -> list[int]:
        given = self.asked.values.get(key)
        if not isinstance(given, list):
            refuse(f"{key} must be a list of role names or numbers")
        return [int(self._role(one)["id"]) for one in given]

    def _role(self, given: Any) -> Row:
        for row in self.account["role"]:
            if given in (row["name"], row["id"], str(row["id"])):
                return row
        return self._missing(f"there is no role {given!r}")

    def application(self, key: str = "application") -> Row:
        given = self.asked.text(key)
        for row in self.account["integrationapp"]:
            if given in (row["name"], row["_consumer_key"], row["_client_id"]):
                return row
        return self._missing(f"there is no integration {given!r}")

    def token(self, key: str = "token") -> Row:
        """By Token ID, internal id, or name (the newest of that name)."""
        given = self.asked.values.get(key)
        found = [
            row
            for row in self.account["oauthtoken"]
            if given in (row["_token_id"], row["id"], str(row["id"]), row["tba_token_name"])
        ]
        return found[-1] if found else self._missing("there is no such token")

    def mapping(self, key: str = "certificate_id") -> Mapping:
        found = self.account.mappings.get(self.asked.text(key))
        if found is None:
            refuse("there is no such certificate", 404)
        return found

    @staticmethod
    def _missing(text: str) -> Row:
        refuse(text, 404)
