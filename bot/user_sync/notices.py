"""What a person should look at before the sync runs: where the rules are silent, or nearly did something else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from bot.user_sync.matching import Sides, email_of, name_of, spelled_alike
from bot.user_sync.model import Outcome, Record, RecordKind, Rules, SyncAction, SyncRule, User


class NoticeKind(StrEnum):
    """What it is about. The reading of each is in docs/nexonia-sync.md."""

    SPELLING = "spelling"  # matched only because capitals and spaces are forgiven
    NEAR_NAME = "near_name"  # one e-mail, two names
    NEAR_EMAIL = "near_email"  # one name, two e-mails
    INACTIVE_TWIN = "inactive_twin"  # a new user is created beside an inactive one of the same name
    TWO_USERS = "two_users"  # several free users match one record
    TWO_RECORDS = "two_records"  # several records are the same person
    TWO_KINDS = "two_kinds"  # an employee and a vendor are the same person
    LINKED_TWICE = "linked_twice"  # several users are linked to one record
    ID_IN_BOTH = "id_in_both"  # an Integration ID that an employee and a vendor have
    SHARED_EMAIL = "shared_email"  # several active users will have one e-mail
    RENAME = "rename"  # an update gives a user the e-mail that another one has
    MALFORMED_EMAIL = "malformed_email"  # qualifies, but no login mail will arrive
    LAST_DAY = "last_day"  # terminated today: still qualifies today
    MANAGER_CYCLE = "manager_cycle"  # managers in a circle stop the vendor's sync
    MANAGER_MISSING = "manager_missing"  # whose manager will be no user
    ROLE_UNKNOWN = "role_unknown"  # no user has a role of that name, so it is not synced
    IGNORED_LINKED = "ignored_linked"  # ignored, and linked all the same


GRAVE = frozenset(
    {NoticeKind.SHARED_EMAIL, NoticeKind.RENAME, NoticeKind.NEAR_NAME, NoticeKind.MANAGER_CYCLE}
)


class Notice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to look at. ``text`` is ours alone; the people it is about are beside it, in order."""

    kind: NoticeKind
    text: str
    records: tuple[Record, ...] = ()
    users: tuple[User, ...] = ()

    @property
    def grave(self) -> bool:
        """Whether to look before the sync, not after it."""
        return self.kind in GRAVE


@dataclass(frozen=True, slots=True)
class Scene:
    """What the notices look at: both sides and what was decided."""

    outcomes: tuple[Outcome, ...]
    sides: Sides

    def key(self, person: Record | User) -> str:
        """The key of one of the people."""
        return self.sides.keys[id(person)]

    def served(self) -> Iterator[tuple[Outcome, Record]]:
        """The outcomes of records that qualify."""
        for outcome in self.outcomes:
            if outcome.record is not None and outcome.rule in _QUALIFYING:
                yield outcome, outcome.record


_QUALIFYING = (  # the commonest first: a tuple compares by identity, while the hash of an Enum is slow
    SyncRule.LINKED_ACTIVE,
    SyncRule.MATCH_FREE,
    SyncRule.NO_MATCH,
    SyncRule.LINKED_INACTIVE,
    SyncRule.MATCH_IGNORED,
)


def grouped(notices: Iterable[Notice]) -> dict[NoticeKind, list[Notice]]:
    """By kind, grave ones first."""
    found: dict[NoticeKind, list[Notice]] = {}
    for notice in sorted(notices, key=lambda n: not n.grave):
        found.setdefault(notice.kind, []).append(notice)
    return found


def collisions(scene: Scene) -> Iterator[Notice]:
    """Same persons on either side, links that are shared or may mean two records, and e-mails with two users."""
    yield from _same_record(scene)
    yield from _same_user(scene)
    yield from _links(scene)
    yield from _addresses(scene)


def _same_record(scene: Scene) -> Iterator[Notice]:
    """Records that are one person: the first is served, the others get a user of their own."""
    seen: dict[str, Record] = {}
    groups: dict[str, dict[int, Record]] = {}
    for _, record in scene.served():
        mine = scene.key(record)
        if (first := seen.setdefault(mine, record)) is not record:
            groups.setdefault(mine, {id(first): first})[id(record)] = record
    for group in groups.values():
        same = tuple(group.values())
        kinds = {record.kind for record in same}
        kind = NoticeKind.TWO_KINDS if len(kinds) > 1 else NoticeKind.TWO_RECORDS
        who = "An employee and a vendor are" if len(kinds) > 1 else f"{len(same)} records are"
        yield Notice(
            kind=kind,
            text=f"{who} the same person. One user belongs to one record: whichever the sync takes first is matched, "
            "each other gets a user of its own. Untick the checkbox of the one that is not wanted.",
            records=same,
        )


