"""The first round of calls of a scan: everything that depends on nothing but who we are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.concurrency import both
from bot.errors import Forbidden, ProtocolChanged
from platforms.salesforce import apps, people, permissions, queries
from platforms.salesforce.answers import Listing, Query
from platforms.salesforce.client import Client
from platforms.salesforce.permissions import Columns, Visibility
from platforms.salesforce.soap import Listed


@dataclass(frozen=True, slots=True)
class ScanAnswers:
    """What the round brought, part by part: a listing, or the refusal in its place."""

    columns: Columns
    answers: Mapping[str, Listing | Forbidden]
    certificates: Listing | Forbidden
    configuration: tuple[tuple[Listed, ...] | Forbidden, ...]

    @property
    def grants(self) -> int:
        """How many grants the org counts; zero where it does not say."""
        answer = self.answers["grants"]
        return 0 if isinstance(answer, Forbidden) else answer.total

    def visibility(self) -> Visibility:
        """Our rights, by which the rest is believed."""
        return Visibility(permissions.rights(self.answers["own"], self.columns))

    def profiles(self) -> Mapping[str, people.Profile] | None:
        """Profiles by id, None where none could be seen."""
        return people.profiles(self.answers["profiles"], self.columns)

    def directory(self, visible: Visibility, now: datetime) -> people.Directory:
        """What users are read with; a part that is closed to us is a gap in ``visible`` and unknown in every user."""
        profiles = self.profiles()
        need = permissions.PRIVILEGES
        if profiles is None:
            visible.miss(
                need.area,
                "profiles and the rights they give",
                "Salesforce showed the bot's user no profile",
                "PermissionsViewSetup",
            )
        sets, assignments, frozen = (self.answers[name] for name in ("sets", "assignments", "frozen"))
        set_rights = None
        if visible.may(need):
            set_rights = people.set_rights(sets, assignments, self.columns, now)
            for answer in (sets, assignments):
                visible.allowed(answer, need)
        visible.allowed(frozen, permissions.FROZEN)
        return people.Directory(
            profiles, set_rights, people.frozen(frozen) if visible.may(permissions.FROZEN) else None
        )


async def fetch(client: Client, columns: Columns, since: datetime) -> ScanAnswers:
    """Three composites, two Tooling queries and two calls of the Metadata interface, side by side."""
    session = await client.wire.auth.session()
    asked: dict[str, Query] = {
        "own": queries.own_permissions(session.user_id, columns.permission_set),
        "profiles": queries.profiles(columns.profile),
        "sets": queries.strong_sets(columns.permission_set, columns.notifier),
        "assignments": queries.strong_assignments(columns.notifier),
        "frozen": queries.FROZEN,
        "grants": queries.GRANT_COUNT,
        "connected apps": queries.CONNECTED_APPS,
        "client apps": queries.CLIENT_APPS,
        "client app policies": queries.CLIENT_APP_POLICIES,
        "jobs": queries.JOBS,
        "dashboards": queries.DASHBOARDS,
        "user licences": queries.USER_LICENCES,
        "set licences": queries.SET_LICENCES,
        "audit trail": queries.audit_trail(since),
        "logins": queries.program_logins(since),
    }
    batch, (certificates, configuration) = await both(
        client.queries(list(asked.values())),
        both(_certificates(client), apps.configuration(client)),
    )
    return ScanAnswers(columns, dict(zip(asked, batch, strict=True)), certificates, configuration)


async def _certificates(client: Client) -> Listing | Forbidden:
    """The org's own certificates, listed and counted: few as they are, half of them gone would alarm no brake."""
    try:
        listed, counted = await both(
            client.query(queries.CERTIFICATES, tooling=True),
            client.query(queries.CERTIFICATE_COUNT, tooling=True),
        )
    except Forbidden as error:
        return error
    if len(listed.rows) != counted.total:
        raise ProtocolChanged(
            f"{client.wire.connection}: Salesforce counts {counted.total:,} certificates but listed"
            f" {len(listed.rows):,}.",
            connection=client.wire.connection,
            operation="list certificates",
        )
    return listed
