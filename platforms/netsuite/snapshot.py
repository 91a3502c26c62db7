"""One complete listing of an account: everything the bot may see, every part it may not see named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.errors import Forbidden, Rejected
from bot.platform.model import (
    Area,
    Capacity,
    Credential,
    CredentialKind,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
)
from platforms.netsuite import applications, certificates, deadlines, employees, notes, tokens, trail
from platforms.netsuite.account_self import Me, me
from platforms.netsuite.applications import Applications
from platforms.netsuite.certificates import Certificate
from platforms.netsuite.client import Client
from platforms.netsuite.config import SignIn
from platforms.netsuite.employees import Directory, Listing
from platforms.netsuite.introduction import sees_all_notes
from platforms.netsuite.roles import Assignments, Roles, read_roles
from platforms.netsuite.rows import Row, key, text
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import Select, ids
from platforms.netsuite.tokens import Standing, Token
from platforms.netsuite.trail import Uses

FIRST_LOOK = timedelta(days=1)  # how far back sign-ins go when there was no scan before
MAPPING = "mapping:"


@dataclass(slots=True)
class Held:
    """What one process keeps between two scans, so that the second need only ask for what changed."""

    staff: Listing = field(default_factory=Listing)
    uses: Uses = field(default_factory=Uses)
    assignments: Assignments = field(default_factory=Assignments)
    me: Me = field(default_factory=Me)


async def take(client: Client, held: Held, since: datetime | None) -> Snapshot:
    """
    Everything the bot may see. A part that is closed to it is a gap; any other failure fails the whole.

    Raises:
        AuthFailed, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded.
    """
    now = client.wire.now()
    sight = Sight()
    look = held.staff.bring_up_to_date(client)
    staff = await sight.seen(look, Area.PRINCIPALS, "employees", "employee") or {}
    employees.unseen_dates(client, sight)
    listed = [tokens.read(row) for row in await _tokens(client, sight)]
    holders = {token.entity for token in listed if token.alive}
    roles = await _roles(client, sight, held, staff, holders)
    logins = await _trail(client, sight, held.uses, (since or now - FIRST_LOOK) - trail.LAG, now)
    named = {used.application for used in held.uses.by if used.application}
    apps = await applications.read_applications(client, sight, listed, named)
    certs = await certificates.read_certificates(client, sight)
    held.me = held.me if held.me.entity else await me(client)
    await sees_all_notes(client, sight, held.me)
    tallied = await sight.seen(
        notes.tallies(client, since or now - FIRST_LOOK), Area.CHANGES, "System Notes", "systemnote"
    )
    directory = _directory(client, roles, held.uses)
    principals = {id_: directory.read(row) for id_, row in staff.items()}
    principals |= await _strays(client, sight, listed, principals)
    credentials = _credentials(client, listed, roles, staff, held.uses)
    own = _own_application(apps, held)
    credentials += _certificates(client, certs, roles, own)
    credentials += _mappings(
        apps, held.uses, roles, staff, but=own and f"{own}:{held.me.entity}:{held.me.role}"
    )
    by_token = client.wire.settings.sign_in is SignIn.TBA
    unseen = any(gap.area is Area.TBA_TOKEN for gap in sight.gaps)
    credentials += deadlines.of_tokens(credentials, now, concerned=by_token or unseen)
    return Snapshot(
        connection=client.wire.connection,
        taken_at=now,
        principals=tuple(principals.values()),
        applications=tuple(apps.by_id.values()),
        credentials=tuple(credentials),
        logins=trail.logins(client, logins),
        changes=notes.changes(tallied or ()),
        capacities=await _capacities(client, sight, certs, now),
        gaps=tuple(sight.gaps),
        requests=client.meter.requests,
        own=await _own(client),
    )


async def _own(client: Client) -> frozenset[str]:
    """What we sign in with: our certificate, or a token, which ends when all of them do."""
    if client.wire.settings.sign_in is SignIn.TBA:
        return frozenset({deadlines.END})
    return frozenset({certificates.PREFIX + (await client.wire.keys.current()).certificate_id})


async def _roles(
    client: Client, sight: Sight, held: Held, staff: Mapping[str, Row], holders: set[str]
) -> Roles:
    """Roles, and who has which: anew for whoever changed, and always for those whose tokens depend on it."""
    by_id, permissions_seen = await read_roles(client, sight)
    ask = None if held.staff.changed is None else held.staff.changed | holders
    of_entity = await held.assignments.bring_up_to_date(client, sight, staff, ask)
    return Roles(by_id=by_id, permissions_seen=permissions_seen, of_entity=of_entity)


async def _tokens(client: Client, sight: Sight) -> list[Row]:
    work = client.whole("list access tokens", tokens.TOKENS)
    return await sight.seen(work, Area.TBA_TOKEN, "access tokens", "oauthtoken") or []


async def _trail(
    client: Client, sight: Sight, uses: Uses, since: datetime, until: datetime
) -> Mapping[str, Row]:
    async def look() -> Mapping[str, Row]:
        rows = trail.once(await trail.rows_since(client, since, until + timedelta(seconds=1)))
        await uses.bring_up_to_date(client, rows, until)
        return rows

    return await sight.seen(look(), Area.LOGINS, "sign-ins", "loginaudit") or {}


def _directory(client: Client, roles: Roles, uses: Uses) -> Directory:
    by_hand = {used.entity: use for used, use in uses.by.items() if not used.application and use.successes}
    last: dict[str, datetime] = {}
    for used, use in uses.by.items():
        if use.last_success:
            last[used.entity] = max(use.last_success, last.get(used.entity, use.last_success))
    return Directory(
        settings=client.wire.settings, roles=roles, interactive=frozenset(by_hand), last_login=last
    )


def standing(token: Token, roles: Roles, staff: Mapping[str, Row]) -> Standing:
    """Whether whoever a token is for can sign in with it, as far as we see."""
    row = staff.get(token.entity)
    if row is not None and text(row, "isinactive") == "T":
        return Standing("the user is inactive")
    role = (roles.by_id or {}).get(token.role)
    if role is not None and role.inactive:
        return Standing("the role is inactive")
    if row is not None and roles.of_entity is not None and token.role not in roles.held(token.entity):
        return Standing("the role was taken from the user")
    return Standing()


def _credentials(
    client: Client,
    listed: Iterable[Token],
    roles: Roles,
    staff: Mapping[str, Row],
    uses: Uses,
) -> list[Credential]:
    zone = client.wire.settings.zone
    found = [
        tokens.credential(
            token, standing(token, roles, staff), uses.of(token.app, token.name, token.entity), zone
        )
        for token in listed
    ]
    return [_named(one, roles) for one in found]


def _named(credential: Credential, roles: Roles) -> Credential:
    return replace(credential, role=roles.name(credential.role)) if credential.role else credential


def _own_application(apps: Applications, held: Held) -> str:
    """The id of the integration that we sign in through by OAuth 2.0, as our lines in the trail show it."""
    for used, use in held.uses.by.items():
        if used.entity == held.me.entity and used.application and not used.token and use.last_success:
            return apps.id_of(used.application)
    return ""


def _certificates(
    client: Client, certs: Mapping[str, Iterable[Certificate]], roles: Roles, own: str
) -> list[Credential]:
    """Certificates of the client ids we know, with the application of ours."""
    now, ours = client.wire.now(), client.wire.settings.client_id
    return [
        _named(one.credential(own if client_id == ours else "", now), roles)
        for client_id, several in certs.items()
        for one in several
    ]


def _mappings(
    apps: Applications, uses: Uses, roles: Roles, staff: Mapping[str, Row], *, but: str
) -> list[Credential]:
    """OAuth 2.0 sign-ins without a token name: all that shows of a client credentials mapping from outside.

    ``but`` is our own, whose certificate is listed as itself.
    """
    found = []
    for used, use in sorted(uses.by.items()):
        if not used.application or used.token or not used.entity or not use.last_success:
            continue
        native = f"{apps.id_of(used.application)}:{used.entity}:{used.role}"
        if native == but:
            continue
        as_token = Token(
            id="0",
            name="",
            app_id="",
            app=used.application,
            entity=used.entity,
            person="",
            role=used.role,
            row={},
        )
        found.append(
            Credential(
                native_id=MAPPING + native,
                kind=CredentialKind.M2M_CERTIFICATE,
                label=f"OAuth 2.0 sign-in of {used.application}",
                principal_id=used.entity,
                application_id=apps.id_of(used.application),
                status=tokens.status(as_token, standing(as_token, roles, staff)),
                last_used_at=use.last_success,
                use_count=use.successes,
                role=roles.name(used.role) if used.role else "",
            )
        )
    return found


async def _strays(
    client: Client, sight: Sight, listed: Iterable[Token], known: Mapping[str, Principal]
) -> dict[str, Principal]:
    """Holders who are no employees: vendors, as far as we may see them."""
    missing = sorted({token.entity for token in listed if token.entity} - set(known), key=int)
    found = {id_: _nobody(id_) for id_ in missing}
    positive = [id_ for id_ in missing if not id_.startswith("-")]
    for first in range(0, len(positive), 500):
        part = positive[first : first + 500]
        select = Select(columns=_VENDOR, table="vendor", where=(f"t.id IN ({ids(part)})",), order="t.id")
        rows = await sight.seen(client.every("list vendors", select), Area.PRINCIPALS, "holders", "vendor")
        found |= {key(row, "id"): _vendor(row) for row in rows or ()}
    return found


_VENDOR = (
    ("id", "t.id"),
    ("entityid", "t.entityid"),
    ("companyname", "t.companyname"),
    ("email", "t.email"),
    ("isinactive", "t.isinactive"),
)


def _vendor(row: Row) -> Principal:
    id_ = key(row, "id")
    inactive = text(row, "isinactive") == "T"
    return Principal(
        native_id=id_,
        name=text(row, "companyname") or text(row, "entityid"),
        username=text(row, "email") or text(row, "entityid") or id_,
        email=text(row, "email"),
        status=PrincipalStatus.INACTIVE if inactive else PrincipalStatus.ACTIVE,
    )


def _nobody(id_: str) -> Principal:
    name = "the system itself" if id_.startswith("-") else f"entity {id_}"
    return Principal(native_id=id_, name=name, username=name, kind=PrincipalKind.UNKNOWN)


async def _capacities(
    client: Client, sight: Sight, certs: Mapping[str, Iterable[Certificate]], now: datetime
) -> tuple[Capacity, ...]:
    found = [
        Capacity(
            name=f"certificates of {client_id[:8]}…",
            used=sum(one.active(now) for one in several),
            total=certificates.SLOTS,
        )
        for client_id, several in certs.items()
    ]
    return (*found, *await concurrency(client, sight))


async def concurrency(client: Client, sight: Sight) -> list[Capacity]:
    """The account's concurrency limit, which NetSuite shows to administrators only."""
    try:
        said = await client.system("read governance limits", "governanceLimits")
        total, free = int(said["accountConcurrencyLimit"]), int(said["accountUnallocatedConcurrencyLimit"])
    except (Forbidden, Rejected) as error:
        sight.miss(
            Area.CAPACITIES,
            "concurrency limits",
            f"NetSuite answered {error.scope if isinstance(error, Forbidden) else error.status}: administrators only",
            "Read them in Setup > Integration > Integration Governance",
        )
        return []
    except (KeyError, TypeError, ValueError):
        return []  # of one of the two types that name no pool
    return [Capacity(name="concurrent requests given to integrations", used=total - free, total=total)]
