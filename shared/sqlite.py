"""Opening a SQLite file as the suite needs it: one writer, readers beside it, and every commit on the disk."""

import asyncio
from pathlib import Path

import aiosqlite

from shared.files import private_file


async def connect_sqlite(file: Path) -> aiosqlite.Connection:
    """Open and tuned. Whoever is stopped while it opens leaves nothing open behind."""
    opening = asyncio.ensure_future(_open_sqlite(file))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        await (await opening).close()
        raise


async def _open_sqlite(file: Path) -> aiosqlite.Connection:
    private_file(file)  # its journal takes over these permissions
    connecting = aiosqlite.connect(file, isolation_level=None)  # we say BEGIN ourselves, below
    connecting._thread.daemon = True  # as SQLAlchemy has it where it connects by itself
    connection = await connecting
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "cache_size=-8000"):
        await connection.execute(f"PRAGMA {pragma}")
    return connection
