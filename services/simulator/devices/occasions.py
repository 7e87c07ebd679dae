"""Which stops a truck serves by standing once: those that nobody can tell apart and that are planned together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.simulator.devices.day import PlannedStop
from services.simulator.devices.motion import Place, Plane, apart_m

SAME_PLACE_M = 25
GPS_TELLS_APART_M = 12
SAME_OCCASION_SECONDS = 600


@dataclass(slots=True)
class Occasion:
    """Stops served by standing once, and missed ones that are passed on the way there."""

    stops: list[PlannedStop]
    passed: list[PlannedStop] = field(default_factory=list)


class Occasions:
    """Of all the stops of a truck's day."""

    def __init__(self, stops: Sequence[PlannedStop], plane: Plane) -> None:
        self._stops, self._plane = stops, plane
        self._indistinct = self._indistinct_places()

    def of_run(self, stops: Iterable[PlannedStop], missed: frozenset[str]) -> list[Occasion]:
        occasions: list[Occasion] = []
        passed: list[PlannedStop] = []
        for stop in stops:
            same = [occasion for occasion in occasions if self._is_same(occasion.stops[0], stop)]
            if stop.line:
                occasions += [] if stop.stop_id in missed else [Occasion([stop])]
            elif stop.stop_id in missed:
                passed.append(stop)
            elif same:
                same[0].stops.append(stop)
            else:
                occasions.append(Occasion([stop], passed))
                passed = []
        return occasions

    def needs_naming(self, stop: PlannedStop) -> bool:
        """A neighbour so near that the GPS error blurs the two, though a city may hold them to be two places."""
        place, first = self._plane.place(stop.lon, stop.lat), self._indistinct[stop.stop_id]
        return any(
            self._indistinct[other.stop_id] != first
            and apart_m(place, self._plane.place(other.lon, other.lat)) < GPS_TELLS_APART_M
            for other in self._stops
        )

    def _is_same(self, first: PlannedStop, stop: PlannedStop) -> bool:
        together = stop.planned_s - first.planned_s <= SAME_OCCASION_SECONDS
        return together and self._indistinct[first.stop_id] == self._indistinct[stop.stop_id]

    def _indistinct_places(self) -> dict[str, Place]:
        """For each stop the first one planned that is so near that satellites cannot tell the two apart."""
        firsts: list[Place] = []
        places: dict[str, Place] = {}
        for stop in sorted(self._stops, key=lambda stop: (stop.planned_s, stop.stop_id)):
            place = self._plane.place(stop.lon, stop.lat)
            first = next((first for first in firsts if apart_m(first, place) <= SAME_PLACE_M), place)
            firsts += [place] if first is place else []
            places[stop.stop_id] = first
        return places
