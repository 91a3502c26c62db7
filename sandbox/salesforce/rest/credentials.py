"""Consumer keys and secrets of external client apps, over the Connect REST interface.

Sources: Connect REST API Developer Guide, "OAuth Credentials by App ID", "... by Consumer ID", "OAuth Staged
Credentials"; Salesforce Help, "Stage, Rotate, and Delete OAuth Credentials for an External Client App"; read
2026-11-24. Which permission columns stand for "External client app developer" and "View client secret", and the
error codes, are in no document that was read: a switch and INSUFFICIENT_ACCESS stand for them.
"""

from typing import Any

from sandbox.salesforce import staging
from sandbox.salesforce.apps import App, Staged
from sandbox.salesforce.errors import ApiError, insufficient_access, not_found
from sandbox.salesforce.ids import canonical
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest.calls import Call, Reply, Route, route

FIRST_VERSION = 65.0
_APP = r"/apps/oauth/credentials/(\w+)"
_CONSUMER = _APP + r"/(\w+)"


class Credentials:
    """Usage, credentials and staged credentials."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            route("GET", r"/apps/oauth/usage", self.usage),
            route("GET", _APP, self.consumers),
            route("GET", _CONSUMER, self.consumer),
            route("GET", _CONSUMER + "/staged", self.staged),
            route("POST", _CONSUMER + "/staged", self.stage),
            route("GET", _CONSUMER + r"/staged/(\w+)", self.one),
            route("PATCH", _CONSUMER + r"/staged/(\w+)", self.rotate),
            route("DELETE", _CONSUMER + r"/staged/(\w+)", self.discard),
        ]

    def usage(self, call: Call) -> Reply:
        """The external client apps."""
        self._allowed(call)
        apps = [app for app in self._org.apps.values() if app.kind == "external"]
        return Reply(body={"apps": [{"developerName": a.name, "identifier": a.id} for a in apps]})

    def consumers(self, call: Call, app_id: str) -> Reply:
        """The consumers of an app; every app here has one."""
        app = self._app(call, app_id)
        url = f"{call.base}/apps/oauth/credentials/{app.id}/{app.consumer_id}"
        consumer = {"id": app.consumer_id, "key": app.client_id, "name": app.label, "url": url}
        return Reply(body={"consumers": [consumer | {"stagedCredentialsUrl": f"{url}/staged"}]})

    def consumer(self, call: Call, app_id: str, consumer_id: str) -> Reply:
        """The main pair, as far as `part` asks: key, secret, keyandsecret."""
        app = self._consumer(call, app_id, consumer_id)
        part = call.query.get("part", "key").lower()
        if part not in {"key", "secret", "keyandsecret"}:
            raise ApiError(400, "INVALID_PARAMETER", f"Invalid value for part: {part}")
        found: dict[str, Any] = {"id": app.consumer_id}
        if "key" in part:
            found["key"] = app.client_id
        if "secret" in part:
            found["secret"] = app.client_secret
        return Reply(body=found)

    def staged(self, call: Call, app_id: str, consumer_id: str) -> Reply:
        """What is in the slot."""
        return self._slot(call, self._consumer(call, app_id, consumer_id))

    def stage(self, call: Call, app_id: str, consumer_id: str) -> Reply:
        """A new pair, where the slot is free. No body is taken."""
        app = self._consumer(call, app_id, consumer_id)
        if staging.staged_of(self._org, app) is not None:
            raise ApiError(400, "LIMIT_EXCEEDED", "There can be only one staged credential per consumer")
        staging.stage(self._org, call.caller.user["Id"], app)
        return self._slot(call, app)

    def one(self, call: Call, app_id: str, consumer_id: str, staged_id: str) -> Reply:
        """The pair in the slot, by its Id."""
        app = self._consumer(call, app_id, consumer_id)
        return Reply(body=_shown(call, app, self._at(app, staged_id)))

    def rotate(self, call: Call, app_id: str, consumer_id: str, staged_id: str) -> Reply:
        """`{"command": "rotate"}`: the pairs change places."""
        app = self._consumer(call, app_id, consumer_id)
        staged = self._at(app, staged_id)
        if not isinstance(call.body, dict) or call.body.get("command") != "rotate":
            raise ApiError(400, "INVALID_PARAMETER", "command must be rotate")
        if staged.status == "rotated" and not self._org.switches.rotated_credentials_rotate_back:
            raise ApiError(400, "INVALID_PARAMETER", "The staged credentials were rotated already")
        return Reply(body=_shown(call, app, staging.rotate(self._org, call.caller.user["Id"], app, staged)))

    def discard(self, call: Call, app_id: str, consumer_id: str, staged_id: str) -> Reply:
        """End the pair in the slot."""
        app = self._consumer(call, app_id, consumer_id)
        self._at(app, staged_id)
        staging.discard(self._org, call.caller.user["Id"], app)
        return Reply(204)

    def _allowed(self, call: Call) -> None:
        if float(call.version) < FIRST_VERSION:
            raise not_found()
        if "CustomizeApplication" not in call.caller.held:
            raise insufficient_access()

    def _app(self, call: Call, app_id: str) -> App:
        self._allowed(call)
        if not self._org.switches.consumer_secrets_by_rest:
            raise insufficient_access()
        wanted = canonical(app_id)
        apps = (a for a in self._org.apps.values() if a.kind == "external" and canonical(a.id) == wanted)
        if (app := next(apps, None)) is None:
            raise not_found()
        return app

    def _consumer(self, call: Call, app_id: str, consumer_id: str) -> App:
        app = self._app(call, app_id)
        if canonical(consumer_id) != app.consumer_id:
            raise not_found()
        return app

    def _at(self, app: App, staged_id: str) -> Staged:
        staged = staging.staged_of(self._org, app)
        if staged is None or staged.id != canonical(staged_id):
            raise not_found()
        return staged

    def _slot(self, call: Call, app: App) -> Reply:
        staged = staging.staged_of(self._org, app)
        shown = [] if staged is None or call.short else [_shown(call, app, staged)]
        return Reply(body={"stagedCredentials": shown})


def _shown(call: Call, app: App, staged: Staged) -> dict[str, Any]:
    url = f"{call.base}/apps/oauth/credentials/{app.id}/{app.consumer_id}/staged/{staged.id}"
    return {
        "id": staged.id,
        "key": staged.key,
        "secret": staged.secret,
        "status": staged.status,
        "url": url,
    }
