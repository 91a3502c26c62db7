"""Wrike Integrate: flows, each with one connection to Wrike that somebody consented to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.wrike.entities import Contact
from sandbox.wrike.oauth import Client
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Grant, Tokens

INTEGRATE_IP = "198.51.100.20"
"""Where Wrike Integrate's requests come from; the audit log tells a flow by nothing else."""


@dataclass(slots=True, eq=False)
class Flow:
    """
    One integration flow. `folder` is a title of what it works on; `does` the audit operation it leaves.

    `failing` tells why its last run did not work; nothing in Wrike's API shows flows or connections.
    """

    name: str
    consumer: str
    cadence_s: int
    does: str
    folder: str
    grant: Grant | None = None
    ran: datetime | None = None
    failing: str | None = None


class Flows:
    """The flows of one account, which act as whoever consented."""

    def __init__(self, tenant: Tenant, tokens: Tokens) -> None:
        self._tenant = tenant
        self._tokens = tokens
        self.all: dict[str, Flow] = {}
        self.client: Client | None = None

    def connect(self, flow: Flow, user: Contact) -> None:
        """Somebody logs in to the connection's popup; the consent before is not taken back."""
        if self.client is None:
            raise RuntimeError("Wrike Integrate has no client yet")
        flow.grant, _ = self._tokens.grant(
            user, self.client.client_id, f"Wrike Integrate: {flow.name}", frozenset({"Default"})
        )
        flow.failing = None

    def run(self, flow: Flow) -> str | None:
        """One run that the world hears of: an audit row, or the reason why there is none."""
        failing = self.act(flow)
        self._tenant.world.counters[f"wrike.flow_{'failed' if failing else 'runs'}"] += 1
        self._tenant.world.notify("wrike:flow_ran", {"flow": flow.name, "failing": failing})
        return failing

    def act(self, flow: Flow) -> str | None:
        """One run: an audit row of the connection's user, or the reason why there is none."""
        flow.failing = self._refusal(flow)
        if flow.failing is None and flow.grant is not None:
            user = self._tenant.contacts[flow.grant.user_id]
            flow.ran = self._tenant.now
            self._tenant.note(user, flow.does, "Task", "New item", self._folder_id(flow), ip=INTEGRATE_IP)
        return flow.failing

    def _refusal(self, flow: Flow) -> str | None:
        if flow.grant is None:
            return "not connected"
        token = flow.grant.access[-1]
        if token.expires is not None and token.expires <= self._tenant.now and not flow.grant.revoked:
            token = self._tokens.refresh(flow.grant)
        if not self._tokens.usable(token):
            return "not_authorized"
        token.used = self._tenant.now
        if self._folder_id(flow) not in self._tenant.visible(self._tenant.contacts[flow.grant.user_id]):
            return "access_forbidden"
        return None

    def _folder_id(self, flow: Flow) -> str:
        return next((one.id for one in self._tenant.folders.values() if one.title == flow.folder), "")
