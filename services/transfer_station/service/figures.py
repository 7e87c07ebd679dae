"""The stations in figures for monitoring: stock against capacity, and how long trucks stay."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain.stations import Station
from services.transfer_station.domain.stock import Stock
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
    at, figures = now(), StationFigures({}, {}, {}, {}, {})
    for station_id, station in sorted((await stations.all_stations(session)).items())[:MOST_STATIONS]:
        for last_told in (await stock.stocks(session, station_id)).values():
            _add_stock(figures, station, last_told, at)
        stay = await turn_round(session, station_id, at, zone)
        if stay.median_minutes is not None and stay.p90_minutes is not None:
            figures.median_seconds[station_id,] = stay.median_minutes * 60
            figures.slow_seconds[station_id,] = stay.p90_minutes * 60
    return figures


def _add_stock(figures: StationFigures, station: Station, last_told: Stock, at: datetime) -> None:
    key = (station.station_id, last_told.stream.value)
    figures.stored_grams[key] = last_told.stored_kg * 1000
    capacity_grams = station.capacity_kg.get(last_told.stream, 0) * 1000
    if capacity_grams:
        figures.capacity_grams[key] = capacity_grams
        figures.high_grams[key] = capacity_grams * rulebooks.STATION_RULES.at(at).storage_high_ratio
