"""Any change of one byte, anywhere in a pack, is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_case import VERIFIER, failed, packed, request
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.evidence import zipped
from bot.evidence.packs import Pack

_made: list[Pack] = []


def made() -> Pack:
    """One pack for all examples."""
    if not _made:
        _made.append(packed(request()))
    return _made[0]


@settings(max_examples=1500, deadline=None)
@given(st.data())
def test_any_byte_of_any_file(data: st.DataObject) -> None:
    """One byte put in the place of another, put in or taken out fails the check of the file it is in."""
    pack = made()
    name = data.draw(st.sampled_from(sorted(pack.files)))
    raw = pack.files[name]
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda each: each != raw[at]))
    changed = data.draw(
        st.sampled_from(
            [
                raw[:at] + bytes([byte]) + raw[at + 1 :],
                raw[:at] + bytes([byte]) + raw[at:],
                raw[:at] + raw[at + 1 :],
            ]
        )
    )
    found = failed({**pack.files, name: changed})
    assert found
    assert name == "signature.json" or name in found


def test_every_bit_of_the_signature() -> None:
    """No bit of the signed manifest or its signature can be another, however little it seems to mean."""
    pack = made()
    raw = pack.files["signature.json"]
    missed = [
        (at, bit)
        for at in range(len(raw))
        for bit in range(8)  # the sixth makes capitals of hex digits
        if not failed(
            {**pack.files, "signature.json": raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]}
        )
    ]
    assert missed == []


@pytest.mark.parametrize("bit", [0x01, 0x20, 0x80])
def test_every_byte_of_the_zip_file_around_the_files(tmp_path: Path, bit: int) -> None:
    """A zip file is checked whole: names, times and rights too, and never ends in a fault."""
    pack = made()
    raw = zipped("evidence-7K2QXM", pack.files)
    inside = [(raw.index(data), raw.index(data) + len(data)) for data in pack.files.values()]
    around = [at for at in range(len(raw)) if not any(start <= at < end for start, end in inside)]
    assert len(around) > 300
    path = tmp_path / "pack.zip"
    for at in [*around, *(start for start, _ in inside), *(end - 1 for _, end in inside)]:
        path.write_bytes(raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :])
        _, findings = VERIFIER.read(path)
        assert [each.ok for each in findings] == [False], at
    path.write_bytes(raw)
    assert VERIFIER.read(path) == (
        dict(pack.files),
        [VERIFIER.Finding(True, "zip file", "as it was written")],
    )
