"""
auth.test, api.test, team.info and the door of Socket Mode.

Source:
    docs.slack.dev/reference/methods, read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.args import Args
from sandbox.slack.errors import SlackError, missing_argument
from sandbox.slack.state import Method, State
from sandbox.world import Json


def auth_test(state: State, args: Args) -> Json:
    workspace = state.workspace
    return {
        "url": f"https://{workspace.team_domain}.slack.com/",
        "team": workspace.team_name,
        "user": workspace.bot_name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def api_test(state: State, args: Args) -> Json:
    if error := args.text("error"):
        raise SlackError(error, args=args.values)
    return {"args": args.values}


def team_info(state: State, args: Args) -> Json:
    workspace = state.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.team_domain}}


def connections_open(state: State, args: Args) -> Json:
    """The token must stand in the header; as a parameter it is refused."""
    if not args.token_in_header:
        raise missing_argument("the app-level token belongs in the Authorization header")
    socket = state.url.replace("http://", "ws://", 1)
    return {"url": f"{socket}/link/?ticket={state.tickets.issue()}&app_id={state.workspace.app_id}"}


METHODS = (
    Method("auth.test", auth_test),
    Method("api.test", api_test, token="none", tier=4),
    Method("team.info", team_info, scope="team:read", tier=3),
    Method("apps.connections.open", connections_open, scope="connections:write", tier=3, token="app"),
)
