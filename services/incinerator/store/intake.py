"""Tickets, hauls, entries and ledgers of plants."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.tables.intake import (
    DispatchPlan,
    Haul,
    IntakeRevision,
    IntakeTicket,
    LedgerDay,
    PlantEntry,
    Quota,
    Tonnage,
)
from services.incinerator.tables.plants import Plant
from shared.db import among, insert_new, upsert
from shared.rows import table_of
from shared.scope import Scope

TICKET, HAUL, ENTRY, LEDGER, REVISION, PLANT, TONNAGE = (
    table_of(table) for table in (IntakeTicket, Haul, PlantEntry, LedgerDay, IntakeRevision, Plant, Tonnage)
)


async def lock_plant(session: AsyncSession, plant_id: str) -> None:
    """Who changes a plant's tickets or its day waits here for whoever does so already."""
    await session.execute(select(PLANT.c.plant_id).where(PLANT.c.plant_id == plant_id).with_for_update())


async def ticket(session: AsyncSession, ticket_id: str) -> IntakeTicket | None:
    return await session.get(IntakeTicket, ticket_id)


async def put_ticket(session: AsyncSession, row: dict[str, Any], shown: dict[str, Any]) -> None:
    """`shown`: the ticket as JSON, for its history."""
    await upsert(session, IntakeTicket, [row])
    kept = {name: row[name] for name in ("ticket_id", "revision", "recorded_by")} | {"ticket": shown}
    await insert_new(session, IntakeRevision, [kept])


async def history(session: AsyncSession, ticket_id: str) -> Sequence[dict[str, Any]]:
    query = select(REVISION.c.ticket).where(REVISION.c.ticket_id == ticket_id).order_by(REVISION.c.revision)
    return (await session.execute(query)).scalars().all()


async def page_of_tickets(
    session: AsyncSession,
    scope: Scope,
    filters: Mapping[str, Any],
    start: datetime | None,
    end: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[IntakeTicket]:
    c = TICKET.c
    query = select(IntakeTicket).where(*(c[name] == value for name, value in filters.items()))
    query = query.where(*scope.rows(TICKET, station_id=c.plant_id))
    query = query if start is None else query.where(c.arrived_at >= start)
    query = query if end is None else query.where(c.arrived_at < end)
    if after is not None:
        query = query.where(or_(c.arrived_at > after[0], and_(c.arrived_at == after[0], c.ticket_id > after[1])))
    return (await session.execute(query.order_by(c.arrived_at, c.ticket_id).limit(limit))).scalars().all()


async def hauls(session: AsyncSession, haul_ids: Iterable[str]) -> dict[str, Haul]:
    found = await session.execute(select(Haul).where(among(session, HAUL.c.haul_id, sorted(set(haul_ids)))))
    return {one.haul_id: one for one in found.scalars()}


async def haul_by_seal(session: AsyncSession, seal_number: str, plant_id: str) -> Haul | None:
    """The newest with this seal; one that was meant for this plant goes before others."""
    query = select(Haul).where(HAUL.c.seal_number == seal_number, HAUL.c.status != "cancelled")
    found = (await session.execute(query)).scalars().all()
    return max(
        found, key=lambda haul: (haul.destination_plant_id == plant_id, haul.left_at is not None, haul.haul_id), default=None
    )


async def put_hauls(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Haul, rows)


async def tickets_by_seal(session: AsyncSession, seals: Iterable[str]) -> Sequence[IntakeTicket]:
    query = select(IntakeTicket).where(among(session, TICKET.c.seal_number, sorted(set(seals)))).order_by(TICKET.c.ticket_id)
    return (await session.execute(query)).scalars().all()


async def intake_between(session: AsyncSession, plant_id: str, start: datetime, end: datetime) -> Sequence[tuple[datetime, int]]:
    """When closed tickets' trucks left, and their net kg."""
    c = TICKET.c
    where = (c.plant_id == plant_id, c.status == "closed", c.left_at >= start, c.left_at < end)
    return [(row[0], row[1]) for row in await session.execute(select(c.left_at, c.net_kg).where(*where))]


async def put_entry(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, PlantEntry, [row])


async def entry(session: AsyncSession, plant_id: str, entry_id: str) -> PlantEntry | None:
    return await session.get(PlantEntry, (plant_id, entry_id))


async def entries_since(session: AsyncSession, plant_id: str, day: date) -> dict[date, dict[str, int]]:
    """The sums of each day and kind."""
    c = ENTRY.c
    query = select(c.day, c.kind, func.sum(c.amount)).where(c.plant_id == plant_id, c.day >= day).group_by(c.day, c.kind)
    found: dict[date, dict[str, int]] = {}
    for row in await session.execute(query):
        found.setdefault(row[0], {})[row[1]] = int(row[2])
    return found


async def ledger_before(session: AsyncSession, plant_id: str, day: date) -> LedgerDay | None:
    """The last day of which there is a ledger."""
    c = LEDGER.c
    query = select(LedgerDay).where(c.plant_id == plant_id, c.day < day).order_by(c.day.desc()).limit(1)
    return (await session.execute(query)).scalar()


async def ledgers(session: AsyncSession, plant_id: str, start: date, end: date | None = None) -> dict[date, LedgerDay]:
    """From `start` up to `end`, both included."""
    c = LEDGER.c
    query = select(LedgerDay).where(c.plant_id == plant_id, c.day >= start).order_by(c.day)
    query = query if end is None else query.where(c.day <= end)
    return {row.day: row for row in (await session.execute(query)).scalars()}


async def put_ledgers(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, LedgerDay, rows)


async def quotas(session: AsyncSession) -> dict[str, Quota]:
    return {one.plant_id: one for one in (await session.execute(select(Quota))).scalars()}


async def put_quota(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, Quota, [row])


async def plan(session: AsyncSession, day: date) -> DispatchPlan | None:
    return await session.get(DispatchPlan, day)


async def put_plan(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, DispatchPlan, [row])


async def tonnage(session: AsyncSession, source: str) -> dict[tuple[str, date, str], tuple[int, str]]:
    """By district, month and material: grams and stream."""
    c = TONNAGE.c
    rows = await session.execute(select(c.district, c.month, c.material, c.grams, c.stream).where(c.source == source))
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


async def put_tonnage(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, Tonnage, rows)
