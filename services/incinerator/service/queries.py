"""Emissions as people ask for them: series, exceedances, the furnace board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator import rulebooks
from services.incinerator.domain.exceedances import ExceedanceFilters
from services.incinerator.domain.line_day import LineReading
from services.incinerator.domain.marks import Mark, condition_at
from services.incinerator.domain.means import LineMean, Sample, Sent, State, sample
from services.incinerator.schemas.emissions import (
    EmissionAnswer,
    ExceedanceAnswer,
    ExceedanceDetail,
    ExceedanceRevisionAnswer,
    Series,
)
from services.incinerator.service.scope import require_line
from services.incinerator.store import emissions, exceedances
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.errors import BadRequest, NotFound
from shared.vocabulary import Measured

UNITS = {Measured.FURNACE_TEMPERATURE: "°C", Measured.OXYGEN: "%"}
SENT: dict[str, Sent] = {"realtime": Sent.REALTIME, "minute": Sent.MINUTE}
LONGEST = {"realtime": 2, "minute": 35, "five_minute": 35, "hourly": 400, "daily": 4000}
"""Days of a series that are answered at once."""
MOST_ROWS = 100_000


def unit_of(measured: Measured, period: str = "") -> str:
    return "× 5 min" if measured is Measured.FURNACE_TEMPERATURE and period == "daily" else UNITS.get(measured, "mg/m³")


async def series(
    session: AsyncSession,
    principal: Principal,
    line_id: str,
    period: Series,
    measured: Measured | None,
    start: datetime,
    end: datetime,
) -> list[EmissionAnswer]:
    await require_line(session, principal, line_id)
    if not timedelta(0) < end - start <= timedelta(days=LONGEST[period]):
        raise BadRequest(f"ask for at most {LONGEST[period]} days of {period} values, `to` after `from`")
    marks = [recorded.mark for recorded in await emissions.marks(session, line_id)]
    if period in SENT:
        readings = await emissions.page_of_readings(session, line_id, SENT[period], start, end, MOST_ROWS)
        return [_sent(one, period, marks) for one in samples_of(readings) if measured in {None, one.measured}]
    means = await emissions.means_between(session, [line_id], start, end, period, measured)
    return [_mean(mean, period, marks) for mean in means]


@dataclass(frozen=True, slots=True)
class LineSample:
    line_id: str
    measured: Measured
    sample: Sample


def samples_of(readings: Sequence[LineReading]) -> list[LineSample]:
    """What loggers sent, converted to reference oxygen by that of the same moment."""
    oxygen = {
        (one.line_id, one.reading.kind, one.reading.at): one.reading.values
        for one in readings
        if one.reading.measured is Measured.OXYGEN
    }
    samples = []
    for one in readings:
        reading = one.reading
        near, rules = oxygen.get((one.line_id, reading.kind, reading.at)), rulebooks.MEAN_RULES.at(reading.at)
        if made := sample(reading.measured, reading.kind, reading.at, reading.values, near, rules):
            samples.append(LineSample(one.line_id, reading.measured, made))
    return samples


def _mean(mean: LineMean, period: Series, marks: Sequence[Mark]) -> EmissionAnswer:
    return EmissionAnswer(
        measured=mean.measured,
        period=period,
        start=mean.start,
        value=mean.value,
        unit=unit_of(mean.measured, period),
        state=mean.state,
        source=mean.source,
        covered=mean.covered,
        over=mean.over,
        condition=condition_at(marks, mean.start),
    )


def _sent(one: LineSample, period: Series, marks: Sequence[Mark]) -> EmissionAnswer:
    measured, made = one.measured, one.sample
    return EmissionAnswer(
        measured=measured,
        period=period,
        start=made.at,
        value=made.value,
        unit=unit_of(measured),
        state=State.VALID if made.valid else State.INVALID,
        source="logger",
        covered=None,
        over=None,
        condition=condition_at(marks, made.at),
    )


async def list_exceedances(
    session: AsyncSession, principal: Principal, filters: ExceedanceFilters, cursor: str | None, limit: int
) -> Page[ExceedanceAnswer]:
    key = decode_cursor(cursor, datetime, str)
    after = (key[0], key[1]) if key else None
    page = await exceedances.page(session, principal.scope, filters, after, limit + 1)
    items = [ExceedanceAnswer.model_validate(exceedance) for exceedance in page[:limit]]
    last = items[-1] if len(page) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.period_start.isoformat(), last.exceedance_id))


async def all_exceedances(session: AsyncSession, principal: Principal, filters: ExceedanceFilters) -> list[ExceedanceAnswer]:
    page = await exceedances.page(session, principal.scope, filters, None, MOST_ROWS)
    return [ExceedanceAnswer.model_validate(exceedance) for exceedance in page]


async def get_exceedance(session: AsyncSession, principal: Principal, exceedance_id: str) -> ExceedanceDetail:
    exceedance = await exceedances.get(session, exceedance_id)
    if exceedance is None or not principal.sees(station_id=exceedance.plant_id):
        raise NotFound("no such exceedance")
    history = [ExceedanceRevisionAnswer.model_validate(one) for one in await exceedances.history(session, exceedance_id)]
    return ExceedanceDetail(**ExceedanceAnswer.model_validate(exceedance).model_dump(), history=history)
