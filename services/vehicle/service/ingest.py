"""Telemetry: what arrived together is stored, folded and published in one transaction.

Each vehicle's writers wait for each other at its state row. So a position newer than everything stored is certainly new
and goes in by COPY, and only the others are looked up first. Late or doubled records cost a look, nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.domain.limits import Limits
from services.vehicle.reference import limits_at
from services.vehicle.schemas.orders import TruckOrder
from services.vehicle.schemas.telemetry import PositionRecord, RecordAnswer, TelemetryAnswer
from services.vehicle.service.alerts import MOTION, SCALES, Changes, Review, advance, apply, as_fences, weight
from services.vehicle.service.arrivals import Arrivals, Batch, drop_known, gather, waiting_ids
from services.vehicle.service.orders import hand_out
from services.vehicle.service.telemetry_events import recorded_events, review_event
from services.vehicle.store import geofences, reports, telemetry, vehicle_states, vehicles
from shared.clock import now
from shared.events.vehicle import AlertChanged, PositionsReviewed
from shared.outbox import publish
from shared.vocabulary import AlertStatus


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
    alerts, reviews = await _fold(session, arrivals, states, received_at, zone)
    _note_newest(arrivals, states, received_at)
    for vehicle_id, arrival in arrivals.items():
        states[vehicle_id]["records"] += len(arrival.positions) + len(arrival.loads)
        states[vehicle_id]["lifts"] += len(arrival.lifts)
    await vehicle_states.put_states(session, list(states.values()))
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
    positions: list[tuple[Any, ...]] = []
    others: list[tuple[tuple[Any, ...], int]] = []
    lifts, loads, reports = [], [], []
    for vehicle_id, a in arrivals.items():
        for p, flags in a.positions.items():
            # In the order of store.POSITION_COLUMNS.
            values = p.lon, p.lat, p.speed_kmh, p.heading_deg, p.altitude_m, p.ignition, p.odometer_km, p.satellites
            row = (vehicle_id, p.at, *values, received_at, flags)
            if ordinal := a.ordinals.get(p) if a.ordinals else None:
                others.append((row, ordinal))
            else:
                positions.append(row)
        rest = {"vehicle_id": vehicle_id, "received_at": received_at}
        for lift, flags in a.lifts.items():
            lifts.append(lift.model_dump(exclude={"kind"}) | rest | {"lift_id": a.ids[lift], "flags": flags})
        for load, flags in a.loads.items():
            loads.append(load.model_dump(exclude={"kind"}) | rest | {"flags": flags})
        for report, flags in a.reports.items():
            reports.append(report.model_dump(exclude={"kind"}) | rest | {"report_id": a.ids[report], "flags": flags})
    await telemetry.add_positions(session, positions, others)
    await telemetry.add_others(session, lifts, loads, reports)
    await _take_photos(session, arrivals)


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


async def _fold(
    session: AsyncSession, arrivals: dict[str, Arrivals], states: dict[str, dict[str, Any]], at: datetime, zone: ZoneInfo
) -> tuple[list[AlertChanged], list[PositionsReviewed]]:
    """Advance each vehicle's alerts; remember its newest position."""
    fences = as_fences(await geofences.fences(session))
    changes = Changes()
    for vehicle_id, arrival in arrivals.items():
        state = states[vehicle_id]
        if fixes := _fixes(arrival):
            last = (await advance(session, MOTION, state, fixes, fences, zone, at, changes)).last
            state |= {"last_at": last.at, "lon": last.lon, "lat": last.lat, "speed_kmh": last.speed_kmh}
            state |= {"heading_deg": last.heading_deg, "ignition": last.ignition, "received_at": at}
        if weights := _weights(arrival):
            await advance(session, SCALES, state, weights, fences, zone, at, changes)
    reviews = [await _review(session, i, arrivals[i], review) for i, review in changes.reviews.items()]
    return await apply(session, changes, at), [review for review in reviews if review is not None]


async def _review(session: AsyncSession, vehicle_id: str, arrival: Arrivals, review: Review) -> PositionsReviewed | None:
    """Store which fixes their neighbours make impossible; the event tells of those that were passed on before."""
    here = {(p.at, arrival.ordinals.get(p, 0)): p for p in arrival.positions}

    def key(fix: Any) -> tuple[datetime, int]:
        return fix.at, arrival.ordinals.get(fix, 0) if isinstance(fix, PositionRecord) else fix.ordinal

    for fix in review.left_out:
        if arrived := here.get(key(fix)):
            arrival.flag(arrival.positions, arrived, quality.OUT_OF_REACH)
    await telemetry.flag_positions(session, vehicle_id, map(key, review.left_out), quality.OUT_OF_REACH)
    await telemetry.flag_positions(session, vehicle_id, map(key, review.restored), 0)
    return review_event(vehicle_id, [fix for fix in review.left_out if key(fix) not in here], review.restored)


def _fixes(arrival: Arrivals) -> list[PositionRecord]:
    return [p for p, flags in arrival.positions_in_time() if not flags]


def _weights(arrival: Arrivals) -> list[Any]:
    wrong = quality.WRONG_TIME
    lifts = [weight(lift.at, "lift", lift.net_kg, flags) for lift, flags in arrival.lifts.items() if not flags & wrong]
    loads = [weight(load.at, "load", load.load_kg, flags) for load, flags in arrival.loads.items() if not flags & wrong]
    return sorted([*lifts, *loads], key=lambda w: (w.at, w.source, w.kg))


def _note_newest(arrivals: dict[str, Arrivals], states: dict[str, dict[str, Any]], received_at: datetime) -> None:
    future = quality.BITS["future_time"]
    for vehicle_id, arrival in arrivals.items():
        state = states[vehicle_id]
        for p, flags in arrival.positions.items():
            column = "future_at" if flags & future else "newest_at"
            if state[column] is None or p.at > state[column]:
                state[column] = p.at
        for load, flags in arrival.loads.items():
            # Of two readings of one moment the same one is shown, whichever came first.
            if not flags and (state["load_at"] is None or (load.at, load.load_kg) > (state["load_at"], state["load_kg"])):
                state |= {"load_at": load.at, "load_kg": load.load_kg, "received_at": received_at}


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
