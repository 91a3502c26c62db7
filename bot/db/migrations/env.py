"""Run by alembic: inside ``Store.open`` on its connection, or from the command line on ``-x url=…``."""

from __future__ import annotations

import asyncio
from typing import Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator

import bot.store  # noqa: F401  every subject declares its own tables
from bot.db.engines import engines
from bot.db.tables import METADATA


def _in_plain_types(kind: str, item: object, _: object) -> str | Literal[False]:
    """A migration says what the database has, whatever our types become later."""
    return f"sa.{type(item.impl).__name__}()" if isinstance(item, TypeDecorator) else False


def _run(connection: Connection) -> None:
    # SQLite cannot alter a table in place: batch mode makes it anew and copies.
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        render_item=_in_plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _from_command_line() -> None:
    pair = engines(context.get_x_argument(as_dictionary=True)["url"])
    async with pair.write.begin() as conn:
        await conn.run_sync(_run)
    await pair.dispose()


connection: Connection | None = context.config.attributes.get("connection")
if connection is None:
    asyncio.run(_from_command_line())
else:
    _run(connection)
