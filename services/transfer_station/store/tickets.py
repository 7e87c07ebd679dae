"""Weighbridge tickets, and who was at the gate."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.store.stations import Key, newest_first
from services.transfer_station.tables.tickets import Ticket, TicketRevision
from services.transfer_station.tables.trucks import GateMinute
from shared.auth import Principal
from shared.db import dicts_by_key, insert_new, upsert
from shared.rows import table_of
from shared.scope import in_districts

TICKET, REVISION, MINUTE = table_of(Ticket), table_of(TicketRevision), table_of(GateMinute)
Minute = tuple[str, str, datetime]
"""Station, vehicle, minute."""


async def ticket(session: AsyncSession, ticket_id: str) -> dict[str, Any] | None:
    return dicts_by_key(await session.execute(select(*TICKET.c).where(TICKET.c.ticket_id == ticket_id))).get(ticket_id)


async def station_of(session: AsyncSession, ticket_id: str) -> str | None:
    found: str | None = (
        await session.execute(select(TICKET.c.station_id).where(TICKET.c.ticket_id == ticket_id))
    ).scalar_one_or_none()
    return found


async def put(session: AsyncSession, row: dict[str, Any], change: dict[str, Any]) -> None:
    await upsert(session, Ticket, [row])
    await insert_new(session, TicketRevision, [change])


async def note_stay(session: AsyncSession, ticket_id: str, arrived_at: datetime | None, left_at: datetime | None) -> None:
    stay = {"arrived_at": arrived_at, "left_at": left_at}
    await session.execute(update(TICKET).where(TICKET.c.ticket_id == ticket_id).values(**stay))


async def history(session: AsyncSession, ticket_id: str) -> list[TicketRevision]:
    query = select(TicketRevision).where(REVISION.c.ticket_id == ticket_id).order_by(REVISION.c.revision)
    return list((await session.execute(query)).scalars())


async def page(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], after: Key, limit: int
) -> Sequence[dict[str, Any]]:
    """Newest weigh-in first; `start` and `end` bound the weigh-in, a 6-digit district holds its subdistricts."""
    c = TICKET.c
    query = select(*c).where(*principal.scope.rows(TICKET))
    for name, value in filters.items():
        match name:
            case "start":
                query = query.where(c.weighed_in_at >= value)
            case "end":
                query = query.where(c.weighed_in_at < value)
            case "district_id":
                query = query.where(in_districts(c.district_id, {value}))
            case _:
                query = query.where(c[name] == value)
    return await newest_first(session, query, c.weighed_in_at, c.ticket_id, after, limit)


async def between(session: AsyncSession, station_id: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The station's tickets weighed in between the two, void ones left out, oldest first."""
    c = TICKET.c
    query = select(*c).where(c.station_id == station_id, c.weighed_in_at >= start, c.weighed_in_at <= end, c.status != "void")
    return list(dicts_by_key(await session.execute(query.order_by(c.weighed_in_at, c.ticket_id))).values())


async def closed_between(session: AsyncSession, station_id: str, start: datetime, end: datetime) -> Sequence[Any]:
    """arrived_at, weighed_in_at, weighed_out_at."""
    c = TICKET.c
    query = select(c.arrived_at, c.weighed_in_at, c.weighed_out_at).where(
        c.station_id == station_id, c.status == "closed", c.weighed_out_at >= start, c.weighed_out_at < end
    )
    return (await session.execute(query)).all()


async def of_trucks(
    session: AsyncSession, vehicle_ids: Collection[str], plate_keys: Collection[str], since: datetime | None
) -> Sequence[Any]:
    """ticket_id, station_id, said_plate_key, matched_by of tickets that say they are of one of these trucks or plates, and of
    those of no known truck."""
    c = TICKET.c
    trucks = sorted(vehicle_ids)
    wanted = or_(
        c.vehicle_id.in_(trucks), c.given_vehicle_id.in_(trucks), c.said_plate_key.in_(sorted(plate_keys)), c.matched_by.is_(None)
    )
    query = select(c.ticket_id, c.station_id, c.said_plate_key, c.matched_by).where(wanted)
    query = query if since is None else query.where(c.weighed_in_at >= since)
    return (await session.execute(query.order_by(c.ticket_id))).all()


# --- the gate ---------------------------------------------------------------------------------------------------


async def new_minutes(session: AsyncSession, minutes: Collection[Minute]) -> list[Minute]:
    """Those that are not known yet."""
    if not minutes:
        return []
    key = (MINUTE.c.station_id, MINUTE.c.vehicle_id, MINUTE.c.minute)
    known = {tuple(row) for row in await session.execute(select(*key).where(tuple_(*key).in_(sorted(minutes))))}
    return sorted(set(minutes) - known)


async def add_minutes(session: AsyncSession, minutes: Sequence[Minute]) -> None:
    names = ("station_id", "vehicle_id", "minute")
    await insert_new(session, GateMinute, [dict(zip(names, row, strict=True)) for row in minutes])


async def minutes_between(session: AsyncSession, station_id: str, start: datetime, end: datetime) -> dict[str, list[datetime]]:
    """By vehicle."""
    c = MINUTE.c
    query = select(c.vehicle_id, c.minute).where(and_(c.station_id == station_id, c.minute >= start, c.minute <= end))
    found: dict[str, list[datetime]] = {}
    for vehicle_id, minute in await session.execute(query.order_by(c.vehicle_id, c.minute)):
        found.setdefault(vehicle_id, []).append(minute)
    return found


async def open_tickets(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).where(TICKET.c.status == "open"))).scalar_one())
