"""Nothing is left in the temporary directory unseen."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.leftovers import left_in


def test_what_is_left_is_named(tmp_path: Path) -> None:
    """Files and directories besides those that are known, sorted."""
    (tmp_path / "run").mkdir()
    (tmp_path / "turns").mkdir()
    (tmp_path / "a.db").touch()
    assert left_in(tmp_path, tmp_path / "run") == ["a.db", "turns"]


def test_we_and_what_we_start_write_to_the_session_s_own_directory(temporary_directory: Path) -> None:
    """In this process and in a child; without that the end of the session would look at the wrong place."""
    ask = "import tempfile; print(tempfile.gettempdir())"
    child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert tempfile.gettempdir() == child.stdout.strip() == os.environ["TMPDIR"] == str(temporary_directory)


def test_pytest_s_own_directory_is_elsewhere(tmp_path: Path, temporary_directory: Path) -> None:
    """Pytest keeps what a failed test wrote; that is not left behind."""
    assert not tmp_path.is_relative_to(temporary_directory)
