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

from services.vehicle import store
from services.vehicle.reference import limits_at
from services.vehicle.rules import quality
from services.vehicle.rules.limits import Limits
from services.vehicle.schemas import (
    BinLiftRecord,
    DriverReportRecord,
    LoadRecord,
    PositionRecord,
    Record,
    RecordAnswer,
    TelemetryAnswer,
    TruckOrder,
)
from services.vehicle.service.folding import MOTION, SCALES, Changes, advance, apply, as_fences, weight
from services.vehicle.service.orders import hand_out
from shared.clock import now
from shared.events.vehicle import AlertChanged, BinLifted, DriverReported, Load, Position, TelemetryRecorded, Track
from shared.ids import derived_id, new_id
from shared.outbox import publish
from shared.vocabulary import AlertStatus

EVENT_RECORDS = 500


@dataclass(slots=True)
class Batch:
    """A request's records by their index in it; those that could not be read have their answer already."""

    vehicle_id: str
    records: dict[int, Record]
    rejected: list[RecordAnswer] = field(default_factory=list)


@dataclass(slots=True)
class Arrivals:
    """One vehicle's records of a group by their key, each once, and the flags they get."""

    positions: dict[datetime, PositionRecord] = field(default_factory=dict)
    lifts: dict[str, BinLiftRecord] = field(default_factory=dict)
    loads: dict[datetime, LoadRecord] = field(default_factory=dict)
    reports: dict[str, DriverReportRecord] = field(default_factory=dict)
    flags: dict[Any, int] = field(default_factory=dict)

    def holding(self, record: Record, vehicle_id: str) -> tuple[dict[Any, Any], Any]:
        """The dictionary that a record belongs to and its key there: what makes two records the same one."""
        if isinstance(record, PositionRecord):
            return self.positions, record.at
        if isinstance(record, LoadRecord):
            return self.loads, record.at
        if isinstance(record, BinLiftRecord):
            return self.lifts, derived_id(vehicle_id, record.at.isoformat(), record.side, record.tag)
        return self.reports, derived_id(vehicle_id, record.at.isoformat(), record.code)


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
    states = await store.locked_states(session, {batch.vehicle_id for batch in batches})
    arrivals, firsts = _gather(batches)
    await _drop_known(session, arrivals, states)
    weighed = [vehicle_id for vehicle_id, a in arrivals.items() if a.loads]
    capacity = {v.vehicle_id: v.capacity_kg for v in (await store.vehicles(session, weighed)).values()} if weighed else {}
    for vehicle_id, arrival in arrivals.items():
        _flag(arrival, received_at, capacity.get(vehicle_id) or None, limits)
    await _store(session, arrivals, received_at)
    alerts = await _fold(session, arrivals, states, received_at, zone)
    _note_newest(arrivals, states, received_at)
    await store.put_states(session, list(states.values()))
    orders, delivered = await hand_out(session, states, received_at)
    # Who follows hears of a silence before what came after it, and that there was none only after what filled it.
    withdrawn = [alert for alert in alerts if alert.status is AlertStatus.WITHDRAWN]
    others = [alert for alert in alerts if alert.status is not AlertStatus.WITHDRAWN]
    await publish(session, *others, *_events(arrivals, received_at), *withdrawn, *delivered)
    answers = [
        _answer(batch, arrivals[batch.vehicle_id], first, orders.get(batch.vehicle_id, []))
        for batch, first in zip(batches, firsts, strict=True)
    ]
    _fill(tally, arrivals.values(), answers, received_at - timedelta(minutes=limits.offline_minutes))
    return answers


def _fill(tally: Tally, arrivals: Iterable[Arrivals], answers: Sequence[TelemetryAnswer], late_before: datetime) -> None:
    positions = lifts = loads = reports = late = 0
    for a in arrivals:
        positions, lifts, loads, reports = (
            positions + len(a.positions), lifts + len(a.lifts), loads + len(a.loads), reports + len(a.reports),
        )  # fmt: skip
        times = [*a.positions, *a.loads, *(r.at for r in a.lifts.values()), *(r.at for r in a.reports.values())]
        if times and min(times) < late_before:
            late += sum(at < late_before for at in times)
        for bits in a.flags.values():
            tally.flagged.update(quality.names(bits))
    tally.late = late
    tally.stored = {"position": positions, "bin_lift": lifts, "load": loads, "driver_report": reports}
    for answer in answers:
        tally.duplicates += answer.duplicates
        if answer.rejected:
            tally.rejected.update(item.code for item in answer.items if item.status == "rejected" and item.code)
    tally.received = positions + lifts + loads + reports + tally.duplicates


