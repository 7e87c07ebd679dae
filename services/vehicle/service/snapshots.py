"""What the vehicle service publishes again for a consumer that has lost its own copy."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.domain.records import BinLift
from services.vehicle.domain.vehicle_states import VehicleState
from services.vehicle.domain.vehicles import RegistryEntry, entry_at
from services.vehicle.store import alerts, telemetry, vehicle_states, vehicles
from shared.clock import now
from shared.events.vehicle import AlertChanged, BinLifted, Load, Position, TelemetryRecorded, Track, TruckEntry, VehicleRegistered
from shared.ids import new_id
from shared.snapshots import of_rows, of_type


async def _newest(_: AsyncSession, states: Sequence[VehicleState]) -> list[TelemetryRecorded]:
    """Where the vehicles are, what they carry, and how many records of them are stored: not the records again."""
    return [TelemetryRecorded(group_id=new_id(), received_at=now(), tracks=[_track(state) for state in states])] if states else []


def _track(state: VehicleState) -> Track:
    return Track(
        vehicle_id=state.vehicle_id,
        positions=_position(state),
        loads=[Load(at=state.load.at, load_kg=state.load.kg)] if state.load else [],
        records=0,
        total_records=state.records,
        total_lifts=state.lifts,
    )


def _position(state: VehicleState) -> list[Position]:
    """The newest plausible one, if there is one."""
    if state.last_at is None or state.lon is None or state.lat is None:
        return []
    heading = {"speed_kmh": state.speed_kmh, "heading_deg": state.heading_deg, "ignition": state.ignition}
    return [Position.model_validate({"at": state.last_at, "lon": state.lon, "lat": state.lat} | heading)]


async def _lifts(session: AsyncSession, lifts: Sequence[BinLift]) -> list[BinLifted]:
    ids = {lift.vehicle_id for lift in lifts}
    totals = await vehicle_states.lift_totals(session, ids)
    entries: dict[str, list[RegistryEntry]] = {}
    for entry in await vehicles.entries(session, ids):
        entries.setdefault(entry.vehicle_id, []).append(entry)
    return [_lift(lift, totals[lift.vehicle_id], entries.get(lift.vehicle_id, [])) for lift in lifts]


def _lift(lift: BinLift, total_lifts: int, entries: Sequence[RegistryEntry]) -> BinLifted:
    """With the entry that held when it came in."""
    entry = entry_at(entries, lift.received_at)
    truck = TruckEntry.model_validate(entry) if entry else TruckEntry(waste_streams=[])
    again = {"flags": quality.names(lift.flags), "total_lifts": total_lifts, "truck": truck}
    return BinLifted.model_validate(asdict(lift) | again)


SNAPSHOTS = (
    of_rows(VehicleRegistered, vehicles.VEHICLE),
    of_type(TelemetryRecorded, vehicle_states.STATE, VehicleState, _newest),
    of_type(BinLifted, telemetry.LIFT, BinLift, _lifts),
    of_rows(AlertChanged, alerts.ALERT),
)
