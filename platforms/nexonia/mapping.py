"""How a directory is spoken to over HTTP: paths, pages, and what each field is called there.

No public interface of Nexonia was found (facts: help.nexonia.com, searched 2026-11). ``rest_mapping`` is for a customer
who has the vendor's documentation in hand; nothing here was tried against Nexonia.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bot.errors import ConfigError
from bot.user_sync.files.reader import USER_COLUMNS

Off = Callable[[str, str], ConfigError]
NEEDED = ("id", "first", "last", "email", "active")
TO_WRITE = (*NEEDED, "ignore", "integration_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestMapping:
    """Dotted names lead into an answer: ``data.users``. Paths are joined to the connection's url."""

    list_path: str = "/users"
    items: str = ""  # where the list is in an answer; "" for the answer itself
    page_param: str = (
        ""  # the query parameter with the page's number, from 1; "" where there is one page only
    )
    size_param: str = ""
    page_size: int = 100
    pages: str = (
        ""  # where an answer says how many pages there are; "": the first page that is not full is the last
    )
    total: str = ""  # where it says how many users there are: the listing must have that many
    one_path: str = ""  # "/users/{id}"
    create_path: str = ""
    change_method: str = "PATCH"
    new: Mapping[str, Any] = field(default_factory=dict)  # what a new user needs besides, for example a role
    fields: Mapping[str, str] = field(default_factory=lambda: {name: name for name in USER_COLUMNS})

    def require_writing(self, off: Off) -> None:
        """Refuse to write by a mapping that does not say how."""
        for key in ("one_path", "create_path"):
            if not getattr(self, key):
                raise off(f"rest.{key}", "is missing, and write = true needs it")
        if "{id}" not in self.one_path:
            raise off("rest.one_path", 'must hold {id}, for example "/users/{id}"')
        for column in TO_WRITE:
            if column not in self.fields:
                raise off(f"rest.fields.{column}", "is missing, and write = true needs it")


def rest_mapping(table: Mapping[str, Any], off: Off) -> RestMapping:
    """
    The mapping in a table of the configuration.

    Raises:
        ConfigError: a key is unknown or off.
    """
    shapes = {one.name: one for one in fields(RestMapping)}
    for key, value in table.items():
        if key not in shapes:
            raise off(f"rest.{key}", "unknown key")
        wanted = int if key == "page_size" else Mapping if key in ("new", "fields") else str
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise off(f"rest.{key}", "has the wrong type")
    if table.get("change_method", "PATCH") not in ("PATCH", "PUT", "POST"):
        raise off("rest.change_method", "must be PATCH, PUT or POST")
    if table.get("page_size", 1) < 1:
        raise off("rest.page_size", "must be at least 1")
    names = table.get("fields", {})
    for ours, theirs in names.items():
        if ours not in USER_COLUMNS or not isinstance(theirs, str) or not theirs:
            raise off(f"rest.fields.{ours}", f"must map one of {', '.join(USER_COLUMNS)} to a name")
    for column in NEEDED:
        if names and column not in names:
            raise off(f"rest.fields.{column}", "is missing")
    return RestMapping(**table)


SANDBOX = RestMapping(
    list_path="/users",
    items="users",
    page_param="page",
    size_param="page_size",
    page_size=200,
    pages="pages",
    total="total",
    one_path="/users/{id}",
    create_path="/users",
    new={"role": "Employee"},
)
