"""Two pairs of consumer key and secret at once: the main one of an app, and a staged one beside it."""

from datetime import timedelta

from sandbox.salesforce.apps import App, Staged
from sandbox.salesforce.audit import note
from sandbox.salesforce.org import Org

LASTS = timedelta(days=30)
"""How long a staged pair lives unless it is deleted before."""


def staged_of(org: Org, app: App) -> Staged | None:
    """What is in the slot now; what has outlived its thirty days is gone."""
    if app.staged is not None and app.staged.until <= org.now:
        app.staged = None
    return app.staged


def stage(org: Org, actor_id: str, app: App) -> Staged:
    """Make a new pair beside the main one. Both work from now on."""
    token = org.world.rng.randbytes(40).hex()
    made = Staged(org.mint.new("0yV"), f"3MVG9{token}"[:85], token[::-1], "active", org.now + LASTS)
    app.staged = made
    note(
        org, actor_id, "stagedOauthCredentials", "Manage Apps", f"Staged OAuth credentials of app {app.label}"
    )
    return made


def rotate(org: Org, actor_id: str, app: App, staged: Staged) -> Staged:
    """The two change places. The former main pair goes on working from the slot."""
    del org.apps[app.client_id]
    former = Staged(staged.id, app.client_id, app.client_secret, "rotated", org.now + LASTS)
    app.client_id, app.client_secret = staged.key, staged.secret
    org.apps[app.client_id] = app
    app.staged = former
    note(
        org,
        actor_id,
        "rotatedOauthCredentials",
        "Manage Apps",
        f"Rotated OAuth credentials of app {app.label}",
    )
    return former


def discard(org: Org, actor_id: str, app: App) -> None:
    """End the pair in the slot, at once."""
    app.staged = None
    note(
        org,
        actor_id,
        "deletedOauthCredentials",
        "Manage Apps",
        f"Deleted OAuth credentials of app {app.label}",
    )


def by_key(org: Org, key: str) -> tuple[App, str] | None:
    """The app that a consumer key belongs to, and the secret that goes with that key."""
    if (app := org.apps.get(key)) is not None:
        return app, app.client_secret
    for app in org.apps.values():
        if (staged := staged_of(org, app)) is not None and staged.key == key:
            return app, staged.secret
    return None
