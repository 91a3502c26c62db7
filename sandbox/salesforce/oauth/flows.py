"""The other ways to a token: client credentials, refresh token, authorisation code, password."""

import secrets
from datetime import timedelta

from sandbox.salesforce import grants, logins, passwords
from sandbox.salesforce.access import approved_for
from sandbox.salesforce.apps import App
from sandbox.salesforce.errors import OAuthError
from sandbox.salesforce.logins import Attempt
from sandbox.salesforce.oauth.asking import Asked, client
from sandbox.salesforce.oauth.issuing import enter
from sandbox.salesforce.org import Org
from sandbox.salesforce.sessions import Session
from sandbox.salesforce.tables import Row

CODE_LIFE = timedelta(minutes=15)


def _attempt(asked: Asked, app: App, sub_type: str, *, password: bool = False) -> Attempt:
    return Attempt(
        asked.source_ip,
        "Remote Access 2.0",
        app.label,
        sub_type=sub_type,
        login_url=asked.host,
        enforce_ip=app.enforce_ip,
        password=password,
    )


def client_credentials(org: Org, asked: Asked) -> tuple[Session, App]:
    """
    A session for the app's run-as user. Only a My Domain host serves this flow, and no scope may be asked.

    Source: Salesforce Help, "OAuth 2.0 Client Credentials Flow", read 2026-11-21.
    """
    if asked.host_kind == "login":
        raise OAuthError("invalid_grant", "request not supported on this domain")
    if "scope" in asked.form:
        raise OAuthError("invalid_request", "scope parameter not supported")
    app = client(org, asked, secret_required=True)
    if not app.client_credentials:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    user = next(iter(org["User"].where("Username", app.run_as)), None) if app.run_as else None
    if user is None:
        raise OAuthError(*org.switches.no_run_as_error)
    attempt = _attempt(asked, app, "OauthClientCredentials")
    bound = org.switches.run_as_needs_permitted_user_policy and app.admin_approved
    if bound and not approved_for(org, user["Id"], app.id):
        logins.record(org, user, attempt, logins.NOT_APPROVED)
        raise OAuthError(*org.switches.not_admin_approved_error)
    grant = grants.approve(org, user, app) if org.switches.client_credentials_creates_grant else None
    return enter(org, user, app, attempt, grant), app


def refresh_token(org: Org, asked: Asked) -> tuple[Session, App, str | None]:
    """A session from a grant, and the new refresh token where the app rotates them."""
    app = client(org, asked, secret_required=False)
    grant = grants.by_refresh_token(org, asked.form.get("refresh_token", ""))
    if grant is None or grant["_client_id"] != app.client_id:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    user = _user(org, grant["UserId"])
    session = enter(org, user, app, _attempt(asked, app, "OauthRefreshToken"), grant)
    if not app.rotates_refresh_tokens:
        return session, app, None
    fresh = f"5Aep861{secrets.token_urlsafe(48)}"
    org["OauthToken"].change(grant, {"_refresh_token": fresh})
    return session, app, fresh


def authorization_code(org: Org, asked: Asked) -> tuple[Session, App, str]:
    """A session and a refresh token for a code, which works once and for fifteen minutes."""
    app = client(org, asked, secret_required=True)
    client_id, user_id, ends_at = org.codes.pop(asked.form.get("code", ""), ("", "", org.now))
    if client_id != app.client_id:
        raise OAuthError("invalid_grant", "invalid authorization code")
    if ends_at <= org.now:
        raise OAuthError("invalid_grant", "expired authorization code")
    if asked.form.get("redirect_uri") != app.callback_url:
        raise OAuthError("invalid_grant", "redirect_uri must match configuration")
    grant = grants.approve(org, _user(org, user_id), app)
    session = enter(org, _user(org, user_id), app, _attempt(asked, app, "OauthWebServer"), grant)
    return session, app, str(grant["_refresh_token"])


def new_code(org: Org, user: Row, app: App) -> str:
    """An authorisation code, as the browser would bring it back after consent."""
    code = f"aPrx{secrets.token_urlsafe(40)}"
    org.codes[code] = (app.client_id, user["Id"], org.now + CODE_LIFE)
    return code


def password(org: Org, asked: Asked) -> tuple[Session, App]:
    """A session for username and password with the security token appended; many orgs block this flow."""
    app = client(org, asked, secret_required=True)
    if org.switches.password_flow_blocked:
        raise OAuthError("invalid_grant", "authentication failure")
    username = asked.form.get("username", "").lower()
    user = next(iter(org["User"].where("Username", username)), None)
    if user is None:
        raise OAuthError("invalid_grant", "authentication failure")
    attempt = _attempt(asked, app, "OauthUsernamePassword", password=True)
    status = passwords.refusal(org, user, asked.form.get("password", ""), asked.source_ip)
    if status is not None:
        logins.record(org, user, attempt, status)
        raise OAuthError("invalid_grant", "authentication failure")
    return enter(org, user, app, attempt, None), app


def _user(org: Org, user_id: str) -> Row:
    user = org["User"].get(user_id)
    if user is None:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    return user
