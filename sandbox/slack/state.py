"""Everything the Slack stand-in knows, in one place that its methods and its levers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.args import Args
from sandbox.slack.modals import Modals
from sandbox.slack.policy import Policy
from sandbox.slack.rates import Rates
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.tickets import Tickets
from sandbox.slack.tokens import Tokens
from sandbox.slack.triggers import Triggers
from sandbox.slack.wirelog import WireLog
from sandbox.slack.workspace import Workspace
from sandbox.world import Json, World


class State:
    """One workspace with one app. `url` is where the stand-in is served, known once it is."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.workspace = Workspace(world)
        self.tokens = Tokens()
        self.policy = Policy()
        self.rates = Rates()
        self.triggers = Triggers(world)
        self.modals = Modals(world, self.workspace)
        self.response_urls = ResponseUrls(world)
        self.tickets = Tickets(world)
        self.wire = WireLog(world)
        self.uploads: dict[str, str] = {}
        """Upload tickets and the files they are for."""
        self.emit: Callable[[Json], None] = lambda event: None
        """Where events go; set by whoever delivers them."""


Handler = Callable[[State, Args], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """
    One Web API method.

    `token` is bot, app or none; `tier` 1 to 4, or None where Slack has a limit of its own kind (the handler's
    business).
    """

    name: str
    handler: Handler
    scope: str | None = None
    tier: int | None = None
    token: str = "bot"
