"""Containers are filled, sealed and hauled to a plant."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain.hauls import Haul, HaulFilters, Seal, haul_net_kg
from services.transfer_station.domain.stock import UNKNOWN, Movement
from services.transfer_station.domain.trucks import in_force
from services.transfer_station.schemas.tickets import HaulAnswer, HaulArrival, HaulBody, SealAnswer, SealBody, Voiding
from services.transfer_station.service import stock
from services.transfer_station.service.scope import locked_station, require_station
from services.transfer_station.store import stations
from services.transfer_station.store import stock as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.events.transfer_station import HaulChanged
from shared.ids import derived_id
from shared.outbox import publish


async def seal(session: AsyncSession, principal: Principal, station_id: str, container_id: str, body: SealBody) -> SealAnswer:
    """The same seal again is the same; a seal number on one container stands for one filling."""
    await locked_station(session, principal, station_id)
    new = Seal(
        station_id=station_id,
        container_id=container_id,
        seal_number=body.seal_number,
        stream=body.stream,
        sealed_at=body.at,
        person=body.person,
    )
    old = await store.seal(session, station_id, container_id, body.seal_number)
    if old is not None:
        old.require_same(new)
    await store.add_seal(session, new)
    return SealAnswer.model_validate(old or new)


async def leave(session: AsyncSession, principal: Principal, body: HaulBody) -> HaulAnswer:
    """A sealed container leaves; what is in it leaves the stock, and its origins are those of the oldest waste there."""
    await locked_station(session, principal, body.station_id)
    sealed = await store.seal(session, body.station_id, body.container_id, body.seal_number)
    if sealed is None:
        raise Conflict("no such seal on this container here; seal it first", code="not_sealed")
    sealed.require_left_after(body.left_at)
    net_kg = haul_net_kg(body.net_kg, body.gross_kg, body.tare_kg, rulebooks.STATION_RULES.at(body.left_at).gross_max_kg)
    plate = body.plate or await _plate_of(session, body.vehicle_id, body.left_at)
    haul = _haul_of(sealed, body, net_kg, plate)
    old = await store.haul(session, haul.haul_id)
    if old is not None:
        old.require_same(haul)
        return HaulAnswer.model_validate(old)
    # Saved before it is booked: booking finds where it and later hauls come from.
    await store.save_hauls(session, [haul])
    await stock.book(session, _movement(haul, -net_kg))
    saved = await store.haul(session, haul.haul_id)
    if saved is not None and saved.revision > 0:
        return HaulAnswer.model_validate(saved)
    return await _save(session, haul)  # of unknown origin altogether: booking changed nothing about it


def _haul_of(sealed: Seal, body: HaulBody, net_kg: int, plate: str) -> Haul:
    return Haul(
        haul_id=derived_id("haul", body.station_id, body.container_id, body.seal_number),
        station_id=body.station_id,
        container_id=body.container_id,
        seal_number=body.seal_number,
        stream=sealed.stream,
        net_kg=net_kg,
        origins={UNKNOWN: net_kg},
        destination_plant_id=body.destination_plant_id,
        vehicle_id=body.vehicle_id,
        plate=plate,
        sealed_at=sealed.sealed_at,
        left_at=body.left_at,
        changed_at=now(),
    )


def _movement(haul: Haul, kg: int) -> Movement:
    return Movement(movement_id=haul.haul_id, kind="haul", station_id=haul.station_id, stream=haul.stream, at=haul.left_at, kg=kg)


async def _plate_of(session: AsyncSession, vehicle_id: str | None, at: datetime) -> str:
    entries = (await stations.entries(session, [vehicle_id])).get(vehicle_id) if vehicle_id else None
    return in_force(entries, at).plate if entries else ""


async def arrive(session: AsyncSession, principal: Principal, haul_id: str, body: HaulArrival) -> HaulAnswer:
    haul = await _locked(session, principal, haul_id)
    arrived = haul.arrive(body.at)
    return HaulAnswer.model_validate(haul) if arrived is haul else await _save(session, arrived)


async def cancel(session: AsyncSession, principal: Principal, haul_id: str, body: Voiding) -> HaulAnswer:
    """It never left: its waste is back in the stock."""
    haul = await _locked(session, principal, haul_id)
    cancelled = haul.cancel(body.reason, body.person)
    if cancelled is haul:
        return HaulAnswer.model_validate(haul)
    answer = await _save(session, cancelled)
    await stock.book(session, _movement(haul, 0))
    return answer


async def _locked(session: AsyncSession, principal: Principal, haul_id: str) -> Haul:
    """Nobody else changes it until we commit."""
    haul = await store.haul(session, haul_id)
    if haul is None:
        raise NotFound("no such haul")
    try:
        await locked_station(session, principal, haul.station_id)
    except NotFound as error:
        raise NotFound("no such haul") from error
    return await store.haul(session, haul_id) or haul


async def _save(session: AsyncSession, haul: Haul) -> HaulAnswer:
    haul = haul.change(now())
    await store.save_hauls(session, [haul])
    await publish(session, HaulChanged.model_validate(haul))
    return HaulAnswer.model_validate(haul)


async def get_haul(session: AsyncSession, principal: Principal, haul_id: str) -> HaulAnswer:
    haul = await store.haul(session, haul_id)
    if haul is None:
        raise NotFound("no such haul")
    require_station(principal, haul.station_id)
    return HaulAnswer.model_validate(haul)


async def list_hauls(
    session: AsyncSession, principal: Principal, filters: HaulFilters, cursor: str | None, limit: int
) -> Page[HaulAnswer]:
    key = decode_cursor(cursor, datetime, str)
    hauls = await store.page_of_hauls(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [HaulAnswer.model_validate(haul) for haul in hauls[:limit]]
    last = items[-1] if len(hauls) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.left_at.isoformat(), last.haul_id))
