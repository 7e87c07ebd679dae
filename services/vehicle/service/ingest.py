"""Telemetry: what arrived together is stored, folded and published in one transaction.

Each vehicle's writers wait for each other at its state row. So a position newer than everything stored is certainly new
and goes in by COPY, and only the others are looked up first. Late or doubled records cost a look, nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.domain.limits import Limits
from services.vehicle.domain.motion import Fix, Motion
from services.vehicle.domain.records import BinLift, DriverReport, LoadReading, Position
from services.vehicle.domain.scales import Scales, Weight
from services.vehicle.domain.vehicle_states import Load, Telemetry, VehicleState
from services.vehicle.rulebooks import limits_at
from services.vehicle.schemas.orders import TruckOrder
from services.vehicle.schemas.telemetry import RecordAnswer, TelemetryAnswer
from services.vehicle.service.alerts import Group, Review, advance_motion, advance_scales, save_changes
from services.vehicle.service.arrivals import Arrivals, Batch, drop_known, gather, waiting_ids
from services.vehicle.service.orders import hand_out
from services.vehicle.service.telemetry_events import recorded_events, review_event
from services.vehicle.store import geofences, reports, telemetry, vehicle_states, vehicles
from shared.clock import now
from shared.events.vehicle import PositionsReviewed
from shared.outbox import publish
from shared.vocabulary import AlertStatus

FUTURE = quality.FUTURE_TIME
KIND = {"kind"}


@dataclass(slots=True)
class Tally:
    """What one transaction did, in records; true once it has committed."""

    received: int = 0
    duplicates: int = 0
    late: int = 0
    """Stored, and older on arrival than a truck may be silent before it counts as offline."""
    stored: dict[str, int] = field(default_factory=dict)
    """By kind."""
    flagged: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    """By the code of what is wrong."""


async def record_telemetry(
    session: AsyncSession, batches: Sequence[Batch], zone: ZoneInfo, tally: Tally
) -> list[TelemetryAnswer]:
    """Store what is new in these batches and publish it; an answer for each batch, in order. Fills the tally."""
    received_at = now()
    limits = limits_at(received_at)
    states = await vehicle_states.locked_states(session, {batch.vehicle_id for batch in batches})
    arrivals, firsts = gather(batches)
    await drop_known(session, arrivals, states)
    weighed = [vehicle_id for vehicle_id, a in arrivals.items() if a.loads]
    capacity = {v.vehicle_id: v.capacity_kg for v in (await vehicles.vehicles(session, weighed)).values()} if weighed else {}
    for vehicle_id, arrival in arrivals.items():
        _flag(arrival, received_at, capacity.get(vehicle_id) or None, limits)
    await _store(session, arrivals, received_at)
    group = Group(session, await geofences.fences(session), zone, received_at)
    states |= {i: await _advance(group, states[i], arrival) for i, arrival in arrivals.items()}
    reviews = [event for i, review in group.changes.reviews.items() if (event := await _review(session, i, arrivals[i], review))]
    alerts = await save_changes(session, group.changes, received_at)
    await vehicle_states.save_states(session, states.values())
    orders, delivered = await hand_out(session, states, received_at)
    # Who follows hears of a silence before what came after it, and that there was none only after what filled it.
    withdrawn = [alert for alert in alerts if alert.status is AlertStatus.WITHDRAWN]
    others = [alert for alert in alerts if alert.status is not AlertStatus.WITHDRAWN]
    await publish(session, *others, *recorded_events(arrivals, states, received_at), *reviews, *withdrawn, *delivered)
    answers = [
        _answer(batch, arrivals[batch.vehicle_id], first, orders.get(batch.vehicle_id, []))
        for batch, first in zip(batches, firsts, strict=True)
    ]
    _fill(tally, arrivals.values(), answers, received_at - timedelta(minutes=limits.offline_minutes))
    return answers


def _fill(tally: Tally, arrivals: Iterable[Arrivals], answers: Sequence[TelemetryAnswer], late_before: datetime) -> None:
    positions = lifts = loads = reports = late = 0
    for a in arrivals:
        positions, lifts = positions + len(a.positions), lifts + len(a.lifts)
        loads, reports = loads + len(a.loads), reports + len(a.reports)
        late += sum(record.at < late_before for kind in a.kinds() for record in kind)
        if a.any_flags:
            for bits in (bits for kind in a.kinds() for bits in kind.values() if bits):
                tally.flagged.update(quality.names(bits))
    tally.late = late
    tally.stored = {"position": positions, "bin_lift": lifts, "load": loads, "driver_report": reports}
    for answer in answers:
        tally.duplicates += answer.duplicates
        if answer.rejected:
            tally.rejected.update(item.code for item in answer.items if item.status == "rejected" and item.code)
    tally.received = positions + lifts + loads + reports + tally.duplicates


def _flag(arrival: Arrivals, received_at: datetime, capacity_kg: int | None, limits: Limits) -> None:
    """Give each record its flags, as far as it shows them by itself."""
    for p in arrival.positions:
        if bits := quality.position_flags(p.at, received_at, p.lon, p.lat, p.speed_kmh, p.satellites, limits):
            arrival.flag(arrival.positions, p, bits)
    for lift in arrival.lifts:
        bits = quality.lift_flags(lift.at, received_at, lift.gross_kg, lift.tare_kg, lift.net_kg, limits)
        arrival.flag(arrival.lifts, lift, bits)
    for load in arrival.loads:
        arrival.flag(arrival.loads, load, quality.load_flags(load.at, received_at, load.load_kg, capacity_kg, limits))
    for report in arrival.reports:
        arrival.flag(arrival.reports, report, quality.time_flags(report.at, received_at, limits))


async def _store(session: AsyncSession, arrivals: dict[str, Arrivals], received_at: datetime) -> None:
    positions: list[Position] = []
    lifts: list[BinLift] = []
    loads: list[LoadReading] = []
    reports: list[DriverReport] = []
    for vehicle_id, a in arrivals.items():
        positions += _positions(vehicle_id, a, received_at)
        rest: dict[str, Any] = {"vehicle_id": vehicle_id, "received_at": received_at}
        lifts += [BinLift(**r.model_dump(exclude=KIND), **rest, lift_id=a.ids[r], flags=flags) for r, flags in a.lifts.items()]
        loads += [LoadReading(**r.model_dump(exclude=KIND), **rest, flags=flags) for r, flags in a.loads.items()]
        reports += [
            DriverReport(**r.model_dump(exclude=KIND), **rest, report_id=a.ids[r], flags=flags) for r, flags in a.reports.items()
        ]
    await telemetry.add_positions(session, positions)
    await telemetry.add_others(session, lifts, loads, reports)
    await _take_photos(session, arrivals)


def _positions(vehicle_id: str, arrival: Arrivals, received_at: datetime) -> Iterator[Position]:
    ordinals = arrival.ordinals
    for p, flags in arrival.positions.items():
        values = p.lon, p.lat, p.speed_kmh, p.heading_deg, p.altitude_m, p.ignition, p.odometer_km, p.satellites
        yield Position(vehicle_id, p.at, *values, received_at, flags, ordinals.get(p, 0) if ordinals else 0)


async def _take_photos(session: AsyncSession, arrivals: dict[str, Arrivals]) -> None:
    """Photos that came before their report belong to it now, unless several reports fit what they said of it."""
    waiting: dict[str, list[str]] = {}
    for vehicle_id, a in arrivals.items():
        for report in a.reports:
            for waiting_id in waiting_ids(vehicle_id, report):
                waiting.setdefault(waiting_id, []).append(a.ids[report])
    if not waiting:
        return
    for waiting_id in await reports.photo_ids(session, list(waiting)):
        fitting = waiting[waiting_id]
        if len(fitting) == 1 and fitting != [waiting_id]:
            await reports.move_photos(session, waiting_id, fitting[0])


async def _advance(group: Group, state: VehicleState, arrival: Arrivals) -> VehicleState:
    """The vehicle's state with its new records; what they change about alerts is noted in the group."""
    motion: Motion | None = None
    scales: Scales | None = None
    if fixes := _fixes(arrival):
        motion = await advance_motion(group, state, fixes)
    if weights := _weights(arrival):
        scales = await advance_scales(group, state, weights)
    records = Telemetry(
        newest_at=max((p.at for p, flags in arrival.positions.items() if not flags & FUTURE), default=None),
        future_at=max((p.at for p, flags in arrival.positions.items() if flags & FUTURE), default=None),
        load=max((Load(r.at, r.load_kg) for r, flags in arrival.loads.items() if not flags), default=None),
        motion=motion,
        scales=scales,
        records=len(arrival.positions) + len(arrival.loads),
        lifts=len(arrival.lifts),
    )
    return state.after(records, group.at)


