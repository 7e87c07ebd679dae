"""The balance: lifted = tipped + still on board + a named residue, and the same for hauls and stations. Whole kilograms.

Every fact posts what it adds to the flows, and a residue is posted with the weighings that it lies between. So the balance
closes whatever arrives, in any order; the question is only how much of it carries a name that somebody should look at.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from services.gateway.domain.tickets import Lift, Tip
from shared.versions import Version

LIFTED, UNLOADED, TIPPED = "lifted", "unloaded", "tipped"
HAULED, ARRIVED, TAKEN_IN, STORED = "hauled", "arrived", "taken_in", "stored"
RESIDUE, HAUL_RESIDUE, STATION_RESIDUE = "residue:", "haul_residue:", "station_residue:"
"""Stages of a residue are these and its name."""

WITHIN, UNEXPLAINED, DRIFT = "within_tolerance", "unexplained", "scale_drift"
NO_VEHICLE, FIRST_TRIP, NO_SCALE, OTHER_STREAM = "no_vehicle", "first_trip", "no_onboard_scale", "other_stream"
NO_HAUL, STOCK_TAKING = "no_haul", "stock_taking"
NORMAL_MAD = 1.4826
"""Makes a median absolute deviation comparable to a standard deviation (of a normal distribution)."""


class Flow(NamedTuple):
    """What a fact adds to a stage; empty where there is no district, contractor or site."""

    stage: str
    stream: str
    district_id: str
    contractor_id: str
    site_id: str
    net_kg: int
    facts: int


class DayOfStage(NamedTuple):
    """What a day has of a stage."""

    stage: str
    stream: str
    district_id: str
    site_id: str
    net_kg: int
    facts: int


class Lifted(NamedTuple):
    district_id: str
    stream: str
    net_kg: int
    lifts: int


class PeriodSum(NamedTuple):
    """Of a period, by what `key` names: a stream, place or contractor."""

    period: date
    key: str
    net_kg: int
    facts: int


class Part(NamedTuple):
    """Lifted of one kind: what a trip's truck lifted, by stream, district and contractor."""

    stream: str
    district_id: str
    contractor_id: str
    net_kg: int
    lifts: int


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A difference counts from the larger of `least_kg` and `share` of the heavier weighing."""

    share: float
    least_kg: int

    def kg(self, *weighed_kg: float) -> int:
        return max(self.least_kg, round(self.share * max(weighed_kg)))


@dataclass(frozen=True, slots=True)
class DriftRules:
    """`trips`: the newest so many are looked at, of `least_trip_kg` or more; from `least_trips` on a scale is judged: it
    drifts when it is off by more than `limit` and its trips agree to `most_spread`."""

    trips: int
    least_trips: int
    least_trip_kg: int
    limit: float
    most_spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRules(Version):
    """What counts as a discrepancy, with the reasons in data/balance_rules.json."""

    trip: Tolerance
    haul: Tolerance
    station_day: Tolerance
    drift: DriftRules
    haul_overdue_hours: float
    not_tipped_hours: float

    @property
    def haul_overdue(self) -> timedelta:
        return timedelta(hours=self.haul_overdue_hours)

    @property
    def not_tipped(self) -> timedelta:
        return timedelta(hours=self.not_tipped_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRules(Version):
    """The streams that are recovered, and all that households hand over."""

    recovered: frozenset[str]
    household: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TripFilters:
    vehicle_id: str | None = None
    site_id: str | None = None
    day: date | None = None
    residue_name: str | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """Between two tickets of a truck. `from_at`: the one before; None: there is none that we know of.

    `day` and `residue_name` once it is judged.
    """

    ticket_id: str
    vehicle_id: str | None
    from_at: datetime | None
    tipped_at: datetime
    stream: str
    net_kg: int
    lifted: Sequence[Part]
    site_id: str = ""
    contractor_id: str | None = None
    district_id: str | None = None
    day: date | None = None
    residue_name: str | None = None

    @property
    def lifted_kg(self) -> int:
        return sum(part.net_kg for part in self.lifted)

    @property
    def lifts(self) -> int:
        return sum(part.lifts for part in self.lifted)

    @property
    def lifted_kg_by_stream(self) -> dict[str, int]:
        kg: Counter[str] = Counter()
        for part in self.lifted:
            kg[part.stream] += part.net_kg
        return dict(kg)

    @property
    def difference_kg(self) -> int:
        return self.net_kg - self.lifted_kg

    @property
    def comparable(self) -> bool:
        """Whether it is known whose it was, and where it began."""
        return self.vehicle_id is not None and self.from_at is not None

    def judged(self, day: date, residue_name: str) -> "Trip":
        return replace(self, day=day, residue_name=residue_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedTrip:
    """What the books say that a trip's truck had lifted."""

    ticket_id: str
    lifted_kg: int


