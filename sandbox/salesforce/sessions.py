"""Access tokens: issue, use, end. Their life is measured by the world's clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.salesforce.apps import App
from sandbox.salesforce.tables import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org


@dataclass(slots=True)
class Session:
    """One access token. `grant_key` ties it to the OauthToken row it came from, if there is one."""

    token: str = field(repr=False)
    user_id: str
    client_id: str | None
    scope: str
    issued_at: datetime
    used_at: datetime
    timeout_s: int
    row_key: str
    grant_key: str | None = None

    @property
    def ends_at(self) -> datetime:
        """When it dies unless it is used."""
        return self.used_at + timedelta(seconds=self.timeout_s)


def start(
    org: Org, user: Row, app: App | None, login: Row, *, session_type: str, grant_key: str | None = None
) -> Session:
    """A new session with its AuthSession row; `login` is the LoginHistory row that let it in."""
    timeout_s = (app.session_timeout_s if app else None) or org.switches.session_timeout_s
    row = org["AuthSession"].insert(
        {
            "UsersId": user["Id"],
            "CreatedDate": org.stamp,
            "LastModifiedDate": org.stamp,
            "NumSecondsValid": timeout_s,
            "SessionType": session_type,
            "LoginType": login["LoginType"],
            "SourceIp": login["SourceIp"],
            "SessionSecurityLevel": "STANDARD",
            "UserType": user["UserType"],
            "LoginHistoryId": login["Id"],
        }
    )
    token = f"{org.row['Id'][:15]}!AQ{secrets.token_urlsafe(64).replace('-', '.')}"
    session = Session(
        token,
        user["Id"],
        app.client_id if app else None,
        app.oauth_scope if app else "full",
        org.now,
        org.now,
        timeout_s,
        row["_key"],
        grant_key,
    )
    org.sessions[token] = session
    return session


def find(org: Org, token: str) -> Session | None:
    """The live session of an access token; one that has timed out is forgotten."""
    session = org.sessions.get(token)
    if session is not None and session.ends_at <= org.now:
        end(org, session)
        return None
    return session


def touch(org: Org, session: Session) -> None:
    """A use: past half of its life, a session starts its life anew."""
    if (org.now - session.used_at).total_seconds() * 2 >= session.timeout_s:
        session.used_at = org.now
        if row := org["AuthSession"].get(session.row_key):
            org["AuthSession"].change(row, {"LastModifiedDate": org.stamp})


def end(org: Org, session: Session) -> None:
    """The token is dead from now on."""
    if org.sessions.pop(session.token, None) is not None:
        org.on_undo(lambda: org.sessions.update({session.token: session}))
    if row := org["AuthSession"].get(session.row_key):
        org["AuthSession"].delete(row)


def end_all(org: Org, *, user_id: str | None = None, grant_key: str | None = None) -> int:
    """End the sessions of a user or of a grant. Gives how many there were."""
    doomed = [
        s
        for s in org.sessions.values()
        if (user_id is not None and s.user_id == user_id)
        or (grant_key is not None and s.grant_key == grant_key)
    ]
    for session in doomed:
        end(org, session)
    return len(doomed)


def sweep(org: Org) -> None:
    """Forget every session that has timed out, so that AuthSession lists only live ones."""
    for session in [s for s in org.sessions.values() if s.ends_at <= org.now]:
        end(org, session)
