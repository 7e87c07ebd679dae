"""The stops of a vehicle-day grouped by what a position can tell apart: places, and occasions at a place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.route.domain.coverage.lines import metres_from
from services.route.domain.coverage.rules import Section
from services.route.domain.judging.rules import JudgementRules
from shared.geo import METRES_PER_DEGREE, flat_m

PASSING, FIXED_TIME, COVERAGE, ISOLATION = "passing", "fixed_time", "coverage", "isolation"
"""How a stop is served: the truck comes by and lifts, or waits through the window, or works its way along a section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """What judging needs to know of a stop; times are aware."""

    stop_id: str
    service_point_id: str
    lon: float
    lat: float
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    mode: str = PASSING
    not_before: datetime | None = None
    """When it was ordered: what a truck did there before was not meant for it."""
    section: Section | None = field(default=None, hash=False)
    """Of mode coverage; lon and lat are half-way along it."""

    def metres_from(self, lon: float, lat: float) -> float:
        return metres_from(self.section.line, lon, lat) if self.section else flat_m(lon, lat, self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Stops at one place, planned so near each other that one visit serves them all."""

    stops: tuple[PlannedStop, ...]

    @property
    def begin(self) -> datetime:
        return self.stops[0].planned_at

    @property
    def end(self) -> datetime:
        return self.stops[-1].planned_at

    @property
    def not_before(self) -> datetime | None:
        return self.stops[0].not_before


@dataclass(frozen=True, slots=True)
class Place:
    stops: tuple[PlannedStop, ...]
    occasions: tuple[Occasion, ...]


def in_planned_order(stops: Iterable[PlannedStop]) -> list[PlannedStop]:
    return sorted(set(stops), key=lambda stop: (stop.planned_at, stop.stop_id))


def places_of(stops: Sequence[PlannedStop], rules: JudgementRules) -> list[Place]:
    """Stops in planned order; each joins the first place whose first stop is within `same_place_m`."""
    groups: list[list[PlannedStop]] = []
    reach_degrees = rules.same_place_m / METRES_PER_DEGREE * 1.001
    for stop in stops:
        for group in groups:
            first = group[0]
            if (
                abs(first.lat - stop.lat) <= reach_degrees
                and flat_m(first.lon, first.lat, stop.lon, stop.lat) <= rules.same_place_m
            ):
                group.append(stop)
                break
        else:
            groups.append([stop])
    return [Place(tuple(group), tuple(_occasions(group, rules))) for group in groups]


def _occasions(stops: list[PlannedStop], rules: JudgementRules) -> list[Occasion]:
    width = timedelta(minutes=rules.same_occasion_minutes)
    groups: list[list[PlannedStop]] = []
    for stop in stops:
        together = groups and stop.not_before == groups[-1][0].not_before
        if together and stop.planned_at - groups[-1][0].planned_at <= width:
            groups[-1].append(stop)
        else:
            groups.append([stop])
    return [Occasion(tuple(group)) for group in groups]
