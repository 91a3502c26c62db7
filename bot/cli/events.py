"""The trail handed to a SIEM, in order, from where the last run left off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.audit.ocsf import event
from bot.audit.repository import AuditLog
from bot.cli.opening import opened
from bot.cli.screen import complain, say
from bot.config import load
from bot.errors import BadArgument, PlatformError
from bot.platform import http

BATCH = 200  # lines in one request


@dataclass(frozen=True, slots=True)
class Where:
    """A file, an address, or (neither) standard output."""

    out: Path | None = None
    url: str | None = None
    token_file: Path | None = None


class Take(Protocol):
    """Whatever takes a batch of lines."""

    async def __call__(self, lines: bytes) -> None:
        """Raises PlatformError when it did not take them, or may not have."""


async def hand_over(config: Path, after: int | None, cursor: Path | None, where: Where) -> bool:
    """Send every line after ``after`` (default: the cursor's number, else all); whether all were taken.

    Raises:
        BadArgument: the cursor holds no number. ConfigError: the address is unfit.
    """
    last = after if after is not None else _kept(cursor)
    settings = load(config)
    sent = 0
    async with opened(settings) as store, _taking(where) as take:
        while True:
            async with store.read() as unit:
                lines = await unit[AuditLog].following(last, BATCH)
            if not lines:
                break
            text = "".join(json.dumps(event(line), ensure_ascii=False) + "\n" for line in lines)
            try:
                await take(text.encode())
            except PlatformError as exc:
                complain(f"{exc.hint} Sent up to line {last}; the rest is sent by the next run.")
                return False
            last, sent = lines[-1].seq, sent + len(lines)
            _keep(cursor, last)
    if where.out is not None or where.url is not None:
        say(f"{sent} events, up to line {last}")
    return True


def _kept(cursor: Path | None) -> int:
    if cursor is None or not cursor.exists():
        return 0
    kept = cursor.read_text(encoding="utf-8").strip()
    if not (kept.isascii() and kept.isdecimal()):
        raise BadArgument(f"{cursor} holds no entry number. Fix it, or use --after.")
    return int(kept)


def _keep(cursor: Path | None, last: int) -> None:
    if cursor is not None:
        cursor.write_text(f"{last}\n", encoding="utf-8")


@asynccontextmanager
async def _taking(where: Where) -> AsyncIterator[Take]:
    if where.url is None:

        async def write(lines: bytes) -> None:
            if where.out is None:
                print(lines.decode(), end="")  # noqa: T201  events are what this command says
            else:
                with where.out.open("ab") as file:
                    file.write(lines)

        yield write
        return
    headers = {"Content-Type": "application/x-ndjson"}
    if where.token_file is not None:
        headers["Authorization"] = f"Bearer {where.token_file.read_text(encoding='utf-8').strip()}"
    url = where.url
    async with http.client(url, connection="siem", read_s=30.0) as client:

        async def post(lines: bytes) -> None:
            with http.translating(connection="siem", operation="send events", wrote=False):
                answer = await client.post(url, content=lines, headers=headers)
            if answer.status_code >= 300:
                raise PlatformError(f"The SIEM answered with HTTP {answer.status_code}.", connection="siem")

        yield post
