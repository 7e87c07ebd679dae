"""Stations, and what goes on in one right now."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain import gate
from services.transfer_station.domain import stock as rules
from services.transfer_station.schemas.stations import (
    InStation,
    StationAnswer,
    StationBody,
    StationState,
    StreamStock,
    TurnRound,
    Waiting,
)
from services.transfer_station.service import alarms, stock
from services.transfer_station.service.scope import known_station
from services.transfer_station.store import stations as store
from services.transfer_station.store import stock as stock_store
from services.transfer_station.store import tickets
from shared.auth import Principal
from shared.bodies import LATEST, Page, decode_cursor, encode_cursor
from shared.clock import day_bounds, now, service_day
from shared.errors import Invalid
from shared.vocabulary import StationAlarmKind, TicketStatus

MEDIAN, NINE_TENTHS = 50, 90
WIDEST_GATE_DEG = 0.2


async def put_station(session: AsyncSession, station_id: str, body: StationBody) -> StationAnswer:
    """Create or change; the same again changes nothing."""
    _require_sound(body)
    row = body.model_dump(mode="json") | {"station_id": station_id}
    old = (await store.locked(session, [station_id])).get(station_id)
    if old is not None and all(old[name] == value for name, value in row.items()):
        return StationAnswer.model_validate(old)
    row |= {"revision": (old["revision"] if old else 0) + 1, "changed_at": now()}
    await store.put_station(session, row)
    await stock.mark(session, station_id, {**(old["capacity_kg"] if old else {}), **row["capacity_kg"]})
    return StationAnswer.model_validate(row)


def _require_sound(body: StationBody) -> None:
    if len({bay.bay_id for bay in body.bays}) < len(body.bays):
        raise Invalid("a bay_id stands in `bays` twice")
    if any(ring[0] != ring[-1] for ring in body.gate or ()):
        raise Invalid("each ring of `gate` must end where it begins (RFC 7946 3.1.6)")
    if body.gate:
        west, south, east, north = gate.Gate("", body.lon, body.lat, body.gate_radius_m, body.gate).bounds()
        if max(east - west, north - south) > WIDEST_GATE_DEG:
            raise Invalid(f"a gate is at most {WIDEST_GATE_DEG}° wide")


async def list_stations(session: AsyncSession, principal: Principal, cursor: str | None, limit: int) -> Page[StationAnswer]:
    key = decode_cursor(cursor, str)
    rows = await store.stations(session, principal, key[0] if key else None, limit + 1)
    items = [StationAnswer.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].station_id) if len(rows) > limit else None)


async def state(session: AsyncSession, principal: Principal, station_id: str, zone: ZoneInfo) -> StationState:
    station, at = await known_station(session, principal, station_id), now()
    limits = reference.station_rules(at)
    rows = await tickets.between(session, station_id, at - timedelta(hours=limits.open_ticket_hours), LATEST)
    inside = [InStation.model_validate(row) for row in rows if row["status"] == TicketStatus.OPEN]
    return StationState.model_validate(
        station
        | {
            "as_of": at,
            "queue": await queue(session, station_id, at, rows),
            "in_station": inside,
            "stock": await _stocks(session, station, at),
            "turn_round": await turn_round(session, station_id, at, zone),
        }
    )


async def queue(session: AsyncSession, station_id: str, at: datetime, rows: list[dict[str, Any]]) -> list[Waiting]:
    """Trucks at the gate that no ticket of their stay is known of; `rows`: the station's recent tickets."""
    limits = reference.station_rules(at)
    gap, slack = timedelta(minutes=limits.visit_gap_minutes), timedelta(minutes=limits.visit_match_minutes)
    minutes = await tickets.minutes_between(session, station_id, at - timedelta(hours=limits.open_ticket_hours), at)
    weighed: dict[str | None, datetime] = {row["vehicle_id"]: row["weighed_in_at"] for row in rows}
    there = [stay for stay in gate.visits(minutes, limits.visit_gap_minutes) if stay.left_at > at - gap]
    waiting = [stay for stay in there if weighed.get(stay.vehicle_id, stay.arrived_at - slack) <= stay.arrived_at - slack]
    return [Waiting(vehicle_id=stay.vehicle_id, since=stay.arrived_at) for stay in sorted(waiting, key=lambda s: s.arrived_at)]


async def _stocks(session: AsyncSession, station: dict[str, Any], at: datetime) -> dict[str, StreamStock]:
    station_id, hours = station["station_id"], reference.station_rules(at).pace_hours
    found = {}
    for stream in sorted({*station["capacity_kg"], *(await stock_store.stocks(session, station_id))}):
        stored, capacity = await stock.level_kg(session, station_id, stream), station["capacity_kg"].get(stream, 0)
        grown = await stock_store.moved_kg(session, station_id, stream, at - timedelta(hours=hours), LATEST)
        full = rules.hours_to_full(stored, capacity, grown, hours) if capacity else None
        found[stream] = StreamStock(stored_kg=stored, capacity_kg=capacity, hours_to_full=full)
    return found


async def turn_round(session: AsyncSession, station_id: str, at: datetime, zone: ZoneInfo) -> TurnRound:
    """Of the trucks that were weighed out on the day of `at`."""
    rows = await tickets.closed_between(session, station_id, *day_bounds(service_day(at, zone), zone))
    minutes = [round((row.weighed_out_at - (row.arrived_at or row.weighed_in_at)) / timedelta(minutes=1), 1) for row in rows]
    median, most = (rules.percentile(minutes, percent) for percent in (MEDIAN, NINE_TENTHS))
    return TurnRound(trucks=len(minutes), median_minutes=median, p90_minutes=most)


async def watch_queue(session: AsyncSession, station_id: str) -> int:
    """Open or close the alarm of a long queue; how many wait."""
    await store.locked(session, [station_id])
    at = now()
    limits = reference.station_rules(at)
    rows = await tickets.between(session, station_id, at - timedelta(hours=limits.open_ticket_hours), LATEST)
    waiting, most = len(await queue(session, station_id, at, rows)), limits.queue_long_vehicles
    await alarms.settle(
        session, StationAlarmKind.QUEUE_LONG, station_id, station_id, at, wanted=waiting > most, value=waiting, limit=most
    )
    return waiting
