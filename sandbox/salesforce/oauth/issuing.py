"""The last step of every flow: the login rules, the session, the success body."""

import base64
import hashlib
import hmac
from typing import Any

from sandbox.salesforce import grants, logins, sessions
from sandbox.salesforce.apps import App
from sandbox.salesforce.logins import Attempt
from sandbox.salesforce.org import Org
from sandbox.salesforce.sessions import Session
from sandbox.salesforce.tables import Row


def enter(org: Org, user: Row, app: App, attempt: Attempt, grant: Row | None) -> Session:
    """
    Let a user in by an app, or refuse; either way LoginHistory knows, and a grant's use is counted.

    Raises:
        OAuthError: the user is inactive, frozen, outside their ranges or hours.
    """
    if grant is not None:
        grants.used(org, grant)
    status = logins.refusal(org, user, attempt)
    if status is not None:
        logins.record(org, user, attempt, status)
        raise logins.oauth_error(org, status)
    login = logins.record(org, user, attempt, logins.SUCCESS)
    key = grant["_key"] if grant is not None else None
    return sessions.start(org, user, app, login, session_type="Oauth2", grant_key=key)


def success(org: Org, session: Session, app: App, base_url: str, **more: str) -> dict[str, Any]:
    """
    The body of a granted token request. There is no expires_in: the caller learns by a 401, or by asking.

    Source: Salesforce Help, token response of the client credentials flow, read 2026-11-21.
    """
    identity = f"{base_url}/id/{org.row['Id']}/{session.user_id}"
    issued_at = str(int(session.issued_at.timestamp() * 1000))
    mac = hmac.new(app.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256).digest()
    return {
        "access_token": session.token,
        "signature": base64.b64encode(mac).decode(),
        "scope": session.scope,
        "instance_url": base_url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    } | more
