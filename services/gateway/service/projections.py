"""Keeping the read model: each function is the effect of the events of one type that arrived together.

Older facts never move it back, and all changes of one transaction carry the same number.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain import weighing
from services.gateway.domain.alerts import Alert
from services.gateway.domain.city import latest_believed, stream_of_lift
from services.gateway.domain.stops import Run, Stop, StopVerdict, Violation
from services.gateway.domain.tickets import TRUCK, Lift, Subject
from services.gateway.domain.vehicles import Move, Registration, Vehicle
from services.gateway.rulebooks import CITY_RULES
from services.gateway.store import alerts, city, flows, stops, vehicles, weighed
from shared.bodies import LATEST
from shared.clock import now, service_day
from shared.events.base import Heartbeat
from shared.events.route import PlannedStop, RunPlanned, StopJudged, ViolationChanged
from shared.events.vehicle import WRONG_TIME, AlertChanged, BinLifted, TelemetryRecorded, Track, VehicleRegistered
from shared.parking import Waiting

log = logging.getLogger(__name__)
ONE_DAY, LABELLED_BACK = timedelta(days=1), timedelta(days=100)
_at, _at_and_place, _at_and_load = attrgetter("at"), attrgetter("at", "lon", "lat"), attrgetter("at", "load_kg")


async def note_heartbeats(session: AsyncSession, events: Sequence[Heartbeat]) -> None:
    """What was published before it is here; a clock that runs ahead cannot make that later than now."""
    newest, at = max(events, key=_at), now()
    latest = latest_believed(at, CITY_RULES.at(at))
    as_of, ahead_seconds = newest.at, 0
    if newest.at > latest:
        as_of, ahead_seconds = at, round((newest.at - at).total_seconds())
        log.warning("a service's clock is ahead of ours", extra={"service": newest.service, "seconds": ahead_seconds})
    await city.save_part(session, newest.service, as_of, ahead_seconds, latest)


async def register_vehicles(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    seq = await city.next_seq(session)
    fleet = await vehicles.vehicles(session, {event.vehicle_id for event in events})
    for event in events:
        fleet[event.vehicle_id] = fleet[event.vehicle_id].registered_as(_registration(event), seq)
    await vehicles.save_vehicles(session, fleet.values())
    await _mark_unlabelled(session, fleet, now() - LABELLED_BACK)


def _registration(event: VehicleRegistered) -> Registration:
    return Registration(
        plate=event.plate,
        kind=event.kind,
        waste_streams=tuple(event.waste_streams),
        district_id=event.district_id,
        contractor_id=event.contractor_id,
        revision=event.revision,
    )


async def move_vehicles(session: AsyncSession, events: Sequence[TelemetryRecorded]) -> None:
    """Count all records; show the newest position and load by their own time."""
    seq = await city.next_seq(session)
    counted: dict[str, list[Track]] = {}
    added: dict[str, list[Track]] = {}
    """From a vehicle service that does not count yet."""
    for event in events:
        for track in event.tracks:
            (added if track.total_records is None else counted).setdefault(track.vehicle_id, []).append(track)
    for tracks, totals in ((added, False), (counted, True)):
        moves = [_move(vehicle_id, of, seq, totals=totals) for vehicle_id, of in tracks.items()]
        await vehicles.move_vehicles(session, moves, totals=totals)


def _move(vehicle_id: str, tracks: Sequence[Track], seq: int, *, totals: bool) -> Move:
    # Of several of one moment the same one is shown, whichever came first.
    fix = max((p for track in tracks for p in track.positions), key=_at_and_place, default=None)
    load = max((p for track in tracks for p in track.loads), key=_at_and_load, default=None)
    records = max(track.total_records or 0 for track in tracks) if totals else sum(track.records for track in tracks)
    lifts = max(track.total_lifts or 0 for track in tracks)
    return Move(
        vehicle_id=vehicle_id,
        last_at=fix.at if fix else None,
        lon=fix.lon if fix else None,
        lat=fix.lat if fix else None,
        speed_kmh=fix.speed_kmh if fix else None,
        heading_deg=fix.heading_deg if fix else None,
        ignition=fix.ignition if fix else None,
        load_at=load.at if load else None,
        load_kg=load.load_kg if load else None,
        records=records,
        lifts=lifts,
        changed_seq=seq,
    )


async def count_lifts(session: AsyncSession, events: Sequence[BinLifted], zone: ZoneInfo) -> None:
    """A lift whose event is resent counts once.

    An impossible weight counts as a lift of 0 kg: it happened, and nobody knows how heavy it was. One whose time cannot be true
    belongs to no day and no trip: it is counted with its truck only.
    """
    seq = await city.next_seq(session)
    fleet = await vehicles.vehicles(session, {event.vehicle_id for event in events})
    by_id = {event.lift_id: event for event in events if not (event.truck and fleet[event.vehicle_id].has_purged(event.at))}
    known = await weighed.known_lifts(session, [(event.vehicle_id, event.at, event.lift_id) for event in by_id.values()])
    events = [event for lift_id, event in by_id.items() if lift_id not in known]
    timed = [event for event in events if not WRONG_TIME & set(event.flags)]
    collecting = await stops.streams_collected(session, {(event.vehicle_id, service_day(event.at, zone)) for event in events})
    lifts: list[Lift] = []
    posted: list[tuple[date, weighing.Flow]] = []
    for event in timed:
        day = service_day(event.at, zone)
        lift = _lift(event, fleet[event.vehicle_id], collecting.get((event.vehicle_id, day), set()))
        lifts.append(lift)
        posted.append((day, weighing.of_lift(lift)))
    await vehicles.save_vehicles(session, _counted(fleet, events, seq))
    await flows.add(session, posted)
    await weighed.save_lifts(session, lifts)
    await _mark_late(session, timed)


def _lift(event: BinLifted, vehicle: Vehicle, collecting: Collection[str]) -> Lift:
    """By the entry that it was resent with, or else by what is known of its truck."""
    truck = event.truck or vehicle
    return Lift(
        vehicle_id=event.vehicle_id,
        at=event.at,
        lift_id=event.lift_id,
        net_kg=0 if "implausible_weight" in event.flags else event.net_kg,
        stream=stream_of_lift(truck.waste_streams, collecting),
        district_id=truck.district_id or "",
        contractor_id=truck.contractor_id or "",
    )


def _counted(fleet: dict[str, Vehicle], events: Sequence[BinLifted], seq: int) -> list[Vehicle]:
    """The vehicles with these lifts, and those without a new one as they are."""
    lifts: dict[str, int] = {}
    for event in events:
        before = lifts.get(event.vehicle_id, fleet[event.vehicle_id].lifts)
        # A vehicle service of before version 0007 of its tables sends no totals, and each lift once.
        lifts[event.vehicle_id] = before + 1 if event.total_lifts is None else max(before, event.total_lifts)
    resent, at = {event.vehicle_id for event in events if event.truck}, now()
    return [
        vehicle.lifted(lifts[i], seq, resent_at=at if i in resent else None) if i in lifts else vehicle
        for i, vehicle in fleet.items()
    ]


async def _mark_late(session: AsyncSession, events: Sequence[BinLifted]) -> None:
    """A lift older than its truck's last ticket belongs to a trip that has been worked out already."""
    tipped = await weighed.last_tips(session, {event.vehicle_id for event in events})
    late = [event for event in events if event.vehicle_id in tipped and event.at <= tipped[event.vehicle_id]]
    marks = {Subject(TRUCK, event.vehicle_id): event.at for event in sorted(late, key=_at, reverse=True)}
    await weighed.mark(session, marks)


