"""What is known of a vehicle's service day: what the judge is given, and all that it looks at.

What the judge looks at many times is a named tuple, the one exception to frozen dataclasses here: a day has up to 10,000
positions, and making and hashing a dataclass for each costs three times as much (`tests/benchmarks/test_rounds.py` judges
such a day).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from services.route.domain.judging.findings import Judgement
from services.route.domain.judging.handover import Handover
from services.route.domain.places import PlannedStop
from services.route.domain.stops import Stop


class Observation(NamedTuple):
    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None = None
    heading_deg: float | None = None


class Lift(NamedTuple):
    """`service_point_id` is what the truck says it emptied, if it says so."""

    lift_id: str
    at: datetime
    service_point_id: str | None = None
    lon: float | None = None
    lat: float | None = None
    net_kg: int | None = None


class Report(NamedTuple):
    """What the driver reported from the cab."""

    report_id: str
    at: datetime
    code: str
    stop_id: str | None = None
    service_point_id: str | None = None
    lon: float | None = None
    lat: float | None = None


class Silence(NamedTuple):
    """A time of which the truck has sent nothing, though its engine ran."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleDayFacts:
    """`stops`: in planned order; those of the days around it, too, as a visit may have been meant for one of these instead.

    `known_until`: how far the vehicle's data reaches. `counted_for`: of each lift the stop it counted for until now.
    `own`: the stops of the day as they are recorded, those that the vehicle gave away among them as if they were still its
    own; `rivals`: those of the days around it. `handovers`: of stops that it gave away or was given; `heard`: until when the
    data reaches of those who gave them.
    """

    vehicle_id: str
    day: date
    stops: tuple[PlannedStop, ...]
    positions: tuple[Observation, ...] = ()
    lifts: tuple[Lift, ...] = ()
    reports: tuple[Report, ...] = ()
    silences: tuple[Silence, ...] = ()
    known_until: datetime | None = None
    counted_for: Mapping[str, str | None] = field(default_factory=dict)
    own: Mapping[str, Stop] = field(default_factory=dict)
    rivals: Mapping[str, Stop] = field(default_factory=dict)
    handovers: tuple[Handover, ...] = ()
    heard: Mapping[str, datetime | None] = field(default_factory=dict)

    def matched_anew(self, judgements: Iterable[Judgement]) -> dict[str, str | None]:
        """Lifts that count for another stop of this day than they did, or for none of it any more."""
        stop_of_lift: dict[str, str | None] = {}
        for judgement in judgements:
            if judgement.stop_id in self.own and judgement.evidence is not None:
                for lift_id in judgement.evidence.lift_ids:
                    stop_of_lift.setdefault(lift_id, judgement.stop_id)
        gone = {i: None for i, stop_id in self.counted_for.items() if stop_id in self.own and i not in stop_of_lift}
        return gone | {i: stop_id for i, stop_id in stop_of_lift.items() if self.counted_for[i] != stop_id}


# --- as they are recorded ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLift:
    """Every bin lift, whether a stop is planned there or not; `net_kg` is None where the weight cannot be right."""

    lift_id: str
    vehicle_id: str
    at: datetime
    service_point_id: str | None
    tag: str | None
    lon: float | None
    lat: float | None
    net_kg: int | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedReport:
    report_id: str
    vehicle_id: str
    at: datetime
    code: str
    stop_id: str | None
    service_point_id: str | None
    note: str | None
    lon: float | None
    lat: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSilence:
    """`gone`: what it was about came later."""

    alert_id: str
    revision: int
    vehicle_id: str
    begin: datetime
    end: datetime
    gone: bool
