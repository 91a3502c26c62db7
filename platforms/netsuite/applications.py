"""Integration records: from their own table where it shows, else from tokens and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bot.platform.model import Application, Area
from platforms.netsuite.client import Client
from platforms.netsuite.rows import Row, key, text
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import Select
from platforms.netsuite.tokens import Token

INTEGRATIONS = Select(
    columns=(("id", "t.id"), ("name", "t.name"), ("state", "t.state")),
    table="integrationapp",
    order="t.id",
)
KIND = "integration record"
CONNECTOR = "NetSuite Connector"  # the kind of the one record that the Connector signs in through


@dataclass(frozen=True, slots=True)
class Applications:
    """Integration records by id, and how to find the one that the audit trail names."""

    by_id: Mapping[str, Application]
    by_name: Mapping[str, str] = field(default_factory=dict)  # name → id; names are all that the trail has

    def id_of(self, name: str) -> str:
        """The id of an application that is known by its name alone."""
        return self.by_name.get(name, f"name:{name}")


async def read_applications(
    client: Client, sight: Sight, tokens: Iterable[Token], named: Iterable[str]
) -> Applications:
    """Every integration record we may see, and those that tokens and the trail speak of."""
    rows = await sight.seen(
        client.every("list integrations", INTEGRATIONS),
        Area.APPLICATIONS,
        "integration records without a token or a sign-in",
        "integrationapp",
    )
    connector = client.wire.settings.connector_application
    found = {key(row, "id"): _read(row) for row in rows or ()}
    for token in tokens:
        if token.app_id and token.app_id not in found:
            name = token.app or f"integration {token.app_id}"
            found[token.app_id] = Application(native_id=token.app_id, name=name, kind=KIND)
    found = {
        id_: replace(app, kind=CONNECTOR) if app.name == connector else app for id_, app in found.items()
    }
    by_name = {app.name: id_ for id_, app in sorted(found.items(), reverse=True)}
    for name in sorted(set(named) - set(by_name)):
        found[f"name:{name}"] = Application(native_id=f"name:{name}", name=name, kind=KIND)
    return Applications(found, by_name)


def _read(row: Row) -> Application:
    id_ = key(row, "id")
    return Application(
        native_id=id_, name=text(row, "name") or f"integration {id_}", kind=KIND, state=text(row, "state")
    )
