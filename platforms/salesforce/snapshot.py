"""One complete listing of an org: everything the bot may see, every part it may not see named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.identity import (
    Area,
    Capacity,
    Change,
    Credential,
    CredentialKind,
    CredentialStatus,
    Gap,
    Login,
    LoginRule,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
    Tie,
)
from bot.errors import Forbidden, ProtocolChanged
from platforms.salesforce import (
    apps,
    belongings,
    grants,
    logins,
    people,
    permissions,
    queries,
    rules,
)
from platforms.salesforce.client import Client, Listing, Query
from platforms.salesforce.permissions import Columns, Need, Rights
from platforms.salesforce.rows import Row, end_of, text
from platforms.salesforce.soap import Listed
from platforms.salesforce.together import both, every, group

FIRST_LOOK = timedelta(days=1)  # how far back sign-ins and audit lines go when there was no scan before


@dataclass(frozen=True, slots=True)
class _First:
    """What the first round of calls brought; each part independent of the others."""

    answers: Mapping[str, Listing | Forbidden]
    certificates: Listing | Forbidden
    configuration: tuple[tuple[Listed, ...] | Forbidden, ...]

    @property
    def grants(self) -> int:
        """How many grants the org counts; zero where it does not say."""
        answer = self.answers["grants"]
        return 0 if isinstance(answer, Forbidden) else answer.total


class _Scan:
    """The work of one snapshot. Gaps gather as parts turn out to be closed to us."""

    def __init__(self, client: Client, columns: Columns, since: datetime | None) -> None:
        self.client = client
        self.columns = columns
        self.now = client.wire.now()
        self.since = since or self.now - FIRST_LOOK
        self.gaps: list[Gap] = []

    async def run(self) -> Snapshot:
        async with group() as tasks:
            pages: asyncio.Queue[Sequence[Row] | None] = asyncio.Queue()
            tasks.create_task(self._turn_pages(pages))
            first = await self._first()
            rights = permissions.rights(first.answers["own"], self.columns)
            self.gaps += [gap for need in permissions.NEEDS if (gap := permissions.gap(need, rights))]
            directory = self._directory(first, rights)
            found_apps = tasks.create_task(self._apps(first))
            sliced = grants.Slices(self.client, tasks)
            by_slices = first.grants >= queries.GRANT_ROWS and rights.any(*permissions.GRANTS.any_of)
            listed: dict[str, Principal] = {}
            while (page := await pages.get()) is not None:
                fresh = {text(row, "Id"): directory.read(row) for row in page}
                if by_slices:
                    sliced.add([user for user in fresh if user not in listed])
                listed |= fresh
            second = tasks.create_task(self._second(first, rights, listed, sliced if by_slices else None))
        grant_rows, service_logins, login_rules = second.result()
        principals = listed | await self._strays(grant_rows, directory, listed)
        held, applications, gaps = apps.credentials(found_apps.result().apps, principals.values(), self.now)
        self.gaps += [*found_apps.result().gaps, *gaps]
        held += [grants.read(row) for row in grant_rows]
        held += self._certificates(first, rights)
        holders = {credential.principal_id for credential in held}
        seen, done = self._history(first, rights, service_logins, principals, holders)
        return Snapshot(
            connection=self.client.wire.connection,
            taken_at=self.now,
            principals=tuple(principals.values()),
            applications=tuple(applications),
            credentials=tuple(held),
            ties=tuple(self._ties(first)),
            logins=seen,
            changes=done,
            rules=login_rules,
            capacities=tuple(self._capacities(first, rights)),
            gaps=tuple(dict.fromkeys(self.gaps)),
            requests=self.client.meter.requests,
        )

    async def _turn_pages(self, pages: asyncio.Queue[Sequence[Row] | None]) -> None:
        """Hand on users as they come: while we wait for the next page, what needs the last one is asked for."""
        try:
            async for rows in self.client.pages(queries.USERS):
                pages.put_nowait(rows)
        except Forbidden as error:
            deed = permissions.tick("PermissionsApiEnabled")
            self.gaps.append(permissions.refused_gap(Area.PRINCIPALS, "users", error, deed))
        pages.put_nowait(None)

    async def _first(self) -> _First:
        session = await self.client.wire.auth.session()
        asked: dict[str, Query] = {
            "own": queries.own_permissions(session.user_id, self.columns.permission_set),
            "profiles": queries.profiles(self.columns.profile),
            "sets": queries.strong_sets(self.columns.permission_set, self.columns.telling),
            "assignments": queries.strong_assignments(self.columns.telling),
            "frozen": queries.FROZEN,
            "grants": queries.GRANT_COUNT,
            "connected apps": queries.CONNECTED_APPS,
            "client apps": queries.CLIENT_APPS,
            "client app policies": queries.CLIENT_APP_POLICIES,
            "jobs": queries.JOBS,
            "dashboards": queries.DASHBOARDS,
            "user licences": queries.USER_LICENCES,
            "set licences": queries.SET_LICENCES,
            "audit trail": queries.audit_trail(self.since),
            "logins": queries.program_logins(self.since),
        }
        batch, (certificates, configuration) = await both(
            self.client.queries(list(asked.values())),
            both(self._listing(queries.CERTIFICATES, tooling=True), apps.configuration(self.client)),
        )
        return _First(dict(zip(asked, batch, strict=True)), certificates, configuration)

    async def _listing(self, query: Query, *, tooling: bool = False) -> Listing | Forbidden:
        try:
            return await self.client.query(query, tooling=tooling)
        except Forbidden as error:
            return error

    def _rows(self, answer: Listing | Forbidden, area: Area, what: str, remedy: str = "") -> tuple[Row, ...]:
        """The rows, or none and a gap that says why."""
        if isinstance(answer, Forbidden):
            deed = remedy or permissions.tick("PermissionsViewSetup")
            self.gaps.append(permissions.refused_gap(area, what, answer, deed))
            return ()
        return answer.rows

    def _allowed(
        self, answer: Listing | Forbidden, need: Need, rights: Rights, what: str = ""
    ) -> tuple[Row, ...]:
        """Like ``_rows``, but trusts an answer only with the right for it: some objects hide rows silently."""
        if not rights.any(*need.any_of):
            return ()  # its gap stands already
        return self._rows(answer, need.area, what or need.what, permissions.tick(*need.any_of))

    def _directory(self, first: _First, rights: Rights) -> people.Directory:
        profiles = people.profiles(first.answers["profiles"], self.columns)
        if profiles is None:
            self.gaps.append(
                Gap(
                    area=Area.PRIVILEGES,
                    what="profiles and the rights they give",
                    reason="Salesforce showed the bot's user no profile",
                    remedy=permissions.tick("PermissionsViewSetup"),
                )
            )
        set_rights = None
        if rights.any(*permissions.PRIVILEGES.any_of):
            set_rights = people.set_rights(
                first.answers["sets"], first.answers["assignments"], self.columns, self.now
            )
            if set_rights is None:
                self._rows(first.answers["sets"], Area.PRIVILEGES, permissions.PRIVILEGES.what)
                self._rows(first.answers["assignments"], Area.PRIVILEGES, permissions.PRIVILEGES.what)
        frozen = None
        if rights.any(*permissions.FROZEN.any_of):
            frozen = people.frozen(first.answers["frozen"])
            self._rows(first.answers["frozen"], Area.PRINCIPALS, permissions.FROZEN.what)
        return people.Directory(profiles, set_rights, frozen)

    async def _apps(self, first: _First) -> apps.Apps:
        found = apps.read(
            first.answers["connected apps"],
            first.answers["client apps"],
            first.answers["client app policies"],
        )
        return await apps.configured(self.client, found, *first.configuration)

    async def _second(
        self,
        first: _First,
        rights: Rights,
        principals: Mapping[str, Principal],
        sliced: grants.Slices | None,
    ) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[LoginRule, ...]]:
        services = [p for p in principals.values() if p.kind is PrincipalKind.SERVICE]
        (grant_rows, login_rows), login_rules = await both(
            every(
                (
                    self._grants(first, rights, list(principals), sliced),
                    self._service_logins(len(principals), [p.native_id for p in services], rights),
                )
            ),
            self._rules(first, services, rights),
        )
        return grant_rows, login_rows, login_rules

    async def _grants(
        self, first: _First, rights: Rights, users: list[str], sliced: grants.Slices | None
    ) -> tuple[Row, ...]:
        counted = first.answers["grants"]
        self._allowed(counted, permissions.GRANTS, rights)
        if isinstance(counted, Forbidden) or not rights.any(*permissions.GRANTS.any_of):
            return ()
        return await grants.every_grant(self.client, users, counted.total, sliced)

    async def _service_logins(self, listed: int, services: list[str], rights: Rights) -> tuple[Row, ...]:
        """Every sign-in of integration users; in the same call, whether the users were listed in full."""
        asked: list[Query] = []
        if rights.any(*permissions.LOGINS.any_of):
            size = grants.USERS_PER_SLICE
            parts = [services[i : i + size] for i in range(0, len(services), size)]
            asked = [queries.logins_of(part, self.since) for part in parts]
        count, *answers = await self.client.queries([queries.USER_COUNT, *asked])
        if listed and isinstance(count, Listing):
            self._compare(listed, count.total)
        return tuple(row for answer in answers for row in self._allowed(answer, permissions.LOGINS, rights))

    def _compare(self, listed: int, counted: int) -> None:
        """A listing may be cut short and still call itself complete; a second look will tell."""
        if listed != counted:
            connection = self.client.wire.connection
            raise ProtocolChanged(
                f"{connection}: Salesforce counts {counted:,} users but listed {listed:,}.",
                connection=connection,
                operation="list users",
            )

    async def _rules(self, first: _First, services: list[Principal], rights: Rights) -> tuple[LoginRule, ...]:
        """Rules of the profiles that active programs sign in under."""
        listed = first.configuration[0]
        what = permissions.RULES.what
        if isinstance(listed, Forbidden):
            self.gaps.append(permissions.refused_gap(Area.RULES, what, listed, apps.METADATA_REMEDY))
            return ()
        if not rights.any(*permissions.RULES.any_of):
            return ()
        used = {p.profile for p in services if p.status is not PrincipalStatus.INACTIVE}
        profiles = people.profiles(first.answers["profiles"], self.columns) or {}
        label_of = {rules.full_name(p.id, listed): p.name for p in profiles.values() if p.name in used}
        missing = sorted(name for full, name in label_of.items() if not full)
        found = await rules.read(self.client, [full for full in label_of if full])
        missing += sorted(name for full, name in label_of.items() if full and full not in found)
        if missing:
            self.gaps.append(
                Gap(
                    area=Area.RULES,
                    what=f"{what}: {', '.join(missing)}",
                    reason="the Metadata interface does not show these profiles",
                    remedy=permissions.tick("PermissionsViewSetup"),
                )
            )
        return tuple(replace(rule, profile=label_of[full]) for full, rule in found.items())

    async def _strays(
        self, grant_rows: tuple[Row, ...], directory: people.Directory, listed: Mapping[str, Principal]
    ) -> dict[str, Principal]:
        """Holders that the listing of standard users leaves out, such as portal users."""
        ids = sorted({text(row, "UserId") for row in grant_rows} - set(listed))
        size = grants.USERS_PER_SLICE
        parts = [ids[i : i + size] for i in range(0, len(ids), size)]
        answers = await self.client.queries([queries.users_by_id(part) for part in parts])
        rows = (row for a in answers for row in self._rows(a, Area.PRINCIPALS, "users who are not staff"))
        return {text(row, "Id"): directory.read(row) for row in rows}

    def _certificates(self, first: _First, rights: Rights) -> list[Credential]:
        rows = self._allowed(first.certificates, permissions.CERTIFICATES, rights)
        found = []
        for row in rows:
            ends = end_of(row, "ExpirationDate")
            found.append(
                Credential(
                    native_id=text(row, "Id"),
                    kind=CredentialKind.CERTIFICATE,
                    label=text(row, "MasterLabel") or text(row, "DeveloperName"),
                    status=CredentialStatus.EXPIRED if ends and ends <= self.now else CredentialStatus.ACTIVE,
                    expires_at=ends,
                )
            )
        return found

    def _history(
        self,
        first: _First,
        rights: Rights,
        service_logins: tuple[Row, ...],
        principals: Mapping[str, Principal],
        holders: set[str],
    ) -> tuple[tuple[Login, ...], tuple[Change, ...]]:
        program_logins = self._allowed(first.answers["logins"], permissions.LOGINS, rights)
        trail = self._allowed(first.answers["audit trail"], permissions.CHANGES, rights)
        return (
            logins.concerning((*program_logins, *service_logins), principals, holders),
            logins.changes(trail, principals.values()),
        )

    def _ties(self, first: _First) -> list[Tie]:
        jobs = self._rows(first.answers["jobs"], Area.TIES, "scheduled jobs")
        boards = self._rows(first.answers["dashboards"], Area.TIES, "dashboards")
        return belongings.jobs(jobs) + belongings.dashboards(boards)

    def _capacities(self, first: _First, rights: Rights) -> list[Capacity]:
        need = permissions.CAPACITIES
        users = self._allowed(first.answers["user licences"], need, rights)
        sets = self._allowed(first.answers["set licences"], need, rights)
        daily = self.client.wire.budget.daily
        return belongings.licences(users, sets) + ([daily] if daily else [])


async def take(client: Client, columns: Columns, since: datetime | None) -> Snapshot:
    """
    Everything the bot may see, in two rounds of calls (a third for holders who are not standard users).

    A part that is closed to the bot is a gap; any other failure fails the whole.

    Raises:
        AuthFailed, Unreachable, RateLimited, ProtocolChanged: nothing may be concluded.
    """
    return await _Scan(client, columns, since).run()
