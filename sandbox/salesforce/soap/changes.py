"""Metadata components, written: what updateMetadata may change, with the permissions it takes."""

from copy import copy
from dataclasses import fields
from typing import Any

from cryptography import x509

from sandbox.salesforce import appregistry, assignments
from sandbox.salesforce.access import permissions
from sandbox.salesforce.apps import App
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.profiles import IpRange
from sandbox.salesforce.restricting import restrict
from sandbox.salesforce.soap.components import approved_sets, find_app, find_profile

Values = dict[str, Any]

_ELEMENTS = {
    "Profile": {"custom", "description", "loginHours", "loginIpRanges", "userLicense", "userPermissions"},
    "ConnectedApp": {"contactEmail", "label", "oauthConfig", "oauthPolicy", "permissionSetName"},
    "ExtlClntAppOauthConfigurablePolicies": {
        "clientCredentialsFlowUser",
        "commaSeparatedPermissionSet",
        "externalClientApplication",
        "ipRelaxationPolicyType",
        "isClientCredentialsFlowEnabled",
        "label",
        "permittedUsersPolicyType",
        "refreshTokenPolicyType",
    },
    "ExtlClntAppGlobalOauthSettings": {"callbackUrl", "certificate", "externalClientApplication", "label"},
    "SecuritySettings": {"networkAccess", "sessionSettings"},
}
"""What may be sent. Anything else is refused, so that no change is ever lost in silence."""


