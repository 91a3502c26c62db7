"""What is odd about single records: addresses that cannot work, last days, managers in a circle, unknown roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.domain.sync.notices import Notice, NoticeKind, Scene
from bot.domain.sync.people import Record, RecordKind
from bot.domain.sync.qualifying import Rules

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
