"""Alerts from a truck's way: overspeed, long idling, being offline, geofences. A fold over fixes in the order of their time.

`Motion` is all that must be remembered between two fixes; the same fixes give the same episodes however they were cut into
batches. Whoever gets a late fix folds again from a checkpoint before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from services.vehicle.domain.episodes import Episode, Key
from services.vehicle.domain.limits import Limits
from shared.geo import Ring, crossing_fractions, flat_m, point_in_polygon
from shared.vocabulary import AlertKind


class Fix(NamedTuple):
    """A plausible position. A tuple, because one is made of every position that comes: the measured hot path. Its first six
    values are what a vehicle's stored state has of it."""

    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    ordinal: int = 0
    flags: int = 0
    """As stored; 0 of one that has just come."""
    odometer_km: float | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """`rule`: `inside` alerts while a truck is inside (keep out), `outside` while it is not (keep in)."""

    fence_id: str
    rule: str
    rings: Sequence[Ring]
    box: tuple[float, float, float, float]
    valid_from: datetime
    valid_to: datetime | None = None

    def valid(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)

    def alerts(self, lon: float, lat: float) -> bool:
        west, south, east, north = self.box
        inside = west <= lon <= east and south <= lat <= north and point_in_polygon(lon, lat, self.rings)
        return inside == (self.rule == "inside")

    def may_meet(self, a: Fix, b: Fix) -> bool:
        west, south, east, north = self.box
        apart = max(a.lon, b.lon) < west or min(a.lon, b.lon) > east or max(a.lat, b.lat) < south or min(a.lat, b.lat) > north
        return not apart


@dataclass(slots=True)
class Motion:
    """Changed in place: it moves on with every position, and a new one for each would cost more than judging it."""

    last: Fix | None = None
    in_doubt: bool = False
    """`last` cannot have been reached from the fix before it; the next one settles whether it counts."""
    anchor: Fix | None = None
    """Where the truck has been standing, engine running."""
    speeding: Episode | None = None
    idling: Episode | None = None
    fenced: dict[str, Episode] = field(default_factory=dict)

    @property
    def last_at(self) -> datetime | None:
        return self.last.at if self.last else None

    def open_episodes(self) -> list[Episode]:
        return [e for e in (self.speeding, self.idling, *self.fenced.values()) if e is not None]


def fold(motion: Motion, fixes: Iterable[Fix], limits: Limits, fences: Sequence[Fence] = ()) -> dict[Key, Episode]:
    """Advance `motion` by fixes newer than its last one; the episodes that opened, grew or closed on the way."""
    touched: dict[Key, Episode] = {}
    offline_after = timedelta(minutes=limits.offline_minutes)
    for fix in fixes:
        if motion.last is not None and fix.at - motion.last.at > offline_after:
            _after_silence(motion, fix, limits, touched)
        _overspeed(motion, fix, limits, touched)
        _idle(motion, fix, limits, touched)
        for fence in fences:
            _fence(motion, fence, fix, touched)
        motion.last = fix
    return touched


def overdue(motion: Motion, now: datetime, limits: Limits) -> Episode | None:
    """The open offline episode of a truck that has been silent too long with its engine on."""
    last = motion.last
    if last is None or last.ignition is False or now - last.at <= timedelta(minutes=limits.offline_minutes):
        return None
    return _offline(last, now, limits)


def _offline(last: Fix, until: datetime, limits: Limits) -> Episode:
    opened_at = last.at + timedelta(minutes=limits.offline_minutes)
    minutes = (until - last.at).total_seconds() / 60
    return Episode(AlertKind.OFFLINE, "", opened_at, until, last.lon, last.lat, round(minutes, 1), limits.offline_minutes)


def _after_silence(motion: Motion, fix: Fix, limits: Limits, touched: dict[Key, Episode]) -> None:
    """Nothing is known of the time between: what went on ends at the last fix, and the silence is an episode of its own."""
    last = motion.last
    if last is None:
        return
    if last.ignition is not False or flat_m(last.lon, last.lat, fix.lon, fix.lat) > limits.offline_moved_m:
        silence = _offline(last, fix.at, limits)
        silence.close(fix.at)
        touched[silence.key] = silence
    for episode in motion.open_episodes():
        if not _lasts(episode, limits):
            continue
        episode.close(last.at)
        touched[episode.key] = episode
    motion.speeding = motion.idling = motion.anchor = motion.last = None
    motion.fenced.clear()


