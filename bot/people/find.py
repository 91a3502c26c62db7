"""Members by what people call them: their name, part of it, or an address they have or had."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from bot.errors import BadArgument, NotFound
from bot.people.model import Person, resolved
from bot.text import clean, fold

NAMED = 5  # people in a hint


class Several(BadArgument):
    """More than one person is called that. ``people``: who, so that each can be offered as a button."""

    code = "several_people"

    def __init__(self, hint: str, people: tuple[Person, ...], typed: str) -> None:
        super().__init__(hint)
        self.people = people
        self.typed = typed


def matching(people: Iterable[Person], words: str) -> tuple[Person, ...]:
    """Everybody whom these words may mean, by name: an exact name alone, else every word begins a part of it."""
    wanted = _plain(words)
    named = [(_plain(person.name), person) for person in people]
    if exact := tuple(person for name, person in named if name == wanted):
        return exact
    parts = wanted.split()
    return tuple(
        person
        for name, person in named
        if parts and all(any(each.startswith(part) for each in name.split()) for part in parts)
    )


def found(people: Iterable[Person], words: str) -> Person:
    """The one member that an id, an address or a name means. Deactivated members are found too.

    Raises:
        NotFound: nobody; the hint names whoever is spelled nearly so.
        Several: more than one.
    """
    members = tuple(people)
    known = {person.slack_id: person for person in members} | resolved(members)
    if person := known.get(words) or known.get(fold(words)):
        return person
    hits = matching(members, words)
    if len(hits) == 1:
        return hits[0]
    if "@" in words:
        raise NotFound("No member of this workspace has that e-mail address, now or before.")
    shown = clean(words, 60).replace("`", "'")
    if hits:
        listed = ", ".join(_told(person) for person in hits[:NAMED])
        more = " and more" if len(hits) > NAMED else ""
        raise Several(f"{len(hits)} people are called `{shown}`: {listed}{more}.", hits, words)
    names = {fold(person.name): person for person in members}
    near = [
        _told(names[name]) for name in difflib.get_close_matches(fold(words)[:60], names, n=3, cutoff=0.75)
    ]
    hint = f" Did you mean {' or '.join(near)}?" if near else " Pick them from Slack's list with @."
    raise NotFound(f"Nobody here is called `{shown}`.{hint}")


def _plain(text: str) -> str:
    """Folded, and without accents: people type names as their keyboard lets them."""
    return "".join(c for c in unicodedata.normalize("NFKD", fold(text)) if not unicodedata.combining(c))


def _told(person: Person) -> str:
    return clean(person.name, 60).replace("`", "'") + (" (deactivated)" if person.gone else "")
