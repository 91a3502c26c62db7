"""What is known, joined: every credential with who it acts as, through what, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import BadArgument, NotFound
from bot.inventory.model import Body, Item, Ownership, OwnershipState, Rank
from bot.inventory.repository import ItemRepository, OwnershipRepository
from bot.people.model import Person, resolved
from bot.people.repository import PersonRepository
from bot.platform.model import Application, Credential, Principal, PrincipalKind, Tie
from bot.text import clean, fold, normal_ref

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the inventory: a credential, or a service account without one."""

    item: Item
    principal: Item | None
    application: Item | None
    owner: Ownership | None  # accepted only; see ``proposed``
    backup: Ownership | None  # accepted only
    proposed: Ownership | None
    words: str  # folded, for search
    everyday: bool  # a person's own use of an app, not an integration

    @property
    def credential(self) -> Credential | None:
        """The credential, unless this line is an account."""
        return self.item.body if isinstance(self.item.body, Credential) else None

    @property
    def account(self) -> Principal | None:
        """Who it acts as; None when it is nobody's, or that could not be seen."""
        return self.principal.body if self.principal and isinstance(self.principal.body, Principal) else None

    @property
    def app(self) -> Application | None:
        """Through which application."""
        body = self.application.body if self.application else None
        return body if isinstance(body, Application) else None

    @property
    def name(self) -> str:
        """What people call it: the application's name, the credential's label, or the account's name."""
        return (self.app.name if self.app else "") or label(self.item)

    @property
    def expires_at(self) -> datetime | None:
        """When it ends, where that is known."""
        return self.credential.expires_at if self.credential else None

    @property
    def personal(self) -> bool:
        """Whether a person stands behind it."""
        return self.account is not None and self.account.kind is PrincipalKind.PERSON


