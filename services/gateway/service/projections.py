"""Keeping the read model: each function is the effect of the events of one type that arrived together.

Older facts never move it back, and all changes of one transaction carry the same number.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import latest_believed, stream_of_lift
from services.gateway.domain.weighing import LIFTED, Flow
from services.gateway.reference import city_rules_at
from services.gateway.store import city as store
from services.gateway.store import flows, weighed
from shared.bodies import LATEST
from shared.clock import now, service_day
from shared.events.base import Heartbeat
from shared.events.route import RunPlanned, StopJudged, ViolationChanged
from shared.events.vehicle import WRONG_TIME, AlertChanged, BinLifted, Load, Position, TelemetryRecorded, Track, VehicleRegistered
from shared.parking import Waiting

log = logging.getLogger(__name__)
REGISTRY = ("plate", "kind", "waste_streams", "district_id", "contractor_id", "revision")
FIX, LOAD = ("at", "lon", "lat", "speed_kmh", "heading_deg", "ignition"), ("at", "load_kg")
ONE_DAY, LABELLED_BACK = timedelta(days=1), timedelta(days=100)
_at, _at_and_place, _at_and_load = attrgetter("at"), attrgetter("at", "lon", "lat"), attrgetter("at", "load_kg")
OF_RUN = ("run_id", "service_day", "vehicle_id", "district_id")
OF_VIOLATION = (
    "violation_id",
    "revision",
    "kind",
    "status",
    "service_day",
    "vehicle_id",
    "contractor_id",
    "district_id",
)
OF_STOP = ("stop_id", "seq", "name", "lon", "lat", "window_start", "window_end")


async def note_heartbeats(session: AsyncSession, events: Sequence[Heartbeat]) -> None:
    """What was published before it is here; a clock that runs ahead cannot make that later than now."""
    newest, at = max(events, key=_at), now()
    latest = latest_believed(at, city_rules_at(at))
    as_of, ahead_seconds = newest.at, 0
    if newest.at > latest:
        as_of, ahead_seconds = at, round((newest.at - at).total_seconds())
        log.warning("a service's clock is ahead of ours", extra={"service": newest.service, "seconds": ahead_seconds})
    await store.put_part(session, newest.service, as_of, ahead_seconds, latest)


async def register_vehicles(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    seq = await store.next_seq(session)
    rows = await store.vehicles(session, {event.vehicle_id for event in events})
    for event in events:
        if event.revision > rows[event.vehicle_id]["revision"]:
            entry = event.model_dump(mode="json")
            rows[event.vehicle_id] |= {name: entry[name] for name in REGISTRY} | {"changed_seq": seq}
    await store.put_vehicles(session, list(rows.values()))
    await _mark_unlabelled(session, rows, now() - LABELLED_BACK)


async def move_vehicles(session: AsyncSession, events: Sequence[TelemetryRecorded]) -> None:
    """Count all records; show the newest position and load by their own time."""
    seq = await store.next_seq(session)
    counted: dict[str, list[Track]] = {}
    added: dict[str, list[Track]] = {}
    """From a vehicle service that does not count yet."""
    for event in events:
        for track in event.tracks:
            (added if track.total_records is None else counted).setdefault(track.vehicle_id, []).append(track)
    for tracks, totals in ((added, False), (counted, True)):
        moves = [_move(vehicle_id, of, seq, totals=totals) for vehicle_id, of in tracks.items()]
        await store.move_vehicles(session, moves, totals=totals)


def _move(vehicle_id: str, tracks: Sequence[Track], seq: int, *, totals: bool) -> tuple[Any, ...]:
    """A row of store.MOVE."""
    # Of several of one moment the same one is shown, whichever came first.
    fix = max((p for track in tracks for p in track.positions), key=_at_and_place, default=None)
    load = max((p for track in tracks for p in track.loads), key=_at_and_load, default=None)
    records = max(track.total_records or 0 for track in tracks) if totals else sum(track.records for track in tracks)
    lifts = max(track.total_lifts or 0 for track in tracks)
    return vehicle_id, *_values(fix, FIX), *_values(load, LOAD), records, lifts, seq


def _values(part: Position | Load | None, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(part, name) for name in names) if part else (None,) * len(names)


async def count_lifts(session: AsyncSession, events: Sequence[BinLifted], zone: ZoneInfo) -> None:
    """A lift whose event is resent counts once.

    An impossible weight counts as a lift of 0 kg: it happened, and nobody knows how heavy it was. One whose time cannot be true
    belongs to no day and no trip: it is counted with its truck only.
    """
    seq = await store.next_seq(session)
    rows = await store.vehicles(session, {event.vehicle_id for event in events})
    by_id = {event.lift_id: event for event in events if _may_be_new(event, rows[event.vehicle_id])}
    known = await weighed.known_lifts(session, [(event.vehicle_id, event.at, event.lift_id) for event in by_id.values()])
    events = [event for lift_id, event in by_id.items() if lift_id not in known]
    days = {(event.vehicle_id, service_day(event.at, zone)) for event in events}
    collecting = await store.streams_collected(session, days)
    lifts: list[tuple[date, Flow]] = []
    weighings = []
    for event in events:
        row = rows[event.vehicle_id]
        # A vehicle service of before version 0007 of its tables sends no totals, and each lift once.
        total = row["lifts"] + 1 if event.total_lifts is None else max(row["lifts"], event.total_lifts)
        row |= {"lifts": total, "changed_seq": seq}
        if event.truck is not None:
            row["lifts_resent_at"] = now()
        if WRONG_TIME & set(event.flags):
            continue
        day = service_day(event.at, zone)
        truck = event.truck.model_dump(mode="json") if event.truck else row
        stream = stream_of_lift(truck["waste_streams"], collecting.get((event.vehicle_id, day), set()))
        net_kg = 0 if "implausible_weight" in event.flags else event.net_kg
        whose = truck["district_id"] or "", truck["contractor_id"] or ""
        lifts.append((day, Flow(LIFTED, stream, *whose, "", net_kg, 1)))
        weighings.append((event.vehicle_id, event.at, event.lift_id, net_kg, stream, *whose))
    await store.put_vehicles(session, list(rows.values()))
    await flows.add(session, lifts)
    await weighed.put_lifts(session, weighings)
    await _mark_late(session, events)


def _may_be_new(event: BinLifted, row: dict[str, Any]) -> bool:
    """False for a resent lift of a time whose lifts were purged: it is in the flows."""
    purged_before = row["lifts_purged_before"]
    return event.truck is None or purged_before is None or event.at >= purged_before


async def _mark_late(session: AsyncSession, events: Sequence[BinLifted]) -> None:
    """A lift older than its truck's last ticket belongs to a trip that has been worked out already."""
    tipped = await weighed.last_tips(session, {event.vehicle_id for event in events})
    timed = [event for event in events if not WRONG_TIME & set(event.flags)]
    late = [event for event in timed if event.vehicle_id in tipped and event.at <= tipped[event.vehicle_id]]
    marks = {(weighed.TRUCK, event.vehicle_id): event.at for event in sorted(late, key=_at, reverse=True)}
    await weighed.mark(session, marks)


