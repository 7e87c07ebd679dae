"""Registered tares: the empty weight of a truck, good until it expires."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain.weights import Refusal, Tare, registry_tares, tare_at
from services.transfer_station.schemas.tares import TareAnswer, TareBody
from services.transfer_station.service import alarms
from services.transfer_station.store import stations as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound
from shared.vocabulary import StationAlarmKind


async def put_tare(session: AsyncSession, principal: Principal, vehicle_id: str, body: TareBody) -> TareAnswer:
    """What a registered truck weighs empty. The same weighing again replaces what was said of it.

    What an operator of some stations registers holds at these; for all stations somebody bound to none says it.
    """
    if vehicle_id not in await store.entries(session, [vehicle_id]):
        raise NotFound("no such vehicle")
    days = reference.station_rules(body.weighed_at).tare_valid_days
    expires_at = body.expires_at or body.weighed_at + timedelta(days=days)
    if expires_at <= body.weighed_at:
        raise Invalid("expires_at must lie after weighed_at")
    stations = sorted(principal.scope.station_ids) or None
    same = [held for held in await store.tares(session, vehicle_id) if held.weighed_at == body.weighed_at]
    if any(held.station_ids != stations for held in same):
        raise Conflict("a weighing of that truck at that time is registered by others; they change it", code="tare_of_others")
    row = body.model_dump() | {"vehicle_id": vehicle_id, "expires_at": expires_at, "station_ids": stations}
    await store.put_tare(session, row)
    await close_alarm(session, vehicle_id)
    return TareAnswer.model_validate(row)


async def usable(session: AsyncSession, ticket: dict[str, Any], at: datetime) -> int | Refusal:
    """kg; a Refusal with an open alarm when the tare has expired; a Conflict when there is none."""
    vehicle_id = ticket["vehicle_id"]
    if vehicle_id is None:
        raise Conflict("nobody knows which truck this is: say it, or weigh the empty truck", code="no_vehicle")
    tare = tare_at(await _tares(session, vehicle_id, ticket["station_id"]), at)
    if tare is None:
        raise Conflict(f"vehicle {vehicle_id} has no registered tare; weigh the empty truck", code="no_tare")
    if at < tare.expires_at:
        return tare.tare_kg
    late_days = (at - tare.expires_at) / timedelta(days=1)
    await alarms.settle(
        session,
        StationAlarmKind.TARE_EXPIRED,
        ticket["station_id"],
        vehicle_id,
        at,
        wanted=True,
        vehicle_id=vehicle_id,
        ticket_id=ticket["ticket_id"],
        value=round(late_days, 2),
        limit=0,
    )
    return Refusal(
        "tare_expired", f"the registered tare of {vehicle_id} expired at {tare.expires_at.isoformat()}; weigh the empty truck"
    )


async def close_alarm(session: AsyncSession, vehicle_id: str) -> None:
    """When a tare holds again where the alarm was opened."""
    at = now()
    name = f"{StationAlarmKind.TARE_EXPIRED}:{vehicle_id}"
    held = (await store.open_alarms(session, [name])).get(name)
    tare = held and tare_at(await _tares(session, vehicle_id, held["station_id"]), at)
    if tare and at < tare.expires_at:
        await alarms.settle(session, StationAlarmKind.TARE_EXPIRED, "", vehicle_id, at, wanted=False)


async def _tares(session: AsyncSession, vehicle_id: str, station_id: str) -> list[Tare]:
    """Those that hold at this station."""
    weighed = [
        Tare(row.weighed_at, row.tare_kg, row.expires_at)
        for row in await store.tares(session, vehicle_id)
        if row.station_ids is None or station_id in row.station_ids
    ]
    entries = (await store.entries(session, [vehicle_id])).get(vehicle_id, [])
    said = [(entry["registered_at"], entry["revision"], entry["tare_kg"]) for entry in entries]
    days = reference.station_rules(now()).tare_valid_days
    return [*weighed, *registry_tares(said, days)]
