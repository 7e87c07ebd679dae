"""Containers are filled, sealed and hauled to a plant."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain.weights import refused_weights
from services.transfer_station.schemas.tickets import HaulAnswer, HaulArrival, HaulBody, SealAnswer, SealBody, Voiding
from services.transfer_station.service import stock
from services.transfer_station.service.scope import locked_station, require_station
from services.transfer_station.store import stations
from services.transfer_station.store import stock as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound
from shared.events.transfer_station import HaulChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.vocabulary import HaulStatus

Row = dict[str, Any]


async def seal(session: AsyncSession, principal: Principal, station_id: str, container_id: str, body: SealBody) -> SealAnswer:
    """The same seal again is the same; a seal number on one container stands for one filling."""
    await locked_station(session, principal, station_id)
    row = {
        "station_id": station_id,
        "container_id": container_id,
        "seal_number": body.seal_number,
        "stream": body.stream.value,
        "sealed_at": body.at,
        "person": body.person,
    }
    old = await store.seal(session, station_id, container_id, body.seal_number)
    if old is not None and (old.stream, old.sealed_at) != (row["stream"], row["sealed_at"]):
        raise Conflict("this container had this seal before, with another stream or time", code="seal_exists")
    await store.add_seal(session, row)
    return SealAnswer.model_validate(old or row)


async def leave(session: AsyncSession, principal: Principal, body: HaulBody) -> HaulAnswer:
    """A sealed container leaves; what is in it leaves the stock, and its origins are those of the oldest waste there."""
    await locked_station(session, principal, body.station_id)
    sealed = await store.seal(session, body.station_id, body.container_id, body.seal_number)
    if sealed is None:
        raise Conflict("no such seal on this container here; seal it first", code="not_sealed")
    if body.left_at < sealed.sealed_at:
        raise Invalid("it cannot have left before it was sealed; look at `left_at`")
    net_kg = _net_kg(body)
    plate = body.plate or await _plate_of(session, body.vehicle_id, body.left_at)
    said = {
        "destination_plant_id": body.destination_plant_id,
        "vehicle_id": body.vehicle_id,
        "net_kg": net_kg,
        "left_at": body.left_at,
    }
    haul_id = derived_id("haul", body.station_id, body.container_id, body.seal_number)
    old = await store.haul(session, haul_id)
    if old is not None:
        if any(old[name] != value for name, value in said.items()):
            raise Conflict("this sealed container has left before; cancel that haul if it is wrong", code="haul_exists")
        return HaulAnswer.model_validate(old)
    row = said | {
        "haul_id": haul_id,
        "revision": 0,
        "station_id": body.station_id,
        "container_id": body.container_id,
        "seal_number": body.seal_number,
        "stream": sealed.stream,
        "origins": {"unknown": net_kg},
        "plate": plate,
        "status": HaulStatus.LEFT.value,
        "sealed_at": sealed.sealed_at,
        "arrived_at": None,
        "person": None,
        "reason": None,
    }
    # Kept before it is booked: booking finds where it and later hauls come from.
    await store.put_hauls(session, [row | {"changed_at": now()}])
    await stock.book(session, haul_id, "haul", body.station_id, sealed.stream, body.left_at, -net_kg)
    kept = await store.haul(session, haul_id)
    if kept is None or kept["revision"] > 0:
        return HaulAnswer.model_validate(kept)
    return await _save(session, kept)  # of unknown origin altogether: booking changed nothing about it


def _net_kg(body: HaulBody) -> int:
    if body.net_kg is not None:
        if body.gross_kg is not None and body.tare_kg is not None and body.gross_kg - body.tare_kg != body.net_kg:
            raise Invalid("net_kg is not gross_kg − tare_kg; send what the scale showed")
        return body.net_kg
    if body.gross_kg is None or body.tare_kg is None:
        raise Invalid("send `net_kg`, or `gross_kg` and `tare_kg`")
    refusal = refused_weights(body.gross_kg, body.tare_kg, reference.station_rules(body.left_at).gross_max_kg)
    if refusal is not None:
        raise Invalid(refusal.detail, code=refusal.code)
    return body.gross_kg - body.tare_kg


async def _plate_of(session: AsyncSession, vehicle_id: str | None, at: datetime) -> str:
    entries = (await stations.entries(session, [vehicle_id])).get(vehicle_id, []) if vehicle_id else []
    said = [entry["plate"] for entry in entries if entry["registered_at"] <= at]
    return said[-1] if said else entries[0]["plate"] if entries else ""


async def arrive(session: AsyncSession, principal: Principal, haul_id: str, body: HaulArrival) -> HaulAnswer:
    row = await _held(session, principal, haul_id)
    if row["status"] == HaulStatus.CANCELLED:
        raise Conflict("the haul was cancelled", code="haul_cancelled")
    if body.at < row["left_at"]:
        raise Invalid("it cannot have arrived before it left; look at `at`")
    if row["arrived_at"] == body.at:
        return HaulAnswer.model_validate(row)
    if row["status"] == HaulStatus.ARRIVED:
        raise Conflict(f"it arrived at {row['arrived_at'].isoformat()}", code="arrived_before")
    return await _save(session, row | {"status": HaulStatus.ARRIVED.value, "arrived_at": body.at})


async def cancel(session: AsyncSession, principal: Principal, haul_id: str, body: Voiding) -> HaulAnswer:
    """It never left: its waste is back in the stock."""
    row = await _held(session, principal, haul_id)
    if row["status"] == HaulStatus.CANCELLED:
        return HaulAnswer.model_validate(row)
    answer = await _save(session, row | {"status": HaulStatus.CANCELLED.value, "reason": body.reason, "person": body.person})
    await stock.book(session, haul_id, "haul", row["station_id"], row["stream"], row["left_at"], 0)
    return answer


async def _held(session: AsyncSession, principal: Principal, haul_id: str) -> Row:
    row = await store.haul(session, haul_id)
    if row is None:
        raise NotFound("no such haul")
    try:
        await locked_station(session, principal, row["station_id"])
    except NotFound as error:
        raise NotFound("no such haul") from error
    return await store.haul(session, haul_id) or row


async def _save(session: AsyncSession, row: Row) -> HaulAnswer:
    row = row | {"revision": row["revision"] + 1, "changed_at": now()}
    await store.put_hauls(session, [row])
    await publish(session, HaulChanged.model_validate(row))
    return HaulAnswer.model_validate(row)


async def get_haul(session: AsyncSession, principal: Principal, haul_id: str) -> HaulAnswer:
    row = await store.haul(session, haul_id)
    if row is None:
        raise NotFound("no such haul")
    require_station(principal, row["station_id"])
    return HaulAnswer.model_validate(row)


async def list_hauls(
    session: AsyncSession, principal: Principal, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[HaulAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page_of_hauls(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [HaulAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.left_at.isoformat(), last.haul_id))
