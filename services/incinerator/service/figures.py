"""The furnaces in figures for monitoring: the newest means of each line against their limits, and when its loggers spoke."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.exceedances import InForce
from services.incinerator.domain.means import AT_REFERENCE_OXYGEN, HOUR, LineMean, Period, State
from services.incinerator.domain.plants import FurnaceLine
from services.incinerator.service.judgements import limits_of
from services.incinerator.store import emissions, plants
from shared.clock import day_bounds, now, service_day
from shared.scope import Scope
from shared.vocabulary import Measured

FURNACE = Measured.FURNACE_TEMPERATURE
MOST_LINES = 60
"""Each is two dozen series; a larger city's others, in the order of their plants, are not told."""

Figures = dict[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class FurnaceFigures:
    """By line; pollutants in mg/m³ by line, measured and period as well; times in seconds since 1970."""

    means: Figures
    limits: Figures
    celsius: Figures
    """The newest 5-minute mean."""
    celsius_limits: Figures
    cold_means: Figures
    """How many of today's 5-minute means were too cold."""
    cold_allowed: Figures
    heard_at: Figures
    """The newest frame of the line's logger that has been silent for longest; of one that never spoke its registration."""


async def furnace_figures(session: AsyncSession, zone: ZoneInfo) -> FurnaceFigures:
    figures = FurnaceFigures({}, {}, {}, {}, {}, {}, {})
    every = {plant.plant_id: plant for plant in await plants.plants(session, Scope())}
    lines = list(await plants.lines(session, every))[:MOST_LINES]
    start, end = day_bounds(service_day(now(), zone), zone)
    means = await emissions.means_between(session, [line.line_id for line in lines], start - HOUR, end)
    for line in lines:
        in_force = limits_of(every[line.plant_id], start)
        _add_limits(figures, line, in_force)
        _add_means(figures, (mean for mean in means if mean.line_id == line.line_id), start)
    shown = {line.line_id for line in lines}
    for heard in await plants.heard_loggers(session, Scope()):
        line_id, heard_at = heard.logger.line_id, heard.heard_at.timestamp()
        if line_id in shown:
            figures.heard_at[line_id,] = min(heard_at, figures.heard_at.get((line_id,), heard_at))
    return figures


def _add_limits(figures: FurnaceFigures, line: FurnaceLine, in_force: InForce) -> None:
    for (measured, period), limit in in_force.items():
        if measured in AT_REFERENCE_OXYGEN:
            figures.limits[line.line_id, measured.value, period.value] = limit.limit
        elif measured is FURNACE:
            figures.celsius_limits[line.line_id,] = limit.limit
            if limit.allowed_a_day is not None:
                figures.cold_allowed[line.line_id,] = limit.allowed_a_day


def _add_means(figures: FurnaceFigures, means: Iterable[LineMean], day: datetime) -> None:
    """In the order of their starts, so that the newest stays."""
    for mean in means:
        if mean.value is None or not _counts(mean, day):
            continue
        if mean.measured in AT_REFERENCE_OXYGEN:
            figures.means[mean.line_id, mean.measured.value, mean.period.value] = mean.value
        elif mean.measured == FURNACE and mean.period == Period.FIVE_MINUTE:
            figures.celsius[mean.line_id,] = mean.value
        elif mean.measured == FURNACE and mean.period == Period.DAILY:
            figures.cold_means[mean.line_id,] = mean.value


def _counts(mean: LineMean, day: datetime) -> bool:
    """What may be held against a limit; of today, the day so far."""
    if mean.period == Period.DAILY:
        return mean.start == day and mean.state != State.EXEMPT
    return mean.state == State.VALID
