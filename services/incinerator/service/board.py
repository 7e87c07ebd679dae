"""The furnace board: for each line the five pollutants and the furnace temperature, now, this hour, this day."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.exceedances import ExceedanceFilters, InForce
from services.incinerator.domain.marks import condition_at
from services.incinerator.domain.means import AT_REFERENCE_OXYGEN, HOUR, LineMean, Period, Sample, Sent, State
from services.incinerator.schemas.emissions import BoardLine, BoardPlant, BoardState, BoardValue, FurnaceBoard
from services.incinerator.service.judgements import limits_of
from services.incinerator.service.queries import LineSample, samples_of, unit_of
from services.incinerator.store import emissions, exceedances, plants
from shared.auth import Principal
from shared.clock import day_bounds, now, service_day
from shared.vocabulary import AlertStatus, Measured

SHOWN = [measured for measured in Measured if measured in AT_REFERENCE_OXYGEN or measured is Measured.FURNACE_TEMPERATURE]
MOST_OPEN = 10_000


async def furnace_board(session: AsyncSession, principal: Principal, zone: ZoneInfo) -> FurnaceBoard:
    at, scope = now(), principal.scope
    shown = await plants.plants(session, scope)
    lines = await plants.lines(session, [plant.plant_id for plant in shown])
    ids = [line.line_id for line in lines]
    start, end = day_bounds(service_day(at, zone), zone)
    means = await emissions.means_between(session, ids, start - HOUR, end)
    newest = _newest(samples_of(await emissions.latest_readings(session, ids, (Sent.REALTIME, Sent.MINUTE, Sent.FURNACE))))
    marks = await emissions.marks_of(session, ids)
    open_now = await exceedances.page(session, scope, ExceedanceFilters(status=AlertStatus.OPEN), None, MOST_OPEN)
    board_lines: dict[str, list[BoardLine]] = {plant.plant_id: [] for plant in shown}
    in_force = {plant.plant_id: limits_of(plant, start) for plant in shown}
    for line in lines:
        own = [mean for mean in means if mean.line_id == line.line_id]
        values = [_value(m, own, newest.get((line.line_id, m)), in_force[line.plant_id], start) for m in SHOWN]
        board_lines[line.plant_id].append(
            BoardLine(
                plant_id=line.plant_id,
                line_id=line.line_id,
                name=line.name,
                values=values,
                condition=condition_at([one.mark for one in marks if one.line_id == line.line_id], at),
                open_exceedances=sum(one.line_id == line.line_id for one in open_now),
            )
        )
    return FurnaceBoard(
        as_of=at,
        plants=[
            BoardPlant(plant_id=plant.plant_id, name_zh=plant.name_zh, name_en=plant.name_en, lines=board_lines[plant.plant_id])
            for plant in shown
        ],
    )


def _newest(samples: Sequence[LineSample]) -> dict[tuple[str, Measured], Sample]:
    newest: dict[tuple[str, Measured], Sample] = {}
    for one in samples:
        key = (one.line_id, one.measured)
        if key not in newest or newest[key].at < one.sample.at:
            newest[key] = one.sample
    return newest


def _value(measured: Measured, means: Sequence[LineMean], sent: Sample | None, in_force: InForce, day: datetime) -> BoardValue:
    """Of the furnace: `hour` is the newest 5-minute mean, `day` how many were too cold."""
    is_furnace = measured is Measured.FURNACE_TEMPERATURE
    short = Period.FIVE_MINUTE if is_furnace else Period.HOURLY
    of_it = [mean for mean in means if mean.measured == measured]
    hour = max((mean for mean in of_it if mean.period == short), key=lambda mean: mean.start, default=None)
    today = next((mean for mean in of_it if mean.period == Period.DAILY and mean.start == day), None)
    hour_limit, day_limit = in_force.get((measured, short)), in_force.get((measured, Period.DAILY))
    return BoardValue(
        measured=measured,
        unit=unit_of(measured),
        now=sent and sent.value,
        now_at=sent and sent.at,
        hour=hour and hour.value,
        hour_start=hour and hour.start,
        hour_limit=hour_limit and hour_limit.limit,
        day=today and today.value,
        day_state=today and today.state,
        day_limit=hour_limit and hour_limit.allowed_a_day if is_furnace else day_limit and day_limit.limit,
        state=_state(hour, today),
    )


def _state(hour: LineMean | None, today: LineMean | None) -> BoardState:
    if hour is None:
        return "no_data"
    if hour.over or (today is not None and today.over):
        return "exceeding"
    if hour.state == State.EXEMPT:
        return "exempt"
    return "within" if hour.state == State.VALID else "invalid"