async def _mark_unlabelled(session: AsyncSession, vehicle_ids: Collection[str], start: datetime, end: datetime = LATEST) -> None:
    """What was lifted before anybody knew whose truck it was, or what it collects, gets its stream and district now."""
    vague = await weighed.unlabelled(session, vehicle_ids, start, end)
    await weighed.mark(session, {Subject(TRUCK, vehicle_id): since for vehicle_id, since in vague.items()})


async def plan_runs(session: AsyncSession, events: Sequence[RunPlanned]) -> None:
    seq = await city.next_seq(session)
    newest = {event.run_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await stops.run_revisions(session, newest)
    planned = [event for run_id, event in newest.items() if event.revision > known.get(run_id, 0)]
    runs = [_run(event) for event in planned]
    await stops.save_runs(session, runs, [_stop(event, stop, seq) for event in planned for stop in event.stops], seq)
    for day in {run.service_day for run in runs}:
        noon = datetime.combine(day, time(12), UTC)  # whatever the city's zone, the day is within a day of it
        trucks = {run.vehicle_id for run in runs if run.service_day == day and run.vehicle_id}
        await _mark_unlabelled(session, trucks, noon - ONE_DAY, noon + ONE_DAY)


def _run(event: RunPlanned) -> Run:
    return Run(
        run_id=event.run_id,
        revision=event.revision,
        route_name=event.route_name,
        service_day=event.service_day,
        vehicle_id=event.vehicle_id,
        district_id=event.district_id,
        stream=event.stream,
    )


def _stop(event: RunPlanned, stop: PlannedStop, seq: int) -> Stop:
    return Stop(
        stop_id=stop.stop_id,
        run_id=event.run_id,
        service_day=event.service_day,
        vehicle_id=event.vehicle_id,
        district_id=event.district_id,
        seq=stop.seq,
        name=stop.name,
        lon=stop.lon,
        lat=stop.lat,
        window_start=stop.window_start,
        window_end=stop.window_end,
        changed_seq=seq,
    )


async def project_stop_verdicts(session: AsyncSession, events: Sequence[StopJudged]) -> list[Waiting]:
    """Returns the verdicts of stops whose run is not known yet."""
    seq = await city.next_seq(session)
    newest = {event.stop_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await stops.stop_revisions(session, newest)
    judged = [event for stop_id, event in newest.items() if event.revision > known.get(stop_id, event.revision)]
    await stops.save_verdicts(session, [StopVerdict(e.stop_id, e.revision, e.verdict, e.served_at) for e in judged], seq)
    return [Waiting(event, event.run_id) for event in events if event.stop_id not in known]


async def change_violations(session: AsyncSession, events: Sequence[ViolationChanged]) -> None:
    await city.next_seq(session)
    newest = {event.violation_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await stops.violation_revisions(session, newest)
    await stops.save_violations(session, [_violation(event) for i, event in newest.items() if event.revision > known.get(i, 0)])


def _violation(event: ViolationChanged) -> Violation:
    return Violation(
        violation_id=event.violation_id,
        revision=event.revision,
        kind=event.kind,
        status=event.status,
        service_day=event.service_day,
        vehicle_id=event.vehicle_id,
        contractor_id=event.contractor_id,
        district_id=event.district_id,
    )


async def change_alerts(session: AsyncSession, events: Sequence[AlertChanged]) -> None:
    seq = await city.next_seq(session)
    newest = {event.alert_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await alerts.alert_revisions(session, newest)
    await alerts.save_alerts(session, [_alert(event, seq) for i, event in newest.items() if event.revision > known.get(i, 0)])


def _alert(event: AlertChanged, seq: int) -> Alert:
    return Alert(
        alert_id=event.alert_id,
        revision=event.revision,
        vehicle_id=event.vehicle_id,
        kind=event.kind,
        status=event.status,
        subject_id=event.subject_id or "",
        opened_at=event.opened_at,
        last_at=event.last_at,
        closed_at=event.closed_at,
        lon=event.lon,
        lat=event.lat,
        value=event.value or 0,
        limit=event.limit or 0,
        changed_seq=seq,
    )
