"""Means of a furnace line's measured values by the standards' validity rules (HJ 212-2017, HJ 75, GB 18485-2014)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.incinerator.domain.hj212 import number
from services.incinerator.domain.marks import Interval, exempt_s
from shared.versions import Version
from shared.vocabulary import Measured

HOUR_S, DAY_HOURS, FIVE_MINUTES_S = 3600, 24, 300
HOUR, FIVE_MINUTES = timedelta(hours=1), timedelta(minutes=5)
SECOND = timedelta(seconds=1)
AT_REFERENCE_OXYGEN = frozenset({Measured.PARTICULATE, Measured.NOX, Measured.SO2, Measured.HCL, Measured.CO})


class Sent(StrEnum):
    """The kind of data that a logger sends: HJ 212's 2011, 2051, 2061, 2031, 2111."""

    REALTIME = "realtime"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    FURNACE = "furnace"
    """5-minute means of the furnace temperature."""


class Period(StrEnum):
    FIVE_MINUTE = "five_minute"
    HOURLY = "hourly"
    DAILY = "daily"


class State(StrEnum):
    """`invalid`: too little valid data (or not yet enough); `exempt`: the line was marked as not in normal operation."""

    VALID = "valid"
    INVALID = "invalid"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanRules(Version):
    hour_needs_minutes: int
    day_needs_hours: int
    share_needed: float
    valid_marks: tuple[str, ...]
    unmarked_is_valid: bool
    oxygen_reference_percent: float
    oxygen_air_percent: float
    clock_ahead_seconds: int


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    value: float
    valid: bool


@dataclass(frozen=True, slots=True)
class Samples:
    """Of one measured thing and one kind; each stands for `slot_s` seconds."""

    source: Sent
    slot_s: float
    items: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Mean:
    """`covered`: how many minutes (of an hour), hours (of a day) or seconds (of five minutes) of valid data are behind it."""

    measured: Measured
    period: Period
    start: datetime
    value: float | None
    state: State
    source: str
    covered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMean:
    """A mean of a line, judged. `over` None: there is nothing to judge. A furnace's daily "mean" counts its 5-minute means
    below the limit."""

    line_id: str
    measured: Measured
    period: Period
    start: datetime
    value: float | None
    state: State
    source: str
    covered: int
    over: bool | None

    @classmethod
    def of(cls, line_id: str, mean: Mean, over: bool | None) -> "LineMean":
        return cls(line_id=line_id, over=over, **asdict(mean))

    @property
    def key(self) -> tuple[Measured, Period, datetime]:
        """Of its line."""
        return self.measured, self.period, self.start


def converted(raw: float, oxygen_percent: float | None, rules: MeanRules) -> float | None:
    """mg/m³ at reference oxygen (HJ 212-2017 annex D); None where the oxygen is not known or that of plain air."""
    if oxygen_percent is None or not 0 <= oxygen_percent < rules.oxygen_air_percent:
        return None
    return raw * (rules.oxygen_air_percent - rules.oxygen_reference_percent) / (rules.oxygen_air_percent - oxygen_percent)


def sample(
    measured: Measured, kind: Sent, at: datetime, values: Mapping[str, str], oxygen: Mapping[str, str] | None, rules: MeanRules
) -> Sample | None:
    """What a logger's values (by suffix: Rtd, Avg, ZsAvg, Flag) come to; `oxygen`: those of O₂ at the same time."""
    suffix = "Rtd" if kind is Sent.REALTIME else "Avg"
    raw, at_reference = number(values.get(suffix, "")), number(values.get(f"Zs{suffix}", ""))
    valid = _is_valid(values, rules)
    if measured not in AT_REFERENCE_OXYGEN:
        return None if raw is None else Sample(at, raw, valid)
    if at_reference is not None:
        return Sample(at, at_reference, valid)
    if raw is None:
        return None
    value = converted(raw, number((oxygen or {}).get(suffix, "")), rules)
    if value is None:
        return Sample(at, raw, valid=False)
    return Sample(at, value, valid and _is_valid(oxygen or {}, rules))


def _is_valid(values: Mapping[str, str], rules: MeanRules) -> bool:
    mark = values.get("Flag")
    return rules.unmarked_is_valid if mark is None else mark.upper() in rules.valid_marks


