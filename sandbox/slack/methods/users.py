"""
People: users.info, users.list, users.lookupByEmail.

Source:
    docs.slack.dev/reference/methods/users.*, read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.args import Args, page
from sandbox.slack.errors import SlackError
from sandbox.slack.people import describe_bot_user, describe_user
from sandbox.slack.state import Method, State
from sandbox.world import Json, Person


def describe(state: State, person: Person) -> Json:
    """The user object as far as the token's scopes reach."""
    email = state.tokens.has("users:read.email")
    return describe_user(state.workspace, person, state.policy, email=email)


def info(state: State, args: Args) -> Json:
    wanted = args.needed("user")
    if wanted == state.workspace.bot_user_id:
        return {"user": describe_bot_user(state.workspace)}
    person = state.workspace.person(wanted)
    if person is None:
        raise SlackError("user_not_found")
    return {"user": describe(state, person)}


def listing(state: State, args: Args) -> Json:
    members = [describe(state, person) for person in state.workspace.people()]
    members.append(describe_bot_user(state.workspace))
    if not args.text("limit") and len(members) > state.policy.users_list_needs_limit_above:
        raise SlackError("limit_required")
    found, cursor = page(members, args, default=len(members), most=1000)
    return {
        "members": found,
        "cache_ts": state.workspace.epoch(),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(state: State, args: Args) -> Json:
    email = args.needed("email").lower()
    person = state.world.people.get(email)
    if person is None or not (person.active_on("slack") or state.policy.lookup_finds_deactivated):
        raise SlackError("users_not_found")
    return {"user": describe(state, person)}


METHODS = (
    Method("users.info", info, scope="users:read", tier=4),
    Method("users.list", listing, scope="users:read", tier=2),
    Method("users.lookupByEmail", lookup_by_email, scope="users:read.email", tier=3),
)
