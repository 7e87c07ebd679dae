"""Weighbridge tickets, and who was at the gate."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic_core import to_jsonable_python
from sqlalchemy import and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.gate import GateMinute
from services.transfer_station.domain.tickets import Action, FirstWeighing, Stay, Ticket, TicketChange, TicketFilters, TicketPlate
from services.transfer_station.store.stations import Key, newest_first
from services.transfer_station.tables.tickets import TicketRevisionRow, TicketRow
from services.transfer_station.tables.trucks import GateMinuteRow
from shared.auth import Principal
from shared.db import insert_new, upsert
from shared.rows import columns_of, from_row, many, matching, one, table_of, to_row
from shared.scope import in_districts

TICKET, REVISION, MINUTE = table_of(TicketRow), table_of(TicketRevisionRow), table_of(GateMinuteRow)


async def ticket(session: AsyncSession, ticket_id: str) -> Ticket | None:
    return await one(session, Ticket, select(*TICKET.c).where(TICKET.c.ticket_id == ticket_id))


async def station_of(session: AsyncSession, ticket_id: str) -> str | None:
    station_id: str | None = (
        await session.execute(select(TICKET.c.station_id).where(TICKET.c.ticket_id == ticket_id))
    ).scalar_one_or_none()
    return station_id


async def save_ticket(
    session: AsyncSession, ticket: Ticket, action: Action, actor: str, *, person: str | None, reason: str | None
) -> None:
    """The ticket, and what it says from this revision on."""
    row = to_row(ticket, TICKET)
    await upsert(session, TicketRow, [row])
    revision = {
        "ticket_id": ticket.ticket_id,
        "revision": ticket.revision,
        "action": action.value,
        "actor": actor,
        "person": person,
        "reason": reason,
        "changed_at": ticket.changed_at,
        "ticket": to_jsonable_python(row),
    }
    await insert_new(session, TicketRevisionRow, [revision])


async def note_stay(session: AsyncSession, ticket_id: str, arrived_at: datetime | None, left_at: datetime | None) -> None:
    stay = {"arrived_at": arrived_at, "left_at": left_at}
    await session.execute(update(TICKET).where(TICKET.c.ticket_id == ticket_id).values(**stay))


async def history(session: AsyncSession, ticket_id: str) -> list[TicketChange]:
    query = select(*columns_of(TicketChange, REVISION)).where(REVISION.c.ticket_id == ticket_id)
    return await many(session, TicketChange, query.order_by(REVISION.c.revision))


async def first_weighing(session: AsyncSession, ticket_id: str) -> FirstWeighing:
    """What a ticket that is there said at first."""
    query = select(REVISION.c.ticket).where(REVISION.c.ticket_id == ticket_id).order_by(REVISION.c.revision).limit(1)
    return from_row(FirstWeighing, (await session.execute(query)).scalar_one())


async def page(session: AsyncSession, principal: Principal, filters: TicketFilters, after: Key, limit: int) -> list[Ticket]:
    """Newest weigh-in first."""
    c = TICKET.c
    query = select(*c).where(*principal.scope.rows(TICKET), *matching(filters, TICKET))
    query = query if filters.start is None else query.where(c.weighed_in_at >= filters.start)
    query = query if filters.end is None else query.where(c.weighed_in_at < filters.end)
    if filters.within_district is not None:
        query = query.where(in_districts(c.district_id, {filters.within_district}))
    return await newest_first(session, Ticket, query, c.weighed_in_at, c.ticket_id, after, limit)


async def between(session: AsyncSession, station_id: str, start: datetime, end: datetime) -> list[Ticket]:
    """The station's tickets weighed in between the two, void ones left out, oldest first."""
    c = TICKET.c
    query = select(*c).where(c.station_id == station_id, c.weighed_in_at >= start, c.weighed_in_at <= end, c.status != "void")
    return await many(session, Ticket, query.order_by(c.weighed_in_at, c.ticket_id))


async def closed_between(session: AsyncSession, station_id: str, start: datetime, end: datetime) -> list[Stay]:
    c = TICKET.c
    closed = (c.station_id == station_id, c.status == "closed", c.weighed_out_at >= start, c.weighed_out_at < end)
    return await many(session, Stay, select(*columns_of(Stay, TICKET)).where(*closed))


async def of_trucks(
    session: AsyncSession, vehicle_ids: Collection[str], plate_keys: Collection[str], since: datetime | None
) -> list[TicketPlate]:
    """Tickets that say they are of one of these trucks or plates, and those of no known truck."""
    c = TICKET.c
    trucks = sorted(vehicle_ids)
    wanted = or_(
        c.vehicle_id.in_(trucks), c.given_vehicle_id.in_(trucks), c.said_plate_key.in_(sorted(plate_keys)), c.matched_by.is_(None)
    )
    query = select(*columns_of(TicketPlate, TICKET)).where(wanted)
    query = query if since is None else query.where(c.weighed_in_at >= since)
    return await many(session, TicketPlate, query.order_by(c.ticket_id))


# --- the gate ---------------------------------------------------------------------------------------------------


async def new_minutes(session: AsyncSession, minutes: Collection[GateMinute]) -> list[GateMinute]:
    """Those that are not known yet."""
    if not minutes:
        return []
    key = (MINUTE.c.station_id, MINUTE.c.vehicle_id, MINUTE.c.minute)
    known = {GateMinute(*row) for row in await session.execute(select(*key).where(tuple_(*key).in_(sorted(minutes))))}
    return sorted(set(minutes) - known)


async def add_minutes(session: AsyncSession, minutes: Sequence[GateMinute]) -> None:
    await insert_new(session, GateMinuteRow, [minute._asdict() for minute in minutes])


async def minutes_between(session: AsyncSession, station_id: str, start: datetime, end: datetime) -> dict[str, list[datetime]]:
    """By vehicle."""
    c = MINUTE.c
    query = select(c.vehicle_id, c.minute).where(and_(c.station_id == station_id, c.minute >= start, c.minute <= end))
    by_vehicle: dict[str, list[datetime]] = {}
    for vehicle_id, minute in await session.execute(query.order_by(c.vehicle_id, c.minute)):
        by_vehicle.setdefault(vehicle_id, []).append(minute)
    return by_vehicle


async def open_tickets(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).where(TICKET.c.status == "open"))).scalar_one())
