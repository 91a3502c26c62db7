"""The web server's address is had, or said not to be."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.errors import ConfigError
from bot.platform.ports import Pulse
from bot.web.health import serving


async def no_pulses() -> tuple[Pulse, ...]:
    return ()


async def test_an_address_in_use_is_named() -> None:
    """Two bots on one address: the second says which setting, and does not end without a word."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError, match=r"web\.listen"):
            async with serving(at, no_pulses):
                pass


@pytest.mark.parametrize("listen", ["127.0.0.1:99999", "no-such-host.invalid:80"])
async def test_an_address_that_is_none_is_named(listen: str) -> None:
    """A port that does not exist, a name that nobody has."""
    with pytest.raises(ConfigError, match=r"web\.listen"):
        async with serving(listen, no_pulses):
            pass


async def test_it_answers_and_lets_go() -> None:
    """While inside it answers; afterwards the address is free."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for _ in range(2):
        async with serving(f"127.0.0.1:{port}", no_pulses):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"alive" in await reader.read()
            writer.close()
