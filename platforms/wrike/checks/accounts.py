"""Accounts that flows act as: people's, too mighty, too weak, or used for several things."""

from __future__ import annotations

from collections.abc import Iterable

from bot.config.policies import Accounts, Administrator
from bot.findings.check import EVENT_LASTS, View, check, found
from bot.findings.model import Finding, Severity
from bot.platform.model import Area, CredentialKind, Principal, PrincipalKind, PrincipalStatus
from bot.text import fold
from platforms.wrike.checks.found import flows, system_of
from platforms.wrike.people import ADMIN, OWNER

_GONE = frozenset({PrincipalStatus.INACTIVE, PrincipalStatus.INVITED})


def _persons(view: View, kind: CredentialKind) -> Iterable[tuple[str, str, Principal, str]]:
    """Flows of a kind that act as a person who has not gone: those have checks of their own."""
    for credential, account in flows(view):
        if credential.kind is not kind or account is None or account.kind is not PrincipalKind.PERSON:
            continue
        if account.status not in _GONE:
            when = f"{credential.created_at:%Y-%m-%d}" if credential.created_at else ""
            yield credential.native_id, credential.label, account, when


@check(
    id="wrike.token-of-person",
    title="A flow uses a person's permanent token",
    severity=Severity.P2,
    risk="It breaks when this person leaves or loses a right, and until then does everything in their name.",
    remedy="Hand it over to a service account.",
    platforms=("wrike",),
    needs=(Area.PERMANENT_TOKEN, Area.PRINCIPALS),
    owasp=("NHI1", "NHI4", "NHI7"),
)
def token_of_person(view: View) -> Iterable[Finding]:
    """Permanent tokens behind flows, of accounts that are not a program's."""
    for subject, label, account, _ in _persons(view, CredentialKind.PERMANENT_TOKEN):
        yield found(token_of_person, subject, f"{label} acts as {account.username} by a permanent token")


@check(
    id="wrike.connection-of-person",
    title="A flow is connected to Wrike as a person",
    severity=Severity.P2,
    risk="It breaks when this person leaves, changes a password or loses a right; days may pass before anybody knows.",
    remedy="Hand it over to a service account.",
    platforms=("wrike",),
    needs=(Area.OAUTH_GRANT, Area.PRINCIPALS),
    owasp=("NHI1",),
)
def connection_of_person(view: View) -> Iterable[Finding]:
    """Connections, as of Wrike Integrate. Wrike lists none, so the audit log is looked at for the consent."""
    for subject, label, account, when in _persons(view, CredentialKind.OAUTH_GRANT):
        seen = f"the audit log has their consent of {when}" if when else "declared; no consent was seen"
        yield found(connection_of_person, subject, f"{label} is connected as {account.username}; {seen}")


@check(
    id="wrike.service-is-admin",
    title="A service account has Admin right, and nobody wrote down why",
    severity=Severity.P2,
    risk="Whoever gets its token can invite, remove and read everybody.",
    remedy="Take the right away, or write the reason under admin_reasons.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI5",),
)
def service_is_admin(view: View) -> Iterable[Finding]:
    """Administrators and owners among service accounts, without a reason in the configuration or by policy."""
    if view.policies.administrator is Administrator.ALLOWED:
        return
    for one in view.snapshot.principals:
        mighty = one.kind is PrincipalKind.SERVICE and {ADMIN, OWNER} & set(one.privileges)
        if mighty and one.status is not PrincipalStatus.INACTIVE:
            said = f"{one.username} is {one.profile} of the account"
            yield found(service_is_admin, one.native_id, said)


