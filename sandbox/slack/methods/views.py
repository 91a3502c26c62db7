"""
Modals and the home tab.

Source:
    docs.slack.dev/reference/methods/views.*, read 2026-11-21.
"""

from __future__ import annotations

from sandbox.slack.args import Args
from sandbox.slack.blockkit import check_view, too_large
from sandbox.slack.errors import SlackError, missing_argument, refused_layout
from sandbox.slack.state import Method, State
from sandbox.world import Json


def opened(state: State, args: Args) -> Json:
    view = _view(args, "modal")
    trigger = state.triggers.exchange(_trigger_id(args))
    return {"view": state.modals.describe(state.modals.open(trigger.user, view))}


def pushed(state: State, args: Args) -> Json:
    view = _view(args, "modal")
    trigger = state.triggers.exchange(_trigger_id(args))
    return {"view": state.modals.describe(state.modals.push(trigger.user, view))}


def updated(state: State, args: Args) -> Json:
    found = state.modals.find(args.text("view_id"), args.text("external_id"))
    if not args.text("view_id") and not args.text("external_id"):
        raise missing_argument("missing required field: view_id")
    if found is None:
        raise SlackError("not_found")
    view = _view(args, str(found.payload["type"]))
    return {"view": state.modals.describe(state.modals.update(found, view, args.text("hash")))}


def published(state: State, args: Args) -> Json:
    user = args.needed("user_id")
    if state.workspace.person(user) is None:
        raise missing_argument("invalid `user_id`")
    view = _view(args, "home")
    if not state.policy.home_tab:
        raise SlackError("not_enabled")
    return {"view": state.modals.describe(state.modals.publish(user, view, args.text("hash")))}


def _trigger_id(args: Args) -> str:
    return args.text("trigger_id") or args.needed("interactivity_pointer")


def _view(args: Args, kind: str) -> Json:
    view = args.object("view", "invalid_arguments")
    if view is None:
        raise missing_argument("missing required field: view")
    if too_large(view):
        raise SlackError("view_too_large")
    if problems := check_view(view):
        raise refused_layout("invalid_arguments", problems)
    if view["type"] != kind:
        raise missing_argument(f"unsupported type: {view['type']} [json-pointer:/view/type]")
    checked: Json = view
    return checked


METHODS = (
    Method("views.open", opened, tier=4),
    Method("views.push", pushed, tier=4),
    Method("views.update", updated, tier=4),
    Method("views.publish", published, tier=4),
)
