"""
Metadata components, read: apps, profiles and security settings as readMetadata prints them.

Elements follow fullName in alphabetical order, as in the vendor's WSDL.
Source: Metadata API Developer Guide (ConnectedApp, ExtlClntApp*, Profile, SecuritySettings), read 2026-11-21.
"""

from urllib.parse import quote, unquote

from sandbox.salesforce.appregistry import permitted_users
from sandbox.salesforce.apps import App
from sandbox.salesforce.catalogue import PERMISSIONS
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import DAYS, Restrictions
from sandbox.salesforce.soap.envelope import Tree
from sandbox.salesforce.tables import Row

_STANDARD = {"System Administrator": "Admin", "Standard User": "Standard"}
SUFFIXES = {
    "ExternalClientApplication": "",
    "ExtlClntAppGlobalOauthSettings": "_glbloauth",
    "ExtlClntAppOauthSettings": "_oauth",
    "ExtlClntAppOauthConfigurablePolicies": "_oauthPlcy",
}
FOLDERS = {
    "ConnectedApp": ("connectedApps", "connectedApp"),
    "ExternalClientApplication": ("externalClientApps", "eca"),
    "ExtlClntAppGlobalOauthSettings": ("extlClntAppGlobalOauthSets", "ecaGlblOauth"),
    "ExtlClntAppOauthSettings": ("extlClntAppOauthSettings", "ecaOauth"),
    "ExtlClntAppOauthConfigurablePolicies": ("extlClntAppOauthPolicies", "ecaOauthPlcy"),
    "Profile": ("profiles", "profile"),
    "SecuritySettings": ("settings", "settings"),
}
"""Every type there is here, with its folder and file suffix."""


def names(org: Org, kind: str) -> list[str]:
    """The full names of all components of a type."""
    if kind == "Profile":
        return [profile_name(row) for row in org["Profile"]]
    if kind == "SecuritySettings":
        return ["Security"]
    if kind == "ConnectedApp":
        return [app.name for app in org.apps.values() if app.kind == "connected"]
    return [app.name + SUFFIXES[kind] for app in org.apps.values() if app.kind == "external"]


def read(org: Org, kind: str, full_name: str) -> Tree | None:
    """One component, or None where there is none of that name."""
    if kind == "Profile":
        profile = find_profile(org, full_name)
        return None if profile is None else _profile(org, profile)
    if kind == "SecuritySettings":
        return _security(org) if full_name == "Security" else None
    app = find_app(org, kind, full_name)
    if app is None:
        return None
    head: Tree = [("fullName", full_name)]
    match kind:
        case "ConnectedApp":
            return head + _connected(org, app)
        case "ExtlClntAppGlobalOauthSettings":
            return head + _global_settings(org, app)
        case "ExtlClntAppOauthSettings":
            return [
                *head,
                ("commaSeparatedOauthScopes", ", ".join(app.scopes)),
                ("externalClientApplication", app.name),
                ("label", app.label),
            ]
        case "ExtlClntAppOauthConfigurablePolicies":
            return head + _policies(org, app)
        case _:
            return [
                *head,
                ("contactEmail", app.contact_email),
                ("distributionState", "Local"),
                ("isProtected", False),
                ("label", app.label),
            ]


def find_app(org: Org, kind: str, full_name: str) -> App | None:
    """The app behind a component's full name."""
    suffix = SUFFIXES.get(kind, "")
    wanted = "connected" if kind == "ConnectedApp" else "external"
    return next((a for a in org.apps.values() if a.kind == wanted and a.name + suffix == full_name), None)


def find_profile(org: Org, full_name: str) -> Row | None:
    """The profile of a full name, encoded or not."""
    plain = unquote(full_name)
    plain = next((name for name, short in _STANDARD.items() if short == plain), plain)
    return next(iter(org["Profile"].where("Name", plain)), None)


def profile_name(row: Row) -> str:
    """A profile's full name: the standard ones have names of their own, others are URL-encoded but for spaces."""
    return _STANDARD.get(row["Name"]) or quote(row["Name"], safe=" ")


def approved_sets(org: Org, app: App) -> tuple[list[str], list[str]]:
    """Permission sets and profiles an administrator approved for an app, by name."""
    sets, profiles = list[str](), list[str]()
    for access in org["SetupEntityAccess"].where("SetupEntityId", app.id):
        held = org["PermissionSet"].get(access["ParentId"])
        if held is None:
            continue
        if held["IsOwnedByProfile"]:
            profile = org["Profile"].get(held["ProfileId"])
            profiles += [profile_name(profile)] if profile else []
        else:
            sets.append(held["Name"])
    return sets, profiles


