"""Secrets of a plan, entered or shown once on the command line: what the sealed page does, where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import typer

from bot.cli.opening import actor, composed, opened
from bot.cli.screen import note
from bot.cli.secret import read_secret
from bot.clock import Clock
from bot.config import Settings, load
from bot.db.leases import limiter
from bot.errors import BadArgument, NotFound
from bot.requests.model import ChangeRequest
from bot.requests.repository import RequestRepository
from bot.secrets.exchange import LONGEST, SecretExchange, Shown
from bot.secrets.vault import Vault

WAY = "command line"


async def put(config: Path, name: str, ref: str, *, from_stdin: bool) -> bool:
    """Seal a secret for the step at which a request waits.

    Raises:
        BadArgument, Conflict, NotFound: nothing was kept; the hint says why.
    """
    settings = load(config)
    async with opened(settings) as store:
        async with store.read() as unit:
            request = await unit[RequestRepository].by_ref(ref)
        if request is None:
            raise NotFound("There is no request of that name. `requests` in Slack lists them.")
        secret = read_secret(name, from_stdin=from_stdin, longest=LONGEST)
        async with aclosing(limiter(settings.store_url, settings.data_dir)) as at_doors:
            secret_exchange = SecretExchange(store, Vault(store, {}, {}, Clock()), at_doors)
            done = await secret_exchange.enter(request.id, {name: secret.reveal()}, by=actor(), way=WAY)
    if done.trimmed:
        note("White space around it was taken off.")
    left = f"Still needed: {', '.join(done.left)}." if done.left else _soon(settings)
    note(f"Sealed for request {request.ref}. {left}")
    return True


async def get(config: Path, name: str, ref: str, *, to_stdout: bool) -> bool:
    """Show the secrets (or one) that a request's step waits to have carried over, and ask whether they are in place.

    Raises:
        BadArgument, Conflict, NotFound, PlatformError: nothing was shown; the hint says why.
    """
    if to_stdout and not name:
        raise BadArgument("With --stdout say which one: a single secret is written, and nothing else.")
    if not to_stdout and not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise BadArgument("A secret is shown on a terminal only. To pass it on to a program, add --stdout.")
    settings = load(config)
    async with composed(settings, config.parent) as app:
        request = await app.services.approvals.get(ref)
        shown = await app.services.secret_exchange.show(request.id, by=actor(), way=WAY, only=name)
        if to_stdout:
            _write(shown.values[name].reveal())
        elif not _carried_over(request, shown):
            note("Nothing was noted but that you saw it. Come back when it is in place.")
            return False
        await app.services.secret_exchange.in_place(request.id, shown.prints, by=actor(), way=WAY)
    note(f"Noted for request {request.ref}. {_soon(settings)}")
    return True


def _carried_over(request: ChangeRequest, shown: Shown, ask: Callable[[str], bool] = typer.confirm) -> bool:
    for name, secret in shown.values.items():
        note(f"{name}, shown once:")
        _write(secret.reveal())
    return ask(f"Are they in place at {request.plan.consumer or 'the consumer'}?")


def _write(text: str) -> None:
    """As it is: nothing is folded, coloured or taken out of a secret."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def _soon(settings: Settings) -> str:
    return f"A running bot sees it within {settings.approval.watch_every_s:.0f} s."
