"""What the app asks Slack for, and what for: the manifest and the doctor are held to this."""

from __future__ import annotations

from collections.abc import Mapping

# The scope each method of the Web API needs. Source: docs.slack.dev/reference/methods, read 2026-11-21.
METHODS: Mapping[str, str] = {
    "apps_connections_open": "",  # by the app-level token
    "auth_test": "",
    "chat_postEphemeral": "chat:write",
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "conversations_info": "channels:read",
    "conversations_join": "channels:join",
    "conversations_open": "im:write",
    "files_completeUploadExternal": "files:write",
    "files_getUploadURLExternal": "files:write",
    "usergroups_users_list": "usergroups:read",
    "users_info": "users:read",
    "users_list": "users:read",
    "users_lookupByEmail": "users:read.email",
    "views_open": "",
    "views_publish": "",
    "views_push": "",
    "views_update": "",
}
# Not asked for, since they let an app read what people write. An administrator who adds them gets this: a message
# whose answer was lost is looked for before it is sent again. groups:history and im:history do so elsewhere.
OPTIONAL: Mapping[str, str] = {
    "conversations_history": "channels:history",
    "conversations_replies": "channels:history",
}
SCOPES = frozenset({scope for scope in METHODS.values() if scope} | {"commands"})
APP_SCOPES = frozenset({"connections:write"})
EVENTS = frozenset(
    {
        "app_home_opened",  # the Home tab
        "user_change",  # somebody was deactivated, or came back
        "team_join",
        "subteam_members_changed",  # roles
        "subteam_updated",
        "tokens_revoked",  # we were switched off
        "app_uninstalled",
    }
)
