"""Which stations a bearer reaches."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.stations import Station
from services.transfer_station.store import stations as store
from shared.auth import Principal
from shared.errors import NotFound


def require_station(principal: Principal, station_id: str) -> None:
    """Outside its scope a station does not exist."""
    principal.require_sight("station", station_id=station_id)


async def locked_station(session: AsyncSession, principal: Principal, station_id: str) -> Station:
    """The station, if it is there and in reach; nobody else changes what belongs to it until we commit."""
    require_station(principal, station_id)
    station = (await store.locked(session, [station_id])).get(station_id)
    if station is None:
        raise NotFound("no such station")
    return station


async def known_station(session: AsyncSession, principal: Principal, station_id: str) -> Station:
    require_station(principal, station_id)
    station = (await store.all_stations(session)).get(station_id)
    if station is None:
        raise NotFound("no such station")
    return station
