"""Emissions as people ask for them: series, exceedances, the furnace board."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator import reference
from services.incinerator.domain.line_day import Reading as Sending
from services.incinerator.domain.marks import Mark, condition_at
from services.incinerator.domain.means import Sample, Sent, State, sample
from services.incinerator.schemas.emissions import (
    EmissionAnswer,
    ExceedanceAnswer,
    ExceedanceDetail,
    ExceedanceRevisionAnswer,
    Series,
)
from services.incinerator.service.judgements import as_marks
from services.incinerator.service.scope import require_line
from services.incinerator.store import emissions, exceedances
from services.incinerator.tables.emissions import Reading
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
    marks = as_marks(await emissions.marks(session, line_id))
    if period in SENT:
        rows = await emissions.page_of_readings(session, line_id, SENT[period], None, start, end, MOST_ROWS)
        return [_sent(one, period, marks) for one in samples_of(rows) if measured in {None, one[0]}]
    means = await emissions.means_between(session, [line_id], start, end, period, measured)
    return [
        EmissionAnswer.model_validate(
            mean.model_dump() | {"unit": unit_of(Measured(mean.measured), period), "condition": condition_at(marks, mean.start)}
        )
        for mean in means
    ]


def samples_of(rows: Sequence[Reading]) -> list[tuple[Measured, Sample, str]]:
    """What loggers sent, converted to reference oxygen by that of the same moment."""
    sent = [Sending(Measured(r.measured), Sent(r.kind), r.at, {name: said[1] for name, said in r.values.items()}) for r in rows]
    oxygen = {(r.line_id, r.kind, r.at): one.values for r, one in zip(rows, sent, strict=True) if one.measured is Measured.OXYGEN}
    found = []
    for row, one in zip(rows, sent, strict=True):
        near, rules = oxygen.get((row.line_id, row.kind, row.at)), reference.mean_rules_at(one.at)
        if made := sample(one.measured, one.kind, one.at, one.values, near, rules):
            found.append((one.measured, made, row.line_id))
    return found


def _sent(one: tuple[Measured, Sample, str], period: Series, marks: Sequence[Mark]) -> EmissionAnswer:
    measured, made, _ = one
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
    session: AsyncSession,
    principal: Principal,
    filters: Mapping[str, Any],
    start: datetime | None,
    end: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page[ExceedanceAnswer]:
    key = decode_cursor(cursor, datetime, str)
    after = (key[0], key[1]) if key else None
    rows = await exceedances.page(session, principal.scope, filters, start, end, after, limit + 1)
    items = [ExceedanceAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.period_start.isoformat(), last.exceedance_id))


async def all_exceedances(
    session: AsyncSession, principal: Principal, filters: Mapping[str, Any], start: datetime | None, end: datetime | None
) -> list[ExceedanceAnswer]:
    rows = await exceedances.page(session, principal.scope, filters, start, end, None, MOST_ROWS)
    return [ExceedanceAnswer.model_validate(row) for row in rows]


async def get_exceedance(session: AsyncSession, principal: Principal, exceedance_id: str) -> ExceedanceDetail:
    row = await exceedances.get(session, exceedance_id)
    if row is None or not principal.sees(station_id=row.plant_id):
        raise NotFound("no such exceedance")
    history = [ExceedanceRevisionAnswer.model_validate(one) for one in await exceedances.history(session, exceedance_id)]
    return ExceedanceDetail.model_validate(row.model_dump() | {"history": history})
