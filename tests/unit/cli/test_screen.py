"""What reaches a terminal, and what reaches a pipe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import screen


def test_a_pipe_gets_tabs_and_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns can be cut and searched by other programs; nothing is drawn or shortened."""
    screen.table(("name", "what"), [("a", "x" * 500)])
    assert capsys.readouterr().out == "name\twhat\na\t" + "x" * 500 + "\n"


def test_a_problem_of_several_lines_is_several_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Each wrong key of a configuration is told on a line of its own, on standard error."""
    screen.complain("first\nsecond")
    said = capsys.readouterr()
    assert said.err == "error: first\nerror: second\n"
    assert said.out == ""


@given(st.text())
def test_no_text_gives_the_terminal_orders(text: str) -> None:
    """Whatever a name holds, only printable characters come out."""
    assert screen._safe(text).isprintable()


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of result stays one line, so that `grep` finds it whole."""
    screen.say("word " * 100 + "end")
    assert capsys.readouterr().out.count("\n") == 1


def test_nothing_moves_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """Progress is for terminals; a log file holds none of it."""
    with screen.working("Doing something long"):
        pass
    assert capsys.readouterr() == ("", "")
