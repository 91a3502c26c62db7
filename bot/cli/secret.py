"""Secrets put into the store, and their names."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import typer

from bot.audit.repository import AuditLog
from bot.cli.opening import actor, opened
from bot.cli.screen import say, table
from bot.config import Settings, VaultPlace, load
from bot.errors import BadArgument
from bot.evidence import signing
from bot.secrets import plan_secrets, sealed_links
from bot.secrets.repository import SecretRepository
from bot.text import Secret

LONGEST = 64 * 1024  # characters; the largest key file is a twentieth of it
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")


async def put(config: Path, name: str, *, from_stdin: bool) -> bool:
    """Seal a secret under that name, and note in the trail that it was done.

    Raises:
        BadArgument: the name or the secret is not one.
    """
    if not _NAME.fullmatch(name):
        raise BadArgument("A name is letters, digits and . _ : / - (at most 64, a letter or digit first).")
    settings = load(config)
    async with opened(settings) as store:
        secret = read_secret(name, from_stdin=from_stdin)
        async with store.write() as unit:
            known = name in await unit[SecretRepository].names()
            await unit[SecretRepository].put(name, secret)
            await unit[AuditLog].append(actor(), "secret:replaced" if known else "secret:stored", name, {})
    say(f'{"Replaced" if known else "Stored"}. In the configuration, write "secret:{name}".')
    return True


async def names(config: Path) -> bool:
    """List the names, and where the configuration uses each; also those that it misses."""
    settings = load(config)
    async with opened(settings) as store, store.read() as unit:
        stored = await unit[SecretRepository].names()
    used = _uses(settings)
    own = {signing.NAME: ["evidence packs are signed with it"]}
    rows = [(name, "stored", ", ".join((used | own).get(name, ())) or _own_use(name)) for name in stored]
    rows += [(name, "MISSING", ", ".join(where)) for name, where in used.items() if name not in stored]
    if rows:
        table(("name", "state", "used by"), rows)
    else:
        say("No secrets are stored. `python -m bot secret put NAME` stores one.")
    return True


def read_secret(name: str, *, from_stdin: bool, longest: int = LONGEST) -> Secret:
    """A secret, asked for without echo or read from standard input.

    Raises:
        BadArgument: nobody is there to ask, or it is empty, too long, or no text.
    """
    if from_stdin:
        raw = sys.stdin.read(longest + 1).rstrip("\r\n")
    elif sys.stdin.isatty():
        raw = typer.prompt(f"Secret for {name} (not shown)", hide_input=True)
    else:
        raise BadArgument("Nobody is there to ask. To read the secret from standard input, add --stdin.")
    if not raw.strip() or len(raw) > longest or "\0" in raw:
        raise BadArgument(f"That is no secret: between 1 and {longest:,} characters of text are needed.")
    return Secret(raw)


def _own_use(name: str) -> str:
    if name.startswith(plan_secrets.PREFIX):
        return "secrets of a plan under way; deleted when it ends"
    return "a link to the sealed page" if name.startswith(sealed_links.PREFIX) else "nothing uses it"


def _uses(settings: Settings) -> dict[str, list[str]]:
    """The settings that name a stored secret, by its name."""
    tables: dict[str, Mapping[str, object]] = {
        "slack": {
            "bot_token": settings.slack.bot_token.get_secret_value(),
            "app_token": settings.slack.app_token.get_secret_value(),
            "signing_secret": settings.slack.signing_secret.get_secret_value(),
        },
        "web": {"scim_secret": settings.web.scim_secret.get_secret_value()},
        **{f'connections."{name}"': keys for name, keys in settings.connections.items()},
        **{
            f'destinations."{name}"': {"token": place.token.get_secret_value()}
            for name, place in settings.destinations.items()
            if isinstance(place, VaultPlace)
        },
    }
    used: dict[str, list[str]] = {}
    for where, keys in tables.items():
        for key, value in keys.items():
            if isinstance(value, str) and value.startswith("secret:"):
                used.setdefault(value.removeprefix("secret:"), []).append(f"{where}.{key}")
    return used
