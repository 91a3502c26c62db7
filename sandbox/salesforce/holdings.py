"""What each person holds in this org, as the world shows it: grants and run-as posts."""

from collections import defaultdict
from collections.abc import Iterable

from sandbox.salesforce.org import Org

_PREFIX = "Salesforce: "


def refresh(org: Org, user_ids: Iterable[str | None]) -> None:
    """Bring the labels of these users' people up to date; labels of other platforms stay."""
    acting = defaultdict[str | None, list[str]](list)
    for app in org.apps.values():
        if app.client_credentials and app.run_as:
            acting[app.run_as].append(f"{_PREFIX}{app.label}, run-as user")
    for user_id in user_ids:
        email, user = org.people.get(user_id or ""), org["User"].get(user_id)
        if email is None or user is None:
            continue
        person = org.world.people[email]
        granted = dict.fromkeys(
            f"{_PREFIX}{row['AppName']}" for row in org["OauthToken"].where("UserId", user_id)
        )
        others = [label for label in person.holds if not label.startswith(_PREFIX)]
        person.holds = [*others, *granted, *acting[user["Username"]]]
