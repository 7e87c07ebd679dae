"""The judge: a line-day's means and exceedances, made anew whenever data or marks of that day changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator import rulebooks
from services.incinerator.domain.exceedances import (
    Exceedance,
    InForce,
    RecordedExceedance,
    furnace_day,
    is_over,
    judge,
    limits_at,
)
from services.incinerator.domain.line_day import Spacing, means_of_day
from services.incinerator.domain.marks import exempt_intervals
from services.incinerator.domain.means import HOUR, LineMean, Mean, Period
from services.incinerator.domain.plants import FurnaceLine, Plant
from services.incinerator.store import emissions, exceedances, plants
from shared.clock import day_bounds, now, service_day
from shared.events.incinerator import ExceedanceChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.setting_aside import SetAside
from shared.vocabulary import ExceedanceKind

DAY = timedelta(days=1)
USUAL = Spacing(minute_s=600, realtime_s=60)


@dataclass(frozen=True, slots=True)
class LineDay:
    line: FurnaceLine
    start: datetime
    end: datetime


async def judge_due(
    session: AsyncSession, zone: ZoneInfo, most: int, failing: SetAside[tuple[str, date]]
) -> tuple[int, list[ExceedanceChanged]]:
    """Judge up to `most` line-days that wait; how many there were, and what changed, which is published."""
    changed: list[ExceedanceChanged] = []

    async def judge_one(line_id: str, day: date) -> None:
        line = await plants.line(session, line_id)
        if line is not None:
            changes = await _judge_day(session, LineDay(line, *day_bounds(day, zone)))
            await publish(session, *changes)
            changed.extend(changes)

    days = await emissions.take_due(session, most, failing.keys())
    for key in days:
        if not await failing.attempt(session, key, judge_one(*key)):
            await emissions.touch_days(session, [key], now())
    return len(days), changed


async def _judge_day(session: AsyncSession, of: LineDay) -> list[ExceedanceChanged]:
    in_force = limits_of(await plants.plant(session, of.line.plant_id), of.start)
    means = await _means(session, of)
    means += furnace_day(means, in_force, of.start)
    await _save_means(session, of, [LineMean.of(of.line.line_id, mean, is_over(mean, in_force)) for mean in means])
    exceedances_by_id = {_id_of(of.line.line_id, one): one for one in judge(means, in_force, of.end)}
    return await _save_exceedances(session, of, exceedances_by_id)


def limits_of(plant: Plant | None, at: datetime) -> InForce:
    """The strictest of the national limits and the plant's own."""
    return limits_at([*rulebooks.emission_limits(), *(plant.own_limits() if plant else [])], at)


async def _means(session: AsyncSession, of: LineDay) -> list[Mean]:
    readings = await emissions.readings_between(session, of.line.line_id, of.start, of.end)
    loggers = await plants.loggers_of_line(session, of.line.line_id)
    spacing = Spacing(loggers[0].minute_s, loggers[0].realtime_s) if loggers else USUAL
    marks = [recorded.mark for recorded in await emissions.marks(session, of.line.line_id)]
    exempt = exempt_intervals(marks, rulebooks.OPERATING_MARKS.at(of.start).exempting, of.start, of.end)
    return means_of_day(readings, spacing, exempt, of.start, of.end, rulebooks.MEAN_RULES.at(of.start))


async def _save_means(session: AsyncSession, of: LineDay, means: Sequence[LineMean]) -> None:
    before = {mean.key: mean for mean in await emissions.means_between(session, [of.line.line_id], of.start, of.end)}
    now_there = {mean.key for mean in means}
    await emissions.drop_means(session, [mean for key, mean in before.items() if key not in now_there])
    await emissions.save_means(session, [mean for mean in means if before.get(mean.key) != mean])


def _id_of(line_id: str, one: Exceedance) -> str:
    return derived_id(line_id, one.kind, one.pollutant or "", one.period_start.isoformat())


async def _save_exceedances(session: AsyncSession, of: LineDay, judged: Mapping[str, Exceedance]) -> list[ExceedanceChanged]:
    at = now()
    known = await exceedances.to_review(session, of.line.line_id, of.start, of.end)
    changed = []
    for key in sorted({*judged, *known}):
        before = known.get(key)
        record = _record(of, key, judged.get(key), before, at)
        if not record.is_withdrawn:
            record = record.close(await _within_again(session, record, at))
        if record != before:
            changed.append(record.change(at))
    await exceedances.save(session, changed)
    return [ExceedanceChanged.model_validate(record) for record in changed]


def _record(
    of: LineDay, key: str, judged: Exceedance | None, before: RecordedExceedance | None, at: datetime
) -> RecordedExceedance:
    """As the day is judged now: what is of this day and was not exceeded is withdrawn, what is of another stays."""
    if judged is not None and before is not None:
        return before.judge(judged, of.line.plant_id)
    if judged is not None:
        return RecordedExceedance(
            exceedance_id=key, plant_id=of.line.plant_id, line_id=of.line.line_id, changed_at=at, **asdict(judged)
        )
    if before is None:
        raise LookupError(f"exceedance {key} is neither judged nor known")
    return before.withdraw() if of.start <= before.period_start < of.end else before


async def _within_again(session: AsyncSession, record: RecordedExceedance, at: datetime) -> datetime | None:
    """The start of the first period since that is over and was within the limit."""
    hourly = record.kind is ExceedanceKind.HOURLY
    period, ended = (Period.HOURLY, at - HOUR) if hourly else (Period.DAILY, at - DAY)
    return await emissions.first_within(session, record.line_id, record.measured, period, record.period_end, ended)


def days_between(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    first, last = service_day(start, zone), service_day(end, zone)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
