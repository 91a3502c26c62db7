"""OAuth grants: which user approved which app, and when it was last used."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.domain.identity import Credential, CredentialKind
from bot.domain.secret import Secret
from bot.errors import NotSupported, ProtocolChanged
from platforms.salesforce import queries
from platforms.salesforce.client import Client, Listing, Query
from platforms.salesforce.rows import Row, instant, number, text
from platforms.salesforce.together import every

USERS_PER_SLICE = 500  # keeps the address of a query under its 16,384 bytes
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


async def every_grant(client: Client, users: Sequence[str], counted: int) -> tuple[Row, ...]:
    """
    All grants of the org, compared with how many it counts; past 2,500 rows the org just stops, without a word.

    ``users``: the ids of everybody who may hold one; ``counted``: how many the org said there are. Grants come
    and go, so a difference is looked at twice.

    Raises:
        ProtocolChanged: the rows never add up.
    """
    for _ in range(2):
        rows = await (_at_once(client) if counted < queries.GRANT_ROWS else _by_user(client, users))
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
    slices = [users[i : i + USERS_PER_SLICE] for i in range(0, len(users), USERS_PER_SLICE)]
    answers = await client.allowed([queries.grants_of(part) for part in slices])
    parts = await every(
        _part(client, part, answer) for part, answer in zip(slices, answers, strict=True) if part
    )
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
