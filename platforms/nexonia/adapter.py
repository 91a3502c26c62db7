"""The Nexonia adapter: the port of ``bot.platform.ports`` over one company's users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.clock import Clock
from bot.errors import NotSupported
from bot.platform.model import Area, Gap, Principal, PrincipalStatus, Snapshot
from bot.platform.plan import AS_USUAL, Action, Confirmation, Draft, How, Outcome
from bot.platform.ports import Identity, Surroundings
from bot.user_sync.model import RecordListing, User, UserListing
from platforms.nexonia import deeds, plans
from platforms.nexonia.config import RestSettings, Settings, parse
from platforms.nexonia.files import FileDirectory, record_listing
from platforms.nexonia.rest import RestDirectory

NO_INTERFACE = Gap(
    area=Area.LOGINS,
    what="sign-ins, tokens and who changed what",
    reason="no public interface of Nexonia was found",
    remedy="Nothing can be done: look in Nexonia itself.",
)
GUARDED = (
    "Nexonia's own administration only: Settings > Users. With write = true and a directory that can be written to, "
    "the bot can."
)


class Nexonia:
    """One company. Makes no request before it is asked for something."""

    platform = "nexonia"

    def __init__(self, connection: str, settings: Settings, clock: Clock) -> None:
        self.connection = connection
        self.sync = settings.sync
        self._settings = settings
        self._clock = clock
        source = settings.source
        self._directory: FileDirectory | RestDirectory = (
            RestDirectory(source, clock, connection=connection)
            if isinstance(source, RestSettings)
            else FileDirectory(source, clock, connection=connection)
        )

    async def identify(self) -> Identity:
        """Read the users; a directory has nothing else that would tell who we are."""
        found = await self.users()
        return Identity(
            tenant=found.source,
            principal_id="",
            username="an export by an administrator"
            if isinstance(self._directory, FileDirectory)
            else "a token",
            version=self.sync.label or "none: a file",
            clock_skew_s=0.0,
            capacity=None,
            gaps=(NO_INTERFACE,),
        )

    async def snapshot(self, since: datetime | None) -> Snapshot:
        """Every user, as an identity."""
        before = self._directory.requests if isinstance(self._directory, RestDirectory) else 0
        found = await self.users()
        after = self._directory.requests if isinstance(self._directory, RestDirectory) else 0
        return Snapshot(
            connection=self.connection,
            taken_at=self._clock.now(),
            principals=tuple(_principal(user) for user in found.users),
            gaps=(NO_INTERFACE,),
            requests=after - before,
        )

    async def users(self) -> UserListing:
        """See ``bot.platform.ports.Directory``."""
        return await self._directory.users()

    async def records(self) -> RecordListing:
        """See ``bot.platform.ports.Records``: of this connection's own files."""
        return await record_listing(self._settings, self._clock, connection=self.connection)

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        """Nexonia shows no credentials."""
        raise NotSupported(f"{self.connection} has no credentials to hand over", operation="handover")

    async def change(self, verb: str, params: Mapping[str, str]) -> Draft:
        """``sync``: the plan of a forecast's acts, which the service that forecasts puts into ``params``."""
        if verb != "sync":
            raise NotSupported(f"Nexonia has no change called {verb}", operation=verb)
        self._writable()
        return plans.drawn(self.connection, params, (await self.users()).users, self.sync.label)

    async def confirm(self, action: Action, key: str) -> Confirmation:
        """See ``deeds.confirm``."""
        if not isinstance(self._directory, RestDirectory):
            return Confirmation(outcome=Outcome.UNKNOWN, detail="a file shows nothing live")
        return await deeds.confirm(self._directory, action)

    async def apply(self, action: Action, key: str) -> None:
        """See ``deeds.apply``. A user has no field of ours for ``key``; a new one is known by its link."""
        await deeds.apply(self._writable(), action)

    async def aclose(self) -> None:
        """Let go of sockets."""
        if isinstance(self._directory, RestDirectory):
            await self._directory.aclose()

    def _writable(self) -> RestDirectory:
        if not self.sync.writes or not isinstance(self._directory, RestDirectory):
            raise NotSupported(
                f"{self.connection} is only read. {GUARDED}", connection=self.connection, operation="write"
            )
        return self._directory


def _principal(user: User) -> Principal:
    return Principal(
        native_id=user.id,
        name=f"{user.first} {user.last}".strip(),
        username=user.email,
        email=user.email,
        status=PrincipalStatus.ACTIVE if user.active else PrincipalStatus.INACTIVE,
        profile=user.role,
    )


def build(connection: str, settings: Mapping[str, object], around: Surroundings) -> Nexonia:
    """
    The adapter of one table of the configuration.

    Raises:
        ConfigError: a key of the table is unknown, missing or off.
    """
    return Nexonia(connection, parse(connection, settings, around.secret), around.clock)
