"""Weighings of other systems."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.weighings import ImportedWeighing
from services.transfer_station.store.stations import Key, newest_first
from services.transfer_station.tables.weighings import WeighingRow
from shared.db import among, insert_new
from shared.rows import table_of, to_rows
from shared.vocabulary import WasteStream

WEIGHING = table_of(WeighingRow)
CHUNK = 5000


async def known(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    known_ids: set[str] = set()
    for start in range(0, len(ids), CHUNK):
        some = among(session, WEIGHING.c.weighing_id, ids[start : start + CHUNK])
        known_ids |= set((await session.execute(select(WEIGHING.c.weighing_id).where(some))).scalars())
    return known_ids


async def add(session: AsyncSession, weighings: Sequence[ImportedWeighing]) -> None:
    for start in range(0, len(weighings), CHUNK):
        await insert_new(session, WeighingRow, to_rows(weighings[start : start + CHUNK]))


async def page(
    session: AsyncSession, source: str | None, stream: WasteStream | None, after: Key, limit: int
) -> list[ImportedWeighing]:
    query = select(*WEIGHING.c)
    query = query if source is None else query.where(WEIGHING.c.source == source)
    query = query if stream is None else query.where(WEIGHING.c.stream == stream.value)
    return await newest_first(session, ImportedWeighing, query, WEIGHING.c.at, WEIGHING.c.weighing_id, after, limit)
