"""Finding the person, the channel and the view that a request to a lever names."""

from __future__ import annotations

from sandbox.asked import Asked, refuse
from sandbox.slack.modals import View
from sandbox.slack.state import State
from sandbox.slack.workspace import Channel
from sandbox.world import Json, Person


class Names:
    """People by e-mail or Slack id, channels by id or name; what is not there is refused with 404."""

    def __init__(self, state: State) -> None:
        self._state = state

    def person(self, who: str) -> Person:
        person = self._state.world.person(who)
        if person is None:
            refuse(f"user: nobody here is called {who!r}", 404)
        return person

    def channel(self, wanted: str, person: Person | None = None) -> Channel:
        """A channel by id or name; "dm" is the person's direct message with the app."""
        if wanted == "dm" and person is not None:
            return self._state.workspace.dm_with(person.slack_id)
        channel = self._state.workspace.channel(wanted)
        if channel is None:
            refuse(f"channel: there is no {wanted!r}", 404)
        return channel

    def view(self, asked: Asked, person: Person) -> View | None:
        """The modal or home tab a request means, or None if it means a message."""
        if asked.flag("home", False):
            home = self._state.modals.homes.get(person.slack_id)
            if home is None:
                refuse("the app has published no home tab for this person", 404)
            return home
        view_id = asked.text("view_id", None)
        return self.own_view(view_id, person) if view_id else None

    def own_view(self, view_id: str, person: Person) -> View:
        view = self._state.modals.find(view_id)
        if view is None or view.user != person.slack_id:
            refuse(f"{person.email} has no view {view_id}", 404)
        return view


def describe_channel(state: State, channel: Channel) -> Json:
    bot = state.workspace.bot_user_id in channel.members
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "private": channel.kind != "public",
        "alerts": channel.id == state.workspace.alert_channel.id,
        "topic": channel.topic,
        "archived": channel.archived,
        "bot_is_member": bot,
        "members": sorted(channel.members),
    }
