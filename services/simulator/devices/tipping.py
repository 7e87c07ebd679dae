"""Where trucks tip what they lifted: transfer stations, and what happens to a truck between gate and gate.

Weights are whole kilograms, times epoch seconds. A weighbridge errs a little, an onboard scale may err a lot.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from services.simulator.devices.motion import Place, Plane, apart_m

SCALE_ERROR_SIGMA = 0.003
"""Of a weighbridge, as a share of the load; never more than three times that."""
QUEUE_SECONDS = (40, 260)
ON_SCALE_SECONDS = 25
TIPPING_SECONDS = 240
YARD_MS = 10 / 3.6
BAY_NORTH_M, BAY_EAST_M = 45.0, 15.0
"""The bays stand in a row behind the gate, within any gate's radius."""
LONGEST_STAY_SECONDS = QUEUE_SECONDS[1] + 2 * ON_SCALE_SECONDS + TIPPING_SECONDS + 120


@dataclass(frozen=True, slots=True)
class Station:
    """`bays`: the streams that each takes. The scale stands at the gate."""

    station_id: str
    lon: float
    lat: float
    bays: Mapping[str, frozenset[str]]

    def bay_for(self, stream: str, *, wrong: bool = False) -> str | None:
        """The first bay that takes the stream, or, if `wrong`, the first that does not."""
        return next((bay for bay, streams in sorted(self.bays.items()) if (stream in streams) is not wrong), None)

    def bay_place(self, gate: Place, bay_id: str) -> Place:
        number = sorted(self.bays).index(bay_id)
        return gate[0] + BAY_EAST_M * number, gate[1] + BAY_NORTH_M


@dataclass(frozen=True, slots=True)
class Yard:
    """The stations a truck may tip at. Full (`full_kg`) it goes there at once; between two runs, and before it goes home, if
    there is time and `worth_kg` is on board."""

    stations: tuple[Station, ...]
    full_kg: int
    worth_kg: int = 1

    def nearest(self, place: Place, plane: Plane, stream: str) -> Station | None:
        """Of those that take the stream."""
        fitting = [station for station in self.stations if station.bay_for(stream)]
        return min(fitting, key=lambda station: apart_m(place, plane.place(station.lon, station.lat)), default=None)


@dataclass(frozen=True, slots=True)
class Tipping:
    """The `trip`-th load of a truck's day. `lifted_kg`: what its onboard scale had weighed lift by lift; `net_kg`: what the
    weighbridge says."""

    vehicle_id: str
    trip: int
    station_id: str
    bay_id: str
    stream: str
    lifted_kg: int
    net_kg: int
    arrive_s: int
    weigh_in_s: int
    bay_s: int
    weigh_out_s: int
    leave_s: int


@dataclass(frozen=True, slots=True)
class TippingFaults:
    """Of a truck's loads of a day, counted from 1: `stolen_kg` of some disappear before the weighbridge, some are tipped in
    `wrong_bays`; it tips `tips_at_most` so often. `scale_factor`: what its onboard scale says for each true kilogram."""

    stolen_kg: Mapping[int, int] = field(default_factory=dict)
    wrong_bays: frozenset[int] = frozenset()
    tips_at_most: int | None = None
    scale_factor: float = 1.0


def weighed_kg(true_kg: int, rng: Random) -> int:
    """What a weighbridge says of a load: near the truth, and never nothing."""
    error = max(-3.0, min(3.0, rng.gauss(0, 1))) * SCALE_ERROR_SIGMA
    return max(1, round(true_kg * (1 + error)))


def stations_of(answers: Iterable[Mapping[str, Any]]) -> tuple[Station, ...]:
    """From the items of GET /v1/stations; those without bays take nothing and are left out."""
    return tuple(
        Station(one["station_id"], one["lon"], one["lat"], {bay["bay_id"]: frozenset(bay["streams"]) for bay in one["bays"]})
        for one in answers
        if one["bays"]
    )
