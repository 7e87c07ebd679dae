"""What trucks send: kept as far as it can matter to a stop, and marked for the judge.

The way of every position of the city. Which stops a vehicle has around a day is remembered in the process, and forgotten
when the plan's version changes; a vehicle without stops costs one look-up in a dictionary.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.coverage.lines import Lines
from services.route.domain.judging.facts import RecordedLift, RecordedReport, RecordedSilence
from services.route.domain.nearby import NearbyStops
from services.route.store import facts, plan
from services.route.store.facts import ProgressRow, SeenRow
from shared.clock import now
from shared.events.vehicle import (
    WRONG_TIME,
    AlertChanged,
    BinLifted,
    DriverReported,
    Position,
    PositionsReviewed,
    TelemetryRecorded,
    Track,
)
from shared.vocabulary import AlertKind, AlertStatus

MOST_STOPS = 200_000
"""Of all vehicles together, in one process: about 3 kB each."""
PASS_WEIGHT = 10
MOST_ENTRIES = 100_000
Key = tuple[str, int]
Line = tuple[tuple[float, float], ...]
Fix = tuple[str, datetime, int]
"""Vehicle, time, and which of the different fixes of that moment."""


class _Place(NamedTuple):
    stop_id: str
    lon: float
    lat: float


class _Passes(NamedTuple):
    """Sections, and when which pass over each is planned."""

    lines: Lines
    planned: list[list[tuple[datetime, str]]]


class _Nearby(NamedTuple):
    stops: list[_Place]
    grid: NearbyStops
    passes: _Passes | None

    def of(self, position: Position) -> tuple[str, float] | None:
        """The stop that a position may belong to and the metres to it."""
        nearest = self.grid.nearest(position.lon, position.lat)
        if nearest is not None:
            return self.stops[nearest[0]].stop_id, nearest[1]
        return _pass_of(position, self.passes) if self.passes else None


def _pass_of(position: Position, passes: _Passes) -> tuple[str, float] | None:
    """Of several passes over the nearest section the one planned nearest in time."""
    nearest = min(passes.lines.near(position.lon, position.lat), key=lambda near: near.off_m, default=None)
    if nearest is None:
        return None
    return min(passes.planned[nearest.line], key=lambda planned: abs(planned[0] - position.at))[1], nearest.off_m


class StopsNearby:
    """The stops of a vehicle planned on a UTC day or near it: those that a position of that day may belong to."""

    def __init__(self) -> None:
        rules = rulebooks.JUDGEMENT_RULES.versions
        self._radius_m = max(version.near_radius_m for version in rules)
        corridors = [limits.corridor_m for version in rulebooks.SWEEPING_RULES.versions for limits in version.coverage.values()]
        self._beside_m = 2 * max(corridors)
        self._reach = timedelta(hours=max(version.match_hours for version in rules) + 1)
        self._version = 0
        self._stops = 0
        self._known: OrderedDict[Key, _Nearby | None] = OrderedDict()

    async def prepare(self, session: AsyncSession, keys: Iterable[Key]) -> None:
        """Have these (vehicle, day as an ordinal) at hand for `of`, by the plan as it is."""
        version = await plan.plan_version(session)
        if version != self._version:
            self._known.clear()
            self._version, self._stops = version, 0
        wanted = set(keys)
        missing: dict[int, list[str]] = {}
        for key in wanted:  # not by set operations: they would walk through all that is known
            if key in self._known:
                self._known.move_to_end(key)
            else:
                missing.setdefault(key[1], []).append(key[0])
        for day, vehicle_ids in missing.items():
            await self._load(session, day, vehicle_ids)
        self._forget_oldest(len(wanted))

    def of(self, key: Key) -> _Nearby | None:
        return self._known[key]

    def _forget_oldest(self, needed: int) -> None:
        """What was just asked for stands last and stays, however much it is."""
        while len(self._known) > needed and (self._stops > MOST_STOPS or len(self._known) > MOST_ENTRIES):
            _, oldest = self._known.popitem(last=False)
            self._stops -= _size(oldest)

    async def _load(self, session: AsyncSession, day: int, vehicle_ids: list[str]) -> None:
        start = datetime.fromordinal(day).replace(tzinfo=UTC)
        end = start + timedelta(days=1)
        stops: dict[str, list[_Place]] = {}
        passes: dict[str, dict[Line, list[tuple[datetime, str]]]] = {}
        planned = await plan.stops_near_in_time(session, vehicle_ids, start - self._reach, end + self._reach)
        for vehicle_id, stop_id, lon, lat, planned_at, line in planned:
            if line is None:
                stops.setdefault(vehicle_id, []).append(_Place(stop_id, lon, lat))
            else:
                key = tuple((lon, lat) for lon, lat in line)
                passes.setdefault(vehicle_id, {}).setdefault(key, []).append((planned_at, stop_id))
        for vehicle_id in vehicle_ids:
            nearby = self._nearby(stops.get(vehicle_id, []), passes.get(vehicle_id, {}))
            self._known[vehicle_id, day] = nearby
            self._stops += _size(nearby)

    def _nearby(self, stops: list[_Place], passes: dict[Line, list[tuple[datetime, str]]]) -> _Nearby | None:
        if not stops and not passes:
            return None
        covered = _Passes(Lines(list(passes), self._beside_m), list(passes.values())) if passes else None
        return _Nearby(stops, NearbyStops(stops, self._radius_m), covered)


def _size(nearby: _Nearby | None) -> int:
    """In stops; a pass over a section weighs as much as several."""
    return len(nearby.stops) + (PASS_WEIGHT * len(nearby.passes.planned) if nearby.passes else 0) if nearby else 0


class _Gathered:
    """What an event adds to one vehicle's progress."""

    __slots__ = ("dirty_from", "dirty_until", "known_from", "known_until", "lifts", "records")

    def __init__(self) -> None:
        self.records = self.lifts = 0
        self.known_from: datetime | None = None
        self.known_until: datetime | None = None
        self.dirty_from: datetime | None = None
        self.dirty_until: datetime | None = None

    def touch(self, at: datetime) -> None:
        """A fact of this time waits to be judged."""
        if self.dirty_from is None or at < self.dirty_from:
            self.dirty_from = at
        if self.dirty_until is None or at > self.dirty_until:
            self.dirty_until = at

    def reach(self, at: datetime, now: datetime) -> None:
        self.touch(at)
        if self.known_until is None or at > self.known_until:
            self.known_until = min(at, now)

    def spans(self, first: datetime, last: datetime) -> None:
        """All that the vehicle did between the two is known, as far as this event tells."""
        if self.known_from is None or first < self.known_from:
            self.known_from = first
        if self.known_until is None or last > self.known_until:
            self.known_until = last

    def row(self, vehicle_id: str) -> ProgressRow:
        return vehicle_id, self.known_from, self.known_until, self.records, self.lifts, self.dirty_from, self.dirty_until


