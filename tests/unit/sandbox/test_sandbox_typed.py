"""What people type, as Slack delivers it with should_escape on."""

from __future__ import annotations

import pytest

from sandbox.company import load
from sandbox.slack.state import State
from sandbox.slack.typed import delivered
from sandbox.world import World


@pytest.fixture
def state() -> State:
    return State(World(load()))


def slack_id(state: State, email: str) -> str:
    return state.world.people[email].slack_id


def test_mentions_become_markup(state: State) -> None:
    """@name of a person or a group and #name of a public channel become Slack's markup; others stay."""
    alice = slack_id(state, "alice.doherty@larkspur.example")
    general = state.workspace.channel("general")
    group = next(one for one in state.workspace.groups.values() if one.handle == "it-admins")
    assert general is not None
    assert delivered(state, "impact @alice.doherty") == f"impact <@{alice}|alice.doherty>"
    assert delivered(state, "ask @it-admins") == f"ask <!subteam^{group.id}|@it-admins>"
    assert delivered(state, "in #general") == f"in <#{general.id}|general>"
    assert delivered(state, "@nobody #nowhere a@b.example") == "@nobody #nowhere a@b.example"
    state.policy.mention_with_label = False
    assert delivered(state, "@alice.doherty") == f"<@{alice}>"


def test_other_markup_is_escaped(state: State) -> None:
    """& < > become entities; markup a client made, and links, stay live."""
    assert delivered(state, "a < b & c <!channel>") == "a &lt; b &amp; c &lt;!channel&gt;"
    assert delivered(state, "<@U123ABC|bob> x") == "<@U123ABC|bob> x"
    assert delivered(state, "see https://a.example/x?y=1") == "see <https://a.example/x?y=1>"


def test_addresses_are_linked_when_the_switch_says_so(state: State) -> None:
    """An e-mail address stays plain, or becomes a mailto link with the switch."""
    assert delivered(state, "impact bob@b.example") == "impact bob@b.example"
    state.policy.link_typed_addresses = True
    assert delivered(state, "impact bob@b.example") == "impact <mailto:bob@b.example|bob@b.example>"
