"""What the vehicle service publishes again for a consumer that has lost its own copy."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.store import alerts, telemetry, vehicle_states, vehicles
from services.vehicle.tables.vehicles import VehicleRevision
from shared.clock import now
from shared.events.vehicle import AlertChanged, BinLifted, Load, Position, TelemetryRecorded, Track, TruckEntry, VehicleRegistered
from shared.ids import new_id
from shared.snapshots import Row, Snapshot, of_rows


async def _newest(_: AsyncSession, states: Sequence[Row]) -> list[TelemetryRecorded]:
    """Where the vehicles are, what they carry, and how many records of them are stored: not the records again."""
    return [TelemetryRecorded(group_id=new_id(), received_at=now(), tracks=[_track(state) for state in states])] if states else []


def _track(state: Row) -> Track:
    return Track(
        vehicle_id=state["vehicle_id"],
        positions=[Position.model_validate(state | {"at": state["last_at"]})] if state["last_at"] else [],
        loads=[Load(at=state["load_at"], load_kg=state["load_kg"])] if state["load_at"] else [],
        records=0,
        total_records=state["records"],
        total_lifts=state["lifts"],
    )


async def _lifts(session: AsyncSession, rows: Sequence[Row]) -> list[BinLifted]:
    ids = {row["vehicle_id"] for row in rows}
    totals = await vehicle_states.lift_totals(session, ids)
    entries: dict[str, list[VehicleRevision]] = {}
    for entry in await vehicles.entries(session, ids):
        entries.setdefault(entry.vehicle_id, []).append(entry)
    return [_lift(row, totals[row["vehicle_id"]], entries.get(row["vehicle_id"], [])) for row in rows]


def _lift(row: Row, total_lifts: int, entries: Iterable[VehicleRevision]) -> BinLifted:
    resent: dict[str, Any] = {"flags": quality.names(row["flags"]), "total_lifts": total_lifts}
    return BinLifted.model_validate(row | resent | {"truck": _entry_at(row, entries)})


def _entry_at(row: Row, entries: Iterable[VehicleRevision]) -> TruckEntry:
    """The entry that held when the lift came in; of a truck that was registered later its first one, if there is one."""
    by_age = sorted(entries, key=lambda entry: entry.revision)
    begun = [entry for entry in by_age if entry.registered_at <= row["received_at"]]
    entry = next(iter([*begun[-1:], *by_age[:1]]), None)
    return TruckEntry.model_validate(entry, from_attributes=True) if entry else TruckEntry(waste_streams=[])


SNAPSHOTS = (
    of_rows(VehicleRegistered, vehicles.VEHICLE),
    Snapshot(TelemetryRecorded, vehicle_states.STATE, _newest),
    Snapshot(BinLifted, telemetry.LIFT, _lifts),
    of_rows(AlertChanged, alerts.ALERT),
)
