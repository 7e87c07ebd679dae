"""Registered tares: the empty weight of a truck, good until it expires."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain.alarms import About
from services.transfer_station.domain.tickets import Ticket
from services.transfer_station.domain.weights import RegisteredTare, Tare, TareExpired, registry_tares, tare_at
from services.transfer_station.schemas.tares import TareAnswer, TareBody
from services.transfer_station.service import alarms
from services.transfer_station.store import stations as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.vocabulary import StationAlarmKind


async def put_tare(session: AsyncSession, principal: Principal, vehicle_id: str, body: TareBody) -> TareAnswer:
    """What a registered truck weighs empty. The same weighing again replaces what was said of it.

    What an operator of some stations registers holds at these; for all stations somebody bound to none says it.
    """
    if vehicle_id not in await store.entries(session, [vehicle_id]):
        raise NotFound("no such vehicle")
    days = rulebooks.STATION_RULES.at(body.weighed_at).tare_valid_days
    tare = RegisteredTare(
        vehicle_id=vehicle_id,
        weighed_at=body.weighed_at,
        tare_kg=body.tare_kg,
        expires_at=body.expires_at or body.weighed_at + timedelta(days=days),
        person=body.person,
        station_ids=tuple(sorted(principal.scope.station_ids)) or None,
    )
    tare.require_order()
    tare.require_own(await store.tares(session, vehicle_id))
    await store.save_tare(session, tare)
    await close_alarm(session, vehicle_id)
    return TareAnswer.model_validate(tare)


async def usable(session: AsyncSession, ticket: Ticket, at: datetime) -> int | TareExpired:
    """kg; TareExpired with an open alarm when the tare has expired; a Conflict when there is none."""
    vehicle_id = ticket.vehicle_id
    if vehicle_id is None:
        raise Conflict("nobody knows which truck this is: say it, or weigh the empty truck", code="no_vehicle")
    tare = tare_at(await _tares(session, vehicle_id, ticket.station_id), at)
    if tare is None:
        raise Conflict(f"vehicle {vehicle_id} has no registered tare; weigh the empty truck", code="no_tare")
    if at < tare.expires_at:
        return tare.tare_kg
    late_days = (at - tare.expires_at) / timedelta(days=1)
    await alarms.open_or_close(
        session,
        StationAlarmKind.TARE_EXPIRED,
        ticket.station_id,
        vehicle_id,
        at,
        wanted=True,
        about=About(vehicle_id=vehicle_id, ticket_id=ticket.ticket_id, value=round(late_days, 2), limit=0),
    )
    return TareExpired(vehicle_id, tare.expires_at)


async def close_alarm(session: AsyncSession, vehicle_id: str) -> None:
    """When a tare holds again where the alarm was opened."""
    at = now()
    alarm = await store.open_alarm(session, f"{StationAlarmKind.TARE_EXPIRED}:{vehicle_id}")
    if alarm is None:
        return
    tare = tare_at(await _tares(session, vehicle_id, alarm.station_id), at)
    if tare and at < tare.expires_at:
        await alarms.open_or_close(session, StationAlarmKind.TARE_EXPIRED, alarm.station_id, vehicle_id, at, wanted=False)


async def _tares(session: AsyncSession, vehicle_id: str, station_id: str) -> list[Tare]:
    """Those that hold at this station."""
    weighed = [
        Tare(tare.weighed_at, tare.tare_kg, tare.expires_at)
        for tare in await store.tares(session, vehicle_id)
        if tare.holds_at(station_id)
    ]
    entries = (await store.entries(session, [vehicle_id])).get(vehicle_id, [])
    registered = [(entry.registered_at, entry.revision, entry.tare_kg) for entry in entries]
    days = rulebooks.STATION_RULES.at(now()).tare_valid_days
    return [*weighed, *registry_tares(registered, days)]
