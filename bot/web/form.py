"""A posted form, read whole and within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.errors import BadArgument

Form = Mapping[str, str]
LARGEST = 1024 * 1024  # bytes: four secrets of the longest that is taken, as browsers write them
FIELDS = 32
_KIND = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Form:
    """The fields of a form as browsers send it.

    Raises:
        BadArgument: another kind of body, larger than ``LARGEST``, or not text.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != _KIND:
        raise BadArgument("Only this page's own form is understood.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise BadArgument("That is too much text for a secret.")
    try:
        return dict(
            parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
        )
    except ValueError:  # bytes that are no UTF-8, or too many fields
        raise BadArgument("That is not text that can be kept.") from None