def _gather(batches: Sequence[Batch]) -> tuple[dict[str, Arrivals], list[set[int]]]:
    """Every record once; for each batch the indexes that were the first of their key."""
    arrivals: dict[str, Arrivals] = {}
    firsts = []
    for batch in batches:
        arrival = arrivals.setdefault(batch.vehicle_id, Arrivals())
        first = set()
        for index, record in batch.records.items():
            held, key = arrival.holding(record, batch.vehicle_id)
            if key not in held:
                held[key] = record
                first.add(index)
        firsts.append(first)
    return arrivals, firsts


async def _drop_known(session: AsyncSession, arrivals: dict[str, Arrivals], states: dict[str, dict[str, Any]]) -> None:
    """Leave only what is not stored yet."""
    suspects = [
        (vehicle_id, at) for vehicle_id, a in arrivals.items() for at in a.positions if not _surely_new(at, states[vehicle_id])
    ]
    for vehicle_id, at in await store.known_positions(session, suspects):
        del arrivals[vehicle_id].positions[at]
    for vehicle_id, at in await store.known_loads(session, [(v, at) for v, a in arrivals.items() for at in a.loads]):
        del arrivals[vehicle_id].loads[at]
    lifts = await store.known_lifts(session, [lift_id for a in arrivals.values() for lift_id in a.lifts])
    reports = await store.known_reports(session, [report_id for a in arrivals.values() for report_id in a.reports])
    for arrival in arrivals.values():
        for lift_id in lifts & arrival.lifts.keys():
            del arrival.lifts[lift_id]
        for report_id in reports & arrival.reports.keys():
            del arrival.reports[report_id]


def _surely_new(at: datetime, state: dict[str, Any]) -> bool:
    newest_at, future_at = state["newest_at"], state["future_at"]
    return (newest_at is None or at > newest_at) and (future_at is None or at > future_at)


def _flag(arrival: Arrivals, received_at: datetime, capacity_kg: int | None, limits: Limits) -> None:
    for at, p in arrival.positions.items():
        if flags := quality.position_flags(at, received_at, p.lon, p.lat, p.speed_kmh, p.satellites, limits):
            arrival.flags["position", at] = flags
    for lift_id, lift in arrival.lifts.items():
        if flags := quality.lift_flags(lift.at, received_at, lift.gross_kg, lift.tare_kg, lift.net_kg, limits):
            arrival.flags["bin_lift", lift_id] = flags
    for at, load in arrival.loads.items():
        if flags := quality.load_flags(at, received_at, load.load_kg, capacity_kg, limits):
            arrival.flags["load", at] = flags


async def _store(session: AsyncSession, arrivals: dict[str, Arrivals], received_at: datetime) -> None:
    positions, lifts, loads, reports = [], [], [], []
    for vehicle_id, a in arrivals.items():
        flag = a.flags.get
        for at, p in a.positions.items():
            # In the order of store.POSITION_COLUMNS.
            positions.append(
                (vehicle_id, at, p.lon, p.lat, p.speed_kmh, p.heading_deg, p.altitude_m, p.ignition, p.odometer_km, p.satellites,
                 received_at, flag(("position", at), 0))
            )  # fmt: skip
        rest = {"vehicle_id": vehicle_id, "received_at": received_at}
        for lift_id, lift in a.lifts.items():
            lifts.append(lift.model_dump(exclude={"kind"}) | rest | {"lift_id": lift_id, "flags": flag(("bin_lift", lift_id), 0)})
        for at, load in a.loads.items():
            loads.append(load.model_dump(exclude={"kind"}) | rest | {"flags": flag(("load", at), 0)})
        for report_id, report in a.reports.items():
            reports.append(report.model_dump(exclude={"kind"}) | rest | {"report_id": report_id})
    await store.add_positions(session, positions)
    await store.add_others(session, lifts, loads, reports)


async def _fold(
    session: AsyncSession, arrivals: dict[str, Arrivals], states: dict[str, dict[str, Any]], at: datetime, zone: ZoneInfo
) -> list[AlertChanged]:
    """Advance each vehicle's alerts; remember its newest position."""
    fences = as_fences(await store.fences(session))
    changes = Changes()
    for vehicle_id, arrival in arrivals.items():
        state = states[vehicle_id]
        if fixes := _fixes(arrival):
            last = (await advance(session, MOTION, state, fixes, fences, zone, at, changes)).last
            state |= {"last_at": last.at, "lon": last.lon, "lat": last.lat, "speed_kmh": last.speed_kmh}
            state |= {"heading_deg": last.heading_deg, "ignition": last.ignition, "received_at": at}
        if weights := _weights(arrival):
            await advance(session, SCALES, state, weights, fences, zone, at, changes)
    return await apply(session, changes, at)


