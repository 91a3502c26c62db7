"""One complete listing of an org: everything the bot may see, every part it may not see named."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.concurrency import both, group
from bot.errors import Forbidden, ProtocolChanged
from bot.platform.model import (
    Area,
    Capacity,
    LoginRule,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
    Tie,
)
from platforms.salesforce import (
    app_credentials,
    apps,
    grants,
    logins,
    people,
    permissions,
    queries,
    rules,
    scan_queries,
)
from platforms.salesforce.answers import Listing, Row, text
from platforms.salesforce.client import Client
from platforms.salesforce.config import Settings
from platforms.salesforce.permissions import Columns, Visibility
from platforms.salesforce.scan_queries import ScanAnswers
from platforms.salesforce.slots import Slots

FIRST_LOOK = timedelta(days=1)  # how far back sign-ins and audit lines go when there was no scan before

Pages = asyncio.Queue[Sequence[Row] | Forbidden | None]


@dataclass(frozen=True, slots=True)
class _Second:
    """What could be asked for only when the users, or the names of apps, were known."""

    grants: tuple[Row, ...]
    logins: tuple[Row, ...]
    rules: tuple[LoginRule, ...]


async def take(
    client: Client, columns: Columns, since: datetime | None, settings: Settings, slots: Slots
) -> Snapshot:
    """
    Everything the bot may see, in two rounds of calls (a third for holders who are not standard users).

    A part that is closed to the bot is a gap; any other failure fails the whole.

    Raises:
        AuthFailed, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded.
    """
    now = client.wire.now()
    since = since or now - FIRST_LOOK
    async with group() as tasks:
        pages: Pages = asyncio.Queue()
        tasks.create_task(_turn_pages(client, pages))
        first = await scan_queries.fetch(client, columns, since)
        visible = first.visibility()
        directory = first.directory(visible, now)
        configured = tasks.create_task(_apps(client, first))
        sliced = None
        if first.grants >= queries.GRANT_ROWS and visible.may(permissions.GRANTS):
            sliced = grants.Slices(client, tasks)
        listed = await _users(pages, directory, visible, sliced)
        rest = tasks.create_task(_second(client, first, visible, listed, sliced, since))
    second, found = rest.result(), configured.result()
    principals = listed | await _strays(client, visible, second.grants, directory, listed)
    held, applications, unread = app_credentials.read(found.apps, principals.values(), now)
    staged = await slots.look(client, found.apps)
    own = app_credentials.own_certificates(settings, found.apps, held) | staged.own
    held += staged.credentials
    held += grants.with_expiry((grants.read(row) for row in second.grants), found.apps, now)
    held += app_credentials.key_store(visible.allowed(first.certificates, permissions.CERTIFICATES), now)
    program_logins = visible.allowed(first.answers["logins"], permissions.LOGINS)
    holders = {credential.principal_id for credential in held}
    trail = visible.allowed(first.answers["audit trail"], permissions.CHANGES)
    ties, capacities = _ties(first, visible), _capacities(client, first, visible)
    return Snapshot(
        connection=client.wire.connection,
        taken_at=now,
        principals=tuple(principals.values()),
        applications=tuple(applications),
        credentials=tuple(held),
        ties=tuple(ties),
        logins=logins.concerning((*program_logins, *second.logins), principals, holders),
        changes=logins.changes(trail, principals.values()),
        rules=second.rules,
        capacities=tuple(capacities),
        gaps=tuple(dict.fromkeys([*visible.gaps, *found.gaps, *unread, *staged.gaps])),
        requests=client.meter.requests,
        own=own,
    )


async def _turn_pages(client: Client, pages: Pages) -> None:
    """Hand on users as they come: while the next page is under way, what needs the last one is asked for."""
    try:
        async for rows in client.pages(queries.USERS):
            pages.put_nowait(rows)
    except Forbidden as error:
        pages.put_nowait(error)
    pages.put_nowait(None)


async def _users(
    pages: Pages, directory: people.Directory, visible: Visibility, sliced: grants.Slices | None
) -> dict[str, Principal]:
    """All users by id. Their grants are asked for on the way, where they must be asked for by user."""
    listed: dict[str, Principal] = {}
    while (page := await pages.get()) is not None:
        if isinstance(page, Forbidden):
            visible.rows(page, Area.PRINCIPALS, "users", "PermissionsApiEnabled")
            continue
        fresh = {text(row, "Id"): directory.read(row) for row in page}
        if sliced is not None:
            sliced.add([user for user in fresh if user not in listed])
        listed |= fresh
    return listed


async def _apps(client: Client, first: ScanAnswers) -> apps.Apps:
    listings = (first.answers[name] for name in ("connected apps", "client apps", "client app policies"))
    return await apps.configured(client, apps.read(*listings), *first.configuration)


async def _second(
    client: Client,
    first: ScanAnswers,
    visible: Visibility,
    listed: Mapping[str, Principal],
    sliced: grants.Slices | None,
    since: datetime,
) -> _Second:
    services = [p for p in listed.values() if p.kind is PrincipalKind.SERVICE]
    grant_rows, (login_rows, login_rules) = await both(
        _grants(client, first, visible, list(listed), sliced),
        both(
            _service_logins(client, visible, len(listed), [p.native_id for p in services], since),
            _rules(client, first, visible, services),
        ),
    )
    return _Second(grant_rows, login_rows, login_rules)


async def _grants(
    client: Client, first: ScanAnswers, visible: Visibility, users: list[str], sliced: grants.Slices | None
) -> tuple[Row, ...]:
    counted = first.answers["grants"]
    visible.allowed(counted, permissions.GRANTS)
    if isinstance(counted, Forbidden) or not visible.may(permissions.GRANTS):
        return ()
    return await grants.every_grant(client, users, counted.total, sliced)


async def _service_logins(
    client: Client, visible: Visibility, listed: int, services: list[str], since: datetime
) -> tuple[Row, ...]:
    """
    Every sign-in of integration users; and, in the same call, whether the users were listed in full.

    A listing may be cut short and still call itself complete; a second look tells.
    """
    may = visible.may(permissions.LOGINS)
    parts = grants.slices(services) if may else []
    asked = [queries.logins_of(part, since) for part in parts]
    count, *answers = await client.queries([queries.USER_COUNT, *asked])
    if listed and isinstance(count, Listing) and listed != count.total:
        raise ProtocolChanged(
            f"{client.wire.connection}: Salesforce counts {count.total:,} users but listed {listed:,}.",
            connection=client.wire.connection,
            operation="list users",
        )
    return tuple(row for answer in answers for row in visible.allowed(answer, permissions.LOGINS))


async def _rules(
    client: Client, first: ScanAnswers, visible: Visibility, services: Iterable[Principal]
) -> tuple[LoginRule, ...]:
    """Rules of the profiles that active programs sign in under."""
    listed, need = first.configuration[0], permissions.RULES
    if isinstance(listed, Forbidden):
        visible.rows(listed, need.area, need.what, *permissions.METADATA)
        return ()
    if not visible.may(need):
        return ()
    used = {p.profile for p in services if p.status is not PrincipalStatus.INACTIVE}
    wanted = [p for p in (first.profiles() or {}).values() if p.name in used]
    label_of = {full: p.name for p in wanted if (full := rules.full_name(p.id, listed))}
    try:
        found = await rules.read(client, list(label_of))
    except Forbidden as error:
        visible.rows(error, need.area, need.what, *permissions.METADATA)
        return ()
    seen = {label_of[full] for full in found}
    if missing := sorted(p.name for p in wanted if p.name not in seen):
        what = f"{need.what}: {', '.join(missing)}"
        visible.miss(need.area, what, "the Metadata interface does not show these profiles", *need.any_of)
    return tuple(replace(rule, profile=label_of[full]) for full, rule in found.items())


async def _strays(
    client: Client,
    visible: Visibility,
    grant_rows: Iterable[Row],
    directory: people.Directory,
    listed: Mapping[str, Principal],
) -> dict[str, Principal]:
    """Holders that the listing of standard users leaves out, such as portal users."""
    ids = sorted({text(row, "UserId") for row in grant_rows} - set(listed))
    answers = await client.queries([queries.users_by_id(part) for part in grants.slices(ids)])
    rows = (
        row for answer in answers for row in visible.rows(answer, Area.PRINCIPALS, "users who are not staff")
    )
    return {text(row, "Id"): directory.read(row) for row in rows}


def _ties(first: ScanAnswers, visible: Visibility) -> list[Tie]:
    jobs = visible.rows(first.answers["jobs"], Area.TIES, "scheduled jobs")
    boards = visible.rows(first.answers["dashboards"], Area.TIES, "dashboards")
    return people.jobs(jobs) + people.dashboards(boards)


def _capacities(client: Client, first: ScanAnswers, visible: Visibility) -> list[Capacity]:
    users = visible.allowed(first.answers["user licences"], permissions.CAPACITIES)
    sets = visible.allowed(first.answers["set licences"], permissions.CAPACITIES)
    daily = client.wire.budget.daily
    return people.licenses(users, sets) + ([daily] if daily else [])
