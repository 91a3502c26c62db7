"""Key sources: refused when others could read them or they hold no key, and never shown."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from bot.db.key_sources import EnvKeySource, FileKeySource, KeySource
from bot.errors import ConfigError, DecryptionFailed

ENCODED = base64.b64encode(bytes(range(32))).decode()


def test_a_new_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    """``init`` makes a file of mode 0600 with 32 random bytes, another each time."""
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        FileKeySource.create(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(base64.b64decode(path.read_text())) == 32
    assert paths[0].read_text() != paths[1].read_text()


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    """Making a key where there is one fails and leaves it: everything sealed depends on it."""
    path = tmp_path / "key"
    FileKeySource.create(path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="nothing was changed"):
        FileKeySource.create(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_key_file_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or world stops the boot, with the command that mends it."""
    path = tmp_path / "key"
    FileKeySource.create(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match=f"chmod 600 {path}"):
        FileKeySource(path)


def test_a_missing_key_file_names_what_makes_one(tmp_path: Path) -> None:
    """Without a key file the boot stops and says how to get one."""
    with pytest.raises(ConfigError, match="init"):
        FileKeySource(tmp_path / "nowhere")


@pytest.mark.parametrize("content", ["", "hello", ENCODED[:-4], ENCODED * 2, "ä" * 44])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, content: str) -> None:
    """A source that holds anything but 32 bytes in base64 is refused, without showing what it holds."""
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    for make in (
        lambda: FileKeySource(path),
        lambda: EnvKeySource("HANDOVER_KEY", {"HANDOVER_KEY": content}),
    ):
        with pytest.raises(ConfigError) as refused:
            make()
        assert not content or content not in str(refused.value)


def test_a_key_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is asked when the source is made, and a missing variable is named."""
    monkeypatch.setenv("PLANTED_KEY", f" {ENCODED}\n")
    assert "PLANTED_KEY" in EnvKeySource("PLANTED_KEY").name
    monkeypatch.delenv("PLANTED_KEY")
    with pytest.raises(ConfigError, match="PLANTED_KEY"):
        EnvKeySource("PLANTED_KEY")


async def test_only_its_own_source_unwraps_a_key(tmp_path: Path) -> None:
    """What a source wrapped, the same key unwraps, from file or environment; another does not."""
    file = FileKeySource.create(tmp_path / "key")
    same = EnvKeySource("K", {"K": (tmp_path / "key").read_text()})
    wrapped = await file.wrap(b"x" * 32)
    assert await same.unwrap(wrapped) == b"x" * 32
    assert wrapped != await file.wrap(b"x" * 32)
    other: KeySource = FileKeySource.create(tmp_path / "other")
    for damaged in (wrapped[:-1], b"\x02" + wrapped[1:], wrapped[:5], b""):
        with pytest.raises(DecryptionFailed):
            await file.unwrap(damaged)
    with pytest.raises(DecryptionFailed, match="other"):
        await other.unwrap(wrapped)


def test_a_source_shows_its_name_and_not_its_key(tmp_path: Path) -> None:
    """Neither repr nor attributes of a source hold the key."""
    FileKeySource.create(tmp_path / "key")
    source = FileKeySource(tmp_path / "key")
    encoded = (tmp_path / "key").read_text().strip()
    shown = repr(source) + repr(vars(source))
    assert encoded not in shown
    assert repr(base64.b64decode(encoded)) not in shown
