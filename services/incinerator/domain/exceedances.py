"""What is over a limit: 1-hour and daily means, and furnaces below 850 °C (GB 18485-2014; MEE order No. 10 of 2019)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from services.incinerator.domain.means import HOUR, Mean, Period, State
from shared.versions import Version
from shared.vocabulary import AlertStatus, ExceedanceKind, Measured


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalLimit:
    """`grade`: how sure its figure is (the file says what A, B and C mean)."""

    measured: Measured
    period: Period
    limit: float
    unit: str
    grade: str
    allowed_a_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionLimits(Version):
    limits: tuple[NationalLimit, ...]

    def from_moment(self, start: datetime) -> list[Limit]:
        return [
            Limit(one.measured, one.period, one.limit, one.unit, self.source, start, one.allowed_a_day) for one in self.limits
        ]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedExceedance:
    """One for each line, kind, pollutant and period. `closed_at`: the start of the first period since that was within the
    limit; `withdrawn`: late data or a mark showed that it never was."""

    exceedance_id: str
    revision: int = 0
    plant_id: str
    line_id: str
    kind: ExceedanceKind
    pollutant: Measured | None
    status: AlertStatus = AlertStatus.OPEN
    period_start: datetime
    period_end: datetime
    value: float
    limit: float
    unit: str
    source: str
    closed_at: datetime | None = None
    changed_at: datetime

    @property
    def measured(self) -> Measured:
        return self.pollutant or Measured.FURNACE_TEMPERATURE

    @property
    def is_withdrawn(self) -> bool:
        return self.status is AlertStatus.WITHDRAWN

    def judge(self, exceedance: Exceedance, plant_id: str) -> "RecordedExceedance":
        """It was exceeded indeed, as it is judged now."""
        return replace(self, plant_id=plant_id, status=AlertStatus.OPEN, **asdict(exceedance))

    def withdraw(self) -> "RecordedExceedance":
        return replace(self, status=AlertStatus.WITHDRAWN, closed_at=None)

    def close(self, closed_at: datetime | None) -> "RecordedExceedance":
        """Open again where `closed_at` is None."""
        return replace(self, status=AlertStatus.CLOSED if closed_at else AlertStatus.OPEN, closed_at=closed_at)

    def change(self, at: datetime) -> "RecordedExceedance":
        return replace(self, revision=self.revision + 1, changed_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceedanceRevision:
    revision: int
    status: AlertStatus
    value: float
    limit: float
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceedanceFilters:
    """`start`, `end`: of the period's start."""

    plant_id: str | None = None
    line_id: str | None = None
    kind: ExceedanceKind | None = None
    status: AlertStatus | None = None
    pollutant: Measured | None = None
    start: datetime | None = None
    end: datetime | None = None


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


InForce = Mapping[tuple[Measured, Period], Limit]


def furnace_day(means: Iterable[Mean], in_force: InForce, start: datetime) -> list[Mean]:
    """The day of a furnace as a mean of its own: `value` counts its valid 5-minute means below the limit; none without data."""
    limit = in_force.get((Measured.FURNACE_TEMPERATURE, Period.FIVE_MINUTE))
    valid = [m.value for m in means if m.period is Period.FIVE_MINUTE and m.state is State.VALID and m.value is not None]
    if limit is None or not valid:
        return []
    cold = sum(value < limit.limit for value in valid)
    return [Mean(Measured.FURNACE_TEMPERATURE, Period.DAILY, start, cold, State.VALID, "five_minute", len(valid))]


def judge(means: Iterable[Mean], in_force: InForce, day_end: datetime) -> list[Exceedance]:
    """All that was exceeded in the day that ends at `day_end`; `means` with that of `furnace_day`."""
    return [over for mean in means if is_over(mean, in_force) and (over := _exceedance(mean, in_force, day_end))]


def is_over(mean: Mean, in_force: InForce) -> bool | None:
    """None where there is nothing to judge: too little data, an exempt time, no limit."""
    limit = _limit(mean, in_force)
    return None if limit is None or mean.value is None or mean.state is not State.VALID else mean.value > limit.limit


def _limit(mean: Mean, in_force: InForce) -> Limit | None:
    """The furnace is judged by its day: how often it may be too cold."""
    if mean.measured is not Measured.FURNACE_TEMPERATURE:
        return in_force.get((mean.measured, mean.period))
    limit = in_force.get((mean.measured, Period.FIVE_MINUTE)) if mean.period is Period.DAILY else None
    if limit is None or limit.allowed_a_day is None:
        return None
    return replace(limit, period=Period.DAILY, limit=limit.allowed_a_day, unit=f"× 5 min < {limit.limit:g} {limit.unit}")


def _exceedance(mean: Mean, in_force: InForce, day_end: datetime) -> Exceedance | None:
    limit = _limit(mean, in_force)
    if limit is None or mean.value is None:
        return None
    of_furnace, hourly = mean.measured is Measured.FURNACE_TEMPERATURE, mean.period is Period.HOURLY
    kind = ExceedanceKind.FURNACE_TEMPERATURE if of_furnace else ExceedanceKind(mean.period.value)
    end = mean.start + HOUR if hourly else day_end
    pollutant = None if of_furnace else mean.measured
    return Exceedance(kind, pollutant, mean.start, end, mean.value, limit.limit, limit.unit, limit.source)