def _same_user(scene: Scene) -> Iterator[Notice]:
    """Users that are one person, of whom the sync linked one."""
    orphans: dict[str, list[User]] = {}
    for outcome in scene.outcomes:
        if outcome.action is SyncAction.ORPHAN and outcome.user is not None:
            orphans.setdefault(scene.key(outcome.user), []).append(outcome.user)
    if not orphans:
        return
    for outcome in scene.outcomes:
        if outcome.action is SyncAction.LINK and outcome.record is not None and outcome.user is not None:
            others = orphans.get(scene.key(outcome.record))
            if others:
                yield Notice(
                    kind=NoticeKind.TWO_USERS,
                    text="Several users match one record, and the article has no tie-break: which one is linked is "
                    "ambiguous. We assume the lowest id. Decide, and set the others to “Ignore for Integration: Yes” "
                    "or make them inactive.",
                    records=(outcome.record,),
                    users=(outcome.user, *others),
                )


def _links(scene: Scene) -> Iterator[Notice]:
    linked, shared = scene.sides.linked, scene.sides.shared
    for user in scene.sides.users:
        if not (user.ignore or user.integration_id in shared) or (record := linked.get(user.id)) is None:
            continue
        if user.integration_id in shared:
            yield Notice(
                kind=NoticeKind.ID_IN_BOTH,
                text=f"An employee and a vendor have this Integration ID. It is taken for the {record.kind}.",
                records=(record,),
                users=(user,),
            )
        if user.ignore and user.active:
            yield Notice(
                kind=NoticeKind.IGNORED_LINKED,
                text="Linked, and ignored for the integration: never made inactive, even when the record no longer "
                "qualifies. Whether its data still follows is unconfirmed.",
                records=(record,),
                users=(user,),
            )
    for users in scene.sides.users_of.values():
        if len(users) > 1 and (record := linked[users[0].id]) is not None:
            yield Notice(
                kind=NoticeKind.LINKED_TWICE,
                text="Several users are linked to one record. Ask Nexonia's support: an administrator cannot see why.",
                records=(record,),
                users=tuple(users),
            )


def _addresses(scene: Scene) -> Iterator[Notice]:
    """E-mails that several active users will have after the sync."""
    keys = scene.sides.keys
    alive = [(o, email_of(keys[id(after)])) for o in scene.outcomes if (after := _after(o)) is not None]
    times = Counter(email for _, email in alive)
    groups: dict[str, list[Outcome]] = {}
    if len(times) < len(alive):
        for outcome, email in alive:
            if times[email] > 1:
                groups.setdefault(email, []).append(outcome)
    for found in groups.values():
        renamed = [o for o in found if _renamed(scene, o)]
        records = tuple(o.record for o in found if o.record is not None)
        users = tuple(o.user for o in found if o.user is not None)
        if renamed:
            text = "An update gives a user the e-mail address that another active user has. The link is kept."
        else:
            text = "Several active users will have one e-mail address."
        yield Notice(
            kind=NoticeKind.RENAME if renamed else NoticeKind.SHARED_EMAIL,
            text=f"{text} Whether Nexonia permits that is unconfirmed; nobody is made inactive because of it.",
            records=records,
            users=users,
        )


def _renamed(scene: Scene, outcome: Outcome) -> bool:
    record, user = outcome.record, outcome.user
    return (
        outcome.rule is SyncRule.LINKED_ACTIVE
        and record is not None
        and user is not None
        and email_of(scene.key(record)) != email_of(scene.key(user))
    )


def _after(outcome: Outcome) -> Record | User | None:
    """Whose e-mail the active user has whom an outcome leaves behind; None if it leaves none."""
    if outcome.action in _ALIVE:
        return outcome.record
    return outcome.user if outcome.rule in (SyncRule.USER_IGNORED, SyncRule.MATCH_TAKEN) else None


_ALIVE = (SyncAction.UPDATE, SyncAction.LINK, SyncAction.CREATE)  # the commonest first
AT_MOST = 3  # namesakes shown for one record: some names are common


def near_misses(scene: Scene) -> Iterator[Notice]:
    """Matches that needed forgiveness, and records that get a new user though somebody much like them is there."""
    created: list[Record] = []
    ending: set[str] = set()
    usual = SyncAction.UPDATE
    for outcome in scene.outcomes:
        if outcome.action is usual:
            continue
        record, user = outcome.record, outcome.user
        if outcome.action is SyncAction.CREATE and record is not None:
            created.append(record)
        elif outcome.rule is SyncRule.MATCHES_NOBODY and user is not None:
            ending.add(user.id)
        elif (
            outcome.action is SyncAction.LINK
            and record is not None
            and user is not None
            and not spelled_alike(record, user)
        ):
            yield Notice(
                kind=NoticeKind.SPELLING,
                text="They match but for capital letters or spaces; the record's spelling is copied.",
                records=(record,),
                users=(user,),
            )
    if created:
        yield from _beside(scene, created, ending)


