"""The Web API, one module for each family of methods; `METHODS` is all of it by name."""

from __future__ import annotations

from sandbox.slack.methods import auth, blocks, chat, conversations, files, usergroups, users, views
from sandbox.slack.state import Method

METHODS: dict[str, Method] = {
    method.name: method
    for family in (auth, blocks, chat, conversations, files, usergroups, users, views)
    for method in family.METHODS
}
