"""Lifts, tickets, hauls, and the trips between them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

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
from shared.rows import table_of
from shared.scope import Scope

DUE, LIFT, TIP, TRIP = table_of(BalanceDue), table_of(CityLift), table_of(CityTip), table_of(CityTrip)
HAUL, SCALE, FACT, ALERT = table_of(CityHaul), table_of(CityScale), table_of(CitySiteFact), table_of(CityAlert)
VEHICLE = table_of(CityVehicle)
CLOSED = "closed"
TRUCK, HAUL_DUE, STATION_DAY = "truck", "haul", "station_day"
Subject = tuple[str, str]
"""Kind and key of what is worked out."""
NO_VEHICLE = ""
"""Whose tickets no truck is known of."""

SITE_FACT = ("type", "fact_id", "revision", "site_id", "at", "fact")


async def put_site_facts(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows in the order of SITE_FACT; one that is not newer than the one held changes nothing."""
    await merge_rows(session, CitySiteFact, SITE_FACT, rows, _newer_fact)


def _newer_fact(held: Any, new: Any) -> dict[str, Any]:
    return {name: case((new.revision > held.revision, new[name]), else_=held[name]) for name in SITE_FACT[2:]}


async def site_fact(session: AsyncSession, kind: str, fact_id: str) -> dict[str, Any] | None:
    query = select(FACT.c.fact).where(FACT.c.type == kind, FACT.c.fact_id == fact_id)
    return (await session.execute(query)).scalar()


async def site_facts(session: AsyncSession, kind: str, ids: Collection[str]) -> list[dict[str, Any]]:
    query = select(FACT.c.fact).where(FACT.c.type == kind, among(session, FACT.c.fact_id, ids)).order_by(FACT.c.fact_id)
    return list((await session.execute(query)).scalars())


async def site_facts_of_day(session: AsyncSession, kind: str, ending: str) -> list[dict[str, Any]]:
    query = select(FACT.c.fact).where(FACT.c.type == kind, FACT.c.fact_id.endswith(ending)).order_by(FACT.c.fact_id)
    return list((await session.execute(query)).scalars())


# --- what has to be worked out again ----------------------------------------------------------------------------


async def mark(session: AsyncSession, marks: Mapping[tuple[str, str], datetime]) -> None:
    """(kind, key): from when on; the older of two marks holds."""
    rows = [(kind, key, since) for (kind, key), since in sorted(marks.items())]
    await merge_rows(session, BalanceDue, ("kind", "key", "since"), rows, _older)


def _older(held: Any, new: Any) -> dict[str, Any]:
    return {"since": case((new.since < held.since, new.since), else_=held.since)}


async def take_due(session: AsyncSession, limit: int, but: Collection[Subject] = ()) -> list[tuple[str, str, datetime]]:
    """What has waited longest, taken off the list; a mark that a consumer is about to move back stays."""
    wanted = [tuple_(DUE.c.kind, DUE.c.key).not_in(list(but))] if but else []
    rows = await take_rows(session, DUE, *wanted, order_by=(DUE.c.since, DUE.c.kind, DUE.c.key), limit=limit)
    return [(row.kind, row.key, row.since) for row in rows]


async def anything_due(session: AsyncSession) -> bool:
    return (await session.execute(select(DUE.c.key).limit(1))).first() is not None


async def waiting(session: AsyncSession) -> int:
    return int((await session.execute(select(func.count()).select_from(DUE))).scalar_one())


# --- lifts ------------------------------------------------------------------------------------------------------

LIFT_COLUMNS = ("vehicle_id", "at", "lift_id", "net_kg", "stream", "district_id", "contractor_id")


