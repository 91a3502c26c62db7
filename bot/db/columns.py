"""Types of columns: instants, and bytes as the drivers take them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, LargeBinary, TypeDecorator
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class UTCDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, microseconds since 1970 in the database.

    A whole number, so that both databases keep, compare and order the same instant to the microsecond.

    SQLite has no type for it and would keep 26 letters without a zone. A time without a zone is refused.
    """

    impl = BigInteger
    cache_ok = True

    def __repr__(self) -> str:
        return "UTCDateTime()"

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        """Compare with instants."""
        return self

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """How an instant goes in."""
        return _number

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        """How it comes out."""
        return _instant


class Bytes(TypeDecorator[bytes]):
    """Bytes, handed over as they are: SQLAlchemy's own type wraps each, which is a fifth of writing a row."""

    impl = LargeBinary
    cache_ok = True

    def __repr__(self) -> str:
        return "Bytes()"

    def bind_processor(self, dialect: Dialect) -> None:
        """Nothing to do on the way in."""

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Nor on the way out."""


def _number(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _TICK


@lru_cache(maxsize=1024)  # the rows of one listing share theirs
def _instant(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + number * _TICK
