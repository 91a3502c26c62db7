"""What can go wrong, named by the caller's next move.

``str(error)`` and ``error.hint`` are safe to show in Slack: they never hold a body, a header or a secret.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator


class BotError(Exception):
    """Base of everything Handover raises on purpose."""

    code = "error"

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


class UserError(BotError):
    """Show the hint to whoever asked; nothing was changed."""

    code = "user"


class BadArgument(UserError):
    """The words of a command or form are off."""

    code = "bad_argument"


class NotFound(UserError):
    """Nothing in the inventory answers to that name."""

    code = "not_found"


class Denied(UserError):
    """Known who is asking, and the answer is no."""

    code = "denied"

    def __init__(self, hint: str, reason: str = "role") -> None:
        super().__init__(hint)
        self.reason = reason


class Conflict(UserError):
    """Somebody else was first, or what was shown is no longer what is."""

    code = "conflict"


class ConfigError(BotError):
    """Stop at boot; the hint names the key, and the line where there is one."""

    code = "config"


class PlatformError(BotError):
    """A vendor's system did not do what was asked."""

    code = "platform"

    def __init__(self, hint: str, *, connection: str = "", operation: str = "") -> None:
        super().__init__(hint)
        self.connection = connection
        self.operation = operation


class Unreachable(PlatformError):
    """No usable answer: network, time-out, 5xx. Reads may be tried again; writes never blindly."""

    code = "unreachable"


class RateLimited(PlatformError):
    """Asked too often, or the day's allowance is gone."""

    code = "rate_limited"

    def __init__(self, hint: str, *, retry_after_s: float, connection: str = "", operation: str = "") -> None:
        super().__init__(hint, connection=connection, operation=operation)
        self.retry_after_s = retry_after_s


class AuthFailed(PlatformError):
    """Our own sign-in was refused: pause the connection and tell its owner."""

    code = "auth_failed"


class Forbidden(PlatformError):
    """Signed in, but not allowed: a coverage gap. ``scope`` names what is missing."""

    code = "forbidden"

    def __init__(self, hint: str, *, scope: str, connection: str = "", operation: str = "") -> None:
        super().__init__(hint, connection=connection, operation=operation)
        self.scope = scope


class Rejected(PlatformError):
    """The platform understood and refused; ``vendor_code`` is its own word for why."""

    code = "rejected"

    def __init__(
        self, hint: str, *, status: int, vendor_code: str = "", connection: str = "", operation: str = ""
    ) -> None:
        super().__init__(hint, connection=connection, operation=operation)
        self.status = status
        self.vendor_code = vendor_code


class NotSupported(PlatformError):
    """This platform cannot do that by API; refused at planning, never mid-run."""

    code = "not_supported"


class ProtocolChanged(PlatformError):
    """An answer lacked what its documentation promises: the scan fails whole."""

    code = "protocol_changed"


class OutcomeUnknown(PlatformError):
    """A write may or may not have happened: confirm by reading, else hold for a human."""

    code = "outcome_unknown"


class StoreError(BotError):
    """The inventory could not be read or written."""

    code = "store"


class StaleRow(StoreError):
    """The row changed since it was read."""

    code = "stale_row"


class DecryptionFailed(StoreError):
    """A sealed value could not be opened; ``key_id`` says with which key."""

    code = "decryption_failed"

    def __init__(self, hint: str, *, key_id: int) -> None:
        super().__init__(hint)
        self.key_id = key_id


class SchemaMismatch(StoreError):
    """The database is older or newer than this program."""

    code = "schema_mismatch"


class InvariantBroken(BotError):
    """A promise of our own does not hold: stop the worker."""

    code = "invariant"


def places(error: BaseException, depth: int = 1) -> Iterator[str]:
    """Lines that say what was raised and where, then what caused it and, for a group, what is in it.

    Messages are left out: those of errors that are not ours may hold names, answers, or worse.
    """
    indent = "  " * depth
    yield f"{indent}{type(error).__name__}"
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith("<frozen"):
            yield f"{indent}  {frame.filename}:{frame.lineno} in {frame.name}"
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for other in [*([before] if before else []), *getattr(error, "exceptions", ())]:
        yield from places(other, depth + 1)
