"""Whether a truck covered a street: swept, flushed or disinfected it, or collected along it from door to door.

1. A fix lies on a section if it is within the corridor of its line and, when the truck moves, heads along it, either way.
   Without a heading the way to the neighbouring fix tells.
2. Two fixes that follow each other on a section, soon enough and slow enough for work, cover what lies between them.
   So driving through, crossing, or another street beside it cover nothing.
3. What was covered counts for one planned pass: the one whose window is nearest.
4. A pass is done when its share of the line is covered within its window, at that moment; else early or late if what was
   covered around the window is enough.
5. A section that is shorter than fixes are apart may have none on it. Without enough of its own it is done when, at each end
   where it touches other sections of the day, one of them is done: the truck came in there and left there.

The same fixes in any order, and any of them twice, give the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from services.route.domain.coverage.lines import Lines, Near, bearing_deg
from services.route.domain.coverage.rules import CoverageLimits, Section
from services.route.domain.judging.facts import Lift, Observation
from services.route.domain.judging.rules import JudgementRules
from services.route.domain.judging.visits import Sighting, Visit
from services.route.domain.places import PlannedStop
from shared.geo import Point, flat_m
from shared.vocabulary import Verdict

STANDING_M = 5.0
"""Less than this between two fixes is no way that has a direction."""
MOST_MISSING = 10
Span = tuple[float, float]
"""Metres from the beginning of a line."""


class Worked(NamedTuple):
    """A stretch of a line covered between two fixes."""

    begin: datetime
    end: datetime
    span: Span


class Outcome(NamedTuple):
    """`verdict` and when it came true are None while too little is covered; `spans`: what is covered, within the window if
    that is enough, else all of it."""

    verdict: Verdict | None
    served_at: datetime | None
    spans: list[Span]


@dataclass
class Pass:
    """What counts for one planned pass, in the order of time."""

    stop: PlannedStop
    length_m: float
    least_m: float
    worked: list[Worked] = field(default_factory=list)
    lifts: list[Lift] = field(default_factory=list)
    beside: "Sequence[Sequence[Pass]]" = ()
    """Of a short section: at each of its ends that touch any, the passes over longer sections there."""

    @cached_property
    def outcome(self) -> Outcome:
        """Ask when all is gathered."""
        stop = self.stop
        at, spans = self._covered([w for w in self.worked if stop.window_start <= w.end <= stop.window_end])
        if at:
            return Outcome(Verdict.COLLECTED, at, spans)
        at, spans = self._covered(self.worked)
        if at is None and (at := self.done_beside()):
            return Outcome(self._in_window(at), at, [(0.0, self.length_m)])
        if at is None:
            return Outcome(None, None, spans)
        return Outcome(Verdict.EARLY if at <= stop.window_end else Verdict.LATE, at, spans)

    def _in_window(self, at: datetime) -> Verdict:
        if at < self.stop.window_start:
            return Verdict.EARLY
        return Verdict.LATE if at > self.stop.window_end else Verdict.COLLECTED

    def done_beside(self) -> datetime | None:
        """When the last of its ends had been reached and left; None while one of them was not."""
        served = [[at for one in end if (at := one.outcome.served_at)] for end in self.beside]
        return max(min(times) for times in served) if served and all(served) else None

    def missing(self) -> list[Span]:
        """The longest stretches that nobody covered, in their order along the line."""
        edges = [0.0, *(edge for span in self.outcome.spans for edge in span), self.length_m]
        gaps = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin >= 1]
        return sorted(sorted(gaps, key=lambda gap: (gap[0] - gap[1], gap))[:MOST_MISSING])

    def _covered(self, parts: Iterable[Worked]) -> tuple[datetime | None, list[Span]]:
        """When enough was covered, and all that was."""
        at: datetime | None = None
        spans: list[Span] = []
        for part in parts:
            spans = joined(spans, part.span)
            if at is None and metres(spans) >= self.least_m:
                at = part.end
        return at, spans


class Coverage:
    """The sections of a vehicle's day, prepared once; their passes are asked as often as facts arrive."""

    def __init__(self, stops: Iterable[PlannedStop], rules: JudgementRules, first_place: int) -> None:
        """`stops` in planned order; `first_place`: the number of the first section among the places of the day."""
        self._match = timedelta(hours=rules.match_hours)
        self._first_place = first_place
        by_section: dict[Section, list[PlannedStop]] = {}
        for stop in stops:
            if stop.section is not None:
                by_section.setdefault(stop.section, []).append(stop)
        self._sections, self._passes = list(by_section), list(by_section.values())
        self._number = {stop: number for number, stops in enumerate(self._passes) for stop in stops}
        self._lines = Lines([section.line for section in by_section], max((s.limits.corridor_m for s in by_section), default=1.0))

    def place_of(self) -> dict[PlannedStop, int]:
        return {stop: self._first_place + number for stop, number in self._number.items()}

    def passes(self, observations: Iterable[Observation], lifts: Iterable[Lift]) -> dict[PlannedStop, Pass]:
        """What was covered for each stop, and what was lifted meanwhile; `lifts` are those that no other stop is meant by."""
        passes = {
            stop: Pass(stop, self._lines.lengths_m[n], self._lines.lengths_m[n] * self._sections[n].limits.least_share)
            for n, stops in enumerate(self._passes)
            for stop in stops
        }
        for one in passes.values():
            one.beside = self._beside(one.stop, passes) if self._is_short(self._number[one.stop]) else ()
        for number, worked in self._worked(observations):
            if stop := self._meant(number, worked.end):
                passes[stop].worked.append(worked)
        for lift in lifts if passes else ():
            if stop := self._stop_of_lift(lift, passes):
                passes[stop].lifts.append(lift)
        return passes

    def sightings(self, observations: Iterable[Observation]) -> list[Sighting]:
        """Where the truck was near a section, as claims of its driver are held against."""
        return [
            Sighting(fix.at, self._first_place + near.line, near.off_m, fix.lon, fix.lat, fix.speed_kmh)
            for fix in (observations if self._sections else ())
            for near in self._lines.near(fix.lon, fix.lat)
        ]

    def visits(self, passes: Mapping[PlannedStop, Pass]) -> list[Visit]:
        place_of = self.place_of()
        return [Visit(place_of[stop], w.begin, w.end) for stop, over in passes.items() for w in over.worked]

    # --- from fixes to stretches

    def _worked(self, observations: Iterable[Observation]) -> list[tuple[int, Worked]]:
        """The number of the section, and the stretch."""
        if not self._sections:
            return []
        fixes = sorted(set(observations), key=_in_time)
        nears = [self._lines.near(fix.lon, fix.lat) for fix in fixes]
        stretches = []
        for (before, at_before), (after, at_after) in pairwise(zip(fixes, nears, strict=True)):
            for number in {near.line for near in at_before} & {near.line for near in at_after}:
                limits = self._sections[number].limits
                span = _covered(before, _of(number, at_before), after, _of(number, at_after), limits)
                if span is not None:
                    stretches.append((number, Worked(before.at, after.at, span)))
        return stretches

    # --- what a short section touches

    def _is_short(self, number: int) -> bool:
        return self._lines.lengths_m[number] < self._sections[number].limits.short_m

    def _beside(self, stop: PlannedStop, passes: Mapping[PlannedStop, Pass]) -> list[list[Pass]]:
        """The passes meant at the same time, end by end."""
        number = self._number[stop]
        line = self._sections[number].line
        ends = [self._longer_from(end, self._sections[number], {number}) for end in (line[0], line[-1])]
        meant = [[other for beside in end if (other := self._meant(beside, stop.planned_at))] for end in ends]
        return [[passes[other] for other in end] for end in meant if end]

    def _longer_from(self, end: Point, section: Section, seen: set[int]) -> list[int]:
        """Sections of the same task that touch this place, through short ones as far as those reach."""
        longer = []
        for near in self._lines.near(*end):
            other = self._sections[near.line]
            if near.line in seen or near.off_m > section.limits.touch_m or other.task != section.task:
                continue
            seen.add(near.line)
            if self._is_short(near.line):
                longer += [one for far in (other.line[0], other.line[-1]) for one in self._longer_from(far, section, seen)]
            else:
                longer.append(near.line)
        return longer

    # --- whose it is

    def _meant(self, number: int, at: datetime) -> PlannedStop | None:
        near = [stop for stop in self._passes[number] if abs(stop.planned_at - at) <= self._match]
        return min(near, key=lambda stop: (_outside(stop, at), abs(stop.planned_at - at), stop.stop_id), default=None)

    def _stop_of_lift(self, lift: Lift, passes: Mapping[PlannedStop, Pass]) -> PlannedStop | None:
        """By the section it names, else by where it was lifted, else by which section the truck worked on."""
        numbers = [n for n, stops in enumerate(self._passes) if stops[0].service_point_id == lift.service_point_id]
        if not numbers and lift.lon is not None and lift.lat is not None:
            nears = sorted(self._lines.near(lift.lon, lift.lat), key=lambda near: (near.off_m, near.line))
            numbers = [near.line for near in nears[:1]]
        elif not numbers:
            at_work = [stop for stop, over in passes.items() if any(w.begin <= lift.at <= w.end for w in over.worked)]
            return min(at_work, key=lambda stop: stop.stop_id, default=None)
        return self._meant(numbers[0], lift.at) if numbers else None


