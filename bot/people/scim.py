"""What a SCIM message says of one person: whether their account is active.

Understood are a User resource with ``active`` and a PatchOp with ``Operations`` on it (RFC 7643 section 4.1.1, RFC 7644
section 3.5.2); some senders write the value as text. Who it is about is in the body: the primary of ``emails``, else
``userName``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import BadArgument

_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Word:
    """Whether the person with that address may sign in; None where the message is about something else."""

    email: str
    active: bool | None


def read(body: object) -> Word:
    """
    What a decoded message says.

    Raises:
        BadArgument: it is no such message, or does not say who it is about.
    """
    if not isinstance(body, Mapping):
        raise BadArgument("The body must be a JSON object: a SCIM User or PatchOp.")
    return Word(_email(body), _patched(body["Operations"]) if "Operations" in body else _active(body))


def _email(body: Mapping[str, Any]) -> str:
    listed = body.get("emails")
    emails = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    primary = [one for one in emails if one.get("primary") in (True, "true", "True")]
    named = [str(one.get("value", "")) for one in (*primary, *emails)]
    found = next((one.strip() for one in (*named, str(body.get("userName", ""))) if "@" in one), "")
    if not found:
        raise BadArgument("Say who it is about: emails, or userName as an e-mail address.")
    return found


def _patched(operations: object) -> bool | None:
    """The last word of a PatchOp on ``active``."""
    if not isinstance(operations, list):
        raise BadArgument("Operations must be a list.")
    said: bool | None = None
    for one in operations:
        if not isinstance(one, Mapping):
            raise BadArgument("Each of Operations must be an object.")
        path, value = str(one.get("path") or ""), one.get("value")
        if str(one.get("op", "")).lower() not in {"add", "replace"}:
            continue
        if path.lower() == "active":
            said = _truth(value)
        elif not path and isinstance(value, Mapping):
            told = _active(value)
            said = said if told is None else told
    return said


def _active(body: Mapping[str, Any]) -> bool | None:
    found = next((value for key, value in body.items() if str(key).lower() == "active"), None)
    return None if found is None else _truth(found)


def _truth(value: object) -> bool:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping):
        value = value.get("value")
    said = value if isinstance(value, bool) else _WORDS.get(str(value).lower())
    if said is None:
        raise BadArgument("active must be true or false.")
    return said
