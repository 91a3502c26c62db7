"""The shape of a platform: everything the rest of Handover may ask of a vendor's system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.clock import Clock
from bot.platform.model import Capacity, Change, Content, Gap, Principal, Snapshot
from bot.platform.plan import AS_USUAL, Action, Confirmation, Draft, How
from bot.platform.report import Report
from bot.text import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are on a connection, and what we can and cannot see there."""

    tenant: str
    principal_id: str
    username: str
    version: str  # of the vendor's API
    clock_skew_s: float  # vendor's clock minus ours
    capacity: Capacity | None  # daily calls, where the vendor counts them
    gaps: tuple[Gap, ...] = ()
    advice: tuple[tuple[str, str], ...] = ()  # what works but will not for ever, and what to do about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How one running part of the bot does, for ``status`` and readiness."""

    name: str
    ok: bool
    detail: str


class Platform(Protocol):
    """One configured access to one tenant of a vendor's system; each folder of ``platforms`` has one."""

    connection: str
    platform: str

    async def identify(self) -> Identity:
        """Sign in and say who we are. Costs a handful of calls.

        Raises:
            AuthFailed: our own credential was refused, for good.
            Unreachable, RateLimited: could not look.
        """

    async def snapshot(self, since: datetime | None) -> Snapshot:
        """Everything we can see, complete in each area that no gap names, or an error and nothing.

        ``since`` bounds only logins and changes; ``None`` means the last day.

        Raises:
            AuthFailed, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded.
        """

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        """The plan that moves one credential to the account named ``target`` (username, e-mail or native id).

        Reads live. Objections are reasons the plan must not run.

        Raises:
            NotFound, BadArgument: the credential or the target is not there, or ambiguous.
            NotSupported: no recipe for this kind of credential.
        """

    async def change(self, verb: str, params: Mapping[str, str]) -> Draft:
        """The plan of one deliberate change. ``params`` are as typed by a person.

        Raises:
            BadArgument: a value is off; the hint says which and how to mend it.
            NotSupported: this platform has no such verb.
        """

    async def confirm(self, action: Action, key: str) -> Confirmation:
        """Whether the target state holds, by reading only. Never raises for "could not look": ``UNKNOWN``."""

    async def apply(self, action: Action, key: str) -> None:
        """Bring the target state about with at most one write per record; never retried by the transport.

        ``key`` is unique to this step of this plan and marks what we make, where the platform has room.

        Raises:
            OutcomeUnknown: it may or may not have happened; confirm before anything else.
            Rejected, Forbidden, RateLimited, Unreachable: it did not happen.
        """

    async def aclose(self) -> None:
        """Let go of sockets."""


@runtime_checkable
class Rotates(Protocol):
    """A platform that can replace a credential of an account by a new one of the same account."""

    async def rotate(self, credential_id: str, how: How = AS_USUAL) -> Draft:
        """The plan that does it. Reads live. Raises as ``Platform.handover``."""


@runtime_checkable
class UsesSecrets(Protocol):
    """A platform whose recipes need secrets of a plan's drawer, or make some. Its verbs then come with them."""

    async def confirm_with(self, action: Action, key: str, secrets: Mapping[str, Secret]) -> Confirmation:
        """As ``Platform.confirm``, for an action with ``uses``; ``secrets`` holds those that are there."""

    async def apply_with(self, action: Action, key: str, secrets: Mapping[str, Secret]) -> None:
        """As ``Platform.apply``, for an action with ``uses``."""


@runtime_checkable
class Discloses(Protocol):
    """A platform that shows again the secrets that a recipe made on it."""

    async def disclose(self, action: Action) -> Mapping[str, Secret]:
        """The secrets that ``action`` (a done step) made on the platform, read from it again; nothing else does.

        Raises:
            NotSupported: the platform shows them to nobody. Forbidden, Unreachable: could not look.
        """


@runtime_checkable
class Reports(Protocol):
    """A platform with views of its own, read live. Its file in ``handlers`` knows their names."""

    async def report(self, name: str, params: Mapping[str, str]) -> Report:
        """One view, complete in what it shows; what it could not see is said in it.

        Raises:
            BadArgument, NotFound: a value is off. NotSupported: no such view. AuthFailed, Unreachable,
            RateLimited, ProtocolChanged: nothing may be concluded.
        """


