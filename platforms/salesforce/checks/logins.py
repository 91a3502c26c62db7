"""Findings about how integrations sign in, from the sign-in history since the last scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot.findings.check import EVENT_LASTS, View, check, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, Login, Principal, PrincipalKind
from bot.text import plural
from platforms.salesforce import rules

FAILURES = 3
# Source: Salesforce Help 000354473 and 005321531 (retired API versions), read 2026-11-21.
GONE_BELOW = 31.0
RETIRING_BELOW = 41.0
_RULE_REFUSALS = frozenset({"restricted ip", "restricted time", "failed: ip address not allowed"})
_SOAP = ("other apex api", "otherapi", "partner")
_PASSWORD = "oauthusernamepassword"  # noqa: S105  a login subtype


def _grouped(
    view: View, wanted: Callable[[Login], bool], key: Callable[[Login], str] = lambda login: ""
) -> Iterator[tuple[Principal, str, list[Login]]]:
    """The wanted sign-ins by principal and ``key``, oldest first, principals that were listed only."""
    users = {p.native_id: p for p in view.snapshot.principals}
    groups: dict[tuple[str, str], list[Login]] = {}
    for login in view.snapshot.logins:
        if login.principal_id in users and wanted(login):
            groups.setdefault((login.principal_id, key(login)), []).append(login)
    for (user, bucket), logins in sorted(groups.items()):
        yield users[user], bucket, logins


def _is_service(view: View) -> Callable[[Login], bool]:
    services = {p.native_id for p in view.snapshot.principals if p.kind is PrincipalKind.SERVICE}
    return lambda login: login.principal_id in services


def _app(login: Login) -> str:
    return login.application if login.application not in {"", "N/A"} else "an unnamed app"


def _last(logins: list[Login]) -> str:
    last = logins[-1]
    return f"last {last.at:%Y-%m-%d %H:%M} UTC from {last.source or 'an unknown address'}"


@check(
    id="salesforce.person-used-integration-user",
    title="Someone tried the login page with an integration user",
    severity=Severity.P2,
    risk="A person has its password. Their actions are logged as the integration's.",
    remedy="Find the person by the address, then change the password.",
    platforms=("salesforce",),
    needs=(Area.LOGINS, Area.PRINCIPALS),
    owasp=("NHI10",),
)
def by_hand(view: View) -> Iterable[Finding]:
    """Page sign-ins of integration users, refused ones included."""
    service = _is_service(view)
    for user, _, logins in _grouped(view, lambda login: login.interactive and service(login)):
        tries = plural(len(logins), "attempt")
        said = f"{user.username}: {tries} at the login page, {_last(logins)}: {logins[-1].status}"
        yield found(by_hand, user.native_id, said, lasting=EVENT_LASTS)


@check(
    id="salesforce.failed-sign-ins",
    title="Sign-ins of an integration fail",
    severity=Severity.P2,
    risk="The integration has stopped, or someone is guessing its credential.",
    remedy="Look at the status and the address, and fix the integration or block the address.",
    platforms=("salesforce",),
    needs=(Area.LOGINS,),
    owasp=("NHI4",),
)
def failing(view: View) -> Iterable[Finding]:
    """Three failures or more of one user since the last scan."""
    for user, _, logins in _grouped(view, lambda login: not login.succeeded):
        if len(logins) >= FAILURES:
            reasons = ", ".join(sorted({login.status for login in logins}))
            said = f"{user.username}: {plural(len(logins), 'failure')} ({reasons}), {_last(logins)}"
            yield found(failing, user.native_id, said, lasting=EVENT_LASTS)


@check(
    id="salesforce.sign-in-outside-rules",
    title="An integration user signed in, or tried to, outside its IP ranges or hours",
    severity=Severity.P2,
    risk="The integration has moved, or its credential is used somewhere it should not be.",
    remedy="Ask the integration's owner about the address; widen the rule or change the credential.",
    platforms=("salesforce",),
    needs=(Area.LOGINS, Area.RULES, Area.PRINCIPALS),
    owasp=("NHI6", "NHI2"),
)
def outside_rules(view: View) -> Iterable[Finding]:
    """What a rule refused, and successes from outside the ranges that hold now (made before they did)."""
    ranges = {rule.profile: rule.ranges for rule in view.snapshot.rules if rule.ranges}
    profile_of = {p.native_id: p.profile for p in view.snapshot.principals}
    service = _is_service(view)

    def outside(login: Login) -> bool:
        if not service(login):
            return False
        if login.status.lower() in _RULE_REFUSALS:
            return True
        allowed = ranges.get(profile_of[login.principal_id])
        return bool(allowed and login.succeeded and login.source) and not rules.contains(
            allowed or (), login.source
        )

    for user, source, logins in _grouped(view, outside, lambda login: login.source):
        said = f"{user.username}: {plural(len(logins), 'sign-in')} ({logins[-1].status}), {_last(logins)}"
        yield found(outside_rules, user.native_id, said, bucket=source, lasting=EVENT_LASTS)


@check(
    id="salesforce.new-source-address",
    title="An integration signed in from a new address",
    severity=Severity.P3,
    risk="The integration has moved, or someone else has its credential.",
    remedy="Ask the integration's owner whether the address is theirs.",
    platforms=("salesforce",),
    needs=(Area.LOGINS,),
    owasp=("NHI2",),
)
def new_source(view: View) -> Iterable[Finding]:
    """Successes by program from an unknown address; nothing is new while no address is known."""

    def unknown(login: Login) -> bool:
        known = view.known_sources.get(login.principal_id, ())
        return bool(known and login.source) and login.succeeded and login.source not in known

    for user, source, logins in _grouped(
        view, lambda login: unknown(login) and not login.interactive, lambda login: login.source
    ):
        said = f"{user.username}: {_app(logins[-1])}, {_last(logins)}"
        yield found(new_source, user.native_id, said, bucket=source, lasting=EVENT_LASTS)


@check(
    id="salesforce.password-flow",
    title="An integration sends a user's password to sign in",
    severity=Severity.P2,
    risk="Anyone who reads its configuration has the password. No second factor protects it.",
    remedy="Move it to the JWT bearer or client credentials flow.",
    platforms=("salesforce",),
    needs=(Area.LOGINS,),
    owasp=("NHI4",),
)
def password_flow(view: View) -> Iterable[Finding]:
    """The OAuth username-password flow."""
    for user, app, logins in _grouped(
        view, lambda login: _PASSWORD in login.channel.lower(), lambda login: login.application
    ):
        said = f"{_app(logins[-1])} signs in as {user.username} with its password, {_last(logins)}"
        yield found(password_flow, user.native_id, said, bucket=app, lasting=EVENT_LASTS)


@check(
    id="salesforce.soap-login",
    title="An integration uses SOAP login(), which retires in Summer 2027",
    severity=Severity.P3,
    risk="It sends the password and security token, and stops when Salesforce retires the call.",
    remedy="Move it to OAuth: JWT bearer or client credentials.",
    platforms=("salesforce",),
    needs=(Area.LOGINS,),
    owasp=("NHI4",),
)
def soap_login(view: View) -> Iterable[Finding]:
    """Sign-ins of the types that only the SOAP call makes."""
    for user, app, logins in _grouped(
        view, lambda login: login.channel.lower().startswith(_SOAP), lambda login: login.application
    ):
        said = f"{_app(logins[-1])} signs in as {user.username}, {_last(logins)}"
        yield found(soap_login, user.native_id, said, bucket=app, lasting=EVENT_LASTS)


@check(
    id="salesforce.old-api-version",
    title="An integration uses a retired or retiring API version",
    severity=Severity.P3,
    risk="Versions below 31 are gone. Those below 41 go in Summer 2028, and what uses them stops that day.",
    remedy="Ask the integration's vendor to move it to a current API version.",
    platforms=("salesforce",),
    needs=(Area.LOGINS,),
)
def old_version(view: View) -> Iterable[Finding]:
    """Sign-ins that name a version below 41; below 31 they are failing already."""
    for user, version, logins in _grouped(
        view, lambda login: 0 < _version(login) < RETIRING_BELOW, lambda login: login.api_version
    ):
        gone = _version(logins[-1]) < GONE_BELOW
        state = "is gone" if gone else "goes in Summer 2028"
        said = f"{_app(logins[-1])} as {user.username}: version {version} {state}, {_last(logins)}"
        severity = Severity.P1 if gone else Severity.P3
        yield found(old_version, user.native_id, said, bucket=version, severity=severity, lasting=EVENT_LASTS)


def _version(login: Login) -> float:
    """The API version as a number; zero where the line names none."""
    try:
        return float(login.api_version)
    except ValueError:
        return 0.0
