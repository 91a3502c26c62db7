"""PostgreSQL for the tests that kill."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a PostgreSQL server where databases may be made."""
    with postgres_server.serving() as url:
        yield url


@pytest.fixture
def fresh_postgres(server: str) -> Iterator[str]:
    """Address of an empty database, gone after the test."""
    with postgres_server.database(server) as url:
        yield url
