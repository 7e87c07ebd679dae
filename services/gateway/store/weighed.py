"""Lifts, tickets, hauls, and the trips between them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.tickets import NO_VEHICLE, Due, Haul, Lift, SiteFact, Subject, Tip
from services.gateway.domain.weighing import Scale, Trip, TripFilters, TruckScale
from services.gateway.tables.city import CityAlert, CityVehicle
from services.gateway.tables.weighed import (
    BalanceDue,
    CityHaul,
    CityLift,
    CityScale,
    CitySiteFact,
    CityTip,
    CityTrip,
    unlabelled_lift,
)
from shared.db import among, merge_rows, take_rows, upsert
from shared.events.base import Event
from shared.rows import columns_of, many, matching, one, table_of, to_row, to_rows
from shared.scope import Scope
from shared.vocabulary import AlertKind, AlertStatus, HaulStatus, TicketStatus

DUE, LIFT, TIP, TRIP = table_of(BalanceDue), table_of(CityLift), table_of(CityTip), table_of(CityTrip)
HAUL, SCALE, FACT, ALERT = table_of(CityHaul), table_of(CityScale), table_of(CitySiteFact), table_of(CityAlert)
VEHICLE = table_of(CityVehicle)
TRIPS = columns_of(Trip, TRIP)
CLOSED = TicketStatus.CLOSED.value
E = TypeVar("E", bound=Event)
Merged = dict[str, ColumnElement[Any]]


async def save_site_facts(session: AsyncSession, facts: Sequence[SiteFact]) -> None:
    """One that is not newer than the one stored changes nothing."""
    await merge_rows(session, CitySiteFact, SiteFact._fields, facts, _newer_fact)


def _newer_fact(stored: Any, new: Any) -> Merged:
    return {name: case((new.revision > stored.revision, new[name]), else_=stored[name]) for name in SiteFact._fields[2:]}


async def site_fact(session: AsyncSession, kind: type[E], fact_id: str) -> E | None:
    """As the event said it."""
    facts = await site_facts(session, kind, [fact_id])
    return facts[0] if facts else None


async def site_facts(session: AsyncSession, kind: type[E], ids: Collection[str]) -> list[E]:
    return await _facts(session, kind, among(session, FACT.c.fact_id, ids))


async def site_facts_of_day(session: AsyncSession, kind: type[E], ending: str) -> list[E]:
    return await _facts(session, kind, FACT.c.fact_id.endswith(ending))


async def _facts(session: AsyncSession, kind: type[E], which: ColumnElement[bool]) -> list[E]:
    query = select(FACT.c.fact).where(FACT.c.type == kind.type, which).order_by(FACT.c.fact_id)
    return [kind.model_validate(fact) for fact in (await session.execute(query)).scalars()]


# --- what has to be worked out again ----------------------------------------------------------------------------


async def mark(session: AsyncSession, marks: Mapping[Subject, datetime]) -> None:
    """Subjects, and from when on; the older of two marks holds."""
    rows = [(kind, key, since) for (kind, key), since in sorted(marks.items())]
    await merge_rows(session, BalanceDue, ("kind", "key", "since"), rows, _older)


def _older(stored: Any, new: Any) -> Merged:
    return {"since": case((new.since < stored.since, new.since), else_=stored.since)}


async def take_due(session: AsyncSession, limit: int, but: Collection[Subject] = ()) -> list[Due]:
    """What has waited longest, taken off the list; a mark that a consumer is about to move back stays."""
    wanted = [tuple_(DUE.c.kind, DUE.c.key).not_in(list(but))] if but else []
    rows = await take_rows(session, DUE, *wanted, order_by=(DUE.c.since, DUE.c.kind, DUE.c.key), limit=limit)
    return [Due(row.kind, row.key, row.since) for row in rows]


async def anything_due(session: AsyncSession) -> bool:
    return (await session.execute(select(DUE.c.key).limit(1))).first() is not None


async def waiting(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).select_from(DUE))).scalar_one())


# --- lifts ------------------------------------------------------------------------------------------------------

LIFTS = select(*(LIFT.c[name] for name in Lift._fields)).order_by(LIFT.c.at, LIFT.c.lift_id)


async def save_lifts(session: AsyncSession, lifts: Sequence[Lift]) -> None:
    """A known one gets its stream, district and contractor anew."""
    await merge_rows(session, CityLift, Lift._fields, lifts, _relabelled)


async def known_lifts(session: AsyncSession, keys: Collection[tuple[str, datetime, str]]) -> set[str]:
    """Ids of those lifts that are stored; keys are vehicle, time and id."""
    key = tuple_(LIFT.c.vehicle_id, LIFT.c.at, LIFT.c.lift_id)
    return set((await session.execute(select(LIFT.c.lift_id).where(key.in_(list(keys))))).scalars())


def _relabelled(_: Any, new: Any) -> Merged:
    return {name: new[name] for name in Lift._fields[4:]}


async def lifts_after(session: AsyncSession, vehicle_id: str, after: datetime | None) -> list[Lift]:
    query = LIFTS.where(LIFT.c.vehicle_id == vehicle_id)
    query = query if after is None else query.where(LIFT.c.at > after)
    return [Lift(*row) for row in await session.execute(query)]


async def lifts_between(session: AsyncSession, vehicle_id: str | None, after: datetime | None, until: datetime) -> list[Lift]:
    query = LIFTS.where(LIFT.c.vehicle_id == vehicle_id, LIFT.c.at <= until)
    query = query if after is None else query.where(LIFT.c.at > after)
    return [Lift(*row) for row in await session.execute(query)]


async def has_lifted(session: AsyncSession, vehicle_id: str) -> bool:
    return (await session.execute(select(LIFT.c.at).where(LIFT.c.vehicle_id == vehicle_id).limit(1))).first() is not None


async def unlabelled(session: AsyncSession, vehicle_ids: Iterable[str], start: datetime, end: datetime) -> dict[str, datetime]:
    """The oldest lift of each vehicle that nobody knew the stream or district of when it came."""
    c = LIFT.c
    query = select(c.vehicle_id, func.min(c.at)).where(
        among(session, c.vehicle_id, list(vehicle_ids)), c.at >= start, c.at < end, or_(*unlabelled_lift(c))
    )
    return dict([tuple(row) for row in await session.execute(query.group_by(c.vehicle_id))])


async def purge_lifts(session: AsyncSession, before: datetime, resent_before: datetime, limit: int) -> int:
    """What is old has long been added up; not of trucks whose lifts were resent since `resent_before`. How many went."""
    c, v = LIFT.c, VEHICLE.c
    complete = or_(v.lifts_resent_at.is_(None), v.lifts_resent_at < resent_before)
    query = select(c.vehicle_id, c.at, c.lift_id).join(VEHICLE, v.vehicle_id == c.vehicle_id).where(c.at < before, complete)
    old = (await session.execute(query.limit(limit))).all()
    for vehicle_id, at, lift_id in old:
        await session.execute(delete(LIFT).where(c.vehicle_id == vehicle_id, c.at == at, c.lift_id == lift_id))
    purged = among(session, v.vehicle_id, sorted({row.vehicle_id for row in old}))
    await session.execute(update(VEHICLE).where(purged).values(lifts_purged_before=before))
    return len(old)


# --- tickets ----------------------------------------------------------------------------------------------------


async def tips(session: AsyncSession, ids: Collection[str]) -> dict[str, Tip]:
    tips = await many(session, Tip, select(*TIP.c).where(among(session, TIP.c.ticket_id, list(ids))))
    return {tip.ticket_id: tip for tip in tips}


async def save_tips(session: AsyncSession, tips: Sequence[Tip]) -> None:
    await upsert(session, CityTip, to_rows(tips))


def _tipping() -> list[ColumnElement[bool]]:
    """Closed tickets of trucks; a haul's arrival is none."""
    return [TIP.c.status == CLOSED, TIP.c.haul_id.is_(None)]


