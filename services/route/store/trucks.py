"""The trucks as the registry of vehicles told them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.judging.mixed_collection import TruckEntry as TruckEntryFact
from services.route.store.plan import RUN, STOP
from services.route.tables.timetable import Truck, TruckEntry
from shared.db import among, insert_new, upsert
from shared.rows import table_of

TRUCK, ENTRY = table_of(Truck), table_of(TruckEntry)


async def trucks(session: AsyncSession, ids: Iterable[str]) -> dict[str, Truck]:
    rows = await session.execute(select(Truck).where(among(session, TRUCK.c.vehicle_id, list(ids))))
    return {truck.vehicle_id: truck for truck in rows.scalars()}


async def put_trucks(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Truck, rows)


async def add_entries(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await insert_new(session, TruckEntry, rows)


async def entries(session: AsyncSession, vehicle_id: str) -> list[TruckEntryFact]:
    """All that the registry has said of a truck."""
    c = ENTRY.c
    query = select(c.since, c.revision, c.kind, c.waste_streams).where(c.vehicle_id == vehicle_id)
    rows = await session.execute(query)
    return [TruckEntryFact(since, revision, kind, tuple(streams)) for since, revision, kind, streams in rows]


async def give_to_contractor(session: AsyncSession, vehicle_id: str, contractor_id: str | None, at: datetime) -> None:
    """The truck's runs that have not begun are this contractor's, and so are those that had none."""
    mine = select(RUN.c.run_id).where(RUN.c.vehicle_id == vehicle_id, (RUN.c.begins_at > at) | RUN.c.contractor_id.is_(None))
    ids = list((await session.execute(mine)).scalars())
    for table in (RUN, STOP):
        await session.execute(update(table).where(among(session, table.c.run_id, ids)).values(contractor_id=contractor_id))