async def put_lifts(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows in the order of LIFT_COLUMNS; a known one gets its stream, district and contractor anew."""
    await merge_rows(session, CityLift, LIFT_COLUMNS, rows, _relabelled)


async def known_lifts(session: AsyncSession, keys: Collection[tuple[str, datetime, str]]) -> set[str]:
    """Ids of those lifts that are stored; keys are vehicle, time and id."""
    key = tuple_(LIFT.c.vehicle_id, LIFT.c.at, LIFT.c.lift_id)
    return set((await session.execute(select(LIFT.c.lift_id).where(key.in_(list(keys))))).scalars())


def _relabelled(_: Any, new: Any) -> dict[str, Any]:
    return {name: new[name] for name in LIFT_COLUMNS[4:]}


async def lifts_after(session: AsyncSession, vehicle_id: str, after: datetime | None) -> list[Any]:
    query = select(LIFT).where(LIFT.c.vehicle_id == vehicle_id)
    query = query if after is None else query.where(LIFT.c.at > after)
    return list((await session.execute(query.order_by(LIFT.c.at, LIFT.c.lift_id))).all())


async def lifts_between(session: AsyncSession, vehicle_id: str | None, after: datetime | None, until: datetime) -> list[Any]:
    query = select(LIFT).where(LIFT.c.vehicle_id == vehicle_id, LIFT.c.at <= until)
    query = query if after is None else query.where(LIFT.c.at > after)
    return list((await session.execute(query.order_by(LIFT.c.at, LIFT.c.lift_id))).all())


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


async def tips(session: AsyncSession, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    rows = await session.execute(select(*TIP.c).where(among(session, TIP.c.ticket_id, list(ids))))
    return {row["ticket_id"]: dict(row) for row in rows.mappings()}


async def put_tips(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityTip, rows)


def _tipping() -> list[Any]:
    """Closed tickets of trucks; a haul's arrival is none."""
    return [TIP.c.status == CLOSED, TIP.c.haul_id.is_(None)]


def _of_vehicle(column: Any, vehicle_id: str) -> Any:
    return column.is_(None) if vehicle_id == NO_VEHICLE else column == vehicle_id


async def tips_since(session: AsyncSession, vehicle_id: str, since: datetime) -> list[Any]:
    query = select(TIP).where(_of_vehicle(TIP.c.vehicle_id, vehicle_id), TIP.c.at >= since, *_tipping())
    return list((await session.execute(query.order_by(TIP.c.at, TIP.c.ticket_id))).all())


async def tip_before(session: AsyncSession, vehicle_id: str, before: datetime) -> datetime | None:
    query = select(func.max(TIP.c.at)).where(TIP.c.vehicle_id == vehicle_id, TIP.c.at < before, *_tipping())
    last: datetime | None = (await session.execute(query)).scalar()
    return last


async def last_tips(session: AsyncSession, vehicle_ids: Iterable[str]) -> dict[str, datetime]:
    c = TIP.c
    query = select(c.vehicle_id, func.max(c.at)).where(among(session, c.vehicle_id, list(vehicle_ids)), *_tipping())
    return dict([tuple(row) for row in await session.execute(query.group_by(c.vehicle_id))])


async def arrivals(session: AsyncSession, haul_id: str) -> list[Any]:
    """Closed tickets of plants that name this haul, oldest first."""
    query = select(TIP).where(TIP.c.haul_id == haul_id, TIP.c.status == CLOSED)
    return list((await session.execute(query.order_by(TIP.c.at, TIP.c.ticket_id))).all())


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
        c.kind == "offline",
        c.status != "withdrawn",
        c.opened_at <= end,
        or_(c.closed_at.is_(None), c.closed_at >= start),
    )
    return (await session.execute(query.limit(1))).first() is not None


# --- trips ------------------------------------------------------------------------------------------------------


async def trips_since(session: AsyncSession, vehicle_id: str, since: datetime) -> list[Any]:
    query = select(TRIP).where(_of_vehicle(TRIP.c.vehicle_id, vehicle_id), TRIP.c.tipped_at >= since)
    return list((await session.execute(query.order_by(TRIP.c.tipped_at, TRIP.c.ticket_id))).all())


async def trips_before(session: AsyncSession, vehicle_id: str, before: datetime, limit: int) -> list[Any]:
    """The newest before then."""
    query = select(TRIP).where(TRIP.c.vehicle_id == vehicle_id, TRIP.c.tipped_at < before)
    return list((await session.execute(query.order_by(TRIP.c.tipped_at.desc(), TRIP.c.ticket_id.desc()).limit(limit))).all())


async def trip(session: AsyncSession, ticket_id: str) -> Any:
    return (await session.execute(select(TRIP).where(TRIP.c.ticket_id == ticket_id))).first()


async def put_trips(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityTrip, rows)


async def drop_trips(session: AsyncSession, ticket_ids: Collection[str]) -> None:
    if ticket_ids:
        await session.execute(delete(TRIP).where(among(session, TRIP.c.ticket_id, list(ticket_ids))))


async def page_of_trips(
    session: AsyncSession, scope: Scope, filters: Mapping[str, Any], after: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Newest first."""
    c = TRIP.c
    query = select(*c).where(*scope.rows(TRIP), *(c[name] == value for name, value in filters.items()))
    if after is not None:
        query = query.where(or_(c.tipped_at < after[0], and_(c.tipped_at == after[0], c.ticket_id < after[1])))
    rows = await session.execute(query.order_by(c.tipped_at.desc(), c.ticket_id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def put_scale(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, CityScale, [row])


async def page_of_scales(
    session: AsyncSession, scope: Scope, drifts: bool | None, after: str, limit: int
) -> list[dict[str, Any]]:
    query = select(*SCALE.c).where(SCALE.c.vehicle_id > after, *scope.rows(SCALE, vehicles=VEHICLE))
    query = query if drifts is None else query.where(SCALE.c.drifts.is_(drifts))
    return [dict(row) for row in (await session.execute(query.order_by(SCALE.c.vehicle_id).limit(limit))).mappings()]


# --- hauls ------------------------------------------------------------------------------------------------------


async def haul_revisions(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    rows = await session.execute(select(HAUL.c.haul_id, HAUL.c.revision).where(among(session, HAUL.c.haul_id, list(ids))))
    return dict([tuple(row) for row in rows])


async def put_hauls(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    await upsert(session, CityHaul, rows)


async def haul(session: AsyncSession, haul_id: str) -> Any:
    return (await session.execute(select(HAUL).where(HAUL.c.haul_id == haul_id))).first()


async def hauls_left(session: AsyncSession, before: datetime, after: datetime) -> list[tuple[str, datetime]]:
    """Hauls that left in this time and that no plant has weighed."""
    weighed = exists().where(TIP.c.haul_id == HAUL.c.haul_id, TIP.c.status == CLOSED)
    query = select(HAUL.c.haul_id, HAUL.c.left_at).where(
        HAUL.c.status != "cancelled", HAUL.c.left_at < before, HAUL.c.left_at >= after, ~weighed
    )
    return [tuple(row) for row in await session.execute(query)]