def label(item: Item) -> str:
    """An item's own name, as the platform gives it."""
    match item.body:
        case Credential() as body:
            return body.label
        case Principal() as body:
            return body.username or body.name
        case Application() as body:
            return body.name
        case Tie() as body:
            return body.name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The inventory at one instant, decrypted and joined; rebuilt when anything changed."""

    entries: tuple[Entry, ...]
    items: tuple[Item, ...]
    people: dict[str, Person]  # by Slack id
    by_ref: dict[str, Item] = field(default_factory=dict)
    by_native: dict[tuple[str, type, str], Item] = field(default_factory=dict)
    owners: dict[str, Ownership] = field(default_factory=dict)  # accepted, by item id
    backups: dict[str, Ownership] = field(default_factory=dict)  # accepted, by item id
    proposals: dict[str, Ownership] = field(default_factory=dict)
    by_item: dict[str, Entry] = field(default_factory=dict)  # by item id
    by_label: dict[str, tuple[Item, ...]] = field(default_factory=dict)  # by folded name
    by_email: dict[str, tuple[Item, ...]] = field(
        default_factory=dict
    )  # now or before, folded; also contacts
    by_address: dict[str, Person] = field(default_factory=dict)  # see ``bot.people.model.resolved``

    def person(self, address: str) -> Person | None:
        """Whose address it is, or was; None where nobody known had it."""
        return self.by_address.get(fold(address))

    def holder(self, account: Principal) -> Person | None:
        """Who an account belongs to: by its address now, else by one that it had before."""
        addresses = (a for a in (account.email, *account.former_emails) if a)
        return next((found for a in addresses if (found := self.person(a))), None)

    def native(self, connection: str, kind: type, native_id: str) -> Item | None:
        """The item a platform calls ``native_id``."""
        return self.by_native.get((connection, kind, native_id))

    def subject(self, connection: str, native_id: str) -> Item | None:
        """Whatever a platform calls ``native_id``, of any kind; credentials first."""
        kinds = (Credential, Principal, Application, Tie)
        return next((found for kind in kinds if (found := self.native(connection, kind, native_id))), None)

    def entry(self, item: Item) -> Entry | None:
        """The line that shows an item."""
        return self.by_item.get(item.id)

    def orphaned(self, entry: Entry) -> bool:
        """Whether nobody answers for it: no accepted owner, or one who was deactivated."""
        person = self.people.get(entry.owner.person) if entry.owner else None
        return entry.owner is None or (person is not None and person.gone)

    def find(self, words: str) -> Item:
        """The one item that a reference or a name means.

        Raises:
            NotFound, BadArgument: none, or several; the hint lists up to five.
        """
        if not words.strip():
            raise BadArgument("Say which one: its six-character id or part of its name. Try `list`.")
        if item := self.by_ref.get(normal_ref(words)):
            return item
        name = fold(words)
        needles = name.split()
        hits = [e.item for e in self.entries if all(needle in e.words for needle in needles)]
        others = self.by_label.get(name, ())
        named = {i.id for i in others}
        exact = [i for i in hits if i.id in named]
        chosen = (
            exact if len(exact) == 1 else hits or others
        )  # an application's name means what acts through it
        if len(chosen) == 1:
            return chosen[0]
        if not chosen:
            raise NotFound("Nothing in the inventory answers to that. Try `list` with fewer words.")
        listed = ", ".join(f"`{item.ref}` ({self._told(item)})" for item in chosen[:5])
        more = " and more" if len(chosen) > 5 else ""
        raise BadArgument(f"{len(chosen)} things answer to that. Use an id instead: {listed}{more}.")

    def _told(self, item: Item) -> str:
        entry = self.entry(item)
        who = f" as {entry.account.username}" if entry and entry.account else ""
        return clean(f"{label(item)}{who}", 60).replace("`", "'")


class Inventory:
    """Reads the store into a catalogue and keeps it until something changes."""

    def __init__(self, store: Store, everyday_apps: Iterable[str]) -> None:
        self._store = store
        self._everyday = frozenset(map(fold, everyday_apps))
        self._held: tuple[Mapping[str, int], Catalogue] | None = None

    async def catalogue(self) -> Catalogue:
        """The whole inventory. Cheap while nothing changed."""
        async with self._store.read() as unit:
            marks = await unit.marks()
            if self._held is None or self._held[0] != marks:
                self._held = marks, await self._read(unit, marks)
            return self._held[1]

    async def within(self, unit: Unit) -> Catalogue:
        """The inventory as a writing transaction sees it; never kept, since it may yet be undone."""
        marks = await unit.marks()
        return self._held[1] if self._held and self._held[0] == marks else await self._read(unit, marks)

    async def _read(self, unit: Unit, marks: Mapping[str, int]) -> Catalogue:
        """The catalogue anew; where only people changed, which is often, the rest of the one that is held."""
        people = await unit[PersonRepository].all()
        if self._held and all(marks.get(kind) == self._held[0].get(kind) for kind in ("item", "ownership")):
            known = {person.slack_id: person for person in people}
            return replace(self._held[1], people=known, by_address=resolved(people))
        items, ownerships = await unit[ItemRepository].all(), await unit[OwnershipRepository].live()
        return build(items, ownerships, people, self._everyday)


def build(
    items: Iterable[Item],
    ownerships: Iterable[Ownership],
    people: Iterable[Person],
    everyday: frozenset[str] = frozenset(),
) -> Catalogue:
    """Join rows into lines. Items absent from the latest complete listing are left out."""
    present = tuple(item for item in items if item.missing_since is None)
    native = {(i.connection, type(i.body), i.body.native_id): i for i in present}
    ownerships = tuple(ownerships)
    owners, proposals = (
        {o.item_id: o for o in ownerships if o.state is state and o.rank is Rank.OWNER}
        for state in (OwnershipState.ACCEPTED, OwnershipState.PROPOSED)
    )
    backups = {
        o.item_id: o for o in ownerships if o.state is OwnershipState.ACCEPTED and o.rank is Rank.BACKUP
    }
    entries = []
    used: set[str] = set()
    for item in present:
        if isinstance(item.body, Credential):
            principal = native.get((item.connection, Principal, item.body.principal_id))
            application = native.get((item.connection, Application, item.body.application_id))
            used.update(p.id for p in (principal,) if p)
            entries.append(_entry(item, principal, application, owners, backups, proposals, everyday))
    entries += [
        _entry(item, item, None, owners, backups, proposals, everyday)
        for item in present
        if isinstance(item.body, Principal)
        and item.body.kind is PrincipalKind.SERVICE
        and item.id not in used
    ]
    by_label: dict[str, list[Item]] = {}
    by_email: dict[str, list[Item]] = {}
    for item in present:
        by_label.setdefault(fold(label(item)), []).append(item)
        for email in _emails(item.body):
            by_email.setdefault(email, []).append(item)
    members = tuple(people)
    return Catalogue(
        entries=tuple(entries),
        items=present,
        people={p.slack_id: p for p in members},
        by_address=resolved(members),
        by_ref={i.ref: i for i in present},
        by_native=native,
        owners=owners,
        backups=backups,
        proposals=proposals,
        by_item={entry.item.id: entry for entry in entries},
        by_label={name: tuple(named) for name, named in by_label.items()},
        by_email={email: tuple(theirs) for email, theirs in by_email.items()},
    )


def _emails(body: Body) -> frozenset[str]:
    match body:
        case Principal():
            return frozenset(fold(a) for a in (body.email, *body.former_emails) if a)
        case Application():
            return frozenset({fold(body.contact_email)} - {""})
        case _:
            return frozenset()


def _entry(
    item: Item,
    principal: Item | None,
    application: Item | None,
    owners: dict[str, Ownership],
    backups: dict[str, Ownership],
    proposals: dict[str, Ownership],
    everyday: frozenset[str],
) -> Entry:
    answering = [i.id for i in (item, application, principal) if i is not None]  # nearest first

    def first(held: dict[str, Ownership]) -> Ownership | None:
        return next((held[i] for i in answering if i in held), None)

    texts = [item.ref, item.connection, label(item)]
    texts += [label(i) for i in (application, principal) if i]
    if principal and isinstance(principal.body, Principal):
        texts += [principal.body.name, principal.body.email]
    return Entry(
        item=item,
        principal=principal,
        application=application,
        owner=first(owners),
        backup=first(backups),
        proposed=first(proposals),
        words=fold(" ".join(texts)),
        everyday=application is not None and fold(label(application)) in everyday,
    )
