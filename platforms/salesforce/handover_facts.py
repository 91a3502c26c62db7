"""Reading everything a handover depends on, as it stands at this moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.concurrency import both
from bot.errors import NotFound, NotSupported
from bot.platform.model import CredentialKind, Tie
from platforms.salesforce import apps, grants, people, permissions, preflight, queries
from platforms.salesforce.answers import Listing, Row, flag, instant, number, text
from platforms.salesforce.apps import App
from platforms.salesforce.org import Org, Survey, User, survey
from platforms.salesforce.preflight import Admission, Case

RUN_AS = "run-as:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A handover as it stands at this moment."""

    kind: CredentialKind
    credential_id: str
    application_id: str
    case: Case
    objections: tuple[str, ...]
    held_before: tuple[str, ...] = ()  # grants the target has for this app


async def examine(org: Org, credential_id: str, target: str) -> Examined:
    """Read everything a handover depends on, and object where it must not run."""
    if credential_id.startswith(grants.PREFIX):
        return await _examine_grant(org, credential_id, target)
    if credential_id.startswith(RUN_AS):
        return await _examine_run_as(org, credential_id, target)
    raise NotSupported(
        "a certificate is renewed, not handed over: upload the new one in the app's OAuth settings, or in Setup →"
        " Certificate and Key Management",
        connection=org.client.wire.connection,
        operation="plan a handover",
    )


async def _examine_grant(org: Org, credential_id: str, target: str) -> Examined:
    known = await survey(org)
    known.require(permissions.GRANTS)
    rows, found_apps = await both(every_grant_row(org), apps.load(org.client))
    row = next((r for r in rows if grants.fingerprint(text(r, "DeleteToken")) == credential_id), None)
    if row is None:
        raise NotFound("that OAuth grant no longer exists: it was revoked, or a newer grant replaced it")
    to = await known.find(target)
    holder = await known.find(text(row, "UserId"))
    app_id, name = text(row, "AppMenuItem.ApplicationId"), text(row, "AppName")
    app = next((a for a in found_apps.apps if a.id[:15] == app_id[:15]), None) if app_id else None
    before = tuple(
        sorted(
            grants.fingerprint(text(r, "DeleteToken"))
            for r in rows
            if text(r, "UserId") == to.id and same_app(r, app_id, name)
        )
    )
    case = await _case(known, holder, to, app, name, len(before))
    return Examined(
        kind=CredentialKind.OAUTH_GRANT,
        credential_id=credential_id,
        application_id=app_id,
        case=case,
        objections=tuple(preflight.about_grant(case)),
        held_before=before,
    )


async def _examine_run_as(org: Org, credential_id: str, target: str) -> Examined:
    known, found_apps = await both(survey(org), apps.load(org.client))
    app_id = credential_id.removeprefix(RUN_AS)
    app = next((a for a in found_apps.apps if a.id == app_id), None)
    if app is None:
        raise NotFound("that app is no longer there, or the bot may no longer see it")
    to = await known.find(target)
    holder = await known.find(app.run_as) if app.run_as else None
    case = await _case(known, holder, to, app, app.name, 0)
    return Examined(
        kind=CredentialKind.RUN_AS,
        credential_id=credential_id,
        application_id=app_id,
        case=case,
        objections=tuple(preflight.about_run_as(case)),
    )


async def every_grant_row(org: Org) -> tuple[Row, ...]:
    """All OAuth grants of the org, complete or an error."""
    (counted,) = await org.answers(queries.GRANT_COUNT)
    users: list[str] = []
    if counted.total >= queries.GRANT_ROWS:
        users = [text(row, "Id") for row in await org.rows(queries.USERS)]
    return await grants.every_grant(org.client, users, counted.total)


async def _case(
    known: Survey, holder: User | None, to: User, app: App | None, name: str, target_grants: int
) -> Case:
    org = known.org
    ties, entry = await both(_ties(org, holder), _entry(org, known, to, app))
    administrators = await known.administrators() if holder else frozenset[str]()
    return Case(
        holder=holder,
        target=to,
        own_id=await org.own_id(),
        own_client_id=org.settings.client_id,
        app=app,
        app_name=name,
        holder_held=known.directory.held(holder.id, holder.profile_id) if holder else frozenset(),
        target_held=known.directory.held(to.id, to.profile_id),
        target_grants=target_grants,
        admitted=entry.admitted,
        admissions=entry.admissions,
        set_licences_free=entry.free,
        set_licences_held=entry.held,
        target_licence_id=entry.license,
        ties=ties,
        holder_is_last_administrator=holder is not None and administrators == {holder.id},
        sees_rights=known.directory.set_rights is not None,
    )


def same_app(row: Row, app_id: str, name: str) -> bool:
    """Whether a grant is for this app: by its id, or by its label where the org shows no id."""
    found = text(row, "AppMenuItem.ApplicationId")
    return found[:15] == app_id[:15] if found and app_id else text(row, "AppName") == name


async def _ties(org: Org, holder: User | None) -> tuple[Tie, ...]:
    if holder is None:
        return ()
    jobs, boards = await org.answers(queries.jobs_of(holder.id), queries.dashboards_of(holder.id))
    return (*people.jobs(jobs.rows), *people.dashboards(boards.rows))


@dataclass(frozen=True, slots=True)
class _Entry:
    """Whether and how a user may be admitted to an app."""

    admitted: bool = False
    admissions: tuple[Admission, ...] = ()
    free: dict[str, int] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    license: str = ""


async def _entry(org: Org, known: Survey, to: User, app: App | None) -> _Entry:
    if app is None:
        return _Entry()
    access, mine, my_licences, user_licences, set_licences = await org.answers(
        queries.app_access(app.id),
        queries.sets_of(to.id),
        queries.set_licences_of(to.id),
        queries.USER_LICENCES,
        queries.SET_LICENCES,
    )
    my_sets = _in_force(mine, org)
    licence_of = {text(row, "Name"): text(row, "Id") for row in user_licences.rows}
    return _Entry(
        admitted=any(text(row, "ParentId") in my_sets for row in access.rows),
        admissions=tuple(
            Admission(
                set_id=text(row, "ParentId"),
                label=text(row, "Parent.Label"),
                license=text(row, "Parent.LicenseId"),
            )
            for row in access.rows
            if not flag(row, "Parent.IsOwnedByProfile")
        ),
        free={
            text(row, "Id"): number(row, "TotalLicenses") - number(row, "UsedLicenses")
            for row in set_licences.rows
        },
        held=frozenset(text(row, "PermissionSetLicenseId") for row in my_licences.rows),
        license=licence_of.get(to.principal.license, ""),
    )


def _in_force(assignments: Listing, org: Org) -> frozenset[str]:
    now = org.client.wire.now()
    return frozenset(
        text(row, "PermissionSetId")
        for row in assignments.rows
        if (ends := instant(row, "ExpirationDate")) is None or ends > now
    )
