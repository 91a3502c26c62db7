"""Who was nearly matched, and who only just was."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.sync.matching import folded, key, name_key, spelled_alike
from bot.domain.sync.notices import Notice, NoticeKind, Scene
from bot.domain.sync.outcome import SyncAction, SyncRule
from bot.domain.sync.people import Record, User

AT_MOST = 3  # namesakes shown for one record: some names are common


def near_misses(scene: Scene) -> Iterator[Notice]:
    """Matches that needed forgiveness, and records that get a new user though somebody much like them is there."""
    created: list[Record] = []
    ending: set[str] = set()
    for outcome in scene.outcomes:
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
        yield from _beside(created, scene.users, ending)


def _beside(created: list[Record], users: tuple[User, ...], ending: set[str]) -> Iterator[Notice]:
    keys = {key(record) for record in created}
    emails = {folded(record.email) for record in created}
    names = {name_key(record) for record in created}
    inactive: dict[str, list[User]] = {}
    by_email: dict[str, list[User]] = {}
    by_name: dict[str, list[User]] = {}
    for user in users:
        if not user.active:
            if (mine := key(user)) in keys:
                inactive.setdefault(mine, []).append(user)
        elif not user.integration_id:
            if (email := folded(user.email)) in emails:
                by_email.setdefault(email, []).append(user)
            elif (name := name_key(user)) in names and user.id in ending:
                by_name.setdefault(name, []).append(user)
    for record in created:
        mine = key(record)
        if twins := inactive.get(mine):
            yield Notice(
                kind=NoticeKind.INACTIVE_TWIN,
                text="An inactive user matches. The sync creates a second one and splits the history: reactivate the "
                "old user by hand instead.",
                records=(record,),
                users=tuple(twins[:AT_MOST]),
            )
        others = [user for user in by_email.get(folded(record.email), ()) if key(user) != mine]
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
        if namesakes := by_name.get(name_key(record)):
            yield Notice(
                kind=NoticeKind.NEAR_EMAIL,
                text="One name, two e-mail addresses: the user does not match and is made inactive, and a new one is "
                "created. If it is the same person, make the addresses equal first.",
                records=(record,),
                users=tuple(namesakes[:AT_MOST]),
            )
