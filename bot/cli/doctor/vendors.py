"""What the bot needs of others: the workspace, each connection and each destination, asked on its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from pydantic import SecretStr

from bot.cli.doctor.result import Result, fail, ok, warn
from bot.cli.opening import composed
from bot.config import Settings
from bot.errors import AuthFailed, BotError, ConfigError, PlatformError, RateLimited, Unreachable
from bot.platform import http
from bot.platform.ports import Identity
from bot.text import Secret

SKEW_WARN_S = 30
SKEW_FAIL_S = 120  # sign-in assertions live 180 s, Slack's signatures 300 s
TIGHT_SHARE = 0.8


async def slack(settings: Settings, root: Path) -> list[Result]:
    """Tokens, scopes, channel, as ``App.checkup`` sees them, and the clock."""
    try:
        async with composed(settings.model_copy(update={"connections": {}, "destinations": {}}), root) as app:
            looks = await app.checkup()
    except BotError as exc:
        return [fail("Slack", exc.hint, _mend(exc))]
    results = [ok("Slack", what) if well else fail("Slack", what, mend) for well, what, mend in looks]
    return [*results, await _slack_clock(settings.slack.api_url)]


async def _slack_clock(api_url: str) -> Result:
    """By the Date of an answer: whole seconds, and younger than the answer's way here."""
    try:
        with http.translating(connection="Slack", operation="read its clock", wrote=False):
            async with http.client(api_url, connection="Slack", read_s=10.0) as client:
                answer = await client.get("api.test")
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except (PlatformError, ValueError) as exc:
        return warn("Slack", f"its clock could not be read ({type(exc).__name__})", "run doctor again")
    return _clock("Slack", (theirs - datetime.now(UTC)).total_seconds())


async def connection(settings: Settings, root: Path, name: str) -> list[Result]:
    """Sign in to one connection, and say who we are there and what we cannot see."""
    try:
        alone = _alone(settings, connections={name: settings.connections[name]}, destinations={})
        async with composed(alone, root) as app:
            return _known(name, await app.platforms[name].identify())
    except BotError as exc:
        return [fail(name, exc.hint, _mend(exc))]


async def destination(settings: Settings, root: Path, name: str) -> list[Result]:
    """Read one destination as before a write. Nothing is written, so whether we may shows at the first secret."""
    what = f"destination {name}"
    try:
        alone = _alone(settings, connections={}, destinations={name: settings.destinations[name]})
        async with composed(alone, root) as app:
            await app.destinations[name].landed({"looked": Secret("by doctor")}, "doctor")
    except BotError as exc:
        return [fail(what, exc.hint, _mend(exc))]
    return [ok(what, "can be read; whether it can be written shows when the first secret is put there")]


def _alone(settings: Settings, **kept: Mapping[str, object]) -> Settings:
    """Settings that compose only what is kept, whatever is wrong with the rest or with Slack's tokens.

    The texts in place of the tokens are never sent: nothing is asked of Slack here.
    """
    unused = {"mode": "socket", "bot_token": SecretStr("unused"), "app_token": SecretStr("unused")}
    files = {"bot_token_file": None, "app_token_file": None}
    return settings.model_copy(
        update={
            **kept,
            "slack": settings.slack.model_copy(update=unused | files),
        }
    )


def _known(name: str, identity: Identity) -> list[Result]:
    seen = f"signed in as {identity.username or identity.principal_id}, tenant {identity.tenant}"
    results = [ok(name, f"{seen}, API version {identity.version}"), _clock(name, identity.clock_skew_s)]
    if identity.capacity is not None and identity.capacity.total > 0:
        used, total = identity.capacity.used, identity.capacity.total
        found = f"{used:,} of {total:,} {identity.capacity.name} used in the last day"
        full = used >= TIGHT_SHARE * total
        mend = "find out who uses them up, or lower max_daily_share and scan less often"
        results.append(warn(name, found, mend) if full else ok(name, found))
    results += [warn(name, found, mend) for found, mend in identity.advice]
    results += [warn(name, f"not visible: {gap.what}: {gap.reason}", gap.remedy) for gap in identity.gaps]
    if not identity.gaps:
        results.append(ok(name, "sees everything it asks for"))
    return results


def _clock(name: str, skew_s: float) -> Result:
    found = f"its clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} ours"
    mend = "set this machine's clock by NTP (`timedatectl set-ntp true`)"
    if abs(skew_s) >= SKEW_FAIL_S:
        return fail(name, found, mend)
    if abs(skew_s) >= SKEW_WARN_S:
        return warn(name, found, mend)
    return ok(name, "its clock agrees with ours")


def _mend(exc: BotError) -> str:
    """The next deed for an error whose hint says what is wrong."""
    match exc:
        case ConfigError():
            return "set it in the configuration; `python -m bot secret list` shows what is stored"
        case AuthFailed():
            return "mend the sign-in as the README's connecting steps say, then run doctor again"
        case RateLimited():
            return f"wait {exc.retry_after_s:.0f} s and run doctor again"
        case Unreachable():
            return "check the address, and that this machine reaches it directly (proxies are not used)"
        case _:
            return "see docs/runbook.md"
