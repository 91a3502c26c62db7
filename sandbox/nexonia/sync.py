"""
The Configuration Sync: what happens to every record and every user, by the rules of help.nexonia.com 231967567.

Written from that article and from the decision tables made of it, apart from the bot's own rules. Rule names are
the tables': N1-N6 for records, U1-U6 for users. Where the article is silent the reading is: trimmed and case-folded
matching, employees before vendors, ascending ids, lowest user id first, and updates of linked users before all else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sandbox.nexonia.directory import Directory, User
from sandbox.nexonia.records import Record
from sandbox.world import Json


class SyncFailed(Exception):
    """The whole sync failed and changed nothing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What this company's sync is configured to do."""

    kinds: frozenset[str] = frozenset({"employee", "vendor"})
    employee_filter: bool = True
    """Employees need the checkbox too; vendors always do."""
    creates: bool = True
    """False in a plain sync of a tenant where new users need a Full Sync."""


@dataclass(frozen=True, slots=True)
class Outcome:
    action: str
    rule: str
    record_id: str | None
    user_id: str | None
    reason: str

    def shown(self) -> Json:
        return {
            "action": self.action,
            "rule": self.rule,
            "record_id": self.record_id,
            "user_id": self.user_id,
            "reason": self.reason,
        }


def unfit(record: Record, today: date, rules: Rules) -> str | None:
    """Why a record does not qualify, or None."""
    if record.kind not in rules.kinds:
        return f"{record.kind}s are not synchronised"
    if not (record.first.strip() and record.last.strip()):
        return "first or last name is missing"
    if not record.email.strip():
        return "e-mail address is missing"
    if not record.active:
        return "inactive in NetSuite"
    if record.termination_date is not None and record.termination_date < today:
        return "termination date has passed"
    if not record.flag and (record.kind == "vendor" or rules.employee_filter):
        return "checkbox is not ticked"
    return None


def link_of(record: Record, employees: set[str]) -> str:
    """The Integration ID that means this record; a vendor's names its kind where an employee has the same id."""
    return f"vendor:{record.id}" if record.kind == "vendor" and record.id in employees else record.id


def run(directory: Directory, records: Iterable[Record], today: date, rules: Rules) -> list[Outcome]:
    """
    Apply one sync to the directory. Gives what it did, records first.

    Raises:
        SyncFailed: managers go round in a circle.
    """
    rows = sorted(records, key=lambda row: (row.kind == "vendor", _number(row.id), row.id))
    _refuse_circles(rows)
    employees = {row.id for row in rows if row.kind == "employee"}
    by_link = {link_of(row, employees): row for row in rows}
    why = {link: unfit(row, today, rules) for link, row in by_link.items()}
    linked: dict[str, User] = {}
    for user in sorted(directory.users.values(), key=lambda one: not one.active):
        if user.integration_id is not None:
            linked.setdefault(user.integration_id, user)
    done: list[Outcome] = []
    settled: set[str] = set()
    fit = [(link, row) for link, row in by_link.items() if why[link] is None]
    done += [
        Outcome("none", "N1", by_link[link].id, None, reason)
        for link, reason in why.items()
        if reason is not None
    ]
    for link, row in fit:
        mine = linked.get(link)
        if mine is not None and mine.active:
            done.append(_updated(directory, row, mine))
            settled.add(mine.id)
        elif mine is not None:
            done.append(
                Outcome("stranded", "N3", row.id, mine.id, "linked to an inactive user; no rule reactivates")
            )
            settled.add(mine.id)
    for user in directory.users.values():
        if user.active and not user.ignore and user.integration_id is not None and user.id not in settled:
            record = by_link.get(user.integration_id)
            if record is None or why[user.integration_id] is not None:
                text = "deleted in NetSuite" if record is None else str(why[user.integration_id])
                user.active = False
                settled.add(user.id)
                done.append(
                    Outcome(
                        "inactivate", "U3", record.id if record else None, user.id, f"linked record: {text}"
                    )
                )
    for link, row in fit:
        if link not in linked:
            done.append(_placed(directory, row, link, rules, settled))
    fitting = {_name_and_address(row.first, row.last, row.email) for _, row in fit}
    for user in list(directory.users.values()):
        if user.id not in settled:
            done.append(_left_over(user, fitting))
    _hand_managers_down(directory, rows, employees)
    return done


def _updated(directory: Directory, row: Record, user: User) -> Outcome:
    before = (user.first, user.last, user.email)
    user.first, user.last, user.email = row.first, row.last, row.email
    if before == (row.first, row.last, row.email):
        return Outcome("update", "N2", row.id, user.id, "linked; nothing differs")
    others = [one for one in directory.by_email(row.email) if one is not user]
    text = "linked; took over NetSuite's name and e-mail"
    return Outcome(
        "update", "N2", row.id, user.id, text + ("; another user has this e-mail" if others else "")
    )


def _placed(directory: Directory, row: Record, link: str, rules: Rules, settled: set[str]) -> Outcome:
    """Link or create one unlinked qualifying record, or say why neither."""
    wanted = _name_and_address(row.first, row.last, row.email)
    free = [
        user
        for user in directory.users.values()
        if user.active and user.integration_id is None and _of(user) == wanted
    ]
    open_to_us = [user for user in free if not user.ignore]
    if open_to_us:
        user = open_to_us[0]
        user.integration_id = link
        user.first, user.last, user.email = row.first, row.last, row.email
        settled.add(user.id)
        text = "matches by e-mail and name" + ("; not the only such user" if len(open_to_us) > 1 else "")
        return Outcome("link", "N4", row.id, user.id, text)
    if free:
        return Outcome(
            "blocked_by_ignored", "N5", row.id, free[0].id, "the matching user is ignored for integration"
        )
    if not rules.creates:
        return Outcome("none", "N6", row.id, None, "new users appear after a Full Sync")
    user = directory.add(first=row.first, last=row.last, email=row.email, integration_id=link)
    settled.add(user.id)
    return Outcome("create", "N6", row.id, user.id, "qualifies, and no active unlinked user matches")


def _left_over(user: User, fitting: set[tuple[str, str, str]]) -> Outcome:
    if not user.active:
        return Outcome("none", "U1", None, user.id, "inactive; no rule reactivates")
    if user.ignore:
        return Outcome("none", "U2", None, user.id, "ignored for integration")
    if _of(user) in fitting:
        return Outcome("orphan", "U5", None, user.id, "matches a record that has another user")
    user.active = False
    return Outcome("inactivate", "U6", None, user.id, "matches no qualifying record")


def _refuse_circles(rows: list[Record]) -> None:
    managers = {row.id: row.manager_id for row in rows if row.kind == "employee"}
    for start in managers:
        seen, at = {start}, managers.get(start)
        while at is not None and at in managers:
            if at in seen:
                raise SyncFailed(f"the managers of employee {start} go round in a circle")
            seen.add(at)
            at = managers[at]


def _hand_managers_down(directory: Directory, rows: list[Record], employees: set[str]) -> None:
    by_link = {user.integration_id: user for user in directory.users.values() if user.integration_id}
    for row in rows:
        user, boss = by_link.get(link_of(row, employees)), by_link.get(row.manager_id or "")
        if user is not None and user.active and row.manager_id is not None:
            user.manager_id = boss.id if boss is not None else user.manager_id


def _of(user: User) -> tuple[str, str, str]:
    return _name_and_address(user.first, user.last, user.email)


def _name_and_address(first: str, last: str, email: str) -> tuple[str, str, str]:
    return (_folded(first), _folded(last), email.strip().casefold())


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _number(text: str) -> int:
    digits = text.rpartition(":")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 10**12
