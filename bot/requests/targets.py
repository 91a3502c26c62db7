"""The accounts that an integration can be handed to, the best first, each with the reason for its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.model import Item
from bot.platform.model import Principal, PrincipalKind, PrincipalStatus
from bot.text import fold, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An account that is free to take an integration over."""

    item: Item
    account: Principal
    others: int  # integrations that act as it already, the one in question left out
    called_after: str = ""  # another system that its user name names

    @property
    def dedicated(self) -> bool:
        """Whether the integration would be the only one that acts as it."""
        return self.others == 0

    @property
    def why(self) -> str:
        """The reason for its place in the list."""
        used = (
            "Nothing else uses it" if self.dedicated else f"{plural(self.others, 'other integration')} on it"
        )
        return f"{used}; named after {self.called_after}" if self.called_after else used


class Targets:
    """Active integration accounts without administrator powers, by connection.

    A vendor's own robot, which has no mailbox and so nobody who can sign in, is nobody's target.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._serves: dict[tuple[str, str], set[str]] = {}
        for entry in catalogue.entries:
            if entry.credential:
                self._serve(entry.item.connection, entry.credential.principal_id, entry.name)
        self._free: dict[str, list[tuple[Item, Principal]]] = {}
        for item in catalogue.items:
            body = item.body
            if (
                isinstance(body, Principal)
                and body.kind is PrincipalKind.SERVICE
                and body.status is PrincipalStatus.ACTIVE
                and body.email
                and not body.privileges
            ):
                self._free.setdefault(item.connection, []).append((item, body))
        self._systems = {item.connection.partition(":")[0] for item in catalogue.items}

    def fitting(self, entry: Entry) -> tuple[Target, ...]:
        """Where one credential can go: the same connection, never its holder; dedicated accounts first."""
        holder = entry.credential.principal_id if entry.credential else ""
        found = self._on(entry.item.connection, entry.name)
        return tuple(target for target in found if target.account.native_id != holder)

    def on(self, connections: Collection[str]) -> tuple[Target, ...]:
        """Every account of some connections, or of all where none is named, while the credential is not known."""
        chosen = sorted(c for c in self._free if c in connections or not connections)
        return tuple(target for connection in chosen for target in self._on(connection, ""))

    def take(self, target: Target, entry: Entry) -> None:
        """Count an integration as acting as an account from now on."""
        self._serve(target.item.connection, target.account.native_id, entry.name)

    def _serve(self, connection: str, native_id: str, name: str) -> None:
        self._serves.setdefault((connection, native_id), set()).add(fold(name))

    def _on(self, connection: str, name: str) -> list[Target]:
        name = fold(name)
        elsewhere = sorted(
            s for s in self._systems - {connection.partition(":")[0]} if not name or s not in name
        )
        found = [
            Target(
                item=item,
                account=account,
                others=len(self._serves.get((connection, account.native_id), set()) - {name}),
                called_after=next((s for s in elsewhere if s in fold(account.username)), ""),
            )
            for item, account in self._free.get(connection, ())
        ]
        return sorted(found, key=lambda t: (bool(t.called_after), t.others, t.account.username))
