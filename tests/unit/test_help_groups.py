"""The help is by what people want to do, and leaves no command out."""

from __future__ import annotations

from bot.app import routes
from handlers.help import GROUPS, _group

SPECS = routes().specs


def test_every_command_is_in_one_group() -> None:
    """A new command is put where people look for it."""
    listed = [verb for name in GROUPS for verb in verbs_of(name)]
    assert sorted(listed) == sorted(spec.verb for spec in SPECS)


def verbs_of(name: str) -> list[str]:
    title, verbs = GROUPS[name]
    own = [
        spec.verb
        for spec in SPECS
        if spec.verb in verbs or (name == "platforms" and spec.verb.split()[0] in verbs)
    ]
    assert _group(name, SPECS).summary.startswith(f"{title}: {len(own)} command")
    return own


def test_the_first_page_is_ten_lines_at_most() -> None:
    """More than that nobody reads."""
    assert len(GROUPS) <= 8