def _in_time(fix: Observation) -> tuple[object, ...]:
    unknown = -1.0
    return fix.at, fix.lon, fix.lat, *(unknown if value is None else value for value in (fix.speed_kmh, fix.heading_deg))


def _of(number: int, nears: Sequence[Near]) -> list[Near]:
    return [near for near in nears if near.line == number]


def _covered(
    before: Observation, at_before: Sequence[Near], after: Observation, at_after: Sequence[Near], limits: CoverageLimits
) -> Span | None:
    """The stretch between two fixes near one line; None if it was not worked on."""
    seconds = (after.at - before.at).total_seconds()
    if not 0 < seconds <= limits.gap_seconds:
        return None
    way_m = flat_m(before.lon, before.lat, after.lon, after.lat)
    if _is_too_fast(before, after, way_m / seconds * 3.6, limits):
        return None
    way_deg = bearing_deg(before.lon, before.lat, after.lon, after.lat) if way_m >= STANDING_M else None
    begin, end = _on_line(before, at_before, way_deg, limits), _on_line(after, at_after, way_deg, limits)
    if begin is None or end is None:
        return None
    span = min(begin.along_m, end.along_m), max(begin.along_m, end.along_m)
    # A jump to another part of a winding line; satellites err by less than the corridor.
    jumped = span[1] - span[0] > limits.fastest_kmh / 3.6 * seconds + limits.corridor_m
    return None if jumped else span