def _fixes(arrival: Arrivals) -> list[PositionRecord]:
    good = arrival.positions
    if arrival.flags:
        good = {at: p for at, p in good.items() if ("position", at) not in arrival.flags}
    return [good[at] for at in sorted(good)]


def _weights(arrival: Arrivals) -> list[Any]:
    flag = arrival.flags.get
    future = quality.BITS["future_time"]
    lifts = [weight(lift.at, "lift", lift.net_kg, flag(("bin_lift", lift_id), 0)) for lift_id, lift in arrival.lifts.items()
             if not flag(("bin_lift", lift_id), 0) & future]  # fmt: skip
    loads = [weight(at, "load", load.load_kg, flag(("load", at), 0)) for at, load in arrival.loads.items()
             if not flag(("load", at), 0) & future]  # fmt: skip
    return sorted([*lifts, *loads], key=lambda w: (w.at, w.source, w.kg))


def _note_newest(arrivals: dict[str, Arrivals], states: dict[str, dict[str, Any]], received_at: datetime) -> None:
    future = quality.BITS["future_time"]
    for vehicle_id, arrival in arrivals.items():
        state = states[vehicle_id]
        for at in arrival.positions:
            column = "future_at" if arrival.flags.get(("position", at), 0) & future else "newest_at"
            if state[column] is None or at > state[column]:
                state[column] = at
        for at, load in arrival.loads.items():
            if ("load", at) not in arrival.flags and (state["load_at"] is None or at > state["load_at"]):
                state |= {"load_at": at, "load_kg": load.load_kg, "received_at": received_at}


def _events(arrivals: dict[str, Arrivals], received_at: datetime) -> Iterator[TelemetryRecorded | BinLifted | DriverReported]:
    """Positions and loads of many vehicles in few events; each lift and report is an event of its own."""
    tracks: list[Track] = []
    room = EVENT_RECORDS
    for vehicle_id, arrival in arrivals.items():
        for track in _tracks(vehicle_id, arrival):
            if track.records > room:
                yield _recorded(tracks, received_at)
                tracks, room = [], EVENT_RECORDS
            tracks.append(track)
            room -= track.records
    if tracks:
        yield _recorded(tracks, received_at)
    for vehicle_id, arrival in arrivals.items():
        of = {"vehicle_id": vehicle_id, "received_at": received_at}
        for lift_id, lift in arrival.lifts.items():
            flags = quality.names(arrival.flags.get(("bin_lift", lift_id), 0))
            yield BinLifted.model_validate(
                lift.model_dump(exclude={"kind", "error_codes"}) | of | {"lift_id": lift_id, "flags": flags}
            )
        for report_id, report in arrival.reports.items():
            yield DriverReported.model_validate(report.model_dump(exclude={"kind"}) | of | {"report_id": report_id})


def _recorded(tracks: list[Track], received_at: datetime) -> TelemetryRecorded:
    return TelemetryRecorded.model_construct(group_id=new_id(), received_at=received_at, tracks=tracks)


def _tracks(vehicle_id: str, arrival: Arrivals) -> Iterator[Track]:
    """A vehicle's positions and loads in pieces that fit an event. Flagged ones are counted, not passed on."""
    stored = [("position", at) for at in sorted(arrival.positions)] + [("load", at) for at in sorted(arrival.loads)]
    for start in range(0, len(stored), EVENT_RECORDS):
        piece = stored[start : start + EVENT_RECORDS]
        positions: list[Position] = [
            arrival.positions[at] for kind, at in piece if kind == "position" and (kind, at) not in arrival.flags
        ]
        loads: list[Load] = [arrival.loads[at] for kind, at in piece if kind == "load" and (kind, at) not in arrival.flags]
        # Validated when they arrived; validating again would double the cost of the hot path.
        yield Track.model_construct(vehicle_id=vehicle_id, positions=positions, loads=loads, records=len(piece))


def _answer(batch: Batch, arrival: Arrivals, first: set[int], orders: list[TruckOrder]) -> TelemetryAnswer:
    items = list(batch.rejected)
    stored = 0
    for index, record in batch.records.items():
        held, key = arrival.holding(record, batch.vehicle_id)
        is_new = index in first and key in held
        stored += is_new
        flags = quality.names(arrival.flags.get((record.kind, key), 0)) if is_new and arrival.flags else []
        if flags or batch.rejected:
            items.append(RecordAnswer(index=index, status="stored" if is_new else "duplicate", flags=flags))
    items.sort(key=lambda item: item.index)
    duplicates = len(batch.records) - stored
    return TelemetryAnswer(stored=stored, duplicates=duplicates, rejected=len(batch.rejected), items=items, orders=orders)