def update(org: Org, caller: Caller, kind: str, values: Values) -> None:
    """
    Apply one component.

    Raises:
        ApiError: INVALID_CROSS_REFERENCE_KEY for an unknown name, INSUFFICIENT_ACCESS, or what is wrong with
            a value; nothing is changed then.
    """
    full_name = str(values.get("fullName", ""))
    if strange := set(values) - _ELEMENTS.get(kind, set(values)) - {"fullName"}:
        raise ApiError(
            400, "INVALID_FIELD", f"{kind}: this stand-in does not update {', '.join(sorted(strange))}"
        )
    with org.transaction():
        if kind == "Profile":
            _profile(org, caller, full_name, values)
            return
        if "CustomizeApplication" not in caller.held:
            raise ApiError(400, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
        if kind == "SecuritySettings":
            _security(org, values)
            return
        app = find_app(org, kind, full_name)
        if app is None:
            raise _unknown(kind, full_name)
        before = copy(app)
        org.on_undo(lambda: _restore(app, before))
        if kind == "ConnectedApp":
            _connected(org, caller, app, values)
        elif kind == "ExtlClntAppOauthConfigurablePolicies":
            _policies(org, caller, app, values)
        elif kind == "ExtlClntAppGlobalOauthSettings":
            _certificate(org, caller, app, values)
            app.callback_url = values.get("callbackUrl", app.callback_url)
        else:
            raise ApiError(400, "INVALID_TYPE", f"{kind} cannot be updated by this call")
        appregistry.refresh(org, app)


def _restore(app: App, before: App) -> None:
    for field in fields(App):
        setattr(app, field.name, getattr(before, field.name))


def _unknown(kind: str, full_name: str) -> ApiError:
    return ApiError(
        400, "INVALID_CROSS_REFERENCE_KEY", f"In field: fullName - no {kind} named {full_name} found"
    )


def _profile(org: Org, caller: Caller, full_name: str, values: Values) -> None:
    """Ranges sent replace the whole list; login hours sent replace the timetable."""
    profile = find_profile(org, full_name)
    if profile is None:
        raise _unknown("Profile", full_name)
    ranges = None
    if "loginIpRanges" in values or org.switches.profile_update_without_ranges_clears_them:
        sent = [entry for entry in _listed(values.get("loginIpRanges")) if isinstance(entry, dict)]
        ranges = [(e.get("startAddress", ""), e.get("endAddress", ""), e.get("description")) for e in sent]
    hours = values.get("loginHours")
    timetable = None if hours is None else hours if isinstance(hours, dict) else {}
    restrict(org, caller, profile, ranges, timetable)
    granted = {
        f"Permissions{entry.get('name')}": _true(entry.get("enabled"))
        for entry in _listed(values.get("userPermissions"))
        if isinstance(entry, dict)
    }
    changed: Values = {name: value for name, value in granted.items() if profile.get(name) != value}
    if unknown := set(changed) - set(profile):
        raise ApiError(
            400, "INVALID_CROSS_REFERENCE_KEY", f"no permission named {', '.join(sorted(unknown))} found"
        )
    if values.get("description", profile["Description"]) != profile["Description"]:
        changed["Description"] = values["description"]
    if changed:
        if "ManageProfilesPermissionsets" not in caller.held:
            raise ApiError(400, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
        assignments.update_profile(org, caller, profile, changed)


def _security(org: Org, values: Values) -> None:
    settings = values.get("sessionSettings")
    if isinstance(settings, dict) and "enforceIpRangesEveryRequest" in settings:
        org.enforce_ip_every_request = _true(settings["enforceIpRangesEveryRequest"])
    access = values.get("networkAccess")
    if isinstance(access, dict):
        try:
            org.trusted_ranges = tuple(
                IpRange.parse(e.get("start", ""), e.get("end", ""), e.get("description"))
                for e in _listed(access.get("ipRanges"))
            )
        except ValueError as exc:
            raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", f"Invalid IP range: {exc}") from exc


def _connected(org: Org, caller: Caller, app: App, values: Values) -> None:
    config = values.get("oauthConfig")
    config = config if isinstance(config, dict) else {}
    _certificate(org, caller, app, config)
    if "isAdminApproved" in config:
        app.admin_approved = _true(config["isAdminApproved"])
    if "isClientCredentialEnabled" in config:
        app.client_credentials = _true(config["isClientCredentialEnabled"])
    if config.get("oauthClientCredentialUser"):
        _run_as(org, caller, app, config["oauthClientCredentialUser"])
    app.contact_email = values.get("contactEmail", app.contact_email)
    app.label = values.get("label", app.label)
    policy = values.get("oauthPolicy")
    if isinstance(policy, dict) and "ipRelaxation" in policy:
        app.enforce_ip = policy["ipRelaxation"] == "ENFORCE"
    if "permissionSetName" in values:
        _approve(org, app, [str(name) for name in _listed(values["permissionSetName"])])


def _policies(org: Org, caller: Caller, app: App, values: Values) -> None:
    if "isClientCredentialsFlowEnabled" in values:
        app.client_credentials = _true(values["isClientCredentialsFlowEnabled"])
    if values.get("clientCredentialsFlowUser"):
        _run_as(org, caller, app, values["clientCredentialsFlowUser"])
    if "permittedUsersPolicyType" in values:
        app.admin_approved = values["permittedUsersPolicyType"] == "AdminApprovedPreAuthorized"
    if "ipRelaxationPolicyType" in values:
        app.enforce_ip = values["ipRelaxationPolicyType"] != "Bypass"
    if "commaSeparatedPermissionSet" in values:
        _approve(org, app, [n.strip() for n in values["commaSeparatedPermissionSet"].split(",") if n.strip()])


def _run_as(org: Org, caller: Caller, app: App, username: str) -> None:
    """The run-as user must exist, be active and, for an external client app, be API only."""
    if username == app.run_as:
        return
    user = next(iter(org["User"].where("Username", username)), None)
    if user is None or not user["IsActive"]:
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", f"no active user named {username} found")
    if app.kind == "external" and "ApiUserOnly" not in permissions(org, user["Id"]):
        raise ApiError(
            400, "FIELD_INTEGRITY_EXCEPTION", "The execution user must have the API Only User permission"
        )
    appregistry.set_run_as(org, caller.id, app, user["Username"])


def _certificate(org: Org, caller: Caller, app: App, values: Values) -> None:
    pem = values.get("certificate")
    if pem is None or pem == app.certificate:
        return
    try:
        x509.load_pem_x509_certificate(pem.encode())
    except ValueError as exc:
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", "The certificate is not valid PEM") from exc
    appregistry.set_certificate(org, caller.id, app, pem)


def _approve(org: Org, app: App, names: list[str]) -> None:
    """The list sent is the list of approved permission sets from now on."""
    current, _ = approved_sets(org, app)
    for access in org["SetupEntityAccess"].where("SetupEntityId", app.id):
        held = org["PermissionSet"].get(access["ParentId"])
        if held is not None and not held["IsOwnedByProfile"] and held["Name"] not in names:
            org["SetupEntityAccess"].delete(access)
    for name in [name for name in names if name not in current]:
        held = next(iter(org["PermissionSet"].where("Name", name)), None)
        if held is None:
            raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", f"no PermissionSet named {name} found")
        appregistry.approve(org, held, app)


def _listed(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return value if isinstance(value, list) else [value]


def _true(value: Any) -> bool:
    return str(value).strip().lower() in {"true", "1"}
