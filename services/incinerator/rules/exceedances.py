"""What is over a limit: 1-hour and daily means, and furnaces below 850 °C (GB 18485-2014; MEE order No. 10 of 2019)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.incinerator.rules.means import HOUR, Mean, Period, State
from shared.vocabulary import ExceedanceKind, Measured


@dataclass(frozen=True, slots=True)
class Limit:
    """Of the furnace temperature: how often in a day a mean may be below it (`allowed_a_day`)."""

    measured: Measured
    period: Period
    limit: float
    unit: str
    source: str
    valid_from: datetime
    allowed_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Exceedance:
    """`value` over `limit`; of the furnace: how many 5-minute means were below 850 °C, and how many may be."""

    kind: ExceedanceKind
    pollutant: Measured | None
    period_start: datetime
    period_end: datetime
    value: float
    limit: float
    unit: str
    source: str


def limits_at(limits: Iterable[Limit], at: datetime) -> dict[tuple[Measured, Period], Limit]:
    """The strictest of those in force; of one source the newest."""
    newest: dict[tuple[str, Measured, Period], Limit] = {}
    for one in limits:
        key = (one.source, one.measured, one.period)
        if one.valid_from <= at and (key not in newest or newest[key].valid_from < one.valid_from):
            newest[key] = one
    strictest: dict[tuple[Measured, Period], Limit] = {}
    for one in newest.values():
        pair = (one.measured, one.period)
        if pair not in strictest or one.limit < strictest[pair].limit:
            strictest[pair] = one
    return strictest


def judge(means: Sequence[Mean], limits: Iterable[Limit], start: datetime, end: datetime) -> list[Exceedance]:
    """All that a line exceeded in the natural day start … end; only valid means count."""
    valid = [mean for mean in means if mean.state is State.VALID and mean.value is not None]
    in_force = limits_at(limits, start)
    found = [over for mean in valid if (over := _over(mean, in_force.get((mean.measured, mean.period)), end))]
    cold = _furnace_too_cold(valid, in_force.get((Measured.FURNACE_TEMPERATURE, Period.FIVE_MINUTE)), start, end)
    return found + ([cold] if cold else [])


def _over(mean: Mean, limit: Limit | None, day_end: datetime) -> Exceedance | None:
    if limit is None or mean.measured is Measured.FURNACE_TEMPERATURE or mean.value is None or mean.value <= limit.limit:
        return None
    hourly = mean.period is Period.HOURLY
    kind, end = (ExceedanceKind.HOURLY, mean.start + HOUR) if hourly else (ExceedanceKind.DAILY, day_end)
    return Exceedance(kind, mean.measured, mean.start, end, mean.value, limit.limit, limit.unit, limit.source)


def _furnace_too_cold(valid: Sequence[Mean], limit: Limit | None, start: datetime, end: datetime) -> Exceedance | None:
    if limit is None or limit.allowed_a_day is None:
        return None
    count = times_too_cold(valid, limit.limit)
    if count <= limit.allowed_a_day:
        return None
    kind = ExceedanceKind.FURNACE_TEMPERATURE
    return Exceedance(kind, None, start, end, count, limit.allowed_a_day, "5-minute means below 850 °C", limit.source)


def times_too_cold(means: Iterable[Mean], limit_c: float) -> int:
    return sum(
        mean.period is Period.FIVE_MINUTE and mean.state is State.VALID and mean.value is not None and mean.value < limit_c
        for mean in means
    )


def within_again(after: datetime, good: Iterable[datetime]) -> datetime | None:
    """The start of the first period within the limit since `after`: then an exceedance is closed."""
    return min((start for start in good if start >= after), default=None)