@check(
    id="wrike.account-of-several-systems",
    title="One account serves several systems",
    severity=Severity.P2,
    risk="Nobody can tell which system did what, and one leak or one mistake stops all of them.",
    remedy="Make one service account for each system, and hand the others over.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI9",),
)
def account_of_several_systems(view: View) -> Iterable[Finding]:
    """Accounts that flows of different systems act as, unless the company has decided to share them."""
    if view.policies.accounts is Accounts.SHARED:
        return
    systems: dict[str, set[str]] = {}
    for credential, account in flows(view):
        if account and (system := system_of(view, credential)):
            systems.setdefault(account.native_id, set()).add(system)
    for account_id, served in systems.items():
        if len({fold(one) for one in served}) > 1:
            name = view.principals[account_id].username
            said = f"{name} serves {', '.join(sorted(served))}"
            yield found(account_of_several_systems, account_id, said)


@check(
    id="wrike.weak-account",
    title="A flow acts as an external user or a collaborator",
    severity=Severity.P3,
    risk="Such users see and may do less: flows fail on some records only, which is hard to find.",
    remedy="Give the account a regular licence.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI6",),
)
def weak_account(view: View) -> Iterable[Finding]:
    """Flows of accounts with less than a regular licence."""
    for credential, account in flows(view):
        if account and account.profile in ("External", "Collaborator"):
            said = f"{credential.label} acts as {account.username}, who is {account.profile}"
            yield found(weak_account, credential.native_id, said)


@check(
    id="wrike.token-of-another",
    title="A flow's token acts as another account than declared",
    severity=Severity.P2,
    risk="Somebody made it signed in as themselves: it stops when they go, and nobody expects it to.",
    remedy="Make the token again in a private window, as the account that is declared.",
    platforms=("wrike",),
    needs=(Area.PRINCIPALS,),
    owasp=("NHI1",),
)
def token_of_another(view: View) -> Iterable[Finding]:
    """What the token itself says, against what people declared."""
    for credential, account in flows(view):
        if account and account.email and fold(account.email) != fold(credential.role):
            said = f"{credential.label} acts as {account.username}, and {credential.role} is declared"
            yield found(token_of_another, credential.native_id, said)


@check(
    id="wrike.content-not-shared",
    title="A flow's account cannot see content that the flow needs",
    severity=Severity.P2,
    risk="The flow skips what it cannot see, and says nothing.",
    remedy="Share the folder with the account.",
    platforms=("wrike",),
    needs=(Area.CONTENT, Area.PRINCIPALS),
    owasp=("NHI6",),
)
def content_not_shared(view: View) -> Iterable[Finding]:
    """Folders that a flow is declared to need and whose account was not let in, by any way we can see."""
    accounts = {credential.native_id: (credential, account) for credential, account in flows(view)}
    for content in view.snapshot.contents:
        for flow_id in content.needed_by:
            credential, account = accounts.get(flow_id, (None, None))
            if credential and account and account.native_id not in content.seen_by:
                said = f"{credential.label} needs “{content.path}”, which {account.username} was not let into"
                yield found(content_not_shared, flow_id, said, bucket=content.handle)


@check(
    id="wrike.service-signs-in-by-hand",
    title="Somebody signs in to Wrike by hand as a service account",
    severity=Severity.P3,
    risk="What a person does by hand looks like the integration's work, and its password is known to people.",
    remedy="Ask the team why; change the password if nobody knows.",
    platforms=("wrike",),
    needs=(Area.LOGINS,),
    owasp=("NHI10",),
)
def service_signs_in_by_hand(view: View) -> Iterable[Finding]:
    """Sign-ins in a browser, from the audit log. Making a token is one, too: it closes by itself after a week."""
    last: dict[str, str] = {}
    for login in view.snapshot.logins:
        account = view.principals.get(login.principal_id)
        if login.succeeded and account and account.kind is PrincipalKind.SERVICE:
            last.setdefault(
                account.native_id, f"{login.at:%Y-%m-%d %H:%M} UTC from {login.source or 'somewhere'}"
            )
    for account_id, when in last.items():
        said = f"{view.principals[account_id].username} signed in at {when}"
        yield found(service_signs_in_by_hand, account_id, said, lasting=EVENT_LASTS)
