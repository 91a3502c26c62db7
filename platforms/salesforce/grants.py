"""OAuth grants: which user approved which app, and when it was last used."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.concurrency import every
from bot.errors import NotSupported, ProtocolChanged
from bot.platform.model import Credential, CredentialKind
from bot.text import Secret
from platforms.salesforce import queries
from platforms.salesforce.answers import Listing, Query, Row, instant, number, text
from platforms.salesforce.apps import App, Refresh
from platforms.salesforce.client import QUERIES_PER_COMPOSITE, Client

USERS_PER_SLICE = 500  # keeps the address of a query under its 16,384 bytes
USERS_PER_CALL = USERS_PER_SLICE * QUERIES_PER_COMPOSITE
PREFIX = "grant:"
SLOTS = 5  # approvals of one app by one user; the sixth ends the oldest


def fingerprint(delete_token: str) -> str:
    """The name of a grant. Its DeleteToken can end the grant, so it is never kept; this cannot."""
    return PREFIX + hashlib.sha256(delete_token.encode()).hexdigest()[:20]


def read(row: Row) -> Credential:
    """One OauthToken record. The column AccessToken holds the refresh token and is never asked for."""
    return Credential(
        native_id=fingerprint(text(row, "DeleteToken")),
        kind=CredentialKind.OAUTH_GRANT,
        label=text(row, "AppName"),
        principal_id=text(row, "UserId"),
        application_id=text(row, "AppMenuItem.ApplicationId"),
        created_at=instant(row, "CreatedDate"),
        last_used_at=instant(row, "LastUsedDate"),
        use_count=number(row, "UseCount"),
    )


def slices(users: Sequence[str]) -> list[Sequence[str]]:
    """Users in parts that fit into the address of a query."""
    return [users[i : i + USERS_PER_SLICE] for i in range(0, len(users), USERS_PER_SLICE)]


class Slices:
    """
    Grants asked for by users, five slices to a call, while the users are still being listed.

    The tasks belong to ``tasks``, so that an error anywhere ends them all.
    """

    def __init__(self, client: Client, tasks: asyncio.TaskGroup) -> None:
        self._client = client
        self._tasks = tasks
        self._waiting: list[str] = []
        self._asked: list[asyncio.Task[tuple[Row, ...]]] = []

    def add(self, users: Sequence[str]) -> None:
        """More users; asks as soon as a call is full."""
        self._waiting += users
        while len(self._waiting) >= USERS_PER_CALL:
            self._ask(self._waiting[:USERS_PER_CALL])
            del self._waiting[:USERS_PER_CALL]

    async def rows(self) -> tuple[Row, ...]:
        """The grants of everybody who was added."""
        if self._waiting:
            self._ask(self._waiting)
            self._waiting = []
        parts = [await task for task in self._asked]
        return tuple(row for rows in parts for row in rows)

    def _ask(self, users: Sequence[str]) -> None:
        self._asked.append(self._tasks.create_task(_by_user(self._client, list(users))))


async def every_grant(
    client: Client, users: Sequence[str], counted: int, sliced: Slices | None = None
) -> tuple[Row, ...]:
    """
    All grants of the org, compared with how many it counts; past 2,500 rows the org just stops, without a word.

    ``users``: the ids of everybody who may hold one; ``counted``: how many the org said there are; ``sliced``:
    a first look that is under way already. Grants come and go, so a difference is looked at twice.

    Raises:
        ProtocolChanged: the rows never add up.
    """
    for look in range(2):
        if counted < queries.GRANT_ROWS:
            rows = await _at_once(client)
        elif sliced is not None and look == 0:
            rows = await sliced.rows()
        else:
            rows = await _by_user(client, users)
        if len(rows) == counted:
            return rows
        counted = (await client.query(queries.GRANT_COUNT)).total
        if len(rows) == counted:
            return rows
    if counted >= queries.GRANT_ROWS:  # some are held by users that were not listed
        rows = await _by_offset(client, counted)
        if len({text(row, "DeleteToken") for row in rows}) == len(rows) == counted:
            return rows
    raise ProtocolChanged(
        f"{client.wire.connection}: Salesforce counts {counted:,} OAuth grants but lists {len(rows):,}.",
        connection=client.wire.connection,
        operation="list OAuth grants",
    )


async def grants_of(client: Client, user: str) -> tuple[Row, ...]:
    """
    All grants of one user, compared with their count.

    Raises:
        ProtocolChanged: the rows do not add up.
    """
    listed, counted = await _both(client, queries.grants_of([user]), queries.grant_count_of(user))
    if len(listed.rows) != counted.total:
        listed, counted = await _both(client, queries.grants_of([user]), queries.grant_count_of(user))
    if len(listed.rows) != counted.total:
        raise ProtocolChanged(
            f"{client.wire.connection}: Salesforce counts {counted.total:,} OAuth grants of a user but lists"
            f" {len(listed.rows):,}.",
            connection=client.wire.connection,
            operation="list OAuth grants",
        )
    return listed.rows


async def delete_token(client: Client, user: str, grant: str) -> Secret | None:
    """What ends this grant, read live and for this moment only; None when the grant is gone."""
    for row in await grants_of(client, user):
        if fingerprint(token := text(row, "DeleteToken")) == grant:
            return Secret(token)
    return None


async def _both(client: Client, one: Query, other: Query) -> tuple[Listing, Listing]:
    first, second = await client.allowed([one, other])
    return first, second


async def _at_once(client: Client) -> tuple[Row, ...]:
    return (await client.query(queries.GRANTS)).rows


async def _by_user(client: Client, users: Sequence[str]) -> tuple[Row, ...]:
    asked = slices(users)
    answers = await client.allowed([queries.grants_of(part) for part in asked])
    parts = await every(_part(client, part, answer) for part, answer in zip(asked, answers, strict=True))
    return tuple(row for rows in parts for row in rows)


async def _part(client: Client, users: Sequence[str], answer: Listing) -> tuple[Row, ...]:
    """A slice that reached the row limit is cut in two until it does not."""
    if answer.total < queries.GRANT_ROWS:
        return answer.rows
    if len(users) < 2:
        raise NotSupported(
            f"{client.wire.connection}: one user holds {queries.GRANT_ROWS:,} OAuth grants or more; Salesforce lists no"
            " further.",
            connection=client.wire.connection,
            operation="list OAuth grants",
        )
    half = len(users) // 2
    halves = users[:half], users[half:]
    answers = await client.allowed([queries.grants_of(part) for part in halves])
    parts = await every(_part(client, *pair) for pair in zip(halves, answers, strict=True))
    return tuple(row for rows in parts for row in rows)


async def _by_offset(client: Client, counted: int) -> tuple[Row, ...]:
    runs = [queries.grants_from(start) for start in range(0, counted, queries.GRANT_ROWS)]
    return tuple(row for answer in await client.allowed(runs) for row in answer.rows)


_UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1), "months": timedelta(days=28)}
_IDLE, _LIFE = "specificinactivity", "specificlifetime"


def policy_lifetime(refresh: Refresh) -> timedelta | None:
    """The time that a policy gives; None where it gives all, or we do not understand it."""
    unit = _UNITS.get(refresh.unit.lower())
    if refresh.policy.lower() not in {_IDLE, _LIFE} or unit is None or not refresh.period.isdecimal():
        return None
    return unit * int(refresh.period) or None


def with_expiry(held: Iterable[Credential], apps: Iterable[App], now: datetime) -> list[Credential]:
    """The grants, with an end where their app's policy sets one.

    An idle limit moves with each use, so it has a date only once half of it has passed unused: a grant that is used as
    it should be is never near an end.
    """
    limits = {app.id[:15]: (app.refresh.policy.lower(), policy_lifetime(app.refresh)) for app in apps}
    return [_expiring(one, *limits.get(one.application_id[:15], ("", None)), now) for one in held]


def _expiring(grant: Credential, policy: str, lasts: timedelta | None, now: datetime) -> Credential:
    if lasts is None or grant.created_at is None:
        return grant
    if policy == _LIFE:
        return replace(grant, expires_at=grant.created_at + lasts)
    used = max(grant.created_at, grant.last_used_at or grant.created_at)
    return replace(grant, expires_at=used + lasts) if now - used >= lasts / 2 else grant
