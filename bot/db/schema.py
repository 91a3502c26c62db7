"""Which shape a database has, and bringing it to this release's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import SchemaMismatch

HEAD = "0003"  # the newest file in migrations/versions; they are counted
_MIGRATIONS = Path(__file__).parent / "migrations"


async def revision(conn: AsyncConnection) -> str:
    """The shape of the database: the number of its last migration, empty when it is new.

    Raises:
        SchemaMismatch: a newer Handover, or something else, made it.
    """
    found = await conn.run_sync(_stamp)
    if found and not (found.isdecimal() and found <= HEAD):
        raise SchemaMismatch(
            f"the database has shape {found}, this Handover knows shapes up to {HEAD}: run the newer release, "
            "or restore the backup made before it"
        )
    return found


async def upgrade(conn: AsyncConnection) -> None:
    """Bring the database to the newest shape, inside the connection's transaction."""
    await conn.run_sync(_upgrade)


def _stamp(conn: Connection) -> str:
    if not inspect(conn).has_table("alembic_version"):
        return ""
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or ""


def _upgrade(conn: Connection) -> None:
    # Imported here: a database of the newest shape, which is every start but a few, never needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
