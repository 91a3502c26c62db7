"""How records are written inside a sealed value: positional arrays, readable by later and earlier releases.

A field has its place for ever. New ones go at the end and have a default: an older array lacks them, and an
older release passes over them. Nothing else may change; ``tests/unit/store/test_layout.py`` holds arrays of the
first release against this.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from bot.errors import InvariantBroken, SchemaMismatch

VERSION = (
    1  # bound into each sealed value beside its row; only a new way of writing, not a new field, raises it
)
T = TypeVar("T")
_AWARE = Annotated[datetime, msgspec.Meta(tz=True)]
_shapes: dict[type, type[msgspec.Struct]] = {}


class Layout(Generic[T]):
    """One kind of record and the places of its fields."""

    def __init__(self, kind: type[T], places: str) -> None:
        self._kind = kind
        self._shape = _shapes[kind] = _shape(kind, places.split())
        self._decoder = msgspec.msgpack.Decoder(self._shape)

    def encode(self, record: T) -> bytes:
        """The record as an array; equal records give equal bytes.

        Raises:
            InvariantBroken: a field has another type than it declares, a time has no zone, a number has more
                than 64 bits, or a text holds half a character (a lone surrogate).
        """
        try:
            shaped = msgspec.convert(record, self._shape, from_attributes=True)
            return msgspec.msgpack.encode(shaped, order="deterministic")
        except msgspec.ValidationError as exc:
            raise InvariantBroken(f"{self._kind.__name__} cannot be stored: {exc}") from exc
        except (UnicodeEncodeError, OverflowError) as exc:
            why = (
                "half a character" if isinstance(exc, UnicodeEncodeError) else "a number of more than 64 bits"
            )
            raise InvariantBroken(f"{self._kind.__name__} cannot be stored: it holds {why}") from None

    def decode(self, raw: bytes) -> T:
        """The record of an array of this release, or of one before or after it.

        Raises:
            SchemaMismatch: it holds what this release has no word for.
        """
        try:
            return msgspec.convert(self._decoder.decode(raw), self._kind, from_attributes=True)
        except msgspec.MsgspecError as exc:
            raise SchemaMismatch(
                f"a stored {self._kind.__name__} was written by a newer Handover: update this one"
            ) from exc


def _shape(kind: type[Any], places: list[str]) -> type[msgspec.Struct]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if set(places) != set(fields):
        raise InvariantBroken(f"{kind.__name__}: no place, or no field, for {set(places) ^ set(fields)}")
    hints = get_type_hints(kind)
    return msgspec.defstruct(
        kind.__name__,
        [_field(name, _wire(hints[name]), fields[name]) for name in places],
        array_like=True,
        frozen=True,
        gc=False,
    )


def _field(name: str, kind: Any, field: dataclasses.Field[Any]) -> tuple[str, Any] | tuple[str, Any, Any]:
    if field.default is not dataclasses.MISSING:
        return name, kind, field.default
    if field.default_factory is not dataclasses.MISSING:
        return name, kind, msgspec.field(default_factory=field.default_factory)
    return name, kind


def _wire(kind: Any) -> Any:
    """The type a field has inside the array: nested records become arrays too."""
    if kind is datetime:
        return _AWARE
    if isinstance(kind, type) and kind in _shapes:
        return _shapes[kind]
    if args := get_args(kind):
        inner = tuple(_wire(arg) for arg in args)
        origin = get_origin(kind)
        return Union[inner] if origin in (Union, UnionType) else origin[inner]  # noqa: UP007  built at run time
    return kind
