"""Trying a read again. Writes are never tried again here: they are confirmed by reading."""

from __future__ import annotations

import random
import ssl
from collections.abc import AsyncIterable

import httpx
import stamina

from bot.errors import RateLimited, Unreachable
from bot.platform.http.failures import BUSY, Unavailable, causes, retry_after_s

JITTER_S = 0.5
# The next attempt would fail as this one did.
HOPELESS = (
    ssl.SSLCertVerificationError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
)


def reads(
    *,
    connection: str,
    operation: str,
    attempts: int = 4,
    budget_s: float = 90.0,
    longest_wait_s: float = 30.0,
) -> AsyncIterable[stamina.Attempt]:
    """
    ``async for attempt in reads(...): with attempt: ...`` runs a read until it succeeds or patience ends.

    Tried again: RateLimited and Unreachable, httpx's transport errors, and its HTTPStatusError of 429,
    502, 503 and 504. Not tried again: a certificate or address that was refused, and a server that asks
    for more than ``longest_wait_s``, whose connection should rest instead. The wait is what Retry-After
    says, else 0.2 s doubling to 5 s, with jitter; after ``attempts``, or ``budget_s`` since the first, the
    last error leaves. Each wait is logged as ``connection:operation``. ``stamina.set_active(False)`` turns
    all of this off.
    """

    def again(exc: Exception) -> bool | float:
        if not _hopeful(exc):
            return False
        asked_s = _asked_s(exc)
        if asked_s is None:
            return True
        return asked_s <= longest_wait_s and asked_s + random.uniform(0, JITTER_S)  # noqa: S311

    return stamina.retry_context(
        on=again, attempts=attempts, timeout=budget_s, wait_initial=0.2, wait_max=5.0, wait_jitter=JITTER_S
    ).with_name(f"{connection}:{operation}", (), {})


def _hopeful(exc: Exception) -> bool:
    if isinstance(exc, httpx.HTTPStatusError):
        return exc.response.status_code in BUSY
    return isinstance(exc, RateLimited | Unreachable | httpx.TransportError) and not any(
        isinstance(cause, HOPELESS) for cause in causes(exc)
    )


def _asked_s(exc: Exception) -> float | None:
    match exc:
        case RateLimited() | Unavailable():
            return exc.retry_after_s
        case httpx.HTTPStatusError():
            return retry_after_s(exc.response.headers.get("retry-after", ""))
        case _:
            return None
