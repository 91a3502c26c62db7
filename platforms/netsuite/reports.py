"""NetSuite's own views: whose name is on changes, what users cost, how the Connector stands, what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from bot.errors import BadArgument, Forbidden, NotSupported
from bot.platform.model import PrincipalKind
from bot.platform.report import Line, Mark, Report, Section
from bot.text import plural
from platforms.netsuite import connector_report, notes, probing
from platforms.netsuite.capabilities import Point
from platforms.netsuite.introduction import sees_all_notes
from platforms.netsuite.roles import Roles
from platforms.netsuite.rows import Row, flag, key, text
from platforms.netsuite.scene import Employee, Scene
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import ids

Params = Mapping[str, str]
KINDS = {
    PrincipalKind.SERVICE: "integration account",
    PrincipalKind.PERSON: "person",
    PrincipalKind.UNKNOWN: "nobody has said whether person or integration",
}
SHOWN = 40  # lines of one section
ESTIMATE = (
    "Estimated from roles and access: no interface tells licences. The true count is in Setup > Company > View Billing"
    " Information > Billable Components."
)


async def report(scene: Scene, name: str, params: Params) -> Report:
    """One view.

    Raises:
        NotSupported: no such view. BadArgument, NotFound: a value is off. Forbidden: it cannot be seen at all.
    """
    if name not in _REPORTS:
        raise NotSupported(f"NetSuite has no view “{name[:40]}”: there are {', '.join(sorted(_REPORTS))}")
    return await _REPORTS[name](scene, params)


async def _changes(scene: Scene, params: Params) -> Report:
    """Whose name is on record changes: integrations against people, per kind of record."""
    days = _days(params)
    who = await scene.find(params["user"]) if params.get("user") else None
    since = scene.client.wire.now() - timedelta(days=days)
    found = await notes.tallies(scene.client, since, [who.id] if who else ())
    people = await _people(scene, {tally.entity for tally in found})
    total: dict[str, dict[PrincipalKind, int]] = {}
    by_person: dict[str, list[notes.Tally]] = {}
    for tally in found:
        kind = people[tally.entity].principal.kind if tally.entity in people else PrincipalKind.UNKNOWN
        sums = total.setdefault(tally.what, {})
        sums[kind] = sums.get(kind, 0) + tally.count
        by_person.setdefault(tally.entity, []).append(tally)
    sight = Sight()
    await sees_all_notes(scene.client, sight, await scene.me())
    blind = " ".join(f"{gap.reason}. {gap.remedy}." for gap in sight.gaps)
    kinds = tuple(
        Line(
            label=what,
            words=", ".join(f"{KINDS[kind]} {count:,}" for kind, count in sorted(sums.items())),
        )
        for what, sums in sorted(total.items())
    )
    lines = tuple(_person(id_, tallies, people) for id_, tallies in _busiest(by_person))
    title = f"Set By in the last {plural(days, 'day')}" + (f": {who.username}" if who else "")
    count = sum(tally.count for tally in found)
    return Report(
        title=title,
        summary=f"{count:,} changes under {plural(len(by_person), 'name')}."
        + (" Only the bot's own can be seen." if blind else ""),
        sections=(
            Section(heading="Per kind of record", lines=kinds, note=blind),
            Section(
                heading="By name",
                lines=lines[:SHOWN],
                note=f"{len(lines) - SHOWN} more names." if len(lines) > SHOWN else "",
            ),
        ),
    )


def _busiest(by_person: Mapping[str, list[notes.Tally]]) -> list[tuple[str, list[notes.Tally]]]:
    return sorted(by_person.items(), key=lambda pair: (-sum(t.count for t in pair[1]), pair[0]))


def _person(id_: str, tallies: list[notes.Tally], people: Mapping[str, Employee]) -> Line:
    found = people.get(id_)
    hand = sum(t.count for t in tallies if t.by_hand)
    programs = sum(t.count for t in tallies if not t.by_hand)
    both = hand > 0 and programs > 0
    mixed = "; by hand and by program under one name, which nobody can tell apart later" if both else ""
    kind = KINDS[found.principal.kind] if found else "the system, or somebody the bot may not see"
    latest = max(t.latest for t in tallies)
    return Line(
        label=found.username if found else f"entity {id_}",
        words=f"{kind}: {hand:,} by hand, {programs:,} otherwise, latest {latest:%Y-%m-%d %H:%M} UTC{mixed}",
        mark=Mark.BAD if both else Mark.PLAIN,
    )


async def _people(scene: Scene, wanted: set[str]) -> dict[str, Employee]:
    positive = sorted((id_ for id_ in wanted if id_.isdecimal()), key=int)
    found: dict[str, Employee] = {}
    for first in range(0, len(positive), 500):
        part = positive[first : first + 500]
        found |= {one.id: one for one in await scene.employees((f"t.id IN ({ids(part)})",))}
    return found


def _days(params: Params) -> int:
    said = params.get("since", "7").removesuffix("d")
    if not said.isdecimal() or not 1 <= int(said) <= 90:
        raise BadArgument("since: a number of days between 1 and 90, for example 30")
    return int(said)


async def _licences(scene: Scene, params: Params) -> Report:
    """What an extra integration user costs, and what could be used instead."""
    rows, roles = await scene.rows(), await scene.roles()
    if roles.by_id is None or roles.of_entity is None:
        raise Forbidden(
            "licences cannot be estimated without roles and who holds them: the bot's role needs Setup > Bulk Manage"
            " Roles (View) and Lists > Employee Record (View)",
            scope="role",
        )
    full = _full(rows, roles)
    staff = [scene.read(row, roles) for row in rows]
    kept = [one for one in staff if flag(one.row, "isinactive") and flag(one.row, "giveaccess")]
    own = (await scene.me()).entity
    shareable = [
        one for one in staff if one.principal.kind is PrincipalKind.SERVICE and one.active and one.id != own
    ]
    tokens = [token for token in await scene.tokens() if token.alive]
    counters = await _counters(scene)
    return Report(
        title="Licences for integration users",
        summary=f"About {plural(len(full), 'full licence')} in use (estimated); {len(shareable)} integration accounts"
        f" could be shared; {len(kept)} inactive employees may still hold one.",
        sections=(
            Section(
                heading="What another integration user costs",
                lines=(
                    Line(
                        label="One full licence",
                        words="unless an account that is there is shared, or one is freed",
                    ),
                    Line(
                        label="Counted here",
                        words=f"{len(full)} e-mails with access to a full role (estimated)",
                    ),
                    *counters,
                ),
                note=ESTIMATE,
            ),
            Section(
                heading="Integration accounts that are there",
                lines=tuple(
                    Line(
                        label=one.username,
                        words=", ".join(sorted({t.app for t in tokens if t.entity == one.id}))
                        or "no live token",
                    )
                    for one in shareable[:SHOWN]
                ),
                note="Sharing one costs nothing and mixes what its integrations do; a dedicated one costs a licence"
                " and keeps them apart. policies.accounts says which your company chose.",
            ),
            Section(
                heading="Inactive, and access still ticked",
                lines=tuple(
                    Line(label=one.username, words="clearing Give Access may free its licence", mark=Mark.BAD)
                    for one in kept[:SHOWN]
                ),
                note="" if kept else "None.",
            ),
        ),
    )


def _full(rows: list[Row], roles: Roles) -> set[str]:
    """The e-mails with access to an active role of a full centre: one licence each, whatever the number of roles."""
    found = set()
    for row in rows:
        held = [roles.by_id[r] for r in roles.held(key(row, "id")) if roles.by_id and r in roles.by_id]
        if flag(row, "giveaccess") and any(r.full_licence and not r.inactive for r in held):
            found.add(text(row, "email").lower() or key(row, "id"))
    return found


async def _counters(scene: Scene) -> tuple[Line, ...]:
    """The counts that an employee's record may tell, where a probe has shown that it does."""
    if not await scene.capabilities.has(Point.LICENCE_COUNTERS):
        return ()
    me = await scene.me()
    record = await scene.client.record("read our own record", "employee", me.entity)
    used, most = record.get("fulluserqty"), record.get("fulluserqtymax")
    return (Line(label="By NetSuite's own counters", words=f"{used} of {most} full users"),)


