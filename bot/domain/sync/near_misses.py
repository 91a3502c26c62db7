"""Who was nearly matched, and who only just was."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.sync.matching import email_of, name_of, spelled_alike
from bot.domain.sync.notices import Notice, NoticeKind, Scene
from bot.domain.sync.outcome import SyncAction, SyncRule
from bot.domain.sync.people import Record, User

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
