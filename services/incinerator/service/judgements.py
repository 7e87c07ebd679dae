"""The judge: a line-day's means and exceedances, made anew whenever data or marks of that day changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator import reference
from services.incinerator.domain.exceedances import Exceedance, InForce, Limit, furnace_day, is_over, judge, limits_at
from services.incinerator.domain.line_day import Reading, Spacing, means_of_day
from services.incinerator.domain.marks import Mark, exempt_intervals
from services.incinerator.domain.means import HOUR, Mean, Period, Sent
from services.incinerator.store import emissions, exceedances, plants
from services.incinerator.tables.emissions import FurnaceLine, OperatingMark
from services.incinerator.tables.plants import Plant
from shared.clock import day_bounds, now, service_day
from shared.events.incinerator import ExceedanceChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.setting_aside import SetAside
from shared.vocabulary import AlertStatus, ExceedanceKind, Measured, OperatingCondition

DATED = frozenset({"revision", "changed_at"})
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
    await _keep_means(session, of, means, in_force)
    found = {_id_of(of.line.line_id, one): one for one in judge(means, in_force, of.end)}
    return await _keep_exceedances(session, of, found)


def limits_of(plant: Plant | None, at: datetime) -> InForce:
    """The strictest of the national limits and the plant's own."""
    own = [
        Limit(
            Measured(o["measured"]),
            Period(o["period"]),
            o["limit"],
            "mg/m³",
            o["source"],
            datetime.fromisoformat(o["valid_from"]),
        )
        for o in (plant.limits if plant else [])
    ]
    return limits_at([*reference.emission_limits(), *own], at)


async def _means(session: AsyncSession, of: LineDay) -> list[Mean]:
    rows = await emissions.readings_between(session, of.line.line_id, of.start, of.end)
    readings = [
        Reading(Measured(measured), Sent(kind), at, {name: said[1] for name, said in values.items()})
        for measured, kind, at, values in rows
    ]
    loggers = await plants.loggers_of_line(session, of.line.line_id)
    spacing = Spacing(loggers[0].minute_s, loggers[0].realtime_s) if loggers else USUAL
    marks = as_marks(await emissions.marks(session, of.line.line_id))
    exempt = exempt_intervals(marks, reference.exempting_at(of.start), of.start, of.end)
    return means_of_day(readings, spacing, exempt, of.start, of.end, reference.mean_rules_at(of.start))


def as_marks(rows: Iterable[OperatingMark]) -> list[Mark]:
    return [Mark(row.start, row.end, OperatingCondition(row.condition)) for row in rows]


async def _keep_means(session: AsyncSession, of: LineDay, means: Sequence[Mean], in_force: InForce) -> None:
    before = {
        (row.measured, row.period, row.start): row
        for row in await emissions.means_between(session, [of.line.line_id], of.start, of.end)
    }
    rows = {
        (mean.measured.value, mean.period.value, mean.start): asdict(mean)
        | {"line_id": of.line.line_id, "over": is_over(mean, in_force)}
        for mean in means
    }
    await emissions.drop_means(session, [row for key, row in before.items() if key not in rows])
    new = [row for key, row in rows.items() if key not in before or any(getattr(before[key], n) != v for n, v in row.items())]
    await emissions.put_means(session, new)


def _id_of(line_id: str, one: Exceedance) -> str:
    return derived_id(line_id, one.kind, one.pollutant or "", one.period_start.isoformat())


async def _keep_exceedances(session: AsyncSession, of: LineDay, found: Mapping[str, Exceedance]) -> list[ExceedanceChanged]:
    at = now()
    known = await exceedances.to_review(session, of.line.line_id, of.start, of.end)
    wanted = {
        key: asdict(one) | {"exceedance_id": key, "plant_id": of.line.plant_id, "line_id": of.line.line_id}
        for key, one in found.items()
    }
    for key, row in known.items():
        this_day = of.start <= row["period_start"] < of.end
        if key not in wanted:
            wanted[key] = row | {"status": AlertStatus.WITHDRAWN, "closed_at": None} if this_day else row
    rows = []
    for key in sorted(wanted):
        row = wanted[key]
        if row.get("status") != AlertStatus.WITHDRAWN:
            row = row | await _standing(session, row, at)
        if dated := _dated(row, known.get(key), at):
            rows.append(dated)
    await exceedances.put(session, rows)
    return [ExceedanceChanged.model_validate(row) for row in rows]


async def _standing(session: AsyncSession, row: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Closed by the first period since that is over and was within the limit; open until then."""
    hourly = row["kind"] == ExceedanceKind.HOURLY
    measured = row["pollutant"] or Measured.FURNACE_TEMPERATURE
    period, ended = (Period.HOURLY, at - HOUR) if hourly else (Period.DAILY, at - DAY)
    closed_at = await emissions.first_within(session, row["line_id"], measured, period, row["period_end"], ended)
    return {"status": AlertStatus.CLOSED if closed_at else AlertStatus.OPEN, "closed_at": closed_at}


def _dated(new: dict[str, Any], old: dict[str, Any] | None, at: datetime) -> dict[str, Any] | None:
    """The next revision; None where nothing changed."""
    if old is None:
        return new | {"revision": 1, "changed_at": at}
    if all(new[name] == old[name] for name in new.keys() - DATED):
        return None
    return new | {"revision": old["revision"] + 1, "changed_at": at}


def days_between(start: datetime, end: datetime, zone: ZoneInfo) -> list[date]:
    first, last = service_day(start, zone), service_day(end, zone)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