def trips_between(tips: Sequence[Tip], lifts: Sequence[Lift], begin: datetime | None, *, known: bool) -> list[Trip]:
    """Each lift belongs to the first ticket at or after it; what comes after the last is still on board."""
    trips, start, taken = [], begin, 0
    for tip in tips:
        load: dict[tuple[str, str, str], list[int]] = {}
        while taken < len(lifts) and lifts[taken].at <= tip.at:
            lift = lifts[taken]
            sums = load.setdefault((lift.stream, lift.district_id, lift.contractor_id), [0, 0])
            sums[0] += lift.net_kg
            sums[1] += 1
            taken += 1
        parts = tuple(Part(*key, *sums) for key, sums in sorted(load.items()))
        whose = (tip.site_id, tip.contractor_id, tip.district_id)
        trips.append(Trip(tip.ticket_id, tip.vehicle_id, start, tip.at, tip.stream, tip.weighed_kg, parts, *whose))
        start = tip.at if known else None
    return trips


@dataclass(frozen=True, slots=True)
class Scale:
    """`factor`: lifted by net; `spread`: how far trips lie from it, as a standard deviation."""

    factor: float
    spread: float
    trips: int
    drifts: bool
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TruckScale(Scale):
    vehicle_id: str


def scale_of(trips: Iterable[Trip], rules: DriftRules) -> Scale | None:
    """How an onboard scale reads, from its newest trips; None while there is nothing to compare.

    The median finds the trips that agree, so that one stolen load does not look like a scale that drifts; their sums give
    the factor, so that heavy loads count more than light ones.
    """
    heavy = [t for t in trips if t.comparable and t.lifted_kg and t.net_kg >= rules.least_trip_kg]
    newest = sorted(heavy, key=lambda t: t.tipped_at)[-rules.trips :]
    if not newest:
        return None
    middle = median(t.lifted_kg / t.net_kg for t in newest)
    spread = NORMAL_MAD * median(abs(t.lifted_kg / t.net_kg - middle) for t in newest)
    agreeing = [t for t in newest if abs(t.lifted_kg / t.net_kg - middle) <= max(3 * spread, rules.limit / 3)]
    factor = sum(t.lifted_kg for t in agreeing) / sum(t.net_kg for t in agreeing)
    judged = len(agreeing) >= rules.least_trips and spread <= rules.most_spread
    return Scale(factor, spread, len(newest), judged and abs(factor - 1) > rules.limit, newest[0].tipped_at, newest[-1].tipped_at)


@dataclass(frozen=True, slots=True)
class Difference:
    """`found_kg` − `expected_kg`: less than 0 is missing. `name`: of the residue; UNEXPLAINED is a finding."""

    name: str
    expected_kg: int
    found_kg: int
    tolerance_kg: int

    @property
    def kg(self) -> int:
        return self.found_kg - self.expected_kg