async def save_tracks(session: AsyncSession, events: Sequence[TelemetryRecorded], nearby: StopsNearby) -> None:
    """Keep the positions near a stop of their vehicle; note how far each vehicle's data reaches."""
    tracks, at = [track for event in events for track in event.tracks], now()
    await nearby.prepare(session, {key for track in tracks for key in _keys(track)})
    gathered: dict[str, _Gathered] = {}
    seen: dict[Fix, SeenRow] = {}
    for track in tracks:
        progress = gathered.setdefault(track.vehicle_id, _Gathered())
        progress.records += track.records
        for records in (track.positions, track.loads):
            if records:
                progress.spans(records[0].at, min(records[-1].at, at))  # nobody's clock makes known what is yet to come
        _gather_near(track, nearby, progress, seen)
    await facts.add_observations(session, list(seen.values()))
    await facts.advance(session, [progress.row(vehicle_id) for vehicle_id, progress in sorted(gathered.items())])


def _keys(track: Track) -> set[Key]:
    """The days of a track: one, or those of each position when it passes midnight."""
    positions = track.positions
    if not positions:
        return set()
    first, last = positions[0].at.toordinal(), positions[-1].at.toordinal()
    days = {first} if first == last else {position.at.toordinal() for position in positions}
    return {(track.vehicle_id, day) for day in days}


def _gather_near(track: Track, nearby: StopsNearby, progress: _Gathered, seen: dict[Fix, SeenRow]) -> None:
    vehicle_id, day, stops = track.vehicle_id, 0, None
    ordinals = track.ordinals or repeat(0)
    for position, ordinal in zip(track.positions, ordinals, strict=False):
        at = position.at
        if at.toordinal() != day:
            day = at.toordinal()
            stops = nearby.of((vehicle_id, day))
        near = stops.of(position) if stops else None
        if near is None:
            continue
        seen[vehicle_id, at, ordinal] = _observation(vehicle_id, position, ordinal, near)
        progress.touch(at)


