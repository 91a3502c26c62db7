"""Folders: paths, names, and who sees what."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BadArgument, NotFound
from platforms.wrike.folders import Folder, Tree, handle
from platforms.wrike.planning import folders_named

LONG = "MAAAAA:" + "x-_:.=" * 40


def _folder(folder_id: str, *children: str, title: str = "", shared: tuple[str, ...] = ()) -> Folder:
    return Folder(
        id=folder_id,
        title=title or folder_id.title(),
        scope="WsRoot" if folder_id == "root" else "WsFolder",
        children=children,
        shared=frozenset(shared),
    )


TREE = Tree(
    {
        one.id: one
        for one in (
            _folder("root", "it", "finance"),
            _folder("it", "requests", shared=("group",)),
            _folder("requests", LONG, title="Requests"),
            _folder("finance", "other", shared=("ana",)),
            _folder("other", title="Requests"),
            _folder(LONG, title="A, with comma"),
        )
    }
)


def test_a_path_leaves_the_root_out() -> None:
    """People see where a folder lies, from its space on."""
    assert TREE.path("requests") == "It / Requests"


@pytest.mark.parametrize("words", ["requests", "It / Requests", "it /  REQUESTS", handle("requests")])
def test_a_folder_is_named_by_id_path_or_handle(words: str) -> None:
    """Ids stand as they are; paths are compared without case and double spaces."""
    assert TREE.named(words).id == "requests"


def test_a_title_that_two_have_must_be_written_as_a_path() -> None:
    """Nothing is shared by guessing: the paths are shown."""
    with pytest.raises(BadArgument, match="Finance / Requests"):
        TREE.named("Requests")


def test_a_name_of_nothing_says_that_the_bot_may_just_not_see_it() -> None:
    """A listing shows only what our own user sees, so absence is no proof."""
    with pytest.raises(NotFound, match="shared"):
        TREE.named("Secret plans")


def test_the_root_and_the_bin_are_not_offered() -> None:
    """Nobody shares the whole account by mistake."""
    assert "root" not in {one.id for one in TREE.sharable}


def test_a_title_with_a_comma_can_still_be_named() -> None:
    """A list is parted by commas, unless all of it is one title."""
    assert [one.id for one in folders_named(TREE, "A, with comma")] == [LONG]
    assert [one.id for one in folders_named(TREE, "It, Finance / Requests,")] == ["it", "other"]
    assert folders_named(TREE, " ") == ()


def test_a_handle_fits_where_long_ids_do_not() -> None:
    """Slack's options hold 75 characters; an id may have 256."""
    assert len(handle(LONG)) <= 20
    assert TREE.named(handle(LONG)).id == LONG


def test_what_is_shared_above_is_seen_below() -> None:
    """Access comes by groups and by the folders above, and by public spaces for regular users only."""
    assert TREE.sees({"x", "group"}, LONG, regular=False)
    assert not TREE.sees({"x", "group"}, "finance", regular=True)
    public = Tree({"space": Folder(id="space", title="S", scope="WsFolder", children=(), public=True)})
    assert public.sees({"x"}, "space", regular=True)
    assert not public.sees({"x"}, "space", regular=False)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_no_tree_however_knotted_goes_on_for_ever(edges: list[tuple[int, int]]) -> None:
    """Folders may lie in several, and nothing promises that there is no circle."""
    children: dict[int, list[str]] = {n: [] for n in range(7)}
    for above, below in edges:
        children[above].append(str(below))
    tree = Tree({str(n): _folder(str(n), *below) for n, below in children.items()})
    for folder_id in tree.folders:
        assert folder_id in tree.above(folder_id)
        assert tree.path(folder_id).endswith(folder_id)