def judge_trip(trip: Trip, scale: Scale | None, tolerance: Tolerance, *, weighs: bool) -> Difference:
    """`weighs`: whether the truck has an onboard scale at all. A drifting scale is allowed for."""
    allowed = tolerance.kg(trip.net_kg, trip.lifted_kg)
    raw = Difference(WITHIN, trip.lifted_kg, trip.net_kg, allowed)
    if trip.vehicle_id is None:
        return replace(raw, name=NO_VEHICLE)
    if not weighs:
        return replace(raw, name=NO_SCALE)
    if trip.from_at is None:
        return replace(raw, name=FIRST_TRIP)
    if abs(raw.kg) <= allowed:
        return raw if {part.stream for part in trip.lifted} <= {trip.stream} else replace(raw, name=OTHER_STREAM)
    if scale is not None and scale.drifts:
        corrected = Difference(DRIFT, round(trip.lifted_kg / scale.factor), trip.net_kg, allowed)
        return corrected if abs(corrected.kg) <= allowed else replace(corrected, name=UNEXPLAINED)
    return replace(raw, name=UNEXPLAINED)


def judge(expected_kg: int, found_kg: int, tolerance: Tolerance) -> Difference:
    """Two weighings of the same waste."""
    allowed = tolerance.kg(expected_kg, found_kg)
    return Difference(WITHIN if abs(found_kg - expected_kg) <= allowed else UNEXPLAINED, expected_kg, found_kg, allowed)


def explained(name: str, cause: str | None) -> str:
    """The residue's name once a person has said why."""
    return f"explained_{cause}" if name == UNEXPLAINED and cause else name


# --- what facts add to the flows --------------------------------------------------------------------------------


def of_lift(lift: Lift) -> Flow:
    return Flow(LIFTED, lift.stream, lift.district_id, lift.contractor_id, "", lift.net_kg, 1)


def taken_back(flow: Flow) -> Flow:
    return flow._replace(net_kg=-flow.net_kg, facts=-flow.facts)


def of_trip(trip: Trip, name: str) -> list[Flow]:
    """Unloaded as the truck weighed it, tipped as the weighbridge did, and between them the residue, so that they close."""
    site_id, whose = trip.site_id, (trip.district_id or "", trip.contractor_id or "")
    flows = [Flow(UNLOADED, p.stream, p.district_id, p.contractor_id, site_id, p.net_kg, p.lifts) for p in trip.lifted]
    flows.append(Flow(TIPPED, trip.stream, *whose, site_id, trip.net_kg, 1))
    residue: Counter[tuple[str, str, str]] = Counter()
    for part in trip.lifted:
        residue[part.stream, part.district_id, part.contractor_id] += part.net_kg
    residue[trip.stream, *whose] -= trip.net_kg
    return flows + [Flow(RESIDUE + name, *key, site_id, kg, 0) for key, kg in sorted(residue.items()) if kg]


def of_haul(station_id: str, stream: str, net_kg: int, origins: Mapping[str, int]) -> list[Flow]:
    """By the districts that the waste comes from; what no origin accounts for has none."""
    parts = {district: kg for district, kg in sorted(origins.items()) if kg and district != "unknown"}
    rest = net_kg - sum(parts.values())
    flows = [Flow(HAULED, stream, district, "", station_id, kg, 0) for district, kg in parts.items()]
    return [*flows, Flow(HAULED, stream, "", "", station_id, rest, 1)]


def of_arrival(plant_id: str, stream: str, difference: Difference, name: str) -> list[Flow]:
    """A haul that is there: as its station had weighed it, as its plant did, and between them what it lost on the way."""
    flows = [
        Flow(ARRIVED, stream, "", "", plant_id, difference.expected_kg, 1),
        Flow(TAKEN_IN, stream, "", "", plant_id, difference.found_kg, 1),
    ]
    return flows + ([Flow(HAUL_RESIDUE + name, stream, "", "", plant_id, -difference.kg, 0)] if difference.kg else [])


def of_station_day(station_id: str, stream: str, stored_kg: int, lost_kg: Mapping[str, int]) -> list[Flow]:
    stored = [Flow(STORED, stream, "", "", station_id, stored_kg, 0)] if stored_kg else []
    return stored + [
        Flow(STATION_RESIDUE + name, stream, "", "", station_id, kg, 0) for name, kg in sorted(lost_kg.items()) if kg
    ]
