"""The words of a simulated truck's day: what it was to do, what goes wrong, what it did. All times are epoch seconds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.simulator.devices.motion import GpsError, Leg, Motion, Place, Plane
from services.simulator.devices.tipping import Tipping, TippingFaults

Record = dict[str, Any]
"""One telemetry record as POST /v1/telemetry takes it."""

PARKED_INTERVAL_SECONDS = 60
"""A truck that stands for long reports once a minute, as real units do."""
LONG_STAND_SECONDS = 200


@dataclass(frozen=True, slots=True)
class PlannedStop:
    stop_id: str
    run_id: str
    lon: float
    lat: float
    planned_s: int
    window_start_s: int
    window_end_s: int
    service_point_id: str | None = None
    stream: str | None = None
    expected_kg: float | None = None
    task: str = "collection"
    line: tuple[tuple[float, float], ...] = ()
    """(lon, lat) along the road section that is covered; lon and lat are half-way then."""


@dataclass(frozen=True, slots=True)
class RunDisturbance:
    """`shift_seconds`: the whole run is begun so much later (or earlier) than planned; `missed`: passed by without
    stopping; `blocked`: passed by, and the driver says why; `mixed`: by stop, another service point whose bin is emptied
    there as well; `partial`: sections of which only a part is done; `breakdown_after`: the truck breaks down after so many
    places it stopped at."""

    shift_seconds: int = 0
    missed: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    mixed: Mapping[str, str] = field(default_factory=dict)
    breakdown_after: int | None = None


@dataclass(frozen=True, slots=True)
class VehicleDisturbance:
    """`runs` by run id; `silent`: the unit never sends; `signal_losses`: periods (from, to) without a network, whose
    records come later, in order or `shuffled`; `repeats`: every so many batches one is sent twice."""

    runs: Mapping[str, RunDisturbance] = field(default_factory=dict)
    silent: bool = False
    signal_losses: tuple[tuple[int, int], ...] = ()
    shuffled: bool = False
    repeats: int | None = None
    clock_ahead_seconds: int = 0
    tipping: TippingFaults = field(default_factory=TippingFaults)

    def run(self, run_id: str) -> RunDisturbance:
        return self.runs.get(run_id, RunDisturbance())


@dataclass(frozen=True, slots=True)
class Visit:
    """The truck stood at `place` and served `stops` there."""

    place: Place
    arrive_s: int
    depart_s: int
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """The truck stands at a place or drives a leg. `odometer_m` is that of its beginning."""

    start_s: int
    end_s: int
    motion: Leg | Motion
    odometer_m: float
    ignition: bool

    def at(self, at_s: int) -> Motion:
        return self.motion.at(at_s - self.start_s) if isinstance(self.motion, Leg) else self.motion

    def times(self, interval_seconds: int, phase: int) -> Iterator[int]:
        """Its first second, then each one that the unit's beat falls on."""
        stands_long = isinstance(self.motion, Motion) and self.end_s - self.start_s > LONG_STAND_SECONDS
        beat = max(interval_seconds, PARKED_INTERVAL_SECONDS) if stands_long else interval_seconds
        yield self.start_s
        first = self.start_s + 1 + (phase - self.start_s - 1) % beat
        yield from range(first, self.end_s, beat)


@dataclass(frozen=True, slots=True)
class VehicleDay:
    """What one truck did on one day. `occasions`: its bin lifts, loads and reports by time."""

    vehicle_id: str
    plane: Plane
    stops: tuple[PlannedStop, ...]
    visits: tuple[Visit, ...]
    segments: tuple[Segment, ...]
    occasions: tuple[tuple[int, Record], ...]
    busy_until_s: int
    gps_error: GpsError
    phase: int
    disturbance: VehicleDisturbance
    tippings: tuple[Tipping, ...] = ()

    @property
    def start_s(self) -> int:
        return self.segments[0].start_s

    @property
    def end_s(self) -> int:
        return self.segments[-1].end_s

    @property
    def depot(self) -> tuple[float, float]:
        """(lon, lat) of where the day begins and ends."""
        return self.plane.degrees(self.segments[0].at(self.start_s).place)

    @property
    def broken_down_s(self) -> int | None:
        """When its driver reported a breakdown."""
        return next((at_s for at_s, record in self.occasions if record.get("code") == "breakdown"), None)

    def records(self, interval_seconds: int, from_s: int | None = None, to_s: int | None = None) -> list[Record]:
        """Everything the unit notes in [from, to), in order, stamped by its own clock."""
        first = self.start_s if from_s is None else from_s
        last = self.end_s if to_s is None else to_s
        timed = [(at_s, record) for at_s, record in self.occasions if first <= at_s < last]
        timed += self._positions(interval_seconds, first, last)
        timed.sort(key=lambda item: item[0])
        ahead = self.disturbance.clock_ahead_seconds
        return [{"kind": record["kind"], "at": rfc3339(at_s + ahead), **record} for at_s, record in timed]

    def _positions(self, interval_seconds: int, first: int, last: int) -> Iterator[tuple[int, Record]]:
        for segment in self.segments:
            if segment.end_s <= first or segment.start_s >= last:
                continue
            for at_s in segment.times(interval_seconds, self.phase):
                if first <= at_s < last:
                    yield at_s, self._position(segment, at_s)

    def _position(self, segment: Segment, at_s: int) -> Record:
        motion = segment.at(at_s)
        lon, lat = self.plane.degrees(self.gps_error.shifted(motion.place, at_s))
        return {
            "kind": "position",
            "lon": lon,
            "lat": lat,
            "speed_kmh": round(motion.speed_ms * 3.6, 1),
            "heading_deg": round(motion.heading_deg, 1) % 360,
            "altitude_m": 4.0,
            "ignition": segment.ignition,
            "odometer_km": round((segment.odometer_m + motion.driven_m) / 1000, 3),
            "satellites": 8 + at_s // 97 % 6,
        }


def planned_stops(runs: Sequence[Mapping[str, Any]]) -> list[PlannedStop]:
    """The stops of runs as GET /v1/runs/{run_id} answers them, in the order they are planned."""
    stops = [
        PlannedStop(
            stop_id=stop["stop_id"],
            run_id=run["run_id"],
            lon=stop["lon"],
            lat=stop["lat"],
            planned_s=epoch_s(stop["planned_at"]),
            window_start_s=epoch_s(stop["window_start"]),
            window_end_s=epoch_s(stop["window_end"]),
            service_point_id=stop.get("service_point_id"),
            stream=stop.get("stream"),
            expected_kg=stop.get("expected_kg"),
            task=run.get("task", "collection"),
            line=tuple((lon, lat) for lon, lat in stop.get("line") or ()),
        )
        for run in runs
        for stop in sorted(run["stops"], key=lambda stop: int(stop["seq"]))
    ]
    first_of_run: dict[str, int] = {}
    for stop in stops:
        first_of_run[stop.run_id] = min(first_of_run.get(stop.run_id, stop.planned_s), stop.planned_s)
    return sorted(stops, key=lambda stop: (first_of_run[stop.run_id], stop.run_id, stop.planned_s))


def epoch_s(text: str) -> int:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return int(at.timestamp())


def rfc3339(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