def _beside(scene: Scene, created: list[Record], ending: set[str]) -> Iterator[Notice]:
    keys = {scene.key(record) for record in created}
    emails, _, names = map(set, zip(*(mine.partition("\n") for mine in keys), strict=True))
    inactive: dict[str, list[User]] = {}
    by_email: dict[str, list[User]] = {}
    by_name: dict[str, list[User]] = {}
    key_of = scene.sides.keys
    for user in scene.sides.users:
        mine = key_of[id(user)]
        if not user.active:
            if mine in keys:
                inactive.setdefault(mine, []).append(user)
        elif not user.integration_id:
            email, _, name = mine.partition("\n")
            if email in emails:
                by_email.setdefault(email, []).append(user)
            elif name in names and user.id in ending:
                by_name.setdefault(name, []).append(user)
    for record in created:
        mine = scene.key(record)
        if twins := inactive.get(mine):
            yield Notice(
                kind=NoticeKind.INACTIVE_TWIN,
                text="An inactive user matches. The sync creates a second one and splits the history: reactivate the "
                "old user by hand instead.",
                records=(record,),
                users=tuple(twins[:AT_MOST]),
            )
        others = [user for user in by_email.get(email_of(mine), ()) if scene.key(user) != mine]
        if others:
            yield Notice(
                kind=NoticeKind.NEAR_NAME,
                text="One e-mail address, two names: the user does not match"
                + (" and is made inactive" if others[0].id in ending else "")
                + ", and a new one is created with the same address. Whether Nexonia permits that is unconfirmed. "
                "Make the names equal first.",
                records=(record,),
                users=tuple(others[:AT_MOST]),
            )
        if namesakes := by_name.get(name_of(mine)):
            yield Notice(
                kind=NoticeKind.NEAR_EMAIL,
                text="One name, two e-mail addresses: the user does not match and is made inactive, and a new one is "
                "created. If it is the same person, make the addresses equal first.",
                records=(record,),
                users=tuple(namesakes[:AT_MOST]),
            )


_ADDRESS = re.compile(r"\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*")


def oddities(scene: Scene, rules: Rules) -> Iterator[Notice]:
    """Of records that qualify, in the order of the outcomes."""
    wanted = {id(record): record for _, record in scene.served()}
    roles = {user.role for user in scene.sides.users if user.role}
    for record in wanted.values():
        if not _ADDRESS.fullmatch(record.email):
            yield Notice(
                kind=NoticeKind.MALFORMED_EMAIL,
                text="The e-mail address cannot be one. It qualifies all the same, but no mail will arrive.",
                records=(record,),
            )
        if record.termination_date == rules.today:
            yield Notice(
                kind=NoticeKind.LAST_DAY,
                text="Terminated today, so it still qualifies today; the first sync after midnight makes its user "
                "inactive. To end access at once, make the user inactive by hand.",
                records=(record,),
            )
        if record.role and roles and record.role not in roles:
            yield Notice(
                kind=NoticeKind.ROLE_UNKNOWN,
                text="No Nexonia user has a role of exactly this name. If there is no such role, it is not synced.",
                records=(record,),
            )
    yield from _managers({r.id: r for r in wanted.values() if r.kind is RecordKind.EMPLOYEE})


def _managers(employees: Mapping[str, Record]) -> Iterator[Notice]:
    rising: dict[str, str] = {r.id: r.manager_id for r in employees.values() if r.manager_id in employees}
    for record in employees.values():
        if record.manager_id and record.manager_id not in employees:
            yield Notice(
                kind=NoticeKind.MANAGER_MISSING,
                text="Its manager does not qualify, so will be no Nexonia user: the manager is not synced.",
                records=(record,),
            )
    for ring in circles(rising):
        yield Notice(
            kind=NoticeKind.MANAGER_CYCLE,
            text="Their managers form a circle. Nexonia's sync fails on that, for everybody: break it in NetSuite.",
            records=tuple(employees[one] for one in ring),
        )


def circles(above: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Each circle of a map in which everybody has at most one above them, once. Linear."""
    done: set[str] = set()
    for start in above:
        path: dict[str, int] = {}
        at = start
        while at in above and at not in done and at not in path:
            path[at] = len(path)
            at = above[at]
        if at in path:
            yield tuple(list(path)[path[at] :])
        done.update(path)
