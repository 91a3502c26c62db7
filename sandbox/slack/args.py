"""The arguments of a Web API call, from wherever slack_sdk and other clients put them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from aiohttp import web

from sandbox.slack.errors import SlackError, missing_argument

T = TypeVar("T")


class Args:
    """Query, form, multipart or JSON arguments of one call, and the token it carried."""

    def __init__(self, values: dict[str, Any], token: str | None, *, token_in_header: bool) -> None:
        self.values = values
        self.token = token
        self.token_in_header = token_in_header

    @classmethod
    async def of(cls, request: web.Request) -> Args:
        """
        Read a request: GET and POST query, and a POST body of any kind Slack takes; an empty body is fine.

        Raises SlackError: invalid_json, json_not_object, invalid_post_type, invalid_form_data.
        """
        values: dict[str, Any] = dict(request.query)
        if request.method == "POST":
            values |= await _body(request)
        header = request.headers.get("Authorization", "")
        bearer = header[7:].strip() if header[:7].lower() == "bearer " else None
        in_values = values.pop("token", None)
        return cls(values, bearer or in_values, token_in_header=bearer is not None)

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        raise missing_argument(f"{key} must be a string [json-pointer:/{key}]")

    def needed(self, key: str) -> str:
        value = self.text(key)
        if not value:
            raise missing_argument(f"missing required field: {key}")
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.text(key)
        return default if value is None else value.lower() in ("true", "1")

    def whole(self, key: str, default: int, most: int) -> int:
        """A count between 1 and `most`; larger ones are cut down, as Slack does."""
        value = self.text(key)
        if value is None or value == "":
            return default
        if not value.lstrip("-").isdigit():
            raise missing_argument(f"must provide a number [json-pointer:/{key}]")
        return max(1, min(most, int(value)))

    def object(self, key: str, code: str) -> Any:
        """A JSON value, given as JSON or as a text that holds JSON; `code` is the refusal if it holds none."""
        value = self.values.get(key)
        if isinstance(value, str):
            if not value.strip():
                return None
            try:
                return json.loads(value)
            except json.JSONDecodeError:
                raise SlackError(code) from None
        return value


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "multipart/form-data":
        return await _form(request)
    raw = await request.read()
    if not raw:
        return {}
    match request.content_type:
        case "application/json":
            try:
                body = json.loads(raw)
            except ValueError:
                raise SlackError("invalid_json") from None
            if not isinstance(body, dict):
                raise SlackError("json_not_object")
            return body
        case "application/x-www-form-urlencoded":
            return await _form(request)
        case _:
            raise SlackError("invalid_post_type")


async def _form(request: web.Request) -> dict[str, Any]:
    try:
        form = await request.post()
    except ValueError:
        raise SlackError("invalid_form_data") from None
    return {
        key: value.file.read() if isinstance(value, web.FileField) else value for key, value in form.items()
    }


def page(found: Sequence[T], args: Args, *, default: int, most: int) -> tuple[list[T], str]:
    """One page of a listing and the cursor of the next ("" on the last). Raises SlackError(invalid_cursor)."""
    limit = args.whole("limit", default, most)
    start = _place(args.text("cursor") or "", len(found))
    after = start + limit
    return list(found[start:after]), _cursor(after) if after < len(found) else ""


def _cursor(place: int) -> str:
    return base64.b64encode(f"next:{place}".encode()).decode()


def _place(cursor: str, length: int) -> int:
    if not cursor:
        return 0
    try:
        word, _, place = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if word != "next" or not place.isdigit() or int(place) > length:
        raise SlackError("invalid_cursor")
    return int(place)
