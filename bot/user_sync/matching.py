"""When a record and a user are the same person: e-mail, first and last name are equal, however they are spelled.

The vendor's article (help.nexonia.com 231967567, read 2026-11) says "match (by email address and name)" and no more.
Ours is the reading that destroys least: a strict one makes a user inactive and creates the same person anew for a
capital letter or a space. Accents and nicknames are not forgiven; they are reported as near-misses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import TypeVar

from bot.user_sync.model import Record, RecordKind, User

Person = TypeVar("Person", Record, User)
_PLAIN = re.compile(r"[!-~]+\n[!-~]+\n[!-~]+")  # ASCII without spaces


def folded(raw: str) -> str:
    """Trimmed, inner spaces single, case folded; composed, so that two ways to write "é" are one. Accents stay."""
    line = " ".join(raw.split()).casefold()
    return line if line.isascii() else unicodedata.normalize("NFC", line)


def key(person: Record | User) -> str:
    """E-mail, first and last name, folded, on a line each: equal for two that match. Middle names play no part.

    A record that qualifies lacks none of them, so nobody who lacks one has its key.
    """
    raw = f"{person.email}\n{person.first}\n{person.last}"
    if _PLAIN.fullmatch(
        raw
    ):  # nothing to fold but capitals; so it is for most, and a sync folds 200,000 of these
        return raw.lower()
    return f"{folded(person.email)}\n{folded(person.first)}\n{folded(person.last)}"


def email_of(key: str) -> str:
    """The e-mail in a key."""
    return key.partition("\n")[0]


def name_of(key: str) -> str:
    """Both names in a key."""
    return key.partition("\n")[2]


def spelled_alike(record: Record, user: User) -> bool:
    """Whether a match needs no forgiveness: every letter and space is the same."""
    return record.email == user.email and record.last == user.last and record.first == user.first


def ascending(people: Iterable[Person]) -> list[Person]:
    """By id: numbers as numbers, before everything else."""
    numbers: list[Person] = []
    words: list[Person] = []
    for person in people:
        (numbers if person.id.isdecimal() else words).append(person)
    by_id = attrgetter("id")
    return sorted(sorted(numbers, key=by_id), key=lambda person: int(person.id)) + sorted(words, key=by_id)


@dataclass(frozen=True, slots=True)
class Sides:
    """The two listings in the order in which they are matched: employees first, each kind by ascending id.

    ``keys`` is by the identity of the person's object; ``linked`` by user id, of every user with an Integration ID,
    and None where its record is not listed; ``users_of`` is ``linked`` the other way, by the identity of the record.
    ``shared`` are the ids that an employee and a vendor have.
    """

    records: tuple[Record, ...]
    users: tuple[User, ...]
    keys: Mapping[int, str]
    linked: Mapping[str, Record | None]
    users_of: Mapping[int, Sequence[User]]
    shared: Set[str]

    def ref(self, record: Record) -> str:
        """The record's id; with its kind before it where both kinds have it."""
        return f"{record.kind}:{record.id}" if record.id in self.shared else record.id


def sides(records: Iterable[Record], users: Iterable[User]) -> Sides:
    """Order and index both sides.

    Employees and vendors may bear the same id. An Integration ID is taken as written where it names the kind
    (``vendor:7``); a bare one means the employee, unless there is none, or only the vendor is the user's namesake.
    """
    people = ascending(users)
    by_kind: dict[RecordKind, list[Record]] = {kind: [] for kind in RecordKind}
    for record in records:
        by_kind[record.kind].append(record)
    listed = [record for kind in RecordKind for record in ascending(by_kind[kind])]
    keys = {id(person): key(person) for person in chain[Record | User](listed, people)}
    employees = {record.id: record for record in by_kind[RecordKind.EMPLOYEE]}
    vendors = {record.id: record for record in by_kind[RecordKind.VENDOR]}

    shared = employees.keys() & vendors.keys()
    plain = {**vendors, **employees}  # what most links are, and a look-up answers
    for native_id in shared:
        del plain[native_id]

    def record_of(user: User, linked: str) -> Record | None:
        if linked in shared:
            employee, vendor, mine = employees[linked], vendors[linked], keys[id(user)]
            return vendor if keys[id(vendor)] == mine != keys[id(employee)] else employee
        kind, _, native_id = linked.partition(":")
        table = {"employee": employees, "vendor": vendors}.get(kind.strip().casefold(), {})
        return table.get(native_id.strip())

    linked = {u.id: plain.get(text) or record_of(u, text) for u in people if (text := u.integration_id)}
    users_of: dict[int, list[User]] = {}
    for user in people:
        if (theirs := linked.get(user.id)) is not None:
            users_of.setdefault(id(theirs), []).append(user)
    return Sides(tuple(listed), tuple(people), keys, linked, users_of, shared)
