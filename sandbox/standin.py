"""What a stand-in is to the rest of the sandbox, and which of them exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from aiohttp import web

from sandbox.world import World


class StandIn(Protocol):
    """One vendor's system, played over HTTP. Slack and Salesforce implement it."""

    def application(self) -> web.Application:
        """The vendor's own endpoints; called once."""

    def hello(self, url: str) -> dict[str, Any]:
        """This stand-in's block of the ready line, given the address it is served at (no trailing slash)."""

    def deactivate(self, email: str) -> None:
        """Make a person inactive, as the vendor's own administrator would. Raises LookupError if unknown."""

    def reactivate(self, email: str) -> None:
        """Undo `deactivate`. Raises LookupError if unknown."""

    def terminate(self, email: str, on: date) -> None:
        """The person leaves on that day of the sandbox's clock. Raises LookupError if unknown."""

    def routes(self) -> list[web.RouteDef]:
        """Its own levers on the world's port, with paths that start with /<its name>/."""


def registry() -> dict[str, Callable[[World], StandIn]]:
    """
    Every stand-in there is, by platform name, in the order of their ports (base + 1, base + 2, ...).

    Add a new one at the end. Imported here and not at the top, because a stand-in imports the core.
    """
    found = {}
    for platform, name in (("slack", "Slack"), ("salesforce", "Salesforce")):
        if find_spec(f"sandbox.{platform}") is not None:
            found[platform] = getattr(import_module(f"sandbox.{platform}"), name)
    return found
