"""Bodies of emissions: series, the furnace board, exceedances."""

from datetime import datetime
from typing import Literal

from services.incinerator.domain.means import State
from shared.bodies import Answer
from shared.vocabulary import AlertStatus, ExceedanceKind, Measured, OperatingCondition

Series = Literal["realtime", "minute", "five_minute", "hourly", "daily"]
BoardState = Literal["within", "exceeding", "invalid", "exempt", "no_data"]


class EmissionAnswer(Answer):
    """One mean, or what the logger sent (`realtime`, `minute`). mg/m³ dry at 11 % O₂; °C; O₂ in %.

    `state`: only `valid` ones are judged. `covered`: minutes of valid data in an hour, hours in a day, seconds in five
    minutes. `condition`: how the line was marked at `start`. The furnace's daily value counts its 5-minute means below 850 °C.
    """

    measured: Measured
    period: Series
    start: datetime
    value: float | None
    unit: str
    state: State
    source: str
    covered: int | None
    over: bool | None
    condition: OperatingCondition


class BoardValue(Answer):
    """`now`: the newest real-time or minute value; `hour`: the newest hour; `day`: the day so far."""

    measured: Measured
    unit: str
    now: float | None
    now_at: datetime | None
    hour: float | None
    hour_start: datetime | None
    hour_limit: float | None
    day: float | None
    day_state: State | None
    day_limit: float | None
    state: BoardState


class BoardLine(Answer):
    plant_id: str
    line_id: str
    name: str
    condition: OperatingCondition
    values: list[BoardValue]
    open_exceedances: int


class BoardPlant(Answer):
    plant_id: str
    name_zh: str
    name_en: str
    lines: list[BoardLine]


class FurnaceBoard(Answer):
    as_of: datetime
    plants: list[BoardPlant]


class ExceedanceAnswer(Answer):
    """`value` over `limit` in the period. `pollutant` null: the furnace, `value` counts its 5-minute means that were too cold.

    `closed`: since `closed_at` a period was within the limit; `withdrawn`: late data or a mark showed that it never was.
    """

    exceedance_id: str
    revision: int
    plant_id: str
    line_id: str
    kind: ExceedanceKind
    pollutant: Measured | None
    status: AlertStatus
    period_start: datetime
    period_end: datetime
    value: float
    limit: float
    unit: str
    source: str
    closed_at: datetime | None
    changed_at: datetime


class ExceedanceRevisionAnswer(Answer):
    revision: int
    status: AlertStatus
    value: float
    limit: float
    changed_at: datetime


class ExceedanceDetail(ExceedanceAnswer):
    history: list[ExceedanceRevisionAnswer]
