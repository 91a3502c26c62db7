"""The Salesforce adapter: the port of ``bot.platform.ports`` over one org."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.concurrency import both
from bot.errors import Forbidden
from bot.platform import http
from bot.platform.model import Snapshot
from bot.platform.plan import AS_USUAL, Action, Confirmation, Draft, How
from bot.platform.ports import ConnectionContext, Identity
from bot.text import Secret
from platforms.salesforce import (
    actions,
    apps,
    changes,
    handovers,
    pair_actions,
    permissions,
    queries,
    rotation,
    snapshot,
)
from platforms.salesforce.answers import Listing, text
from platforms.salesforce.auth import Auth
from platforms.salesforce.client import Client
from platforms.salesforce.config import Settings, parse
from platforms.salesforce.org import Org
from platforms.salesforce.permissions import Columns
from platforms.salesforce.slots import Slots
from platforms.salesforce.wire import Wire

_COLUMNS_KEPT = timedelta(hours=24)  # an org gains permission columns three times a year


class Salesforce:
    """One org. Makes no request before it is asked for something."""

    platform = "salesforce"

    def __init__(self, connection: str, settings: Settings, around: ConnectionContext) -> None:
        self.connection = connection
        self._settings = settings
        self._clock = clock = around.clock
        self._http = http.client(
            settings.url,
            connection=connection,
            read_s=settings.timeout_s,
            max_connections=settings.concurrency + 2,
        )
        auth = Auth(self._http, settings, clock, connection=connection)
        wire = Wire(self._http, auth, settings, clock, around.limiter, connection=connection)
        self._client = Client(wire, settings.api_version)
        self._memory = around.memory
        self._slots = Slots(around.memory, settings.client_id)
        self._columns: tuple[Columns, datetime] | None = None
        self._alone = asyncio.Lock()

    async def identify(self) -> Identity:
        """Sign in, read our own rights, knock at the Metadata interface and name what is closed. Six calls at most."""
        client = self._client.metered()
        session = await client.wire.auth.session()
        columns = await self._known_columns(client)
        asked = queries.own_permissions(session.user_id, columns.permission_set)
        (own, found), (listed, _) = await both(
            client.queries([asked, queries.users_by_id([session.user_id])]), apps.configuration(client)
        )
        rights = permissions.rights(own, columns)
        gaps = [gap for need in permissions.NEEDS if (gap := permissions.gap(need, rights))]
        if isinstance(listed, Forbidden):
            need = permissions.RULES
            deed = permissions.tick(*permissions.METADATA)
            gaps += apps.closed("apps", listed)
            gaps.append(permissions.refused_gap(need.area, need.what, listed, deed))
        mine = found.rows if isinstance(found, Listing) else ()
        return Identity(
            tenant=session.org_id,
            principal_id=session.user_id,
            username=text(mine[0], "Username") if mine else self._settings.username,
            version=await client.version(),
            clock_skew_s=session.skew.total_seconds(),
            capacity=client.wire.budget.daily,
            gaps=tuple(gaps),
        )

    async def snapshot(self, since: datetime | None) -> Snapshot:
        """See ``snapshot.take``: two rounds of calls, held to ``max_daily_share`` of the org's allowance."""
        client = self._client.metered(scan=True)
        async with client.wire.budget.of_a_scan(self._memory):
            columns = await self._known_columns(client)
            return await snapshot.take(client, columns, since, self._settings, self._slots)

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        """See ``handovers.draft``."""
        return await handovers.draft(self._org(), credential_id, target, how)

    async def rotate(self, credential_id: str, how: How = AS_USUAL) -> Draft:
        """See ``rotation.draft``."""
        return await rotation.draft(self._org(), credential_id, how)

    async def disclose(self, action: Action) -> Mapping[str, Secret]:
        """The pair that a rotation staged. See ``pair_actions.disclose``."""
        return await pair_actions.disclose(self._org(), action)

    async def change(self, verb: str, params: Mapping[str, str]) -> Draft:
        """See ``changes.draft``: create, restrict, hours, freeze, unfreeze, revoke, deactivate."""
        return await changes.draft(self._org(), verb, params)

    async def confirm(self, action: Action, key: str) -> Confirmation:
        """See ``actions.confirm``."""
        return await actions.confirm(self._org(), action)

    async def apply(self, action: Action, key: str) -> None:
        """
        See ``actions.apply``. ``key`` is not written anywhere: a Salesforce user has no field that is ours to
        use, and every record we make is found again by what it is (a user name, an assignee and a set).
        """
        await actions.apply(self._org(), action)

    async def aclose(self) -> None:
        """Let go of sockets."""
        await self._http.aclose()

    def _org(self) -> Org:
        client = self._client.metered()
        return Org(client, self._settings, lambda: self._known_columns(client))

    async def _known_columns(self, client: Client) -> Columns:
        async with self._alone:
            now = self._clock.now()
            if self._columns is None or now - self._columns[1] > _COLUMNS_KEPT:
                self._columns = (await permissions.columns(client), now)
            return self._columns[0]


def build(connection: str, settings: Mapping[str, object], around: ConnectionContext) -> Salesforce:
    """
    The adapter of one table of the configuration.

    Raises:
        ConfigError: a key of the table is unknown, missing or off.
    """
    return Salesforce(connection, parse(connection, settings, around.secret), around)
