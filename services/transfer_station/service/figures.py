"""The stations in figures for monitoring: stock against capacity, and how long trucks stay."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.service.stations import turn_round
from services.transfer_station.store import stations, stock
from shared.clock import now

MOST_STATIONS = 100
"""Each is a dozen series; a larger city's others, in the order of their names, are not told."""

Figures = dict[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class StationFigures:
    """Grams by station and stream; seconds by station, of the day's trucks so far."""

    stored_grams: Figures
    capacity_grams: Figures
    high_grams: Figures
    """From here on the store is nearly full."""
    median_seconds: Figures
    slow_seconds: Figures
    """Nine trucks in ten were faster."""


async def station_figures(session: AsyncSession, zone: ZoneInfo) -> StationFigures:
    at, found = now(), StationFigures({}, {}, {}, {}, {})
    for station_id, station in sorted((await stations.all_stations(session)).items())[:MOST_STATIONS]:
        for stream, held in (await stock.stocks(session, station_id)).items():
            _tell_stock(found, station, stream, held["stored_kg"], at)
        stay = await turn_round(session, station_id, at, zone)
        if stay.median_minutes is not None and stay.p90_minutes is not None:
            found.median_seconds[station_id,] = stay.median_minutes * 60
            found.slow_seconds[station_id,] = stay.p90_minutes * 60
    return found


def _tell_stock(found: StationFigures, station: dict[str, Any], stream: str, stored_kg: int, at: datetime) -> None:
    key = (station["station_id"], stream)
    found.stored_grams[key] = stored_kg * 1000
    capacity_grams = station["capacity_kg"].get(stream, 0) * 1000
    if capacity_grams:
        found.capacity_grams[key] = capacity_grams
        found.high_grams[key] = capacity_grams * reference.station_rules(at).storage_high_ratio