def _observation(
    vehicle_id: str,
    fix: Position,
    ordinal: int,
    near: tuple[str, float],
    reviewed_at: datetime | None = None,
    left_out: bool = False,
) -> SeenRow:
    """`near`: the stop and the metres to it."""
    where = fix.lon, fix.lat, fix.speed_kmh, near[1], near[0], fix.heading_deg
    return vehicle_id, fix.at, ordinal, *where, reviewed_at, left_out


async def review_tracks(session: AsyncSession, events: Sequence[PositionsReviewed], nearby: StopsNearby) -> None:
    """Leave out fixes that their neighbours make impossible, and count again those that they no longer do."""
    await nearby.prepare(session, {(event.vehicle_id, fix.at.toordinal()) for event in events for fix in event.positions})
    seen: dict[Fix, SeenRow] = {}
    gathered: dict[str, _Gathered] = {}
    for event in sorted(events, key=lambda event: event.reviewed_at):
        for fix in event.positions:
            stops = nearby.of((event.vehicle_id, fix.at.toordinal()))
            near = stops.of(fix) if stops else None
            if near is not None:
                key = event.vehicle_id, fix.at, fix.ordinal
                seen[key] = _observation(event.vehicle_id, fix, fix.ordinal, near, event.reviewed_at, not fix.counts)
                gathered.setdefault(event.vehicle_id, _Gathered()).touch(fix.at)
    await facts.review_observations(session, list(seen.values()))
    await facts.advance(session, [progress.row(vehicle_id) for vehicle_id, progress in sorted(gathered.items())])


async def save_lifts(session: AsyncSession, events: Sequence[BinLifted]) -> None:
    """Every lift is kept, whether a stop is planned there or not; one whose time cannot be true moves nothing."""
    await facts.add_lifts(session, [_lift(event) for event in events])
    gathered: dict[str, _Gathered] = {}
    for event in events:
        progress = gathered.setdefault(event.vehicle_id, _Gathered())
        progress.lifts += 1
        if not WRONG_TIME & set(event.flags):
            progress.reach(event.at, now())
    await facts.advance(session, [progress.row(vehicle_id) for vehicle_id, progress in sorted(gathered.items())])


def _lift(event: BinLifted) -> RecordedLift:
    return RecordedLift(
        lift_id=event.lift_id,
        vehicle_id=event.vehicle_id,
        at=event.at,
        service_point_id=event.service_point_id,
        tag=event.tag,
        lon=event.lon,
        lat=event.lat,
        net_kg=None if "implausible_weight" in event.flags else event.net_kg,
        flags=tuple(event.flags),
    )


async def save_reports(session: AsyncSession, events: Sequence[DriverReported]) -> None:
    await facts.add_reports(session, [_report(event) for event in events])
    gathered: dict[str, _Gathered] = {}
    for event in events:
        if not WRONG_TIME & set(event.flags):
            gathered.setdefault(event.vehicle_id, _Gathered()).touch(event.at)
    await facts.advance(session, [progress.row(vehicle_id) for vehicle_id, progress in sorted(gathered.items())])


def _report(event: DriverReported) -> RecordedReport:
    return RecordedReport(
        report_id=event.report_id,
        vehicle_id=event.vehicle_id,
        at=event.at,
        code=event.code,
        stop_id=event.stop_id,
        service_point_id=event.service_point_id,
        note=event.note,
        lon=event.lon,
        lat=event.lat,
        flags=tuple(event.flags),
    )


async def save_silences(session: AsyncSession, events: Sequence[AlertChanged]) -> None:
    """Times of which a truck with its engine on sent nothing: stops that were waited for then are not missed but unknown."""
    closed = [event for event in events if event.kind is AlertKind.OFFLINE and event.closed_at is not None]
    newest = {event.alert_id: _silence(event) for event in sorted(closed, key=lambda event: event.revision)}
    silences = [newest[alert_id] for alert_id in sorted(newest)]
    await facts.save_silences(session, silences)
    await facts.touch(session, sorted((silence.vehicle_id, silence.begin, silence.end) for silence in silences))


def _silence(event: AlertChanged) -> RecordedSilence:
    return RecordedSilence(
        alert_id=event.alert_id,
        revision=event.revision,
        vehicle_id=event.vehicle_id,
        begin=event.opened_at - timedelta(minutes=event.limit or 0),
        end=event.closed_at or event.last_at,
        gone=event.status is AlertStatus.WITHDRAWN,
    )
