"""Registering apps: the rows by which each kind of app shows in SOQL, kept in step with the app."""

from sandbox.salesforce import holdings
from sandbox.salesforce.apps import App
from sandbox.salesforce.audit import note
from sandbox.salesforce.org import Org
from sandbox.salesforce.tables import Row


def register(org: Org, app: App, *, created: str | None = None) -> None:
    """Give an app its Id and its rows; from now on its consumer key is known."""
    made = created or org.stamp
    by = org.administrator["Id"]
    dates: Row = {
        "CreatedDate": made,
        "CreatedById": by,
        "LastModifiedDate": made,
        "LastModifiedById": by,
        "SystemModstamp": made,
    }
    if app.kind == "connected":
        row = org["ConnectedApplication"].insert(_connected(app) | dates)
    else:
        row = org["ExternalClientApplication"].insert(
            {
                "MasterLabel": app.label,
                "DeveloperName": app.name,
                "DistributionState": "Local",
                "ContactEmail": app.contact_email,
            }
            | dates
        )
        org["ExtlClntAppOauthPlcyCnfg"].insert(
            {
                "ExternalClientApplicationId": row["Id"],
                "PermittedUsersPolicyType": permitted_users(app),
                "RefreshTokenPolicyType": "Infinite",
                "SessionTimeoutInMinutes": None
                if app.session_timeout_s is None
                else app.session_timeout_s // 60,
            }
        )
    menu = org["AppMenuItem"].insert(
        {
            "Name": app.name,
            "Label": app.label,
            "Type": "ConnectedApplication",
            "ApplicationId": row["Id"],
            "SortOrder": len(org["AppMenuItem"]) + 1,
            "IsVisible": True,
            "IsAccessible": True,
            "CreatedDate": made,
            "CreatedById": by,
        }
    )
    app.id, app.menu_item_id, app.consumer_id = row["Id"], menu["Id"], org.mint.new("888")
    org.apps[app.client_id] = app


def permitted_users(app: App) -> str:
    """The policy's name in external client apps."""
    return "AdminApprovedPreAuthorized" if app.admin_approved else "AllSelfAuthorized"


def find(org: Org, name: str) -> App | None:
    """An app by its developer name, label or consumer key."""
    if name in org.apps:
        return org.apps[name]
    return next((app for app in org.apps.values() if name in (app.name, app.label)), None)


def approve(org: Org, held: Row, app: App) -> None:
    """Pre-authorise a permission set, of a profile or not, for an app."""
    kind = "ConnectedApplication" if app.kind == "connected" else "ExternalClientApplication"
    org["SetupEntityAccess"].insert(
        {"ParentId": held["Id"], "SetupEntityId": app.id, "SetupEntityType": kind}
    )


def set_run_as(org: Org, actor_id: str, app: App, username: str) -> None:
    """Change the user an app acts as in the client credentials flow, and say so in the audit trail."""
    before = app.run_as
    app.run_as, app.client_credentials = username, True
    org.on_undo(lambda: setattr(app, "run_as", before))
    users = [*org["User"].where("Username", before), *org["User"].where("Username", username)]
    holdings.refresh(org, [user["Id"] for user in users])
    note(
        org,
        actor_id,
        "addOauthClientCredentialUser",
        "Manage Apps",
        f"Changed the run-as user of app {app.label} to {username}",
    )


def set_certificate(org: Org, actor_id: str, app: App, pem: str | None) -> None:
    """Change the certificate an app signs with, and say so in the audit trail."""
    before = app.certificate
    app.certificate = pem
    org.on_undo(lambda: setattr(app, "certificate", before))
    note(
        org,
        actor_id,
        "changeApplicationCertificate",
        "Manage Apps",
        f"Changed certificate of app {app.label}",
    )


def refresh(org: Org, app: App) -> None:
    """Bring the app's rows in step after its policies changed."""
    if app.kind == "connected":
        row = org["ConnectedApplication"].get(app.id)
        if row is not None:
            org["ConnectedApplication"].change(row, _connected(app) | {"LastModifiedDate": org.stamp})
        return
    for row in org["ExtlClntAppOauthPlcyCnfg"].where("ExternalClientApplicationId", app.id):
        org["ExtlClntAppOauthPlcyCnfg"].change(row, {"PermittedUsersPolicyType": permitted_users(app)})


def _connected(app: App) -> Row:
    return {
        "Name": app.label,
        "OptionsAllowAdminApprovedUsersOnly": app.admin_approved,
        "OptionsRefreshTokenValidityMetric": False,
    }
