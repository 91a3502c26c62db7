"""Slack's picture of a person, and of the app's own bot user."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.slack.policy import Policy
from sandbox.slack.workspace import Workspace
from sandbox.world import Json, Person

_SEEDED_AT = 1_700_000_000


def handle(person: Person) -> str:
    """What people type after @: the part of the address before its @."""
    return person.email.partition("@")[0]


def describe_user(workspace: Workspace, person: Person, policy: Policy, *, email: bool) -> Json:
    """
    The user object of users.info, users.list and user_change.

    `email` says whether the token has users:read.email; without it the address is absent.
    """
    deleted = not person.active_on("slack")
    given, _, family = person.name.partition(" ")
    profile: Json = {
        "title": person.title,
        "phone": "",
        "real_name": person.name,
        "real_name_normalized": person.name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "first_name": given,
        "last_name": family,
        "status_text": "",
        "status_emoji": "",
        "team": workspace.team_id,
    }
    if email:
        profile["email"] = person.email
    user: Json = {
        "id": person.slack_id,
        "team_id": workspace.team_id,
        "name": handle(person),
        "deleted": deleted,
        "real_name": person.name,
        "profile": profile,
        "is_bot": False,
        "is_app_user": False,
        "updated": workspace.updated.get(person.slack_id, _SEEDED_AT),
    }
    if deleted and not policy.deleted_users_keep_details:
        return user
    return user | {
        "tz": person.tz,
        "tz_label": person.tz.rpartition("/")[2].replace("_", " "),
        "tz_offset": _offset_s(person.tz, workspace.world.now),
        "is_admin": person.role == "admin",
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "is_email_confirmed": True,
    }


def describe_bot_user(workspace: Workspace) -> Json:
    return {
        "id": workspace.bot_user_id,
        "team_id": workspace.team_id,
        "name": workspace.bot_name,
        "deleted": False,
        "real_name": workspace.bot_name,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "profile": {
            "real_name": workspace.bot_name,
            "display_name": "",
            "bot_id": workspace.bot_id,
            "api_app_id": workspace.app_id,
            "team": workspace.team_id,
        },
        "is_admin": False,
        "is_owner": False,
        "is_restricted": False,
        "is_bot": True,
        "is_app_user": False,
        "updated": _SEEDED_AT,
    }


def _offset_s(tz: str, now: datetime) -> int:
    try:
        offset = now.astimezone(ZoneInfo(tz)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        offset = now.astimezone(UTC).utcoffset()
    return int(offset.total_seconds()) if offset else 0
