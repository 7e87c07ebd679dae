"""A city's timetable: routes with ordered, timed stops, and what an import found wrong with its file."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

from services.route.domain.places import PASSING


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one row (1-based, header not counted): why it was rejected, or what is odd about it."""

    row: int
    code: str
    detail: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedStop:
    """`key` is unique in the route: the seq, or `seq.2`, `seq.3` where the file repeats one.

    Seconds count from the service day's midnight and pass 86,400 after it; a window's ends may be given or not. Which days
    it is served on: `service_days.py`.
    """

    row: int
    key: str
    seq: int
    service_point_id: str
    name: str
    lon: float
    lat: float
    second: int
    window_start_second: int | None
    window_end_second: int | None
    weekdays: frozenset[int]
    stream: str
    expected_kg: int | None
    kind: str
    mode: str = PASSING
    section_id: str | None = None
    """The road section it covers; `service_point_id` is the same then."""
    by_calendar: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    route_id: str
    name: str
    district_id: str | None
    vehicle_id: str | None
    stops: tuple[TimedStop, ...]
    task: str = "collection"

    @property
    def weekdays(self) -> frozenset[int]:
        return frozenset().union(*(stop.weekdays for stop in self.stops))

    @property
    def stream(self) -> str:
        """What most of its stops give."""
        return most_common([stop.stream for stop in self.stops])


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRoute:
    """A route as it is recorded. `vehicle_id` drives it unless a run says otherwise; `file_vehicle_id` is what the imported
    file said last; weekdays are ISO numbers."""

    route_id: str
    name: str
    district_id: str | None
    vehicle_id: str | None
    file_vehicle_id: str | None
    weekdays: tuple[int, ...]
    stream: str
    task: str
    stop_count: int
    revision: int
    imported_at: datetime

    @classmethod
    def first(cls, route: Route, at: datetime) -> Self:
        return cls(
            route_id=route.route_id,
            name=route.name,
            district_id=route.district_id,
            vehicle_id=route.vehicle_id,
            file_vehicle_id=route.vehicle_id,
            weekdays=tuple(sorted(route.weekdays)),
            stream=route.stream,
            task=route.task,
            stop_count=len(route.stops),
            revision=1,
            imported_at=at,
        )

    def imported(self, route: Route, at: datetime, *, moved: bool) -> "KnownRoute":
        """The next revision after a file that holds the route; itself where nothing changed; `moved`: its stops have.

        A vehicle that a dispatcher gave stays, until the file names another one than it did before.
        """
        named_anew = route.vehicle_id is not None and route.vehicle_id != self.file_vehicle_id
        new = replace(
            KnownRoute.first(route, self.imported_at),
            vehicle_id=route.vehicle_id if named_anew else self.vehicle_id,
            file_vehicle_id=route.vehicle_id or self.file_vehicle_id,
            revision=self.revision,
        )
        return replace(new, revision=self.revision + 1, imported_at=at) if moved or new != self else self

    def driven_by(self, vehicle_id: str | None) -> "KnownRoute":
        """The next revision; itself where that vehicle drives it already."""
        return self if vehicle_id == self.vehicle_id else replace(self, vehicle_id=vehicle_id, revision=self.revision + 1)

    def with_stops(self, stops: Iterable[TimedStop]) -> Route:
        """The route as the rules take it."""
        return Route(
            route_id=self.route_id,
            name=self.name,
            district_id=self.district_id,
            vehicle_id=self.vehicle_id,
            stops=tuple(stops),
            task=self.task,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFilters:
    """A 6-digit district includes its subdistricts."""

    vehicle_id: str | None = None
    within_district: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePoint:
    service_point_id: str
    name: str
    kind: str
    lon: float
    lat: float
    streams: tuple[str, ...]
    expected_kg: int | None
    district_id: str | None


@dataclass(frozen=True, slots=True)
class Timetable:
    """`row_count` == number of stops + number of rejections, always."""

    row_count: int
    routes: tuple[Route, ...]
    rejected: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def stop_count(self) -> int:
        return sum(len(route.stops) for route in self.routes)

    def service_points(self) -> list[ServicePoint]:
        """Each place once, as its first stop describes it, with every stream collected there."""
        first: dict[str, tuple[Route, TimedStop]] = {}
        streams: dict[str, set[str]] = {}
        for route in self.routes:
            for stop in (stop for stop in route.stops if stop.section_id is None):
                first.setdefault(stop.service_point_id, (route, stop))
                streams.setdefault(stop.service_point_id, set()).add(stop.stream)
        return [
            ServicePoint(
                service_point_id=point_id,
                name=stop.name,
                kind=stop.kind,
                lon=stop.lon,
                lat=stop.lat,
                streams=tuple(sorted(streams[point_id])),
                expected_kg=stop.expected_kg,
                district_id=route.district_id,
            )
            for point_id, (route, stop) in first.items()
        ]


def most_common(values: list[str]) -> str:
    """The value given most often; of several the smallest, so that the order of rows does not matter."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))
