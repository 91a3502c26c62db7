"""Tonight's sync of a directory's users: both sides listed and believed, forecast, shielded, drawn up as a plan."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from bot.alerts.triggers import Alerts
from bot.clock import Clock
from bot.config import SafetyLimitSettings, Settings
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import BadArgument, PlatformError, ProtocolChanged
from bot.inventory.catalogue import Inventory
from bot.platform.model import PrincipalKind
from bot.platform.plan import Draft
from bot.platform.ports import Platform
from bot.secrets.repository import ConnectionMemory
from bot.text import Secret, fold, plural
from bot.user_sync import actions
from bot.user_sync import messages as cards
from bot.user_sync.forecast import forecast
from bot.user_sync.foreseen import Foreseen, endangered, leaking
from bot.user_sync.model import (
    Directory,
    RecordKind,
    RecordListing,
    Records,
    SyncRule,
    SyncSettings,
    UserListing,
)

FEWER_AT_LEAST = 3  # a list that lost no more than this is small, not broken


class UserSync:
    """Forecasts the sync of every connection that is a directory."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        inventory: Inventory,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._inventory = inventory
        self._settings = settings
        self._safety_limit: SafetyLimitSettings = settings.safety_limit
        self._clock = clock

    @property
    def directories(self) -> Mapping[str, Directory]:
        """The connections whose users are synced."""
        return {name: one for name, one in self._platforms.items() if isinstance(one, Directory)}

    def zone(self, connection: str, listed: str = "") -> str:

        sync = self.directories[connection].sync
        of_records = self._settings.connections.get(sync.records, {}).get("time_zone", "")
        return listed or sync.time_zone or str(of_records)

    async def look(self, connection: str, *, smaller: bool = False) -> Foreseen:
        """Read both sides and forecast. ``smaller``: believe lists that lost many since they were last believed.

        Raises:
            PlatformError: a side could not be listed, or is not believed; nothing is forecast.
            BadArgument: there is no such directory, or its records are not configured.
        """
        directory = self.directories.get(connection)
        if directory is None:
            raise BadArgument(f"{connection} has no users that are synced.")
        records = await self._records_of(connection, directory.sync)
        users = await directory.users()
        self._whole(connection, directory.sync, records, users)
        sizes = {kind.value: sum(r.kind is kind for r in records.records) for kind in directory.sync.kinds}
        await self._believable(connection, {**sizes, "user": len(users.users)}, smaller=smaller)
        at, zone = self._clock.now(), self.zone(connection, records.time_zone)
        rules = directory.sync.rules(at, zone or "UTC")
        found = await asyncio.to_thread(forecast, records.records, users.users, rules)
        known = await self._integration_accounts(connection)
        return Foreseen(
            connection=connection,
            at=at,
            zone=zone or "UTC",
            zone_known=bool(zone),
            settings=directory.sync,
            users=users,
            records=records,
            forecast=found,
            endangered=tuple(endangered(found, known, directory.sync)),
            leaking=tuple(leaking(found, known)),
            homemade=tuple(o for o in found.outcomes if o.rule in _HOMEMADE) if users.links_known else (),
        )

    async def draft(self, connection: str, params: Mapping[str, str]) -> Draft:
        """The plan that brings tonight's forecast about by ourselves, drawn up from both sides as they are now.

        Raises:
            NotSupported: the directory is only read. PlatformError, BadArgument: as ``look``; or nothing to do.
        """
        seen = await self.look(connection)
        found = seen.forecast
        notes = [f"Dates count in {seen.zone}; today is {found.rules.today}.", *found.hints]
        notes += [f"{o.user.id if o.user else ''}: {why}" for o, why in seen.endangered]
        drawn = await self._platforms[connection].change(
            "sync", {"acts": actions.written(actions.acts(found)), "notes": "\n".join(notes)}
        )
        objections = list(drawn.objections)
        if found.safety_limit:
            objections.append(f"safety limit reached: {found.safety_limit}")
        if not (seen.users.links_known and seen.users.ignores_known):
            objections.append("who is linked or ignored is not visible, so nobody may be changed")
        if not seen.zone_known:
            objections.append("the company's time zone is not known: set time_zone")
        return Draft(plan=drawn.plan, objections=tuple(objections))

    async def alarm(self, unit: Unit, alerts: Alerts, seen: Foreseen) -> bool:
        """Raise, edit or settle the alarm about accounts that tonight's sync would end. Says if it spoke."""
        whom = ", ".join(sorted(o.user.id for o, _ in seen.endangered if o.user is not None))
        return await alerts.sync_endangers(
            unit,
            seen.connection,
            whom,
            lambda ref: cards.threat_card(ref, seen),
            lambda ref: cards.safe_card(ref, seen.connection),
        )

    async def _records_of(self, connection: str, sync: SyncSettings) -> RecordListing:
        source = self._platforms.get(sync.records or connection)
        if not isinstance(source, Records):
            raise BadArgument(
                f'connections."{connection}".records: {sync.records} lists no employees and vendors.'
            )
        return await source.records()

    def _whole(self, connection: str, sync: SyncSettings, records: RecordListing, users: UserListing) -> None:
        """Refuse what cannot be the truth: a list of the sync that was not read, is empty, or hides its checkbox."""
        for kind in sorted(sync.kinds):
            mine = [record for record in records.records if record.kind is kind and record.active]
            if kind not in records.kinds:
                raise _short(
                    connection, f"{records.source or 'the source'} does not list {kind}s, which are synced"
                )
            needs_flag = kind is RecordKind.VENDOR or sync.employee_filter
            if needs_flag and mine and all(record.flag is None for record in mine):
                raise _short(connection, f"the checkbox of {kind}s is not visible, so nobody would qualify")
        if not records.records:
            raise _short(connection, "no employee or vendor was listed at all")
        if not users.users:
            raise _short(connection, "no user was listed at all")

    async def _believable(self, connection: str, sizes: Mapping[str, int], *, smaller: bool) -> None:
        memory = ConnectionMemory(self._store, connection)
        kept = await memory.recall(_SIZES)
        before: dict[str, int] = msgspec.json.decode(kept.reveal()) if kept else {}
        for what, count in sizes.items():
            lost = before.get(what, 0) - count
            if (
                lost > max(FEWER_AT_LEAST, self._safety_limit.listing_share * before.get(what, 0))
                and not smaller
            ):
                raise _short(
                    connection,
                    f"only {plural(count, what)} were listed, and {before[what]:,} the last time. If that is right, "
                    "an administrator looks with `--smaller`",
                )
        if sizes != before:
            await memory.keep(_SIZES, Secret(msgspec.json.encode(dict(sizes)).decode()))

    async def _integration_accounts(self, connection: str) -> Mapping[str, str]:
        """Folded e-mails of accounts that programs use anywhere, each with what it is."""
        known: dict[str, str] = {}
        for entry in (await self._inventory.catalogue()).entries:
            account = entry.account
            if account is None or entry.item.connection == connection:
                continue
            if account.kind is PrincipalKind.SERVICE and account.email:
                known.setdefault(fold(account.email), f"{entry.name} on {entry.item.connection}")
        return known


_SIZES = "sync-sizes"
_HOMEMADE = frozenset({SyncRule.MATCHES_NOBODY, SyncRule.MATCH_TAKEN})


def _short(connection: str, why: str) -> PlatformError:
    return ProtocolChanged(
        f"{connection}: nothing is forecast, because {why}.",
        connection=connection,
        operation="forecast the sync",
    )
