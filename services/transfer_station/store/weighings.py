"""Weighings of other systems."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.store.stations import Key, newest_first
from services.transfer_station.tables.weighings import Weighing
from shared.db import among, insert_new
from shared.rows import table_of

WEIGHING = table_of(Weighing)
CHUNK = 5000


async def known(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), CHUNK):
        some = among(session, WEIGHING.c.weighing_id, ids[start : start + CHUNK])
        found |= set((await session.execute(select(WEIGHING.c.weighing_id).where(some))).scalars())
    return found


async def add(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        await insert_new(session, Weighing, rows[start : start + CHUNK])


async def page(session: AsyncSession, filters: dict[str, str], after: Key, limit: int) -> Sequence[dict[str, Any]]:
    query = select(*WEIGHING.c).where(*(WEIGHING.c[name] == value for name, value in filters.items()))
    return await newest_first(session, query, WEIGHING.c.at, WEIGHING.c.weighing_id, after, limit)