def _is_too_fast(before: Observation, after: Observation, way_kmh: float, limits: CoverageLimits) -> bool:
    """By the speeds that the device gives, else by the way between the fixes."""
    speeds = [way_kmh if fix.speed_kmh is None else fix.speed_kmh for fix in (before, after)]
    return max(speeds) > limits.fastest_kmh


def _on_line(fix: Observation, nears: Sequence[Near], way_deg: float | None, limits: CoverageLimits) -> Near | None:
    """The nearest piece of the line that the truck may have driven along; where two meet, one of them is enough."""
    moves = fix.speed_kmh is None or fix.speed_kmh >= limits.heading_from_kmh
    heading = fix.heading_deg if fix.heading_deg is not None and moves else way_deg
    along = [
        near
        for near in nears
        if near.off_m <= limits.corridor_m
        and (heading is None or _between_deg(heading, near.direction_deg) <= limits.heading_tolerance_deg)
    ]
    return min(along, key=lambda near: (near.off_m, near.along_m), default=None)


def _between_deg(heading: float, direction: float) -> float:
    """Between two ways, either sense: 0 to 90."""
    off = abs(heading - direction) % 180
    return min(off, 180 - off)


def _outside(stop: PlannedStop, at: datetime) -> timedelta:
    return max(stop.window_start - at, at - stop.window_end, timedelta())


# --- stretches of a line ----------------------------------------------------------------------------------------


def joined(spans: Sequence[Span], new: Span) -> list[Span]:
    """Spans that do not touch each other, in order, and a new one."""
    before = [span for span in spans if span[1] < new[0]]
    after = [span for span in spans if span[0] > new[1]]
    touching = spans[len(before) : len(spans) - len(after)]
    if touching:
        new = min(new[0], touching[0][0]), max(new[1], touching[-1][1])
    return [*before, new, *after]


def metres(spans: Iterable[Span]) -> float:
    return sum(end - begin for begin, end in spans)
