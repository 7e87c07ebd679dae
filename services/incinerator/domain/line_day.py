"""A furnace line's natural day: from what its loggers sent to all means and all that was exceeded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.incinerator.domain.marks import Interval
from services.incinerator.domain.means import (
    AT_REFERENCE_OXYGEN,
    FIVE_MINUTES,
    HOUR,
    Mean,
    MeanRules,
    Sample,
    Samples,
    Sent,
    day_mean,
    furnace_mean,
    hour_mean,
    sample,
)
from shared.vocabulary import Measured


@dataclass(frozen=True, slots=True)
class Reading:
    """What a logger sent of one thing and one time; `values` by suffix as text."""

    measured: Measured
    kind: Sent
    at: datetime
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LineReading:
    line_id: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Spacing:
    """How often the line's logger is set to send, seconds."""

    minute_s: float
    realtime_s: float


def means_of_day(
    readings: Iterable[Reading], spacing: Spacing, exempt: Sequence[Interval], start: datetime, end: datetime, rules: MeanRules
) -> list[Mean]:
    """In the order of measured thing and time; `start` … `end` is the day."""
    by_kind = _samples(readings, rules)
    means = []
    for measured in sorted(AT_REFERENCE_OXYGEN):
        hours = _hours(measured, by_kind, spacing, exempt, start, end, rules)
        own = _at(by_kind, measured, Sent.DAY).get(start)
        day = day_mean(measured, start, own, hours, exempt, end, rules)
        means += [*hours, *([day] if day else [])]
    return means + _furnace(by_kind, spacing, exempt, start, end, rules)


ByKind = Mapping[tuple[Measured, Sent], Mapping[datetime, Sample]]


def _samples(readings: Iterable[Reading], rules: MeanRules) -> ByKind:
    listed = list(readings)
    oxygen = {(one.kind, one.at): one.values for one in listed if one.measured is Measured.OXYGEN}
    samples: dict[tuple[Measured, Sent], dict[datetime, Sample]] = {}
    for one in listed:
        made = sample(one.measured, one.kind, one.at, one.values, oxygen.get((one.kind, one.at)), rules)
        if made is not None:
            samples.setdefault((one.measured, one.kind), {})[one.at] = made
    return samples


def _at(by_kind: ByKind, measured: Measured, kind: Sent) -> Mapping[datetime, Sample]:
    return by_kind.get((measured, kind), {})


def _finer(by_kind: ByKind, measured: Measured, spacing: Spacing, length: timedelta) -> Mapping[datetime, list[Samples]]:
    """Minute and real-time samples by the period of `length` they belong to (counted from 1970, as clocks do)."""
    by_period: dict[datetime, list[Samples]] = {}
    for kind, slot_s in ((Sent.MINUTE, spacing.minute_s), (Sent.REALTIME, spacing.realtime_s)):
        grouped: dict[datetime, list[Sample]] = {}
        for at, one in _at(by_kind, measured, kind).items():
            grouped.setdefault(at - timedelta(seconds=at.timestamp() % length.total_seconds()), []).append(one)
        for period, items in grouped.items():
            by_period.setdefault(period, []).append(Samples(kind, slot_s, items))
    return by_period


def _hours(
    measured: Measured,
    by_kind: ByKind,
    spacing: Spacing,
    exempt: Sequence[Interval],
    start: datetime,
    end: datetime,
    rules: MeanRules,
) -> list[Mean]:
    own, finer = _at(by_kind, measured, Sent.HOUR), _finer(by_kind, measured, spacing, HOUR)
    hours = [start + n * HOUR for n in range(int((end - start) / HOUR))]
    made = (hour_mean(measured, hour, own.get(hour), finer.get(hour, []), exempt, rules) for hour in hours)
    return [mean for mean in made if mean is not None]


def _furnace(
    by_kind: ByKind, spacing: Spacing, exempt: Sequence[Interval], start: datetime, end: datetime, rules: MeanRules
) -> list[Mean]:
    own = _at(by_kind, Measured.FURNACE_TEMPERATURE, Sent.FURNACE)
    finer = _finer(by_kind, Measured.FURNACE_TEMPERATURE, spacing, FIVE_MINUTES)
    periods = sorted(period for period in {*own, *finer} if start <= period < end)
    made = (furnace_mean(period, own.get(period), finer.get(period, []), exempt, rules) for period in periods)
    return [mean for mean in made if mean is not None]
