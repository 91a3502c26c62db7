"""The consumers at work: every integration uses its credential at its cadence, in the sandbox's time."""

from sandbox.salesforce.apps import App
from sandbox.salesforce.levers import use
from sandbox.salesforce.org import Org
from sandbox.traffic import Pulse


class Traffic(Pulse):
    """Uses of the integrations, while `world.traffic` is on."""

    def __init__(self, org: Org) -> None:
        super().__init__(org)
        self._org = org

    def tick(self) -> int:
        """Every use that is due by the world's clock. Gives how many there were."""
        done = 0
        integrations = {i.name: i for i in self._org.world.company.integrations if i.platform == "salesforce"}
        for app in list(self._org.apps.values()):
            if app.cadence_s is None or app.label not in integrations:
                continue
            for _ in range(self.behind(app.id, app.cadence_s)):
                self._use(app, integrations[app.label].acts_as)
                done += 1
        return done

    def _use(self, app: App, acts_as: str) -> None:
        """Consumers use their newest grant, whoever gave it; other flows act as their user."""
        rows = self._org["OauthToken"].where("AppMenuItemId", app.menu_item_id)
        newest = max(rows, key=lambda row: row["CreatedDate"], default=None)
        users = self._org["User"].where("Username", app.run_as or acts_as)
        user = self._org["User"].get(newest["UserId"]) if newest is not None else None
        for found in [user] if user is not None else users:
            use(self._org, app, found)
