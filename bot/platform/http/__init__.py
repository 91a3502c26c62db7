"""The one way out to a vendor's HTTP interface.

``client`` makes the connection pool, ``translating`` and ``unavailable`` turn what goes wrong into our
errors, ``reads`` tries a read again. No other package imports httpx: its types are to be had from here.
"""

from httpx import AsyncClient, Auth, Request, Response

from bot.platform.http.client import client
from bot.platform.http.failures import translate, translating, unavailable
from bot.platform.http.retry import reads

__all__ = [
    "AsyncClient",
    "Auth",
    "Request",
    "Response",
    "client",
    "reads",
    "translate",
    "translating",
    "unavailable",
]
