"""Folders and spaces: the tree, who each is shared with, and what an account sees by it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.errors import BadArgument, Forbidden, NotFound, ProtocolChanged
from bot.platform.model import Content
from bot.text import clean, fold
from platforms.wrike.client import Client
from platforms.wrike.rows import Row, flag, needed, text, texts

ROOTS = frozenset({"WsRoot", "RbRoot"})
BIN = frozenset({"RbRoot", "RbFolder"})
SEPARATOR = " / "
_DEEPEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder, project or space. ``shared`` is None where only the tree was read."""

    id: str
    title: str
    scope: str
    children: tuple[str, ...]
    space: bool = False
    project: bool = False
    public: bool = False  # a space that every regular user may enter
    shared: frozenset[str] | None = None

    @property
    def kind(self) -> str:
        """Wrike's own word."""
        return "space" if self.space else "project" if self.project else "folder"


@dataclass(frozen=True)
class Tree:
    """What our own user sees, by id. What it does not see is not in it, and nothing says so."""

    folders: Mapping[str, Folder]
    _paths: dict[str, str] = field(default_factory=dict)

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """The folders each folder lies in."""
        found: dict[str, list[str]] = {}
        for folder in self.folders.values():
            for child in folder.children:
                found.setdefault(child, []).append(folder.id)
        return {child: tuple(sorted(above)) for child, above in found.items()}

    @cached_property
    def sharable(self) -> tuple[Folder, ...]:
        """Everything that can be shared: neither a root nor in the recycle bin, by path."""
        fit = [one for one in self.folders.values() if one.scope not in ROOTS | BIN]
        return tuple(sorted(fit, key=lambda one: (fold(self.path(one.id)), one.id)))

    def path(self, folder_id: str) -> str:
        """Titles from the outermost to its own; of several ways the first by id."""
        if folder_id not in self._paths:
            titles, at, seen = list[str](), folder_id, set[str]()
            while at in self.folders and at not in seen and len(titles) < _DEEPEST:
                seen.add(at)
                if self.folders[at].scope not in ROOTS:
                    titles.append(clean(self.folders[at].title, 80))
                at = next(iter(self.parents.get(at, ())), "")
            self._paths[folder_id] = SEPARATOR.join(reversed(titles))
        return self._paths[folder_id]

    def above(self, folder_id: str) -> frozenset[str]:
        """The folder and everything it lies in: what is shared above is shared below."""
        found, waiting = {folder_id}, [folder_id]
        while waiting:
            new = [one for one in self.parents.get(waiting.pop(), ()) if one not in found]
            found.update(new)
            waiting += new
        return frozenset(found)

    def sees(self, circles: Collection[str], folder_id: str, *, regular: bool) -> bool:
        """Whether somebody in these circles (themselves, their groups) has been let into a folder."""
        wanted = frozenset(circles)
        way = [self.folders[one] for one in self.above(folder_id) if one in self.folders]
        return any((one.shared or frozenset()) & wanted or (one.public and regular) for one in way)

    def named(self, words: str) -> Folder:
        """
        The folder that an id, a handle, a path or a title names.

        Raises:
            NotFound, BadArgument: none that we see, or several of one title.
        """
        wanted = words.strip()
        if wanted in self.folders:
            return self.folders[wanted]
        same = [
            one
            for one in self.sharable
            if handle(one.id) == wanted or fold(self.path(one.id)) == fold(wanted)
        ]
        same = same or [one for one in self.sharable if fold(one.title) == fold(wanted)]
        if not same:
            raise NotFound(
                f"folders: the bot sees no folder or space called “{clean(wanted, 80)}” in Wrike. It must be shared"
                " with the bot's own user first"
            )
        if len(same) > 1:
            paths = "; ".join(self.path(one.id) for one in same[:4])
            raise BadArgument(
                f"folders: several are called “{clean(wanted, 60)}”. Write the whole path: {paths}"
            )
        return same[0]

    def content(self, folder: Folder) -> Content:
        """As the product has it."""
        return Content(
            native_id=folder.id,
            name=clean(folder.title, 120),
            kind=folder.kind,
            handle=handle(folder.id),
            path=self.path(folder.id),
        )


def handle(folder_id: str) -> str:
    """A name that fits where ids of 256 characters do not."""
    return f"f:{hashlib.sha256(folder_id.encode()).hexdigest()[:16]}"


def read(row: Row) -> Folder:
    """A node of the tree or a record."""
    return Folder(
        id=needed(row, "id"),
        title=text(row, "title"),
        scope=text(row, "scope"),
        children=texts(row, "childIds"),
        space=flag(row, "space"),
        project=row.get("project") is not None,
        shared=frozenset(texts(row, "sharedIds")) if "sharedIds" in row else None,
    )


async def tree(client: Client) -> Tree:
    """
    The tree as our user sees it, without shares, and the spaces named as such. 2 requests where nothing is paged.

    Raises:
        ProtocolChanged: the listing was cut short.
    """
    rows = await client.listing("list folders", "/folders")
    found = {one.id: one for one in map(read, rows)}
    if not found:
        raise _short(client, "it is empty")
    unlisted = {child for one in found.values() for child in one.children} - set(found)
    if unlisted and await _visible(client, min(unlisted)):
        raise _short(client, f"{len(unlisted)} folders that lie in others are not in it")
    for row in await client.listing("list spaces", "/spaces"):
        if space := found.get(needed(row, "id")):
            found[space.id] = replace(space, space=True, public=text(row, "accessType") == "Public")
    return Tree(found)


async def _visible(client: Client, folder_id: str) -> bool:
    """Whether a folder that a listing left out is one we may see, or one that is not for us."""
    try:
        return bool(await client.batches("read a folder", "/folders", [folder_id]))
    except Forbidden:
        return False


async def with_shares(client: Client, known: Tree, wanted: Iterable[str] | None = None) -> Tree:
    """
    The tree with whom each folder (or each of those wanted) is shared with. ceil(n / 100) requests.

    Raises:
        ProtocolChanged: a batch brought fewer folders than were asked for.
    """
    ids = [one.id for one in known.sharable] if wanted is None else sorted(set(wanted))
    gone: set[str] = set()
    try:
        rows = [row for part in await client.batches("read shares", "/folders", ids) for row in part]
    except Forbidden:  # one of them went since the tree was read
        rows = await _halved(client, ids, gone)
    found = {one.id: one for one in map(read, rows)}
    missing = sorted(set(ids) - set(found) - gone)
    if missing and await _halved(
        client, missing, gone
    ):  # asked for alone it is there, so the batch was short
        raise _short(client, f"{len(missing)} of {len(ids)} folders were not answered")
    gone.update(missing)
    return Tree(
        {
            key: replace(one, shared=found[key].shared or frozenset()) if key in found else one
            for key, one in known.folders.items()
            if key not in gone
        }
    )


async def _halved(client: Client, ids: list[str], gone: set[str]) -> list[Row]:
    """The records of those that are still there; the others are noted. Few go during a scan."""
    if not ids:
        return []
    try:
        found = [row for part in await client.batches("read shares", "/folders", ids) for row in part]
        if found or len(ids) == 1:
            return found
    except Forbidden:
        if len(ids) == 1:
            gone.add(ids[0])
            return []
    half = len(ids) // 2
    return await _halved(client, ids[:half], gone) + await _halved(client, ids[half:], gone)


def _short(client: Client, why: str) -> ProtocolChanged:
    return ProtocolChanged(
        f"{client.connection}: the listing of folders cannot be whole: {why}.",
        connection=client.connection,
        operation="list folders",
    )
