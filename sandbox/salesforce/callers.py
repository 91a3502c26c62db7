"""Who makes an API call, and what they may do while it lasts."""

from dataclasses import dataclass

from sandbox.salesforce.access import permissions
from sandbox.salesforce.org import Org
from sandbox.salesforce.sessions import Session
from sandbox.salesforce.tables import Row


@dataclass(frozen=True, slots=True)
class Caller:
    """A user with the permissions in force at this instant. `session` is None for the org's own deeds."""

    user: Row
    held: frozenset[str]
    session: Session | None = None

    @property
    def id(self) -> str:
        """The user's Id."""
        found: str = self.user["Id"]
        return found


def caller(org: Org, session: Session) -> Caller:
    """The caller behind a live session."""
    user = org["User"].get(session.user_id)
    if user is None:
        raise LookupError(session.user_id)
    return Caller(user, permissions(org, session.user_id), session)


def administrator(org: Org) -> Caller:
    """The administrator in whose name the world's levers are pulled."""
    user = org.administrator
    return Caller(user, permissions(org, user["Id"]))