def _of_vehicle(column: ColumnElement[Any], vehicle_id: str) -> ColumnElement[bool]:
    return column.is_(None) if vehicle_id == NO_VEHICLE else column == vehicle_id


async def tips_since(session: AsyncSession, vehicle_id: str, since: datetime) -> list[Tip]:
    query = select(*TIP.c).where(_of_vehicle(TIP.c.vehicle_id, vehicle_id), TIP.c.at >= since, *_tipping())
    return await many(session, Tip, query.order_by(TIP.c.at, TIP.c.ticket_id))


async def tip_before(session: AsyncSession, vehicle_id: str, before: datetime) -> datetime | None:
    query = select(func.max(TIP.c.at)).where(TIP.c.vehicle_id == vehicle_id, TIP.c.at < before, *_tipping())
    last: datetime | None = (await session.execute(query)).scalar()
    return last


async def last_tips(session: AsyncSession, vehicle_ids: Iterable[str]) -> dict[str, datetime]:
    c = TIP.c
    query = select(c.vehicle_id, func.max(c.at)).where(among(session, c.vehicle_id, list(vehicle_ids)), *_tipping())
    return dict([tuple(row) for row in await session.execute(query.group_by(c.vehicle_id))])


async def arrivals(session: AsyncSession, haul_id: str) -> list[Tip]:
    """Closed tickets of plants that name this haul, oldest first."""
    query = select(*TIP.c).where(TIP.c.haul_id == haul_id, TIP.c.status == CLOSED)
    return await many(session, Tip, query.order_by(TIP.c.at, TIP.c.ticket_id))


