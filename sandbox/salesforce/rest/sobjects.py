"""Single records over REST, and the password resource of a user."""

from typing import Any

from sandbox.salesforce import passwords
from sandbox.salesforce.access import OWN_ROWS, hidden, sight
from sandbox.salesforce.errors import ApiError, not_found
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records, visible
from sandbox.salesforce.rest.calls import Call, Reply, Route, route
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.tables import Row


class SObjects:
    """The /sobjects resources over one org."""

    def __init__(self, org: Org, records: Records) -> None:
        self._org = org
        self._records = records

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            route("GET", r"/sobjects/User/([^/]+)/password", self.password_state),
            route("POST", r"/sobjects/User/([^/]+)/password", self.set_password),
            route("DELETE", r"/sobjects/User/([^/]+)/password", self.reset_password),
            route("GET", r"/sobjects/(\w+)", self.recent),
            route("POST", r"/sobjects/(\w+)", self.create),
            route("GET", r"/sobjects/(\w+)/(\w+)", self.read),
            route("PATCH", r"/sobjects/(\w+)/(\w+)", self.update),
            route("DELETE", r"/sobjects/(\w+)/(\w+)", self.delete),
        ]

    def recent(self, call: Call, name: str) -> Reply:
        """Basic information about an object type; API-only users have no recent items."""
        kind = visible(self._org, call.caller, name)
        summary = {
            "name": kind.name,
            "label": kind.name,
            "keyPrefix": None if kind.prefix == "---" else kind.prefix,
            "queryable": "q" in kind.verbs,
            "createable": "c" in kind.verbs,
            "updateable": "u" in kind.verbs,
            "deletable": "d" in kind.verbs,
        }
        return Reply(body={"objectDescribe": summary, "recentItems": []})

    def create(self, call: Call, name: str) -> Reply:
        """A new record."""
        record_id = self._records.create(call.caller, name, call.body)
        location = f"{call.base}/sobjects/{name}/{record_id}"
        return Reply(201, {"id": record_id, "success": True, "errors": []}, {"Location": location})

    def read(self, call: Call, name: str, record_id: str) -> Reply:
        """A record with all its columns, or those of `fields`."""
        kind = visible(self._org, call.caller, name)
        if "r" not in kind.verbs:
            raise not_found()
        row = self._records.find(call.caller, kind, record_id)
        return Reply(body=shown(self._org, call, kind, row, call.query.get("fields")))

    def update(self, call: Call, name: str, record_id: str) -> Reply:
        """A change to a record."""
        self._records.update(call.caller, name, record_id, call.body)
        return Reply(204)

    def delete(self, call: Call, name: str, record_id: str) -> Reply:
        """The end of a record."""
        self._records.delete(call.caller, name, record_id)
        return Reply(204)

    def password_state(self, call: Call, user_id: str) -> Reply:
        """Whether a user's password is expired."""
        return Reply(body={"isExpired": passwords.expired(self._user(call, user_id))})

    def set_password(self, call: Call, user_id: str) -> Reply:
        """A new password, chosen by the caller."""
        body = call.body if isinstance(call.body, dict) else {}
        passwords.set_password(self._org, call.caller, self._user(call, user_id), body.get("NewPassword"))
        return Reply(204)

    def reset_password(self, call: Call, user_id: str) -> Reply:
        """A new password, made by the vendor; it is a secret in the reply."""
        fresh = passwords.reset_password(self._org, call.caller, self._user(call, user_id))
        return Reply(200, {"NewPassword": fresh})

    def _user(self, call: Call, user_id: str) -> Row:
        kind = visible(self._org, call.caller, "User")
        return self._records.find(call.caller, kind, user_id)


def shown(org: Org, call: Call, kind: SObject, row: Row, wanted: str | None) -> dict[str, Any]:
    """
    A record as the resource prints it.

    Raises:
        ApiError: INVALID_FIELD for a column the type lacks.
    """
    if sight(kind.name, call.caller.held) == "own" and row[OWN_ROWS[kind.name]] != call.caller.id:
        raise not_found()
    columns = list(kind.fields)
    if wanted:
        columns = []
        for name in wanted.split(","):
            column = kind.by_name.get(name.strip().lower())
            if column is None:
                raise ApiError(
                    400, "INVALID_FIELD", f"No such column '{name.strip()}' on entity '{kind.name}'"
                )
            columns.append(column)
        if "Id" not in [column.name for column in columns]:
            columns.append(kind.by_name["id"])
    attributes = {"type": kind.name, "url": f"{call.base}/sobjects/{kind.name}/{row['Id']}"}
    shown_columns = [c for c in columns if not hidden(kind.name, c.name, call.caller.held)]
    return {"attributes": attributes} | {column.name: row.get(column.name) for column in shown_columns}
