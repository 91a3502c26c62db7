"""The two Web API clients over one pool of connections: one that never waits, one that may."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError
from bot.slack.redaction import vendor_logger
from bot.text import Secret

SLACK_API = "https://slack.com/api/"
_REAL_TOKEN = re.compile(r"xox[a-z]-[0-9]{6,}-|xapp-[0-9]-A[A-Z0-9]{6,}-")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The app's secrets. ``app`` is for Socket Mode, ``signing`` for HTTP mode; either may be empty."""

    bot: Secret
    app: Secret = field(default_factory=lambda: Secret(""))
    signing: Secret = field(default_factory=lambda: Secret(""))


@dataclass(frozen=True, slots=True)
class Clients:
    """``interactive`` serves people who wait and never sleeps over a 429; ``background`` waits a 429 out."""

    interactive: AsyncWebClient
    background: AsyncWebClient
    session: aiohttp.ClientSession

    @classmethod
    async def open(cls, tokens: Tokens, api_url: str = SLACK_API) -> Self:
        """Both clients. Neither repeats a write: a message posted twice is worse than one posted late.

        Raises:
            ConfigError: the address would send real tokens elsewhere than to Slack, or in clear.
        """
        guard(api_url, tokens)
        logger = vendor_logger((tokens.bot, tokens.app, tokens.signing))
        session = aiohttp.ClientSession(timeout=_TIMEOUT)
        interactive, background = (
            AsyncWebClient(
                token=tokens.bot.reveal(),
                base_url=api_url,
                session=session,
                logger=logger,
                retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=waits)] if waits else [],
            )
            for waits in (0, 3)
        )
        if (
            urlsplit(api_url).hostname in _LOOPBACK
        ):  # slack_sdk reads proxies from the environment, not no_proxy
            interactive.proxy = background.proxy = None
        return cls(interactive, background, session)

    async def aclose(self) -> None:
        """Let go of the sockets."""
        await self.session.close()


def guard(api_url: str, tokens: Tokens) -> None:
    """Refuse an address that our tokens must not be sent to.

    Raises:
        ConfigError: says what is wrong with the address.
    """
    address = urlsplit(api_url)
    host = address.hostname or ""
    ours = host == "slack.com" or host.endswith(".slack.com")
    if address.scheme != "https" and not (address.scheme == "http" and host in _LOOPBACK):
        raise ConfigError("slack.api_url: plain http is only for a sandbox on this machine.")
    if not ours and any(_REAL_TOKEN.match(secret.reveal()) for secret in (tokens.bot, tokens.app)):
        raise ConfigError("slack.api_url: these look like real Slack tokens, and that address is not Slack.")
