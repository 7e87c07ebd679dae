"""Stations, and what goes on in one right now."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain import gate
from services.transfer_station.domain import stock as rules
from services.transfer_station.domain.alarms import About
from services.transfer_station.domain.stations import Bay, Compactor, Station
from services.transfer_station.domain.tickets import Ticket
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
from shared.vocabulary import StationAlarmKind, TicketStatus

MEDIAN, NINE_TENTHS = 50, 90


async def put_station(session: AsyncSession, station_id: str, body: StationBody) -> StationAnswer:
    """Create or change; the same again changes nothing."""
    asked = _station(station_id, body)
    asked.require_sound()
    old = (await store.locked(session, [station_id])).get(station_id)
    station = old.change_to(asked) if old else replace(asked, revision=1)
    if station is not old:
        await store.save_station(session, station)
        await stock.mark(session, station_id, {**(old.capacity_kg if old else {}), **station.capacity_kg})
    return StationAnswer.model_validate(station)


def _station(station_id: str, body: StationBody) -> Station:
    return Station(
        station_id=station_id,
        name_zh=body.name_zh,
        name_en=body.name_en,
        lon=body.lon,
        lat=body.lat,
        gate=None if body.gate is None else tuple(tuple(ring) for ring in body.gate),
        gate_radius_m=body.gate_radius_m,
        district_id=body.district_id,
        capacity_kg=body.capacity_kg,
        bays=tuple(Bay(bay_id=bay.bay_id, streams=tuple(bay.streams)) for bay in body.bays),
        compactors=tuple(Compactor(compactor_id=one.compactor_id, name=one.name) for one in body.compactors),
        changed_at=now(),
    )


async def list_stations(session: AsyncSession, principal: Principal, cursor: str | None, limit: int) -> Page[StationAnswer]:
    key = decode_cursor(cursor, str)
    stations = await store.stations(session, principal, key[0] if key else None, limit + 1)
    items = [StationAnswer.model_validate(station) for station in stations[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].station_id) if len(stations) > limit else None)


async def state(session: AsyncSession, principal: Principal, station_id: str, zone: ZoneInfo) -> StationState:
    station, at = await known_station(session, principal, station_id), now()
    limits = rulebooks.STATION_RULES.at(at)
    recent = await tickets.between(session, station_id, at - timedelta(hours=limits.open_ticket_hours), LATEST)
    return StationState(
        **StationAnswer.model_validate(station).model_dump(),
        as_of=at,
        queue=await queue(session, station_id, at, recent),
        in_station=[InStation.model_validate(ticket) for ticket in recent if ticket.status is TicketStatus.OPEN],
        stock=await _stocks(session, station, at),
        turn_round=await turn_round(session, station_id, at, zone),
    )


async def queue(session: AsyncSession, station_id: str, at: datetime, recent: Iterable[Ticket]) -> list[Waiting]:
    """Trucks at the gate that no ticket of their stay is known of; `recent`: the station's tickets of the last hours."""
    limits = rulebooks.STATION_RULES.at(at)
    minutes = await tickets.minutes_between(session, station_id, at - timedelta(hours=limits.open_ticket_hours), at)
    weighed_in = {ticket.vehicle_id: ticket.weighing.weighed_in_at for ticket in recent if ticket.vehicle_id}
    stays = gate.waiting(minutes, weighed_in, at, limits.visit_gap_minutes, limits.visit_match_minutes)
    return [Waiting(vehicle_id=stay.vehicle_id, since=stay.arrived_at) for stay in stays]


async def _stocks(session: AsyncSession, station: Station, at: datetime) -> dict[str, StreamStock]:
    station_id, hours = station.station_id, rulebooks.STATION_RULES.at(at).pace_hours
    stocks: dict[str, StreamStock] = {}
    for stream in sorted({*station.capacity_kg, *(await stock_store.stocks(session, station_id))}):
        stored, capacity = await stock.level_kg(session, station_id, stream), station.capacity_kg.get(stream, 0)
        grown = await stock_store.moved_kg(session, station_id, stream, at - timedelta(hours=hours), LATEST)
        full = rules.hours_to_full(stored, capacity, grown, hours) if capacity else None
        stocks[stream.value] = StreamStock(stored_kg=stored, capacity_kg=capacity, hours_to_full=full)
    return stocks


async def turn_round(session: AsyncSession, station_id: str, at: datetime, zone: ZoneInfo) -> TurnRound:
    """Of the trucks that were weighed out on the day of `at`."""
    stays = await tickets.closed_between(session, station_id, *day_bounds(service_day(at, zone), zone))
    minutes = [stay.minutes for stay in stays]
    median, most = (rules.percentile(minutes, percent) for percent in (MEDIAN, NINE_TENTHS))
    return TurnRound(trucks=len(minutes), median_minutes=median, p90_minutes=most)


async def watch_queue(session: AsyncSession, station_id: str) -> int:
    """Open or close the alarm of a long queue; how many wait."""
    await store.locked(session, [station_id])
    at = now()
    limits = rulebooks.STATION_RULES.at(at)
    recent = await tickets.between(session, station_id, at - timedelta(hours=limits.open_ticket_hours), LATEST)
    waiting, most = len(await queue(session, station_id, at, recent)), limits.queue_long_vehicles
    await alarms.open_or_close(
        session,
        StationAlarmKind.QUEUE_LONG,
        station_id,
        station_id,
        at,
        wanted=waiting > most,
        about=About(value=waiting, limit=most),
    )
    return waiting
