"""
The partner API's login(): username, and password with the security token appended.

Source: SOAP API Developer Guide, login(); Salesforce Help 005132110 (absent from v65.0 on); read 2026-11-21.
"""

from sandbox.salesforce import logins, passwords, sessions
from sandbox.salesforce.access import permissions
from sandbox.salesforce.errors import SoapFault
from sandbox.salesforce.logins import Attempt
from sandbox.salesforce.org import Org
from sandbox.salesforce.soap.envelope import Request, Tree

GONE_FROM = 65
_WRONG = "Invalid username, password, security token; or user locked out."
_FAULTS = {
    logins.TOKEN_REQUIRED: (
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        f"{_WRONG} Are you at a new location? When accessing Salesforce--either via a desktop client or the"
        " API--from outside of your company's trusted networks, you must add a security token to your password to"
        " log in.",
    ),
    logins.RESTRICTED_IP: ("LOGIN_DURING_RESTRICTED_DOMAIN", "cannot log in from current domain"),
    logins.RESTRICTED_TIME: ("LOGIN_DURING_RESTRICTED_TIME", "cannot log in at this time"),
    logins.LOCKED: ("PASSWORD_LOCKOUT", "The password is locked out."),
}


def login(org: Org, request: Request, version: int, source_ip: str, base_url: str) -> Tree:
    """
    The result element of a login.

    Raises:
        SoapFault: INVALID_LOGIN and its relatives; the same for an unknown username.
    """
    if version >= GONE_FROM:
        raise SoapFault(
            "soapenv:Client",
            "No operation available for request {urn:partner.soap.sforce.com}login,"
            " please check the WSDL for the service.",
        )
    if not org.switches.soap_login_enabled:
        raise SoapFault("FUNCTIONALITY_NOT_ENABLED", "SOAP API login() is disabled in this org")
    username = "".join(request.texts("username")).strip().lower()
    user = next(iter(org["User"].where("Username", username)), None)
    if user is None:
        raise SoapFault("INVALID_LOGIN", _WRONG)
    attempt = Attempt(
        source_ip,
        "Other Apex API",
        "N/A",
        api_type="SOAP Partner",
        api_version=f"{version}.0",
        password=True,
    )
    offered = "".join(request.texts("password"))
    status = passwords.refusal(org, user, offered, source_ip) or logins.refusal(org, user, attempt)
    if status is not None:
        logins.record(org, user, attempt, status)
        raise SoapFault(*_FAULTS.get(status, ("INVALID_LOGIN", _WRONG)))
    if "ApiEnabled" not in permissions(org, user["Id"]):
        raise SoapFault("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    entry = logins.record(org, user, attempt, logins.SUCCESS)
    session = sessions.start(org, user, None, entry, session_type="API")
    soap = f"{base_url}/services/Soap"
    return [
        ("metadataServerUrl", f"{soap}/m/{version}.0/{org.row['Id']}"),
        ("passwordExpired", passwords.expired(user)),
        ("sandbox", org.row["IsSandbox"]),
        ("serverUrl", f"{soap}/u/{version}.0/{org.row['Id']}"),
        ("sessionId", session.token),
        ("userId", user["Id"]),
        (
            "userInfo",
            [
                ("organizationId", org.row["Id"]),
                ("organizationName", org.row["Name"]),
                ("profileId", user["ProfileId"]),
                ("sessionSecondsValid", session.timeout_s),
                ("userEmail", user["Email"]),
                ("userFullName", user["Name"]),
                ("userId", user["Id"]),
                ("userLanguage", user["LanguageLocaleKey"]),
                ("userLocale", user["LocaleSidKey"]),
                ("userName", user["Username"]),
                ("userTimeZone", user["TimeZoneSidKey"]),
                ("userType", user["UserType"]),
            ],
        ),
    ]
