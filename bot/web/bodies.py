"""Bodies of requests from the internet, read no further than we are willing to."""

from __future__ import annotations

from starlette.requests import Request


async def read(request: Request, most: int) -> bytes | None:
    """The whole body, or None where it is larger than ``most`` bytes: then the rest is left unread."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
