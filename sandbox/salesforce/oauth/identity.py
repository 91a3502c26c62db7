"""Who a token belongs to: userinfo, the identity URL, the discovery document."""

from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.stamps import instant
from sandbox.salesforce.tables import Row


def userinfo(org: Org, user: Row, base_url: str) -> dict[str, Any]:
    """
    The OpenID Connect view of a user.

    Source: Salesforce Help, "UserInfo Endpoint", field list as read by public clients, 2026-11-21.
    """
    identity = f"{base_url}/id/{org.row['Id']}/{user['Id']}"
    zone = "GMT" if user["TimeZoneSidKey"] == "GMT" else user["TimeZoneSidKey"]
    return {
        "sub": identity,
        "user_id": user["Id"],
        "organization_id": org.row["Id"],
        "preferred_username": user["Username"],
        "nickname": user["CommunityNickname"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": bool(user["HasUserVerifiedEmail"]),
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": zone,
        "photos": {
            "picture": f"{base_url}/profilephoto/005/F",
            "thumbnail": f"{base_url}/profilephoto/005/T",
        },
        "profile": f"{base_url}/{user['Id']}",
        "picture": f"{base_url}/profilephoto/005/F",
        "address": {},
        "urls": urls(org, user, base_url),
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": 0,
        "updated_at": user["LastModifiedDate"],
    }


def identity(org: Org, user: Row, base_url: str) -> dict[str, Any]:
    """The body of the identity URL, which names the same things differently."""
    return {
        "id": f"{base_url}/id/{org.row['Id']}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": org.row["Id"],
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": bool(user["HasUserVerifiedEmail"]),
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "urls": urls(org, user, base_url),
        "active": user["IsActive"],
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": 0,
        "last_modified_date": instant(user["LastModifiedDate"]).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def urls(org: Org, user: Row, base_url: str) -> dict[str, str]:
    """Where the org's interfaces are; `{version}` is left for the caller to fill in."""
    data = f"{base_url}/services/data/v{{version}}"
    return {
        "enterprise": f"{base_url}/services/Soap/c/{{version}}/{org.row['Id'][:15]}",
        "metadata": f"{base_url}/services/Soap/m/{{version}}/{org.row['Id'][:15]}",
        "partner": f"{base_url}/services/Soap/u/{{version}}/{org.row['Id'][:15]}",
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "query": f"{data}/query/",
        "tooling_rest": f"{data}/tooling/",
        "profile": f"{base_url}/{user['Id']}",
        "custom_domain": base_url,
    }


def discovery(base_url: str) -> dict[str, Any]:
    """The OpenID Connect discovery document, for the endpoints that exist here."""
    oauth = f"{base_url}/services/oauth2"
    return {
        "issuer": base_url,
        "authorization_endpoint": f"{oauth}/authorize",
        "token_endpoint": f"{oauth}/token",
        "revocation_endpoint": f"{oauth}/revoke",
        "userinfo_endpoint": f"{oauth}/userinfo",
        "introspection_endpoint": f"{oauth}/introspect",
        "scopes_supported": ["api", "id", "full", "openid", "refresh_token"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
            "private_key_jwt",
        ],
    }