async def _mark_unlabelled(session: AsyncSession, vehicle_ids: Collection[str], start: datetime, end: datetime = LATEST) -> None:
    """What was lifted before anybody knew whose truck it was, or what it collects, gets its stream and district now."""
    vague = await weighed.unlabelled(session, vehicle_ids, start, end)
    await weighed.mark(session, {(weighed.TRUCK, vehicle_id): since for vehicle_id, since in vague.items()})


async def plan_runs(session: AsyncSession, events: Sequence[RunPlanned]) -> None:
    seq = await store.next_seq(session)
    newest = {event.run_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.run_revisions(session, newest)
    runs, stops = [], []
    for run_id, event in newest.items():
        if event.revision <= known.get(run_id, 0):
            continue
        runs.append({name: getattr(event, name) for name in (*OF_RUN, "revision", "route_name")} | {"stream": event.stream.value})
        new = {name: runs[-1][name] for name in OF_RUN} | {
            "verdict": "planned",
            "revision": 0,
            "served_at": None,
            "changed_seq": seq,
        }
        stops += [{name: getattr(stop, name) for name in OF_STOP} | new for stop in event.stops]
    await store.put_runs(session, runs, stops, seq)
    for day in {run["service_day"] for run in runs}:
        noon = datetime.combine(day, time(12), UTC)  # whatever the city's zone, the day is within a day of it
        trucks = {run["vehicle_id"] for run in runs if run["service_day"] == day and run["vehicle_id"]}
        await _mark_unlabelled(session, trucks, noon - ONE_DAY, noon + ONE_DAY)


async def judge_stops(session: AsyncSession, events: Sequence[StopJudged]) -> list[Waiting]:
    """Returns the verdicts of stops whose run is not known yet."""
    seq = await store.next_seq(session)
    newest = {event.stop_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.stop_revisions(session, newest)
    judged = [event for stop_id, event in newest.items() if event.revision > known.get(stop_id, event.revision)]
    await store.judge_stops(session, [(e.stop_id, e.revision, e.verdict.value, e.served_at) for e in judged], seq)
    return [Waiting(event, event.run_id) for event in events if event.stop_id not in known]


async def change_violations(session: AsyncSession, events: Sequence[ViolationChanged]) -> None:
    await store.next_seq(session)
    newest = {event.violation_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.violation_revisions(session, newest)
    changed = [event for i, event in newest.items() if event.revision > known.get(i, 0)]
    await store.put_violations(session, [event.model_dump(include=set(OF_VIOLATION)) for event in changed])


async def change_alerts(session: AsyncSession, events: Sequence[AlertChanged]) -> None:
    seq = await store.next_seq(session)
    newest = {event.alert_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.alert_revisions(session, newest)
    changed = [event for alert_id, event in newest.items() if event.revision > known.get(alert_id, 0)]
    await store.put_alerts(session, [_alert_row(event) | {"changed_seq": seq} for event in changed])


def _alert_row(event: AlertChanged) -> dict[str, Any]:
    row = event.model_dump() | {"kind": event.kind.value, "status": event.status.value}
    return row | {"subject_id": event.subject_id or "", "value": event.value or 0, "limit": event.limit or 0}
