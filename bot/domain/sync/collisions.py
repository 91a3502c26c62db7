"""Two of something where the rules expect one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.domain.sync.matching import email_of
from bot.domain.sync.notices import Notice, NoticeKind, Scene
from bot.domain.sync.outcome import Outcome, SyncAction, SyncRule
from bot.domain.sync.people import Record, User


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