async def _review(session: AsyncSession, vehicle_id: str, arrival: Arrivals, review: Review) -> PositionsReviewed | None:
    """Store which fixes their neighbours make impossible; the event tells of those that were passed on before."""
    here = {(p.at, arrival.ordinals.get(p, 0)): p for p in arrival.positions}
    for fix in review.left_out:
        if arrived := here.get((fix.at, fix.ordinal)):
            arrival.flag(arrival.positions, arrived, quality.OUT_OF_REACH)
    await telemetry.flag_positions(session, vehicle_id, review.left_out, quality.OUT_OF_REACH)
    await telemetry.flag_positions(session, vehicle_id, review.restored, 0)
    return review_event(vehicle_id, [fix for fix in review.left_out if (fix.at, fix.ordinal) not in here], review.restored)


def _fixes(arrival: Arrivals) -> list[Fix]:
    ordinals = arrival.ordinals
    return [
        Fix(p.at, p.lon, p.lat, p.speed_kmh, p.heading_deg, p.ignition, ordinals.get(p, 0) if ordinals else 0)
        for p, flags in arrival.positions_in_time()
        if not flags
    ]


def _weights(arrival: Arrivals) -> list[Weight]:
    wrong = quality.WRONG_TIME
    lifts = [Weight.flagged(r.at, "lift", r.net_kg, flags) for r, flags in arrival.lifts.items() if not flags & wrong]
    loads = [Weight.flagged(r.at, "load", r.load_kg, flags) for r, flags in arrival.loads.items() if not flags & wrong]
    return sorted([*lifts, *loads], key=lambda weight: (weight.at, weight.source, weight.kg))


def _answer(batch: Batch, arrival: Arrivals, first: set[int], orders: list[TruckOrder]) -> TelemetryAnswer:
    items = list(batch.rejected)
    stored = 0
    plain = not (arrival.any_flags or arrival.any_known or batch.rejected)
    if plain:
        stored = len(first)
    for index, record in () if plain else batch.records.items():
        kind = arrival.of_kind(record)
        is_new = index in first and record in kind
        stored += is_new
        flags = quality.names(kind[record]) if is_new and arrival.any_flags else []
        if flags or batch.rejected:
            items.append(RecordAnswer(index=index, status="stored" if is_new else "duplicate", flags=flags))
    items.sort(key=lambda item: item.index)
    duplicates = len(batch.records) - stored
    return TelemetryAnswer(stored=stored, duplicates=duplicates, rejected=len(batch.rejected), items=items, orders=orders)