@runtime_checkable
class Probes(Protocol):
    """A platform some of whose behaviour no document settles, and that can find out on a real account."""

    async def probe(self, *, write: bool) -> Report:
        """Settle what can be settled, keep it with the connection, and say what was found.

        Reads only; with ``write``, also changes that are taken back at once. Raises as ``Reports.report``.
        """


@runtime_checkable
class Consents(Protocol):
    """A platform that a person signs us in to once, in a browser. Implemented by ``platforms.wrike``."""

    @property
    def redirect_uri(self) -> str:
        """Where the browser is sent afterwards, with ``code`` and ``state``."""

    def consent_url(self, state: str) -> str:
        """Where the person says yes. Raises ConfigError where this connection signs in otherwise."""

    async def authorise(self, code: str) -> Identity:
        """Take the code, keep what it brings, and say who we now are.

        Raises:
            AuthFailed: the code was refused, or whoever said yes is not a service account; nothing was kept.
        """


@runtime_checkable
class ShowsContent(Protocol):
    """A platform whose accounts see only what is shared with them. Implemented by ``platforms.wrike``."""

    async def find_content(self, words: str, limit: int = 100) -> tuple[Content, ...]:
        """What may be shared and has all of ``words`` in its name or path; may be minutes old.

        Raises: as ``Platform.snapshot``.
        """

    async def content_of(self, who: str) -> tuple[Principal, tuple[Content, ...], tuple[Gap, ...]]:
        """The account, everything we can see that is shared with it, directly, by a group or from above, and the gaps.

        Raises:
            NotFound, BadArgument: no such account, or several.
        """

    async def trail(self, since: datetime, who: str = "") -> tuple[tuple[Change, ...], tuple[Gap, ...]]:
        """The vendor's own audit rows since then, newest first, of everybody or of one account; and the gaps."""

    async def licences(self) -> tuple[str, ...]:
        """The kinds of user an account can be, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Our version at a destination, and the one before it that can be made current again ("" for none)."""

    version: str
    before: str


class Destination(Protocol):
    """Where a consumer reads its secrets. Implemented in ``bot.destinations``. ``name`` is the configuration's.

    Every method raises PlatformError as a platform's do: ``Unreachable``, ``RateLimited``, ``AuthFailed``,
    ``Forbidden``, ``ProtocolChanged`` where it could not look.
    """

    name: str

    async def landed(self, values: Mapping[str, Secret], key: str) -> Landing | None:
        """Where these values are the current version, by reading them back; None when they are not current."""

    async def write(self, values: Mapping[str, Secret], key: str) -> None:
        """Make these the current version, at most once for a ``key``; what else is there, and the version before, stay.

        Raises:
            OutcomeUnknown: it may have happened; ``landed`` tells.
            Rejected: refused, nothing was written.
        """

    async def returned(self, landing: Landing) -> bool:
        """Whether the version before ours is current again, by reading."""

    async def put_back(self, landing: Landing) -> None:
        """Make the version before ours current again. Raises as ``write``.

        Raises:
            Rejected: somebody wrote another version since, or none was before; nothing was changed.
        """

    async def aclose(self) -> None:
        """Let go of sockets."""


class Turns(Protocol):
    """Who may speak to a vendor now. Implemented by ``bot.db.leases``, for files and for PostgreSQL."""

    def turn(self, name: str, width: int) -> AbstractAsyncContextManager[None]:
        """One of at most ``width`` turns at ``name`` at once, over all processes that share our database.

        Waits as long as it takes. A process that dies gives its turns back.
        """


class Memory(Protocol):
    """What a connection must not forget, sealed in the store. Implemented by ``bot.secrets.repository``."""

    async def recall(self, name: str) -> Secret | None:
        """What was kept last under that name."""

    async def keep(self, name: str, value: Secret) -> None:
        """Keep it, durably once this returns; what was there before is overwritten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What ``build`` gives a connection besides its table of the configuration."""

    secret: Callable[[str], Secret]  # the secret setting of that name; raises ConfigError
    clock: Clock
    turns: Turns
    memory: Memory


class Files(Protocol):
    """Carries a file to one person. Implemented by ``bot.slack.files``, which services may not name."""

    async def give(self, person: str, name: str, title: str, content: bytes) -> None:
        """Put a file where only that person sees it.

        Raises:
            PlatformError: it did not get there; OutcomeUnknown: it may have.
        """
