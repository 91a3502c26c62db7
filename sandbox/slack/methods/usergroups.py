"""
User groups and who is in them.

Source:
    docs.slack.dev/reference/methods/usergroups.*, read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.args import Args
from sandbox.slack.errors import SlackError
from sandbox.slack.state import Method, State
from sandbox.slack.workspace import UserGroup
from sandbox.world import Json


def describe(state: State, group: UserGroup) -> Json:
    """The subteam object of usergroups.list and of the subteam events."""
    return {
        "id": group.id,
        "team_id": state.workspace.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 1_700_000_000,
        "date_update": group.updated or 1_700_000_000,
        "date_delete": group.updated if group.disabled else 0,
        "auto_type": None,
        "created_by": "USLACKBOT",
        "updated_by": "USLACKBOT",
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
    }


def listing(state: State, args: Args) -> Json:
    _on_this_plan(state)
    found = []
    for group in state.workspace.groups.values():
        if group.disabled and not args.flag("include_disabled"):
            continue
        described = describe(state, group)
        members = state.workspace.group_members(group)
        if args.flag("include_users"):
            described["users"] = members
        if args.flag("include_count"):
            described["user_count"] = str(len(members))
        found.append(described)
    return {"usergroups": found}


def users_list(state: State, args: Args) -> Json:
    _on_this_plan(state)
    group = state.workspace.groups.get(args.needed("usergroup"))
    if group is None or (group.disabled and not args.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": state.workspace.group_members(group)}


def _on_this_plan(state: State) -> None:
    if not state.policy.user_groups:
        raise SlackError("plan_upgrade_required")


METHODS = (
    Method("usergroups.list", listing, scope="usergroups:read", tier=2),
    Method("usergroups.users.list", users_list, scope="usergroups:read", tier=2),
)
