"""What a run of the tests left behind."""

from __future__ import annotations

from pathlib import Path


def left_in(directory: Path, *known: Path) -> list[str]:
    """Names of what lies in a directory besides ``known``, sorted."""
    return sorted(path.name for path in directory.iterdir() if path not in known)
