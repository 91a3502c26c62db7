"""Past logins: people at their desks, integrations at their cadence, and the odd ones."""

from datetime import timedelta

from sandbox.salesforce import logins
from sandbox.salesforce.apps import App
from sandbox.salesforce.logins import Attempt
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed.estate import Estate
from sandbox.salesforce.stamps import stamp
from sandbox.salesforce.tables import Row

_KEPT_PER_INTEGRATION = 150
_BROWSERS = (
    ("Chrome 142", "macOS"),
    ("Edge 142", "Windows 11"),
    ("Firefox 145", "Linux"),
    ("Safari 19", "macOS"),
)


def plant(org: Org, estate: Estate) -> None:
    """All of LoginHistory, in the order of time."""
    found: list[tuple[str, Row, Attempt, str]] = []
    _people(org, found)
    _integrations(org, found)
    for entry in estate.get("attempts", []):
        for user in org["User"].where("Username", entry["user"]):
            at = stamp(org.now - timedelta(hours=entry["hours_ago"]))
            found.append((at, user, _odd(entry["what"], entry["ip"]), entry["status"]))
    found.sort(key=lambda item: item[0])
    for at, user, attempt, status in found:
        logins.record(org, user, attempt, status, at=at)


def browser(org: Org, ip: str) -> Attempt:
    """A human at the login page."""
    name, platform = org.world.rng.choice(_BROWSERS)
    return Attempt(
        ip,
        "Application",
        "Browser",
        sub_type="UsernamePasswordUiLogin",
        browser=name,
        platform=platform,
        interactive=True,
        login_url=f"{org.switches.my_domain}.my.salesforce.com",
    )


def _people(org: Org, found: list[tuple[str, Row, Attempt, str]]) -> None:
    rng = org.world.rng
    many = len(org.world.people) > 500
    for person in org.world.people.values():
        user = org["User"].get(person.ids.get("salesforce"))
        if user is None or rng.random() < 0.04:  # some never log in
            continue
        for _ in range(1 if many else rng.randint(1, 4)):
            at = stamp(org.now - timedelta(hours=rng.uniform(1, 24 * 20)))
            attempt = browser(org, f"192.0.2.{rng.randint(1, 120)}")
            found.append((at, user, attempt, logins.SUCCESS))
        if not many:
            confirmed: Row = {"UsersId": user["Id"], "SourceIp": attempt.source_ip, "IsAuthenticated": True}
            org["LoginIp"].insert(
                confirmed | {"ChallengeMethod": "Email", "ChallengeSentDate": at, "CreatedDate": at}
            )


def _integrations(org: Org, found: list[tuple[str, Row, Attempt, str]]) -> None:
    for integration in org.world.company.integrations:
        app = next((app for app in org.apps.values() if app.label == integration.name), None)
        if integration.platform != "salesforce" or app is None or app.cadence_s is None:
            continue
        users = org["User"].where("Username", integration.acts_as)
        for number in range(min(_KEPT_PER_INTEGRATION, int(10 * 86400 / app.cadence_s)) if users else 0):
            at = org.now - timedelta(seconds=app.cadence_s * (number + 0.3))
            attempt = attempt_of(app)
            found.append((stamp(at), users[0], attempt, logins.SUCCESS))


def attempt_of(app: App) -> Attempt:
    """How the consumer of an app shows in LoginHistory."""
    if app.flow == "password":
        return Attempt(
            app.source_ip,
            "Other Apex API",
            "N/A",
            api_type="SOAP Partner",
            api_version=app.api_version,
            client_version="Java (Salesforce.com)",
            tls=app.tls,
            password=True,
        )
    sub_type = {"oauth": "OauthRefreshToken", "client_credentials": "OauthClientCredentials"}.get(app.flow)
    return Attempt(app.source_ip, "Remote Access 2.0", app.label, sub_type=sub_type, tls=app.tls)


def _odd(what: str, ip: str) -> Attempt:
    match what:
        case "browser":
            return Attempt(
                ip,
                "Application",
                "Browser",
                sub_type="UsernamePasswordUiLogin",
                browser="Chrome 142",
                platform="Windows 11",
                interactive=True,
            )
        case "soap":
            return Attempt(
                ip, "Other Apex API", "N/A", api_type="SOAP Partner", api_version="37.0", tls="TLS 1.2"
            )
        case "client_credentials":
            return Attempt(ip, "Remote Access 2.0", "Zuora billing", sub_type="OauthClientCredentials")
        case "refresh":
            return Attempt(ip, "Remote Access 2.0", "Workato", sub_type="OauthRefreshToken")
        case _:
            return Attempt(ip, "Remote Access 2.0", "Data warehouse loader")
