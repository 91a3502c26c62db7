"""What a stand-in is to the rest of the sandbox, and which of them exist."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any, Protocol

from aiohttp import web

from sandbox.world import World


class StandIn(Protocol):
    """One vendor's system, played over HTTP. Slack and each platform implement it."""

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


STAND_INS = {"salesforce": "Salesforce", "netsuite": "NetSuite", "wrike": "Wrike", "nexonia": "Nexonia"}
"""The platforms' stand-ins and their classes, in the order of their ports after Slack's; add new ones at the end."""


def make(platform: str, world: World) -> StandIn:
    """Build a platform's stand-in from the package of its name, imported only when it is wanted."""
    stand_in: StandIn = getattr(import_module(f"sandbox.{platform}"), STAND_INS[platform])(world)
    return stand_in