async def _capabilities(scene: Scene, params: Params) -> Report:
    known = dict(await scene.capabilities.known())
    return Report(
        title="What can be done here",
        summary=f"{plural(len(known), 'point')} settled on this account by `probe`.",
        sections=(
            Section(
                heading="By interface",
                lines=tuple(
                    Line(label=what, words=how, mark=Mark.GOOD if how.startswith("yes") else Mark.PLAIN)
                    for what, how in MATRIX
                ),
            ),
            Section(
                heading="Not documented; settled by `python -m bot probe netsuite`",
                lines=probing.lines(known),
            ),
        ),
    )


# What the interfaces can do. Source: docs of each, gathered in README.md, read 2026-11-24.
MATRIX = (
    ("List access tokens, roles, employees", "yes"),
    ("See who signs in with which token, and why not", "yes, some minutes late"),
    ("List OAuth 2.0 client credentials mappings", "no: a page only; certificates of known client ids yes"),
    ("Upload and revoke certificates", "yes, the bot's own"),
    ("Make a token for somebody", "no: a person, on the Access Tokens page"),
    ("Set a token inactive", "no: a person, on the Access Tokens page"),
    ("Revoke a token", "yes, with that token's own secret; else a person"),
    ("Assign and take roles, access, activity", "yes; Administrator by a person only"),
    ("Enter a token into NetSuite Connector", "no: a person, in its own settings"),
    ("Count licences", "no: estimated; the page View Billing Information counts"),
)

_REPORTS: dict[str, Callable[[Scene, Params], Awaitable[Report]]] = {
    "changes": _changes,
    "licences": _licences,
    "connector": connector_report.report,
    "capabilities": _capabilities,
}
