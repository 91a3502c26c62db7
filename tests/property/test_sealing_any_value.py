"""Sealing, for any value: opens as it was, in its place, under its key, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.db.keyring import MAX_KEY_ID, DataKey, Keyring, Purpose
from bot.db.layout import Layout
from bot.errors import DecryptionFailed
from bot.findings.model import Finding
from bot.findings.repository import FINDING_LAYOUT
from bot.inventory.model import ConnectionState
from bot.inventory.repository import (
    APPLICATION_LAYOUT,
    CONNECTION_LAYOUT,
    CREDENTIAL_LAYOUT,
    PRINCIPAL_LAYOUT,
    TIE_LAYOUT,
)
from bot.people.model import Person
from bot.people.repository import PERSON_LAYOUT
from bot.platform.model import Application, Credential, Principal, Tie
from bot.platform.plan import Plan, Receipt
from bot.requests.repository import PLAN_LAYOUT, RECEIPT_LAYOUT


def key(key_id: int, purpose: Purpose, *, current: bool = True, byte: int | None = None) -> DataKey:
    material = bytes([key_id & 0xFF if byte is None else byte]) * 32
    return DataKey(id=key_id, purpose=purpose, key=material, current=current)


RING = Keyring([key(1, Purpose.ROWS), key(2, Purpose.OUTSIDE), key(3, Purpose.BLIND)])
places = st.text(max_size=60)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
aware = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(-(1 << 63), (1 << 63) - 1)


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type that the field may rightly hold: aware times, numbers of 64 bits."""
    if kind in (datetime, int):
        return aware if kind is datetime else numbers
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: any_of(hints[field.name]) for field in fields(kind)})
    args, origin = get_args(kind), get_origin(kind)
    if origin is UnionType:
        return st.one_of(*(any_of(arg) for arg in args))
    if origin is tuple:
        return st.lists(any_of(args[0]), max_size=3).map(tuple)
    if origin is Mapping:
        return st.dictionaries(any_of(args[0]), any_of(args[1]), max_size=3)
    return st.from_type(kind)


records = st.one_of(
    *(
        st.tuples(st.just(kept), any_of(kind))
        for kept, kind in (
            (PRINCIPAL_LAYOUT, Principal),
            (APPLICATION_LAYOUT, Application),
            (CREDENTIAL_LAYOUT, Credential),
            (TIE_LAYOUT, Tie),
            (PERSON_LAYOUT, Person),
            (FINDING_LAYOUT, Finding),
            (CONNECTION_LAYOUT, ConnectionState),
            (PLAN_LAYOUT, Plan),
            (RECEIPT_LAYOUT, Receipt),
        )
    )
)


@given(st.binary(max_size=400), places)
def test_what_is_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    """Any bytes come back from where they were sealed, by either way of sealing."""
    assert RING.open(RING.seal(plain, place), place) == plain
    assert RING.open(RING.seal_row(plain, place), place) == plain


@given(st.binary(max_size=200), places, places)
def test_it_opens_nowhere_else(plain: bytes, place: str, other: str) -> None:
    """Bound to one place, a value does not open in another."""
    if place == other:
        return
    with pytest.raises(DecryptionFailed):
        RING.open(RING.seal_row(plain, place), other)


@given(st.binary(max_size=60), places, st.data())
def test_a_flipped_bit_is_noticed(plain: bytes, place: str, data: st.DataObject) -> None:
    """Header, nonce and content: no bit of a sealed value can change unnoticed."""
    blob = bytearray(RING.seal_row(plain, place))
    at = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[at // 8] ^= 1 << at % 8
    with pytest.raises(DecryptionFailed):
        RING.open(bytes(blob), place)


@given(st.binary(max_size=120), places)
def test_any_bytes_are_refused_with_a_reason(blob: bytes, place: str) -> None:
    """Whatever lies in a sealed column, opening it raises nothing but DecryptionFailed."""
    with pytest.raises(DecryptionFailed):
        RING.open(blob, place)


@given(st.binary(min_size=8, max_size=60), places, st.integers(4, MAX_KEY_ID))
def test_a_rotated_keyring_opens_old_and_new(plain: bytes, place: str, newer: int) -> None:
    """Retired keys still open what they sealed; without the key its id is told; plain text never shows."""
    before = RING.seal_row(plain, place)
    rotated = Keyring([key(1, Purpose.ROWS, current=False), key(newer, Purpose.ROWS)])
    after = rotated.seal_row(plain, place)
    assert rotated.open(before, place) == rotated.open(after, place) == plain
    assert plain not in before + after
    with pytest.raises(DecryptionFailed) as refused:
        RING.open(after, place)
    assert refused.value.key_id == newer
    assert str(newer) in refused.value.hint


@given(st.binary(max_size=60), places)
def test_one_value_sealed_twice_looks_unlike(plain: bytes, place: str) -> None:
    """Equal rows cannot be told from their ciphertexts."""
    assert RING.seal_row(plain, place) != RING.seal_row(plain, place)


@given(texts, texts, texts)
def test_blind_indexes_are_equal_for_equal_values_only(name: str, one: str, other: str) -> None:
    """One field and value give one index; another value, field or key gives another."""
    assert RING.blind(name, one) == RING.blind(name, one)
    assert (RING.blind(name, one) == RING.blind(name, other)) == (one == other)
    assert RING.blind(name + "x", one) != RING.blind(name, one)
    assert Keyring([key(3, Purpose.BLIND, byte=9)]).blind(name, one) != RING.blind(name, one)


@given(st.lists(st.tuples(texts, texts), min_size=2, max_size=2, unique=True))
def test_field_and_value_do_not_run_together(pairs: list[tuple[str, str]]) -> None:
    """Where one name ends and the value begins cannot be shifted, as long as names hold no NUL."""
    (name, value), (other_name, other_value) = pairs
    if "\0" in name + other_name:
        return
    assert RING.blind(name, value) != RING.blind(other_name, other_value)


@given(records)
def test_any_record_comes_back_equal(pair: tuple[Layout[object], object]) -> None:
    """Whatever a record's fields hold, its array reads back as the same record, and is written the same."""
    kept, record = pair
    written = kept.encode(record)
    assert kept.decode(written) == record
    assert kept.encode(kept.decode(written)) == written
