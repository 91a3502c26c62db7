"""Sign-in history and the setup audit trail, cut down to what concerns integrations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from bot.errors import ProtocolChanged
from bot.platform.model import Change, Login, Principal, PrincipalKind
from bot.platform.plan import Action
from bot.text import clean
from platforms.salesforce import queries
from platforms.salesforce.answers import Row, instant, text
from platforms.salesforce.org import Org

SUCCESS = "Success"
# Came through a page for people. Source: Object Reference, LoginHistory, LoginType, read 2026-11-21.
_PAGES = ("application", "saml", "third party sso", "passwordless")
_PAGE_SUBTYPES = frozenset({"usernamepassworduilogin", "uiloginpasswordreset", "uipasswordreset"})
_API_ONLY_REFUSED = "failed: api-only user"  # somebody tried the page with an API-only account

# Acts on apps and rules, whoever is concerned. Source: field reports listed in README.md, 2026-11-21.
_APP_ACTIONS = frozenset(
    {
        "insertApplication",
        "deleteApplication",
        "changeApplicationCertificate",
        "changeIpRelaxationPolicy",
        "changeOauthDefaultScope",
        "addOauthClientCredentialUser",
        "blockConnectedApplication",
        "unblockConnectedApplication",
        "loginIpRange",
        "adminApprovedAppsOnlyOffOn",
        "adminApprovedAppsOnlyOnOff",
    }
)


def read(row: Row) -> Login:
    """One LoginHistory record."""
    kind, subtype, status = text(row, "LoginType"), text(row, "LoginSubType"), text(row, "Status")
    at = instant(row, "LoginTime")
    if at is None:
        raise ProtocolChanged("a sign-in without its time", operation="read sign-ins")
    return Login(
        native_id=text(row, "Id"),
        principal_id=text(row, "UserId"),
        at=at,
        succeeded=status == SUCCESS,
        status=status,
        channel=f"{kind} / {subtype}" if subtype else kind,
        application=text(row, "Application"),
        source=text(row, "SourceIp"),
        interactive=kind.lower().startswith(_PAGES)
        or subtype.lower() in _PAGE_SUBTYPES
        or status.lower() == _API_ONLY_REFUSED,
        api_version=text(row, "ApiVersion"),
    )


def concerning(
    rows: Iterable[Row], principals: Mapping[str, Principal], holders: Collection[str]
) -> tuple[Login, ...]:
    """
    Sign-ins of programs and of accounts that programs use, oldest first, each once.

    People's own page sign-ins are left out: they are nobody's business here.
    """
    found: dict[str, Login] = {}
    for row in rows:
        login = read(row)
        principal = principals.get(login.principal_id)
        service = principal is not None and principal.kind is PrincipalKind.SERVICE
        if service or not login.interactive or (login.principal_id in holders and not login.succeeded):
            found[login.native_id] = login
    return tuple(sorted(found.values(), key=lambda login: (login.at, login.native_id)))


def changes(rows: Iterable[Row], principals: Iterable[Principal]) -> tuple[Change, ...]:
    """Administrators' acts on integration users or by them, and on apps and login rules, oldest first."""
    services = [person for person in principals if person.kind is PrincipalKind.SERVICE]
    ids = {person.native_id for person in services}
    names = {word.lower() for person in services for word in (person.username, person.name) if len(word) > 3}
    found = []
    for row in rows:
        at, action, display = instant(row, "CreatedDate"), text(row, "Action"), text(row, "Display")
        if at is None:
            raise ProtocolChanged("an audit entry without its time", operation="read the setup audit trail")
        said = display.lower()
        actor = text(row, "CreatedById")
        if actor in ids or action in _APP_ACTIONS or any(name in said for name in names):
            found.append(
                Change(
                    native_id=text(row, "Id"),
                    at=at,
                    actor_id=actor,
                    action=action,
                    display=clean(display, 300),
                )
            )
    return tuple(sorted(found, key=lambda change: (change.at, change.native_id)))


async def since(org: Org, user: str, application: str, after: datetime) -> list[Login]:
    """A user's sign-ins through an app (any, if empty) after an instant, oldest first."""
    rows = await org.rows(queries.logins_of([user], after))
    found = (read(row) for row in rows)
    return sorted(
        (one for one in found if one.at > after and (not application or one.application == application)),
        key=lambda login: login.at,
    )


def begun(action: Action) -> datetime | None:
    """Since when the step of an action waits; None where that is not on record."""
    return parse_time(action.known.get("since", ""))


def parse_time(raw: str) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def format_time(at: datetime | None) -> str:
    """As people read it, to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "an unknown time"
