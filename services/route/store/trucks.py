"""The trucks as the registry of vehicles told them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.route.domain.trucks import Truck, TruckEntry
from services.route.store.plan import RUN, STOP
from services.route.tables.timetable import TruckEntryRow, TruckRow
from shared.db import among, insert_new, upsert
from shared.rows import columns_of, many, table_of, to_rows

TRUCK, ENTRY = table_of(TruckRow), table_of(TruckEntryRow)


async def trucks(session: AsyncSession, ids: Iterable[str]) -> dict[str, Truck]:
    query = select(*columns_of(Truck, TRUCK)).where(among(session, TRUCK.c.vehicle_id, list(ids)))
    return {truck.vehicle_id: truck for truck in await many(session, Truck, query)}


async def save_trucks(session: AsyncSession, trucks: Sequence[Truck]) -> None:
    await upsert(session, TruckRow, to_rows(trucks))


async def add_entries(session: AsyncSession, entries: Iterable[tuple[str, TruckEntry]]) -> None:
    """With the vehicle that each is about."""
    await insert_new(session, TruckEntryRow, [{"vehicle_id": i, **entry._asdict()} for i, entry in entries])


async def entries(session: AsyncSession, vehicle_id: str) -> list[TruckEntry]:
    """All that the registry has said of a truck."""
    c = ENTRY.c
    query = select(c.since, c.revision, c.kind, c.waste_streams).where(c.vehicle_id == vehicle_id)
    rows = await session.execute(query)
    return [TruckEntry(since, revision, kind, tuple(streams)) for since, revision, kind, streams in rows]


async def contractors(session: AsyncSession, ids: Iterable[str]) -> Mapping[str | None, str | None]:
    """Whose trucks these are."""
    return {i: truck.contractor_id for i, truck in (await trucks(session, ids)).items()}


async def give_to_contractor(session: AsyncSession, vehicle_id: str, contractor_id: str | None, at: datetime) -> None:
    """The truck's runs that have not begun are this contractor's, and so are those that had none."""
    mine = select(RUN.c.run_id).where(RUN.c.vehicle_id == vehicle_id, (RUN.c.begins_at > at) | RUN.c.contractor_id.is_(None))
    ids = list((await session.execute(mine)).scalars())
    for table in (RUN, STOP):
        await session.execute(update(table).where(among(session, table.c.run_id, ids)).values(contractor_id=contractor_id))
