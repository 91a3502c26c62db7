"""Introspection and revocation of tokens."""

from typing import Any

from sandbox.salesforce import grants, sessions
from sandbox.salesforce.errors import OAuthError
from sandbox.salesforce.oauth.asking import Asked, client
from sandbox.salesforce.org import Org


def introspect(org: Org, asked: Asked) -> dict[str, Any]:
    """
    What an app may know about one of its own tokens; nothing but "inactive" about any other.

    Source: Salesforce Help, "OpenID Connect Token Introspection Endpoint", read 2026-11-21.
    """
    app = client(org, asked, secret_required=True)
    token, hint = asked.form.get("token", ""), asked.form.get("token_type_hint", "access_token")
    if not token:
        raise OAuthError("invalid_request", "token is required")
    if hint not in {"access_token", "refresh_token"}:
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    session, grant = sessions.find(org, token), grants.by_refresh_token(org, token)
    if session is not None and session.client_id == app.client_id:
        user_id, kind, scope = session.user_id, "access_token", session.scope
        since, until = session.issued_at.timestamp(), session.ends_at.timestamp()
    elif grant is not None and grant["_client_id"] == app.client_id:
        user_id, kind, scope = grant["UserId"], "refresh_token", app.oauth_scope
        since = until = org.now.timestamp()
    else:
        return {"active": False}
    user = org["User"].get(user_id)
    if user is None or not user["IsActive"]:
        return {"active": False}
    found: dict[str, Any] = {
        "active": True,
        "scope": scope,
        "client_id": app.client_id,
        "username": user["Username"],
        "sub": f"https://login.salesforce.com/id/{org.row['Id']}/{user_id}",
        "token_type": kind,
    }
    if kind == "access_token":
        found |= {"exp": int(until), "iat": int(since), "nbf": int(since)}
    return found


def revoke(org: Org, asked: Asked) -> None:
    """
    End a token: an access token, a refresh token with all that came from it, or a grant by its DeleteToken.

    Raises:
        OAuthError: invalid_token for what is no token, unsupported_token_type for an empty one.
    Source: Mobile SDK Guide, "Revoking OAuth Tokens"; Object Reference, OauthToken; read 2026-11-21.
    """
    token = asked.form.get("token", "")
    if not token:
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    session = sessions.find(org, token)
    if session is not None:
        sessions.end(org, session)
        return
    grant = grants.by_refresh_token(org, token) or grants.by_delete_token(org, token)
    if grant is None:
        raise OAuthError("invalid_token", "invalid token")
    grants.revoke(org, grant)
    org.world.notify("salesforce:grant_revoked", {"app": grant["AppName"], "user_id": grant["UserId"]})