def _optional(name: str, value: str | None) -> Tree:
    return [] if value is None else [(name, value)]


def _connected(org: Org, app: App) -> Tree:
    sets, profiles = approved_sets(org, app)
    config: Tree = [
        ("callbackUrl", app.callback_url),
        *_optional("certificate", app.certificate),
        ("consumerKey", app.client_id),
        ("isAdminApproved", app.admin_approved),
        ("isClientCredentialEnabled", app.client_credentials),
        ("isRefreshTokenRotationEnabled", app.rotates_refresh_tokens),
        ("isSecretRequiredForRefreshToken", True),
        *_optional("oauthClientCredentialUser", app.run_as if app.client_credentials else None),
        *[("scopes", scope) for scope in app.scopes],
    ]
    policy: Tree = [
        ("ipRelaxation", "ENFORCE" if app.enforce_ip else "BYPASS"),
        ("refreshTokenPolicy", "infinite"),
    ]
    return [
        ("contactEmail", app.contact_email),
        ("label", app.label),
        ("oauthConfig", config),
        ("oauthPolicy", policy),
        *[("permissionSetName", name) for name in sets],
        *[("profileName", name) for name in profiles],
    ]


def _global_settings(org: Org, app: App) -> Tree:
    secret = app.client_secret if org.switches.metadata_returns_consumer_secret else None
    return [
        ("callbackUrl", app.callback_url),
        *_optional("certificate", app.certificate),
        ("consumerKey", app.client_id),
        *_optional("consumerSecret", secret),
        ("externalClientApplication", app.name),
        ("isClientCredentialsFlowEnabled", app.client_credentials),
        ("isPkceRequired", False),
        ("isRefreshTokenRotationEnabled", app.rotates_refresh_tokens),
        ("isSecretRequiredForRefreshToken", True),
        ("label", app.label),
    ]


def _policies(org: Org, app: App) -> Tree:
    sets, profiles = approved_sets(org, app)
    timeout = None if app.session_timeout_s is None else str(app.session_timeout_s // 60)
    return [
        *_optional("clientCredentialsFlowUser", app.run_as if app.client_credentials else None),
        *_optional("commaSeparatedPermissionSet", ",".join(sets) or None),
        *_optional("commaSeparatedProfile", ",".join(profiles) or None),
        ("externalClientApplication", app.name),
        ("ipRelaxationPolicyType", "Enforce" if app.enforce_ip else "Bypass"),
        ("isClientCredentialsFlowEnabled", app.client_credentials),
        ("label", app.label),
        ("permittedUsersPolicyType", permitted_users(app)),
        ("refreshTokenPolicyType", app.refresh_policy[0]),
        *_optional("refreshTokenValidityPeriod", app.refresh_policy[1] or None),
        *_optional("refreshTokenValidityUnit", app.refresh_policy[2] or None),
        *_optional("sessionTimeoutInMinutes", timeout),
    ]


def _profile(org: Org, row: Row) -> Tree:
    limits = org.restrictions.get(row["Id"], Restrictions())
    licence = org["UserLicense"].get(row["UserLicenseId"])
    out: Tree = [("fullName", profile_name(row)), ("custom", not row.get("_standard", False))]
    out += _optional("description", row["Description"])
    if limits.hours is not None:
        spans = {
            f"{day}{end}": limits.hours[day][at]
            for day in DAYS
            if day in limits.hours
            for at, end in enumerate(("Start", "End"))
        }
        out.append(("loginHours", sorted(spans.items())))
    for span in limits.ranges:
        entry: Tree = [
            *_optional("description", span.description),
            ("endAddress", span.end),
            ("startAddress", span.start),
        ]
        out.append(("loginIpRanges", entry))
    out += _optional("userLicense", licence["Name"] if licence else None)
    for name in PERMISSIONS:
        if row[f"Permissions{name}"]:
            out.append(("userPermissions", [("enabled", True), ("name", name)]))
    return out


def _security(org: Org) -> Tree:
    ranges: Tree = [
        ("ipRanges", [*_optional("description", span.description), ("end", span.end), ("start", span.start)])
        for span in org.trusted_ranges
    ]
    session: Tree = [
        ("enforceIpRangesEveryRequest", org.enforce_ip_every_request),
        ("lockSessionsToIp", False),
        ("sessionTimeout", "TwoHours"),
    ]
    passwords: Tree = [
        ("expiration", "NinetyDays"),
        ("maxLoginAttempts", "TenAttempts"),
        ("minimumPasswordLength", 8),
    ]
    return [
        ("fullName", "Security"),
        ("networkAccess", ranges or None),
        ("passwordPolicies", passwords),
        ("sessionSettings", session),
    ]
