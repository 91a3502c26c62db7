"""The NetSuite adapter: the port of ``bot.platform.ports`` over one account."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot import http
from bot.platform.model import Snapshot
from bot.platform.plan import AS_USUAL, Action, Confirmation, Draft, How
from bot.platform.ports import Identity, Surroundings
from bot.platform.report import Report
from bot.text import Secret
from bot.user_sync.model import RecordListing
from platforms.netsuite import (
    actions,
    changes,
    handovers,
    introduction,
    probing,
    records,
    reports,
    snapshot,
)
from platforms.netsuite.actions import Work
from platforms.netsuite.capabilities import Capabilities
from platforms.netsuite.client import Client
from platforms.netsuite.config import Settings, parse
from platforms.netsuite.scene import Scene
from platforms.netsuite.snapshot import Held
from platforms.netsuite.wire import Wire


class NetSuite:
    """One account. Makes no request before it is asked for something."""

    platform = "netsuite"

    def __init__(self, connection: str, settings: Settings, around: Surroundings) -> None:
        self.connection = connection
        self._settings = settings
        self._around = around
        self._http = http.client(
            settings.suitetalk_url,
            connection=connection,
            read_s=settings.timeout_s,
            max_connections=settings.concurrency + 1,
        )
        self._wire = Wire(self._http, settings, around, connection=connection)
        self._held = Held()
        self._alone = asyncio.Lock()
        self._capabilities = Capabilities(around.memory)

    async def identify(self) -> Identity:
        """See ``introduction.introduce``."""
        return await introduction.introduce(Client(self._wire))

    async def snapshot(self, since: datetime | None) -> Snapshot:
        """See ``snapshot.take``. The second scan of a process asks only for what changed since the first."""
        async with self._alone:  # what is held between scans is one scan's at a time
            return await snapshot.take(Client(self._wire), self._held, since)

    async def records(self) -> RecordListing:
        """See ``records.listing``."""
        return await records.listing(Client(self._wire))

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        """See ``handovers.handover``: tokens, the Connector's token, OAuth 2.0 sign-ins."""
        return await handovers.handover(self._scene(), credential_id, target, how)

    async def rotate(self, credential_id: str, how: How = AS_USUAL) -> Draft:
        """See ``handovers.rotate``: our own certificate by API, everything else guided."""
        return await handovers.rotate(self._scene(), credential_id, how)

    async def change(self, verb: str, params: Mapping[str, str]) -> Draft:
        """See ``changes.draft``: assign, unassign, inactive, active, access, revoke."""
        return await changes.draft(self._scene(), verb, params)

    async def confirm(self, action: Action, key: str) -> Confirmation:
        """See ``actions.confirm``."""
        return await self.confirm_with(action, key, {})

    async def apply(self, action: Action, key: str) -> None:
        """
        See ``actions.apply``. ``key`` marks only an uploaded certificate, and that in our own memory: NetSuite's
        records have no field that is ours, and each is found again by what it is.
        """
        await self.apply_with(action, key, {})

    async def confirm_with(self, action: Action, key: str, secrets: Mapping[str, Secret]) -> Confirmation:
        """See ``actions.confirm``."""
        return await actions.confirm(Work(self._scene(), action, key, secrets))

    async def apply_with(self, action: Action, key: str, secrets: Mapping[str, Secret]) -> None:
        """See ``actions.apply``."""
        await actions.apply(Work(self._scene(), action, key, secrets))

    async def report(self, name: str, params: Mapping[str, str]) -> Report:
        """See ``reports.report``: connector, licences, changes, capabilities."""
        return await reports.report(self._scene(), name, params)

    async def probe(self, *, write: bool) -> Report:
        """See ``probing.probe``."""
        scene = self._scene()
        return await probing.probe(scene.client, scene.capabilities, write=write)

    async def aclose(self) -> None:
        """Let go of sockets."""
        await self._http.aclose()

    def _scene(self) -> Scene:
        return Scene(Client(self._wire), self._around.memory, self._capabilities)


def build(connection: str, table: Mapping[str, object], around: Surroundings) -> NetSuite:
    """
    The adapter of one table of the configuration.

    Raises:
        ConfigError: a key of the table is unknown, missing or off.
    """
    return NetSuite(connection, parse(connection, table, around.secret), around)