async def long_on_board(session: AsyncSession, before: datetime) -> dict[str, datetime]:
    """Trucks that tip at weighbridges and still carry what they lifted before then: since when."""
    last = select(TIP.c.vehicle_id, func.max(TIP.c.at).label("at")).where(TIP.c.vehicle_id.is_not(None), *_tipping())
    tipped = last.group_by(TIP.c.vehicle_id).subquery()
    query = select(LIFT.c.vehicle_id, func.min(LIFT.c.at)).join(
        tipped, and_(tipped.c.vehicle_id == LIFT.c.vehicle_id, LIFT.c.at > tipped.c.at)
    )
    rows = await session.execute(query.where(LIFT.c.at < before).group_by(LIFT.c.vehicle_id))
    return dict([tuple(row) for row in rows])


async def was_offline(session: AsyncSession, vehicle_id: str, start: datetime, end: datetime) -> bool:
    c = ALERT.c
    query = select(c.alert_id).where(
        c.vehicle_id == vehicle_id,
        c.kind == AlertKind.OFFLINE.value,
        c.status != AlertStatus.WITHDRAWN.value,
        c.opened_at <= end,
        or_(c.closed_at.is_(None), c.closed_at >= start),
    )
    return (await session.execute(query.limit(1))).first() is not None


# --- trips ------------------------------------------------------------------------------------------------------


async def trip_ids_since(session: AsyncSession, vehicle_id: str, since: datetime) -> set[str]:
    query = select(TRIP.c.ticket_id).where(_of_vehicle(TRIP.c.vehicle_id, vehicle_id), TRIP.c.tipped_at >= since)
    return set((await session.execute(query)).scalars())


async def trips_before(session: AsyncSession, vehicle_id: str, before: datetime, limit: int) -> list[Trip]:
    """The newest before then, the newest first."""
    query = select(*TRIPS).where(TRIP.c.vehicle_id == vehicle_id, TRIP.c.tipped_at < before)
    return await many(session, Trip, query.order_by(TRIP.c.tipped_at.desc(), TRIP.c.ticket_id.desc()).limit(limit))


async def trip(session: AsyncSession, ticket_id: str) -> Trip | None:
    return await one(session, Trip, select(*TRIPS).where(TRIP.c.ticket_id == ticket_id))


async def save_trip(session: AsyncSession, trip: Trip) -> None:
    await upsert(session, CityTrip, [to_row(trip, TRIP)])


async def drop_trips(session: AsyncSession, ticket_ids: Collection[str]) -> None:
    if ticket_ids:
        await session.execute(delete(TRIP).where(among(session, TRIP.c.ticket_id, list(ticket_ids))))


async def page_of_trips(
    session: AsyncSession, scope: Scope, filters: TripFilters, after: tuple[datetime, str] | None, limit: int
) -> list[Trip]:
    """Newest first."""
    c = TRIP.c
    query = select(*TRIPS).where(*scope.rows(TRIP), *matching(filters, TRIP))
    if after is not None:
        query = query.where(or_(c.tipped_at < after[0], and_(c.tipped_at == after[0], c.ticket_id < after[1])))
    return await many(session, Trip, query.order_by(c.tipped_at.desc(), c.ticket_id.desc()).limit(limit))


async def save_scale(session: AsyncSession, vehicle_id: str, scale: Scale) -> None:
    await upsert(session, CityScale, [to_row(scale) | {"vehicle_id": vehicle_id}])


async def page_of_scales(session: AsyncSession, scope: Scope, drifts: bool | None, after: str, limit: int) -> list[TruckScale]:
    c = SCALE.c
    query = select(*columns_of(TruckScale, SCALE)).where(c.vehicle_id > after, *scope.rows(SCALE, vehicles=VEHICLE))
    query = query if drifts is None else query.where(c.drifts.is_(drifts))
    return await many(session, TruckScale, query.order_by(c.vehicle_id).limit(limit))


# --- hauls ------------------------------------------------------------------------------------------------------


async def haul_revisions(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    rows = await session.execute(select(HAUL.c.haul_id, HAUL.c.revision).where(among(session, HAUL.c.haul_id, list(ids))))
    return dict([tuple(row) for row in rows])


async def save_hauls(session: AsyncSession, hauls: Sequence[Haul]) -> None:
    await upsert(session, CityHaul, to_rows(hauls))


async def haul(session: AsyncSession, haul_id: str) -> Haul | None:
    return await one(session, Haul, select(*HAUL.c).where(HAUL.c.haul_id == haul_id))


async def hauls_left(session: AsyncSession, before: datetime, after: datetime) -> list[tuple[str, datetime]]:
    """Hauls that left in this time and that no plant has weighed."""
    weighed = exists().where(TIP.c.haul_id == HAUL.c.haul_id, TIP.c.status == CLOSED)
    query = select(HAUL.c.haul_id, HAUL.c.left_at).where(
        HAUL.c.status != HaulStatus.CANCELLED.value, HAUL.c.left_at < before, HAUL.c.left_at >= after, ~weighed
    )
    return [tuple(row) for row in await session.execute(query)]
