"""Where the key that wraps the data keys comes from."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.config import Settings
from bot.errors import ConfigError, DecryptionFailed

KEY_BYTES = 32
NONCE_BYTES = 12
_WRAPPED = b"\x01"  # format of a wrapped key: this byte, the nonce, AES-256-GCM
_PURPOSE = b"handover data key"


class KeySource(Protocol):
    """Wraps and unwraps data keys, and never lets its own key out. Implemented by a file and the environment."""

    name: str  # shown to people: which file, which variable

    async def wrap(self, key: bytes) -> bytes:
        """The data key, sealed so that only this source opens it."""

    async def unwrap(self, wrapped: bytes) -> bytes:
        """The data key again.

        Raises:
            DecryptionFailed: another source wrapped it, or it was changed.
        """


class _HeldKey:
    """A source whose key lies in this process's memory."""

    def __init__(self, name: str, encoded: str) -> None:
        self.name = name
        self._cipher = AESGCM(_decode(name, encoded))

    async def wrap(self, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return _WRAPPED + nonce + self._cipher.encrypt(nonce, key, _WRAPPED + _PURPOSE)

    async def unwrap(self, wrapped: bytes) -> bytes:
        nonce, sealed = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, wrapped[:1] + _PURPOSE)
        except (InvalidTag, ValueError) as exc:
            raise DecryptionFailed(f"{self.name} does not open this data key", key_id=0) from exc


class FileKeySource(_HeldKey):
    """A file only its owner can read, 32 random bytes in base64. The default."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            ConfigError: it is missing, readable by others, or not a key.
        """
        try:
            mode = path.stat().st_mode
            encoded = path.read_text(encoding="ascii", errors="replace")
        except OSError as exc:
            raise ConfigError(f"key file {path}: {exc.strerror}. `python -m bot init` makes one.") from exc
        if mode & 0o077:
            raise ConfigError(f"key file {path} can be read by others: run `chmod 600 {path}`")
        super().__init__(f"key file {path}", encoded)

    @classmethod
    def create(cls, path: Path) -> FileKeySource:
        """Make a new key. An existing file is never replaced: with it would go everything it seals.

        Raises:
            ConfigError: the file is there already, or cannot be written.
        """
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as exc:
            raise ConfigError(f"key file {path}: {exc.strerror}; nothing was changed") from exc
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(path)


class EnvKeySource(_HeldKey):
    """An environment variable, 32 random bytes in base64: for containers and service managers."""

    def __init__(self, variable: str, environ: Mapping[str, str] | None = None) -> None:
        """Read the variable.

        Raises:
            ConfigError: it is not set, or not a key.
        """
        encoded = (os.environ if environ is None else environ).get(variable, "")
        if not encoded:
            raise ConfigError(f"environment variable {variable} is not set: it must hold 32 bytes in base64")
        super().__init__(f"environment variable {variable}", encoded)


def key_source(settings: Settings) -> KeySource:
    """The source that the configuration names.

    Raises:
        ConfigError: it is not there, or not a key.
    """
    return (
        EnvKeySource(settings.keys.env) if settings.keys.source == "env" else FileKeySource(settings.key_file)
    )


def _decode(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:  # binascii.Error, or letters outside of ASCII
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{name} does not hold a key: {KEY_BYTES} bytes in base64 are needed")
    return key