def _begun(kind: AlertKind, first: Fix, last_at: datetime, limit: float) -> Episode:
    return Episode(kind, "", first.at, last_at, first.lon, first.lat, 0, limit)


def _lasts(episode: Episode, limits: Limits) -> bool:
    """Overspeed counts once it has lasted; the others are made only when they count."""
    lasted = (episode.last_at - episode.opened_at).total_seconds()
    return episode.kind != AlertKind.OVERSPEED or lasted >= limits.overspeed_seconds


def _overspeed(motion: Motion, fix: Fix, limits: Limits, touched: dict[Key, Episode]) -> None:
    speed_kmh = fix.speed_kmh
    episode = motion.speeding
    if speed_kmh is None:
        return
    if speed_kmh > limits.overspeed_kmh:
        if episode is None:
            motion.speeding = episode = Episode(
                AlertKind.OVERSPEED, "", fix.at, fix.at, fix.lon, fix.lat, 0, limits.overspeed_kmh
            )
        episode.grow(fix.at, speed_kmh)
        if _lasts(episode, limits):
            touched[episode.key] = episode
    elif episode is not None:
        if _lasts(episode, limits):
            episode.close(fix.at)
            touched[episode.key] = episode
        motion.speeding = None


def _idle(motion: Motion, fix: Fix, limits: Limits, touched: dict[Key, Episode]) -> None:
    anchor = motion.anchor
    still = fix.ignition is True and (fix.speed_kmh or 0.0) < limits.idle_speed_kmh
    if still and anchor is not None and flat_m(anchor.lon, anchor.lat, fix.lon, fix.lat) <= limits.idle_radius_m:
        minutes = (fix.at - anchor.at).total_seconds() / 60
        if minutes >= limits.idle_minutes:
            if motion.idling is None:
                motion.idling = Episode(
                    AlertKind.LONG_IDLE, "", anchor.at, fix.at, anchor.lon, anchor.lat, 0, limits.idle_minutes
                )
            motion.idling.grow(fix.at, round(minutes, 1))
            touched[motion.idling.key] = motion.idling
        return
    if motion.idling is not None:
        motion.idling.close(fix.at)
        touched[motion.idling.key] = motion.idling
        motion.idling = None
    motion.anchor = fix if still else None


def _fence(motion: Motion, fence: Fence, fix: Fix, touched: dict[Key, Episode]) -> None:
    if not fence.valid(fix.at):
        _leave(motion, fence, fix.at, touched)
        return
    alerting = fence.alerts(fix.lon, fix.lat)
    episode, last = motion.fenced.get(fence.fence_id), motion.last
    crossings = _crossings(fence, last, fix) if last is not None and (alerting != (episode is not None) or not alerting) else []
    if episode is None and not alerting and len(crossings) > 1 and fence.rule == "inside":
        # Jumped: both fixes are outside, the way between them is not.
        passed = Episode(AlertKind.GEOFENCE, fence.fence_id, crossings[0], crossings[-1], fix.lon, fix.lat)
        passed.close(crossings[-1])
        touched[passed.key] = passed
    elif episode is None and alerting:
        opened_at = crossings[0] if crossings else fix.at
        motion.fenced[fence.fence_id] = episode = Episode(AlertKind.GEOFENCE, fence.fence_id, opened_at, fix.at, fix.lon, fix.lat)
        touched[episode.key] = episode
    elif episode is not None and not alerting:
        _leave(motion, fence, crossings[-1] if crossings else fix.at, touched)
    elif episode is not None:
        episode.last_at = fix.at


def _leave(motion: Motion, fence: Fence, at: datetime, touched: dict[Key, Episode]) -> None:
    episode = motion.fenced.pop(fence.fence_id, None)
    if episode is not None:
        episode.close(max(at, episode.opened_at))
        touched[episode.key] = episode


def _crossings(fence: Fence, last: Fix, fix: Fix) -> list[datetime]:
    """When the straight way between two fixes crossed the fence, by even speed, in whole seconds."""
    if not fence.may_meet(last, fix) or not fence.valid(last.at):
        return []
    seconds = (fix.at - last.at).total_seconds()
    fractions = crossing_fractions((last.lon, last.lat), (fix.lon, fix.lat), fence.rings)
    return [last.at + timedelta(seconds=round(fraction * seconds)) for fraction in fractions]
