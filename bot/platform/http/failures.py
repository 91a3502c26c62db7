"""What httpx raises and what a busy server answers, as our errors. A vendor's own error body is its adapter's."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from bot.errors import (
    OutcomeUnknown,
    PlatformError,
    ProtocolChanged,
    RateLimited,
    Rejected,
    Unreachable,
)

# Raised before the first byte of a request leaves, so that even a write is known not to have happened.
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
BUSY = frozenset({429, 502, 503, 504})
UNSTATED_WAIT_S = 30.0  # a 429 without Retry-After


class Unavailable(Unreachable):
    """Down for the moment, and it may have said for how long."""

    def __init__(self, hint: str, *, retry_after_s: float | None, connection: str, operation: str) -> None:
        super().__init__(hint, connection=connection, operation=operation)
        self.retry_after_s = retry_after_s


def causes(exc: BaseException) -> Iterator[BaseException]:
    """``exc`` and everything it was raised from, outermost first, through exception groups."""
    at: list[BaseException] = [exc]
    seen: set[int] = set()
    while at:
        one = at.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            at.extend(one.exceptions)
        at.extend(up for up in (one.__cause__, one.__context__) if up is not None)


def _why(exc: Exception) -> str:
    for one in causes(exc):
        match one:
            case ssl.SSLCertVerificationError():
                return f"its TLS certificate was not accepted ({one.verify_message})"
            case ssl.SSLError():
                return "no TLS connection could be agreed"
            case socket.gaierror():
                return "its name could not be resolved"
            case ConnectionRefusedError():
                return "it refused the connection"
            case _:
                pass
    match exc:
        case httpx.PoolTimeout():
            return "all of our own connections to it stayed busy"
        case httpx.ConnectTimeout():
            return "it did not accept a connection in time"
        case httpx.TimeoutException():
            return "it did not answer in time"
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return "the address to call was not a valid https URL"
        case _:
            return "the connection broke off"


def translate(
    exc: httpx.HTTPError | httpx.InvalidURL, *, connection: str, operation: str, wrote: bool
) -> PlatformError:
    """
    The error of ours for a request that brought no usable answer.

    ``operation`` is a few words of ours ("list users"), shown to people. ``wrote`` says that the request
    would change something if the vendor carried it out: anything after its first byte left is then
    OutcomeUnknown.
    """
    where = {"connection": connection, "operation": operation}
    if isinstance(exc, httpx.HTTPStatusError):
        status = exc.response.status_code
        return unavailable(exc.response, connection=connection, operation=operation, wrote=wrote) or Rejected(
            f"{connection} answered {operation} with HTTP {status}.", status=status, **where
        )
    why = _why(exc)
    if wrote and not isinstance(exc, NEVER_SENT):
        return OutcomeUnknown(
            f"{connection}: {why} after {operation} was sent; it may have happened.", **where
        )
    match exc:
        case httpx.DecodingError():
            return ProtocolChanged(
                f"{connection} answered {operation} with bytes that do not decode.", **where
            )
        case httpx.LocalProtocolError():
            return Rejected(f"{connection}: {operation} is not a valid HTTP request.", status=0, **where)
        case _:
            return Unreachable(f"{connection} could not be reached for {operation}: {why}.", **where)


def unavailable(
    response: httpx.Response, *, connection: str, operation: str, wrote: bool
) -> PlatformError | None:
    """
    The error for 429, 502, 503 and 504; None for every other status, whose meaning is the vendor's.

    429 is a refusal, so nothing happened. A gateway's 5xx to a write says nothing about the server behind it.
    """
    status = response.status_code
    where = {"connection": connection, "operation": operation}
    if status not in BUSY:
        return None
    wait_s = retry_after_s(response.headers.get("retry-after", ""))
    if status == 429:
        asked_s = UNSTATED_WAIT_S if wait_s is None else wait_s
        return RateLimited(
            f"{connection} asked us to slow down ({operation}).", retry_after_s=asked_s, **where
        )
    if wrote:
        return OutcomeUnknown(
            f"{connection} answered {operation} with HTTP {status}; it may have happened.", **where
        )
    return Unavailable(
        f"{connection} answered {operation} with HTTP {status}.", retry_after_s=wait_s, **where
    )


def retry_after_s(header: str) -> float | None:
    """
    Seconds to wait, never negative, from either form of a Retry-After header; None when it is not one.

    Source: RFC 9110 section 10.2.3, read 2026-11-21.
    """
    if header.strip().isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())


@contextmanager
def translating(*, connection: str, operation: str, wrote: bool) -> Iterator[None]:
    """Raise ``translate``'s error for whatever httpx raises inside; a cancellation passes untouched."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise translate(exc, connection=connection, operation=operation, wrote=wrote) from exc
