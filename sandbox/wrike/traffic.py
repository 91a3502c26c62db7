"""The flows at work: each runs at its cadence, in the sandbox's time, while the world's traffic is on."""

from __future__ import annotations

from sandbox.traffic import Pulse
from sandbox.wrike.flows import Flows
from sandbox.wrike.tenant import Tenant


class Traffic(Pulse):
    """Runs of the flows, while `world.traffic` is on."""

    def __init__(self, tenant: Tenant, flows: Flows) -> None:
        super().__init__(tenant)
        self._flows = flows

    def tick(self) -> int:
        """Every run that is due by the world's clock. Gives how many there were."""
        done = 0
        for flow in self._flows.all.values():
            for _ in range(self.behind(flow.name, flow.cadence_s)):
                self._flows.run(flow)
                done += 1
        return done
