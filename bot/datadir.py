"""The data directory belongs to one bot at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import ConfigError

LOCK_NAME = "bot.lock"


class DataDir:
    """
    Our hold on a data directory, until ``release`` or the end of the process, however that comes.

    The kernel drops the hold with the process, so nothing stale is ever left behind; the file stays.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def hold(cls, path: Path) -> DataDir:
        """
        Take the directory, making it (0700) where it is missing.

        Raises:
            ConfigError: another process holds it (the hint has its pid), or it cannot be written.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise ConfigError(f"The data directory {path} cannot be written: {exc.strerror}.") from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise ConfigError(f"Another bot is using the data directory {path} (pid {holder}).") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        return cls(path, descriptor)

    def release(self) -> None:
        """Let another process have it; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
