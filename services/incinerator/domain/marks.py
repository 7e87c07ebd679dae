"""When a furnace line was in which condition: later marks paint over earlier ones, what nobody marked is normal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from shared.versions import Version
from shared.vocabulary import OperatingCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptingConditions(Version):
    """Conditions of a line under which its data is left out of the judgement."""

    exempting: frozenset[OperatingCondition]


@dataclass(frozen=True, slots=True)
class Mark:
    """From `start` until `end` (None: until further notice)."""

    start: datetime
    end: datetime | None
    condition: OperatingCondition

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingMark:
    """`seq` is the order in which a line's marks were recorded: a later one paints over an earlier one."""

    line_id: str
    seq: int
    start: datetime
    end: datetime | None
    condition: OperatingCondition
    note: str
    recorded_by: str
    recorded_at: datetime

    @property
    def mark(self) -> Mark:
        return Mark(self.start, self.end, self.condition)

    def says_the_same(self, other: "OperatingMark") -> bool:
        return (self.mark, self.note) == (other.mark, other.note)


@dataclass(frozen=True, slots=True)
class Interval:
    start: datetime
    end: datetime

    def overlap_s(self, start: datetime, end: datetime) -> float:
        return max((min(self.end, end) - max(self.start, start)) / timedelta(seconds=1), 0.0)


def condition_at(marks: Sequence[Mark], at: datetime) -> OperatingCondition:
    """`marks` in the order in which they were recorded."""
    covering = (mark.condition for mark in reversed(marks) if mark.covers(at))
    return next(covering, OperatingCondition.NORMAL)


def exempt_intervals(
    marks: Sequence[Mark], exempting: Collection[OperatingCondition], start: datetime, end: datetime
) -> list[Interval]:
    """The parts of start … end whose data is left out of the judgement."""
    edges = {start, end} | {edge for mark in marks for edge in (mark.start, mark.end) if edge and start < edge < end}
    return [Interval(a, b) for a, b in pairwise(sorted(edges)) if condition_at(marks, a) in exempting]


def exempt_s(intervals: Sequence[Interval], start: datetime, end: datetime) -> float:
    return sum(interval.overlap_s(start, end) for interval in intervals)
