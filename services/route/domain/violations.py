"""Lifts that mixed waste: which waste may go into which truck (`data/mixing_rules.json`), and which lifts put in another.

What a lift emptied is what the service point it names collects, else what the stop it counts for does. Where that leaves
several streams, a lift mixes only if the truck may carry none of them: what may have been right is not held against anyone.

A violation is decided from the lift, the stop it counts for and what its truck was registered for at the time. So the
order in which these arrived does not matter, and a later entry in the registry changes nothing that was done before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from services.route.domain.judging.facts import Lift, VehicleDayFacts
from services.route.domain.judging.findings import Judgement
from services.route.domain.stops import Stop
from services.route.domain.trucks import TruckEntry
from shared.versions import Version
from shared.vocabulary import ViolationKind, ViolationStatus, WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class MixingRules(Version):
    """`kinds`: the streams that a kind of truck may carry; a kind that is not named may carry any."""

    kinds: Mapping[str, Sequence[str]]


def may_carry(truck: TruckEntry, stream: str, rules: MixingRules) -> bool:
    fit = rules.kinds.get(truck.kind)
    return (not truck.waste_streams or stream in truck.waste_streams) and (fit is None or stream in fit)


def mixes(truck: TruckEntry | None, streams: Sequence[str], rules: MixingRules) -> bool:
    """Whether a lift of waste of one of these streams is a violation; nothing is held against an unregistered truck."""
    return truck is not None and bool(streams) and not any(may_carry(truck, stream, rules) for stream in streams)


# --- as they are recorded ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftSeen:
    tag: str | None
    service_point_id: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TruckThen:
    """What the truck was registered for when it lifted."""

    kind: str
    waste_streams: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationEvidence:
    """`stop_ids`: the stops that the lift may be for; `streams`: what it may have emptied."""

    lift: LiftSeen
    stop_ids: tuple[str, ...]
    streams: tuple[str, ...]
    truck: TruckThen


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One for each lift and kind. `stop_id` is the stop the lift counts for; without one, the lift itself names the service
    point it emptied."""

    violation_id: str
    kind: ViolationKind
    status: ViolationStatus
    lift_id: str
    at: datetime
    service_day: date
    vehicle_id: str
    contractor_id: str | None
    district_id: str | None
    stop_id: str | None
    service_point_id: str | None
    stream: WasteStream
    truck_streams: tuple[WasteStream, ...]
    net_kg: int | None
    evidence: ViolationEvidence
    revision: int
    found_at: datetime
    changed_at: datetime

    def after(self, before: "Violation | None") -> "Violation | None":
        """The next revision of what was known before; None where nothing changed."""
        if before is None:
            return self
        if replace(self, revision=before.revision, found_at=before.found_at, changed_at=before.changed_at) == before:
            return None
        return replace(self, revision=before.revision + 1, found_at=before.found_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationFilters:
    """A 6-digit district includes its subdistricts."""

    service_day: date | None = None
    vehicle_id: str | None = None
    within_district: str | None = None
    contractor_id: str | None = None
    status: ViolationStatus | None = None


# --- of a vehicle's day -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PointStreams:
    """What is collected at a service point."""

    service_point_id: str
    streams: tuple[str, ...]
    district_id: str | None


class Emptied(NamedTuple):
    """What a lift emptied: `stop_ids` it may be for, the one it counts for first; `anchor` says whose day it is."""

    lift: Lift
    stop_ids: tuple[str, ...]
    streams: tuple[str, ...]
    anchor: Stop
    district_id: str | None

    def mixed_in(self, vehicle_id: str, truck: TruckEntry, tag: str | None, *, violation_id: str, at: datetime) -> Violation:
        """The violation that this lift into a truck that may carry none of its streams is."""
        lift, stop = self.lift, self.anchor if self.stop_ids else None
        return Violation(
            violation_id=violation_id,
            kind=ViolationKind.MIXED_COLLECTION,
            status=ViolationStatus.OPEN,
            lift_id=lift.lift_id,
            at=lift.at,
            service_day=self.anchor.service_day,
            vehicle_id=vehicle_id,
            contractor_id=self.anchor.contractor_id,
            district_id=self.district_id,
            stop_id=None if stop is None else stop.stop_id,
            service_point_id=lift.service_point_id or (None if stop is None else stop.service_point_id),
            stream=WasteStream(self.streams[0]),
            truck_streams=tuple(WasteStream(stream) for stream in truck.waste_streams),
            net_kg=lift.net_kg,
            evidence=ViolationEvidence(
                lift=LiftSeen(tag=tag, service_point_id=lift.service_point_id, lon=lift.lon, lat=lift.lat),
                stop_ids=self.stop_ids,
                streams=self.streams,
                truck=TruckThen(kind=truck.kind, waste_streams=truck.waste_streams),
            ),
            revision=1,
            found_at=at,
            changed_at=at,
        )


class LiftsOfDay:
    """The lifts of a vehicle's day against the stops that they were judged to be for."""

    def __init__(self, facts: VehicleDayFacts, judgements: Iterable[Judgement]) -> None:
        self.facts = facts
        self._stops = {**facts.own, **facts.rivals}
        self._stops_of: dict[str, list[str]] = {}
        for judgement in judgements:
            for lift_id in judgement.evidence.lift_ids if judgement.evidence else ():
                self._stops_of.setdefault(lift_id, []).append(judgement.stop_id)
        here = {stop.service_point_id for stop in self._stops.values()}
        # A lift that names a point of the round was emptied for its stop; one that names another was not, whatever it counts for.
        self._elsewhere = {
            lift.lift_id: lift.service_point_id
            for lift in facts.lifts
            if lift.service_point_id and (lift.lift_id not in self._stops_of or lift.service_point_id not in here)
        }

    def named_points(self) -> set[str]:
        """The service points whose streams decide over a lift."""
        return set(self._elsewhere.values())

    def emptied(self, points: Mapping[str, PointStreams]) -> list[Emptied]:
        """The lifts that are this day's to hold: those that count for one of its stops, and those for none, nearest to one of
        it."""
        return [emptied for lift in self.facts.lifts if (emptied := self._emptied(lift, points)) is not None]

    def _emptied(self, lift: Lift, points: Mapping[str, PointStreams]) -> Emptied | None:
        stops, day = self._stops, self.facts.day
        # Of this day first: the lift counts for it as long as this day is looked at.
        stop_ids = tuple(sorted(self._stops_of.get(lift.lift_id, ()), key=lambda stop_id: stops[stop_id].service_day != day))
        counted_for = stops.get(self.facts.counted_for[lift.lift_id] or "")
        if not stop_ids and counted_for is not None and counted_for.service_day != day:
            return None
        nearest = stops[stop_ids[0]] if stop_ids else min(stops.values(), key=lambda s: (abs(s.planned_at - lift.at), s.stop_id))
        if nearest.service_day != day:
            return None
        point = points.get(self._elsewhere.get(lift.lift_id, ""))
        streams = point.streams if point else tuple(dict.fromkeys(stops[stop_id].stream for stop_id in stop_ids))
        return Emptied(lift, stop_ids, streams, nearest, point.district_id if point else nearest.district_id)

    def never_were(
        self, known: Iterable[Violation], looked_at: Collection[str], still: Collection[str], at: datetime
    ) -> list[Violation]:
        """Violations of lifts that were looked at, or that counted for a stop of this day, and mixed nothing after all."""
        return [
            replace(violation, status=ViolationStatus.WITHDRAWN, changed_at=at)
            for violation in known
            if violation.violation_id not in still and (violation.lift_id in looked_at or self._is_of_day(violation.stop_id))
        ]

    def _is_of_day(self, stop_id: str | None) -> bool:
        stop = self._stops.get(stop_id or "")
        return stop is not None and stop.service_day == self.facts.day