def mean_of(samples: Samples, start: datetime, end: datetime, exempt: Sequence[Interval]) -> tuple[float | None, float]:
    """The mean of the valid samples in start … end and how many seconds they stand for; two in one slot count once."""
    slots: dict[int, list[float]] = {}
    for one in samples.items:
        if one.valid and start <= one.at < end and not exempt_s(exempt, one.at, one.at + SECOND):
            slots.setdefault(int((one.at - start) / SECOND // samples.slot_s), []).append(one.value)
    if not slots:
        return None, 0.0
    return _average(_average(values) for values in slots.values()), min(len(slots) * samples.slot_s, (end - start) / SECOND)


def _average(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)


def hour_mean(
    measured: Measured,
    start: datetime,
    of_logger: Sample | None,
    finer: Sequence[Samples],
    exempt: Sequence[Interval],
    rules: MeanRules,
) -> Mean | None:
    """The logger's own mean where the whole hour counts, else from the first of `finer` that covers enough; None: no data.

    Of an hour that is partly exempt the rest counts if it covers enough by itself.
    """
    if of_logger is None and not finer:
        return None
    end, needed_s = start + HOUR, rules.hour_needs_minutes * 60
    left_out_s = exempt_s(exempt, start, end)

    def mean(value: float | None, state: State, source: str, covered_s: float) -> Mean:
        return Mean(measured, Period.HOURLY, start, value, state, source, int(covered_s // 60))

    if of_logger is not None and not left_out_s:
        return mean(of_logger.value, State.VALID if of_logger.valid else State.INVALID, "logger", HOUR_S * of_logger.valid)
    best: tuple[float, float | None, str] = (0.0, None, "")
    for samples in finer:
        value, covered_s = mean_of(samples, start, end, exempt)
        if covered_s >= needed_s:
            return mean(value, State.VALID, samples.source, covered_s)
        best = max(best, (covered_s, value, samples.source.value), key=lambda covered: covered[0])
    covered_s, value, source = best
    if left_out_s > HOUR_S - needed_s:
        return mean(value, State.EXEMPT, source, covered_s)
    if of_logger is not None:
        return mean(of_logger.value, State.VALID if of_logger.valid else State.INVALID, "logger", HOUR_S * of_logger.valid)
    return mean(value, State.INVALID, source, covered_s)


def day_mean(
    measured: Measured,
    start: datetime,
    of_logger: Sample | None,
    hours: Sequence[Mean],
    exempt: Sequence[Interval],
    end: datetime,
    rules: MeanRules,
) -> Mean | None:
    """Of a natural day: the logger's own where nothing of it is exempt, else from its valid hours."""
    if of_logger is None and not hours:
        return None
    valid = [hour.value for hour in hours if hour.state is State.VALID and hour.value is not None]

    def mean(value: float | None, state: State, source: str) -> Mean:
        return Mean(measured, Period.DAILY, start, value, state, source, len(valid))

    left_out_s = exempt_s(exempt, start, end)
    if of_logger is not None and not left_out_s:
        return mean(of_logger.value, State.VALID if of_logger.valid else State.INVALID, "logger")
    value = _average(valid) if valid else None
    if len(valid) >= rules.day_needs_hours:
        return mean(value, State.VALID, "hourly")
    too_little_left = left_out_s > (DAY_HOURS - rules.day_needs_hours) * HOUR_S
    return mean(value, State.EXEMPT if too_little_left else State.INVALID, "hourly")


def furnace_mean(
    start: datetime, of_logger: Sample | None, finer: Sequence[Samples], exempt: Sequence[Interval], rules: MeanRules
) -> Mean | None:
    """Five minutes of furnace temperature, °C; one that touches an exempt time is left out as a whole."""
    end = start + FIVE_MINUTES
    left_out = exempt_s(exempt, start, end) > 0

    def mean(value: float, valid: bool, source: str, covered_s: float) -> Mean:
        state = State.EXEMPT if left_out else State.VALID if valid else State.INVALID
        return Mean(Measured.FURNACE_TEMPERATURE, Period.FIVE_MINUTE, start, value, state, source, int(covered_s))

    if of_logger is not None:
        return mean(of_logger.value, of_logger.valid, "logger", FIVE_MINUTES_S * of_logger.valid)
    best: Mean | None = None
    for samples in finer:
        if samples.slot_s > FIVE_MINUTES_S:
            continue
        value, covered_s = mean_of(samples, start, end, ())
        if value is not None and (best is None or covered_s > best.covered):
            best = mean(value, covered_s >= rules.share_needed * FIVE_MINUTES_S, samples.source, covered_s)
    return best
