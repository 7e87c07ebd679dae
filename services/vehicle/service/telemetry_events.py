"""What other services are told of telemetry."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from services.vehicle.domain import quality
from services.vehicle.domain.motion import Fix
from services.vehicle.domain.vehicle_states import VehicleState
from services.vehicle.schemas.telemetry import LoadRecord, PositionRecord
from services.vehicle.service.arrivals import Arrivals
from shared.clock import now
from shared.events.vehicle import (
    BinLifted,
    DriverReported,
    Load,
    Position,
    PositionsReviewed,
    ReviewedPosition,
    TelemetryRecorded,
    Track,
)
from shared.ids import new_id

EVENT_RECORDS = 500


def recorded_events(
    arrivals: dict[str, Arrivals], states: Mapping[str, VehicleState], received_at: datetime
) -> Iterator[TelemetryRecorded | BinLifted | DriverReported]:
    """Positions and loads of many vehicles in few events; each lift and report is an event of its own.

    `states`: the vehicles' states as they are stored with these records.
    """
    tracks: list[Track] = []
    room = EVENT_RECORDS
    for vehicle_id, arrival in arrivals.items():
        for track in _tracks(vehicle_id, arrival, states[vehicle_id].records):
            if track.records > room:
                yield _recorded(tracks, received_at)
                tracks, room = [], EVENT_RECORDS
            tracks.append(track)
            room -= track.records
    if tracks:
        yield _recorded(tracks, received_at)
    for vehicle_id, arrival in arrivals.items():
        of = {"vehicle_id": vehicle_id, "received_at": received_at}
        total = {"total_lifts": states[vehicle_id].lifts}
        for lift, flags in arrival.lifts.items():
            content = lift.model_dump(exclude={"kind", "error_codes"})
            yield BinLifted.model_validate(content | of | total | {"lift_id": arrival.ids[lift], "flags": quality.names(flags)})
        for report, flags in arrival.reports.items():
            content = report.model_dump(exclude={"kind"})
            yield DriverReported.model_validate(content | of | {"report_id": arrival.ids[report], "flags": quality.names(flags)})


def _recorded(tracks: list[Track], received_at: datetime) -> TelemetryRecorded:
    return TelemetryRecorded.model_construct(group_id=new_id(), received_at=received_at, tracks=tracks)


def _tracks(vehicle_id: str, arrival: Arrivals, total_records: int) -> Iterator[Track]:
    """A vehicle's positions and loads in pieces that fit an event. Flagged ones are counted, not passed on."""
    loads_in_time = sorted(arrival.loads.items(), key=lambda pair: (pair[0].at, pair[0].load_kg))
    stored: list[tuple[PositionRecord | LoadRecord, int]] = [*arrival.positions_in_time(), *loads_in_time]
    for start in range(0, len(stored), EVENT_RECORDS):
        piece = stored[start : start + EVENT_RECORDS]
        plausible = [r for r, flags in piece if not flags and isinstance(r, PositionRecord)]
        positions: list[Position] = [*plausible]
        loads: list[Load] = [r for r, flags in piece if not flags and isinstance(r, LoadRecord)]
        ordinals = [arrival.ordinals.get(r, 0) for r in plausible] if arrival.ordinals else []
        # Validated when they arrived; validating again would double the cost of the hot path.
        yield Track.model_construct(
            vehicle_id=vehicle_id,
            positions=positions,
            ordinals=ordinals,
            loads=loads,
            records=len(piece),
            total_records=total_records,
        )


def review_event(vehicle_id: str, left_out: Iterable[Fix], restored: Iterable[Fix]) -> PositionsReviewed | None:
    """None when nothing has changed about fixes that were passed on before, or held back."""
    positions = [_reviewed(fix, counts=False) for fix in left_out] + [_reviewed(fix, counts=True) for fix in restored]
    return PositionsReviewed(vehicle_id=vehicle_id, reviewed_at=now(), positions=positions) if positions else None


def _reviewed(fix: Fix, *, counts: bool) -> ReviewedPosition:
    return ReviewedPosition(
        at=fix.at,
        lon=fix.lon,
        lat=fix.lat,
        speed_kmh=fix.speed_kmh,
        heading_deg=fix.heading_deg,
        ignition=fix.ignition,
        ordinal=fix.ordinal,
        counts=counts,
    )
