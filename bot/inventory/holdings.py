"""What depends on a person: everything that stops, or loses its owner, when they go."""

from __future__ import annotations

from dataclasses import dataclass

from bot.inventory.catalogue import Catalogue, Entry
from bot.inventory.model import Item
from bot.people.model import Person
from bot.platform.model import Application, CredentialStatus, Principal, PrincipalKind, PrincipalStatus, Tie
from bot.text import fold

STOPPED = frozenset({PrincipalStatus.INACTIVE, PrincipalStatus.FROZEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """One person's part in the inventory, across connections."""

    email: str
    person: Person | None
    addresses: frozenset[str] = frozenset()  # all that are or were theirs, folded
    accounts: tuple[Item, ...] = ()  # their principals
    entries: tuple[Entry, ...] = ()  # credentials that act as them
    ties: tuple[Item, ...] = ()  # scheduled jobs, dashboards and the like
    owned: tuple[Entry, ...] = ()  # what they answer for
    contacts: tuple[Item, ...] = ()  # applications that name them as contact

    def __bool__(self) -> bool:
        return bool(self.entries or self.ties or self.owned or self.contacts)

    @property
    def stopped(self) -> tuple[str, ...]:
        """Who says that they cannot act: Slack, the identity provider, each connection where a holder is stopped.

        An account that holds nothing does not count: many people have an old, inactive one beside their own.
        """
        by_connection: dict[str, set[PrincipalStatus]] = {}
        for entry in self.entries:
            if entry.account and entry.account.status in STOPPED:
                by_connection.setdefault(entry.item.connection, set()).add(entry.account.status)
        said = [
            f"{connection} (frozen)" if states == {PrincipalStatus.FROZEN} else connection
            for connection, states in sorted(by_connection.items())
        ]
        member = self.person
        told = ["Slack"] if member and member.deactivated else []
        told += ["the identity provider"] if member and member.disabled_by_idp else []
        return (*told, *said)

    @property
    def gone(self) -> bool:
        """Whether any system still calls them stopped, whatever they hold there."""
        accounts = (item.body for item in self.accounts if isinstance(item.body, Principal))
        away = bool(self.person and self.person.gone)
        return away or any(account.status in STOPPED for account in accounts)

    def by_integration(self) -> dict[tuple[str, str], tuple[Entry, ...]]:
        """Credentials grouped by connection and the application they serve."""
        groups: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault((entry.item.connection, entry.name), []).append(entry)
        return {key: tuple(group) for key, group in sorted(groups.items())}


def holdings(catalogue: Catalogue, email: str, person: Person | None = None) -> Holdings:
    """Everything of the person whose address that is or was, whatever their accounts' addresses are by now.

    ``person``: the member, where the caller has them; else whoever the address belongs to. An account belongs to whom
    its address leads to now, else to whom an earlier one did; so an address that somebody else has got since takes the
    account with it, and one that leads to nobody takes nothing away.
    """
    person = person or catalogue.person(email)
    addresses = frozenset({fold(email)}) | (person.addresses if person else frozenset())
    found = {item.id: item for address in addresses for item in catalogue.by_email.get(address, ())}
    theirs = tuple(item for item in found.values() if _belongs(item, catalogue, person))
    # a service account's mailbox may be a person's: that makes them reachable, not the one who acts
    mine = tuple(
        item
        for item in theirs
        if isinstance(item.body, Principal) and item.body.kind is not PrincipalKind.SERVICE
    )
    ids = {(item.connection, item.body.native_id) for item in mine}
    return Holdings(
        email=email,
        person=person,
        addresses=addresses,
        accounts=mine,
        entries=tuple(
            e
            for e in catalogue.entries
            if e.credential
            and not e.everyday
            and e.credential.status is not CredentialStatus.REVOKED
            and (e.item.connection, e.credential.principal_id) in ids
        ),
        ties=tuple(
            i
            for i in catalogue.items
            if isinstance(i.body, Tie) and (i.connection, i.body.principal_id) in ids
        ),
        owned=tuple(e for e in catalogue.entries if person and e.owner and e.owner.person == person.slack_id),
        contacts=tuple(item for item in theirs if isinstance(item.body, Application)),
    )


def _belongs(item: Item, catalogue: Catalogue, person: Person | None) -> bool:
    match item.body:
        case Principal() as account:
            holder = catalogue.holder(account)
        case Application() as app:
            holder = catalogue.person(app.contact_email)
        case _:
            return False
    return (holder.slack_id if holder else None) == (person.slack_id if person else None)
