"""A connection signed in to once by a person, in a browser: the code comes back to a door of ours, or by hand."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bot.audit.repository import AuditLog
from bot.cli.opening import actor, composed
from bot.cli.screen import note, say
from bot.config import load
from bot.errors import BadArgument, ConfigError, NotFound, NotSupported
from bot.platform.ports import Consents

WAIT_S = 600.0  # as long as a code lives
LONGEST_LINE = 8_192
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PAGE = b"<!doctype html><meta charset=utf-8><title>Handover</title><p>%s You can close this window."


async def authorize(config: Path, connection: str, *, pasted: bool) -> bool:
    """
    Show where to say yes, wait for the answer, keep the tokens, and say who they act as.

    Raises:
        NotFound, NotSupported, ConfigError: no such connection, or not one that is signed in to like this.
        BadArgument: what came back is not the answer to our question, or is a no.
        AuthFailed: the code was refused, or somebody said yes who is not a service account.
    """
    settings = load(config)
    if connection not in settings.connections:
        there = ", ".join(settings.connections) or "none yet"
        raise NotFound(f'The configuration has no connection "{connection}". There is: {there}.')
    async with composed(settings, config.parent) as app:
        platform = app.platforms[connection]
        if not isinstance(platform, Consents):
            raise NotSupported(f"{connection} is not signed in to in a browser.", connection=connection)
        state = secrets.token_urlsafe(24)
        url = platform.consent_url(state)
        async with _answers(platform.redirect_uri, pasted=pasted) as answer:
            note("Open this address in a private window, signed in to the platform as the service account:")
            say(url)
            code = code_in(await answer, state)
        identity = await platform.authorize(code)
        async with app.store.write() as unit:
            await unit[AuditLog].append(
                actor(), "connection:authorized", connection, {"account": identity.username}
            )
    say(
        f"{connection} is signed in as {identity.username or identity.principal_id}, tenant {identity.tenant}."
    )
    return True


def code_in(address: str, state: str) -> str:
    """
    The code in the address that the browser was sent to.

    Raises:
        BadArgument: it is a no, has no code, or answers another question than ours.
    """
    given = parse_qs(urlsplit(address.strip()).query)
    if not secrets.compare_digest(given.get("state", [""])[0].encode(), state.encode()):
        raise BadArgument("That answer belongs to another attempt. Nothing was kept: begin again.")
    if "error" in given:
        raise BadArgument("They said no on the platform's page. Nothing was kept.")
    code = given.get("code", [""])[0]
    if not code:
        raise BadArgument("That address has no code in it. Copy the whole address that the browser shows.")
    return code


@asynccontextmanager
async def _answers(redirect_uri: str, *, pasted: bool) -> AsyncIterator[asyncio.Future[str]]:
    """The address that the browser is sent to, once it comes: at our own door, or typed in."""
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    parts = urlsplit(redirect_uri)
    if pasted or parts.hostname not in _LOOPBACK:
        typing = asyncio.create_task(_typed(answer))
        try:
            yield answer
        finally:
            typing.cancel()
        return
    try:
        server = await asyncio.start_server(
            _door(answer, parts.path or "/"), parts.hostname, parts.port or 80, limit=LONGEST_LINE
        )
    except OSError as exc:
        raise ConfigError(
            f"redirect_uri: port {parts.port or 80} cannot be listened on ({exc.strerror}): choose another, or --paste"
        ) from exc
    try:
        async with asyncio.timeout(WAIT_S):
            yield answer
    except TimeoutError:
        raise BadArgument("Nobody answered within ten minutes. Nothing was kept.") from None
    finally:
        server.close()


async def _typed(answer: asyncio.Future[str]) -> None:
    note("Afterwards the browser shows an address that begins with redirect_uri. Paste all of it here:")
    line = await asyncio.to_thread(input)
    if not answer.done():
        answer.set_result(line)


def _door(answer: asyncio.Future[str], path: str) -> Callable[..., Awaitable[None]]:
    """Answers a browser, and takes the first request for ``path`` as the answer."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readline()).decode("latin-1").split(" ")
            while (await reader.readline()).strip():
                pass
            ours = len(line) > 1 and line[0] == "GET" and urlsplit(line[1]).path == path
            body = _PAGE % (b"Handover has the answer." if ours else b"There is nothing here.")
            status = b"200 OK" if ours else b"404 Not Found"
            head = b"Content-Type: text/html\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n"
            writer.write(
                b"HTTP/1.1 " + status + b"\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body) + body
            )
            await writer.drain()
            if ours and not answer.done():
                answer.set_result(line[1])
        except (ValueError, ConnectionError):  # a line without end, or a browser that went
            pass
        finally:
            writer.close()

    return served
