"""Alerts follow from what a vehicle sent, in the order of its own time, whenever it arrives.

New records advance what is remembered with the vehicle's state. A late one goes back to the checkpoint of its service day,
from where all records are judged again; alerts that turn out never to have been are withdrawn.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import motion as motions
from services.vehicle.domain import neighbours, scales
from services.vehicle.domain.alerts import Alert
from services.vehicle.domain.checkpoints import MotionCheckpoint, ScalesCheckpoint
from services.vehicle.domain.episodes import Episode, Key
from services.vehicle.domain.motion import Fence, Fix, Motion
from services.vehicle.domain.scales import Scales, Weight
from services.vehicle.domain.vehicle_states import VehicleState
from services.vehicle.rulebooks import limits_at
from services.vehicle.store import alerts, checkpoints, telemetry, vehicle_states
from shared.clock import day_bounds, service_day
from shared.events.vehicle import AlertChanged
from shared.ids import derived_id
from shared.vocabulary import AlertKind

OF_MOTION = (AlertKind.OVERSPEED, AlertKind.LONG_IDLE, AlertKind.OFFLINE, AlertKind.GEOFENCE)
OF_SCALES = (AlertKind.IMPLAUSIBLE_WEIGHT,)
R = TypeVar("R", Fix, Weight)
C = TypeVar("C", MotionCheckpoint, ScalesCheckpoint)
Touched = dict[Key, Episode]


@dataclass(frozen=True, slots=True)
class Review:
    """Fixes of a vehicle that its neighbours make impossible now, and those that they made so before and do not any more."""

    left_out: Sequence[Fix] = ()
    restored: Sequence[Fix] = ()


@dataclass(slots=True)
class Changes:
    """What a group of records says of alerts: episodes by alert id, and ids of alerts that never were."""

    episodes: dict[str, tuple[str, Episode]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    reviews: dict[str, Review] = field(default_factory=dict)
    """By vehicle."""

    def note(self, vehicle_id: str, episodes: Iterable[Episode], gone: Iterable[str] = ()) -> None:
        self.episodes |= {_alert_id(vehicle_id, episode.key): (vehicle_id, episode) for episode in episodes}
        self.gone.update(gone)


@dataclass(frozen=True, slots=True)
class Group:
    """Records of several vehicles that came together: what they meet, and what they change."""

    session: AsyncSession
    fences: Sequence[Fence]
    zone: ZoneInfo
    at: datetime
    changes: Changes = field(default_factory=Changes)


# --- a truck's way ----------------------------------------------------------------------------------------------


async def advance_motion(group: Group, state: VehicleState, fixes: Sequence[Fix]) -> Motion:
    """What is remembered after new fixes, which are sorted by time; what they change is noted in the group."""
    motion, vehicle_id = state.motion or Motion(), state.vehicle_id
    if motion.last is not None and (fixes[0].at <= motion.last.at or _refutes(motion, fixes[0])):
        return await _move_again(group, vehicle_id, fixes[0].at)
    # A silence was judged and these records may fill it.
    judged = motion.last_at is not None and state.silence_judged_at == motion.last_at
    silence = motions.overdue(motion, group.at, limits_at(group.at)) if judged else None
    touched = await _move(group, vehicle_id, motion, fixes)
    filled = [_alert_id(vehicle_id, silence.key)] if silence is not None and silence.key not in touched else []
    group.changes.note(vehicle_id, touched.values(), filled)
    return motion


def _refutes(motion: Motion, fix: Fix) -> bool:
    """Whether this next fix shows that the last one, which was in doubt, never was."""
    return motion.in_doubt and motion.last is not None and not neighbours.is_within_reach(motion.last, fix, limits_at(fix.at))


async def _move_again(group: Group, vehicle_id: str, late_at: datetime) -> Motion:
    # A late fix may change what its neighbours say of the one before it.
    late_at = await telemetry.plausible_before(group.session, vehicle_id, late_at) or late_at
    checkpoint, start = await _back_to(group, MotionCheckpoint, vehicle_id, late_at)
    motion = checkpoint.state if checkpoint else Motion()
    fixes = sorted(await telemetry.fixes_from(group.session, vehicle_id, start), key=neighbours.in_time)
    touched = await _move(group, vehicle_id, motion, fixes)
    silence = motions.overdue(motion, group.at, limits_at(group.at))
    going_on = [*motion.open_episodes(), *([silence] if silence else [])]
    await _note_again(group, vehicle_id, OF_MOTION, start, touched, going_on)
    return motion


async def _move(group: Group, vehicle_id: str, motion: Motion, fixes: Sequence[Fix]) -> Touched:
    """Advance `motion` by the fixes that count beside their neighbours."""
    if not fixes:
        motion.in_doubt = False
        return {}
    sifted = neighbours.sift(motion.last, fixes, limits_at(fixes[-1].at))
    left_out = [fixes[index] for index in sifted.left_out]
    believed = [fixes[index] for index in sifted.believed] if left_out else fixes
    touched = await _step_by_day(
        group,
        motion,
        believed,
        lambda piece: motions.fold(motion, piece, limits_at(piece[0].at), group.fences),
        lambda day: MotionCheckpoint(vehicle_id, day, deepcopy(motion)),
    )
    motion.in_doubt = sifted.in_doubt
    review = Review([fix for fix in left_out if not fix.flags], [fix for fix in believed if fix.flags])
    if review.left_out or review.restored:
        group.changes.reviews[vehicle_id] = review
    return touched


# --- its scales -------------------------------------------------------------------------------------------------


async def advance_scales(group: Group, state: VehicleState, weights: Sequence[Weight]) -> Scales:
    """As `advance_motion`, of weights that are sorted by time."""
    remembered, vehicle_id = state.scales or Scales(), state.vehicle_id
    if remembered.last_at is not None and weights[0].at <= remembered.last_at:
        return await _weigh_again(group, vehicle_id, weights[0].at)
    touched = await _weigh(group, vehicle_id, remembered, weights)
    group.changes.note(vehicle_id, touched.values())
    return remembered


async def _weigh_again(group: Group, vehicle_id: str, late_at: datetime) -> Scales:
    checkpoint, start = await _back_to(group, ScalesCheckpoint, vehicle_id, late_at)
    remembered = checkpoint.state if checkpoint else Scales()
    weights = await telemetry.weights_from(group.session, vehicle_id, start)
    touched = await _weigh(group, vehicle_id, remembered, weights)
    await _note_again(group, vehicle_id, OF_SCALES, start, touched, remembered.open_episodes())
    return remembered


async def _weigh(group: Group, vehicle_id: str, remembered: Scales, weights: Sequence[Weight]) -> Touched:
    return await _step_by_day(
        group,
        remembered,
        weights,
        lambda piece: scales.fold(remembered, piece),
        lambda day: ScalesCheckpoint(vehicle_id, day, deepcopy(remembered)),
    )


# --- both -------------------------------------------------------------------------------------------------------


async def _back_to(group: Group, kind: type[C], vehicle_id: str, late_at: datetime) -> tuple[C | None, datetime | None]:
    """The checkpoint before a late record, and when its day begins; later ones are dropped."""
    checkpoint = await checkpoints.checkpoint_before(group.session, kind, vehicle_id, service_day(late_at, group.zone))
    day = checkpoint.day if checkpoint else date.min
    await checkpoints.drop_checkpoints_after(group.session, kind, vehicle_id, day)
    return checkpoint, day_bounds(day, group.zone)[0] if checkpoint else None


async def _step_by_day(
    group: Group,
    remembered: Motion | Scales,
    records: Sequence[R],
    step: Callable[[Sequence[R]], Touched],
    checkpoint: Callable[[date], C],
) -> Touched:
    """Step through the records a service day at a time, leaving a checkpoint where one begins."""
    touched: Touched = {}
    begun: list[C] = []
    for day, piece in _by_day(records, group.zone):
        if remembered.last_at is not None and remembered.last_at < day_bounds(day, group.zone)[0]:
            begun.append(checkpoint(day))
        touched |= step(piece)
    await checkpoints.save_checkpoints(group.session, begun)
    return touched


def _by_day(records: Sequence[R], zone: ZoneInfo) -> Iterator[tuple[date, Sequence[R]]]:
    start = 0
    while start < len(records):
        day = service_day(records[start].at, zone)
        _, end_at = day_bounds(day, zone)
        end = len(records)
        if records[-1].at >= end_at:
            end = next(index for index in range(start, len(records)) if records[index].at >= end_at)
        yield day, records[start:end]
        start = end


async def _note_again(
    group: Group,
    vehicle_id: str,
    kinds: Sequence[AlertKind],
    start: datetime | None,
    touched: Touched,
    going_on: Iterable[Episode],
) -> None:
    """What was judged again from `start` on; alerts of that time that are not in it never were."""
    expected = {_alert_id(vehicle_id, key) for key in (*touched, *(episode.key for episode in going_on))}
    recorded = await alerts.ids_since(group.session, vehicle_id, kinds, start)
    group.changes.note(vehicle_id, touched.values(), [alert_id for alert_id in recorded if alert_id not in expected])


def _alert_id(vehicle_id: str, key: Key) -> str:
    kind, subject_id, opened_at = key
    return derived_id(vehicle_id, kind, subject_id, opened_at.isoformat())


# --- what becomes of it -----------------------------------------------------------------------------------------


async def judge_silence(session: AsyncSession, vehicle_ids: Sequence[str], at: datetime) -> list[AlertChanged]:
    """Open the offline alerts of vehicles that have been silent too long."""
    changes = Changes()
    states = await vehicle_states.locked_states(session, vehicle_ids)
    for vehicle_id, state in states.items():
        silence = motions.overdue(state.motion or Motion(), at, limits_at(at))
        changes.note(vehicle_id, [silence] if silence else [])
    await vehicle_states.save_states(session, [state.silence_judged() for state in states.values()])
    return await save_changes(session, changes, at)


async def withdraw_long_past(session: AsyncSession, at: datetime) -> list[AlertChanged]:
    """Withdraw open alerts from times that nobody believes (any more): a truck was never offline since then."""
    past = timedelta(days=limits_at(at).past_tolerance_days)
    return await save_changes(session, Changes(gone=set(await alerts.open_alerts_before(session, at - past))), at)


async def save_changes(session: AsyncSession, changes: Changes, at: datetime) -> list[AlertChanged]:
    """Store what is new about these alerts, of however many vehicles; the events that tell it."""
    if not changes.episodes and not changes.gone:
        return []
    recorded = await alerts.alerts_by_id(session, [*changes.episodes, *changes.gone])
    changed: list[Alert] = []
    for alert_id, (vehicle_id, episode) in changes.episodes.items():
        before = recorded.get(alert_id)
        after = before.seen_as(episode) if before else Alert.of(alert_id, vehicle_id, episode)
        changed += [after] if after is not before else []
    gone = [recorded[alert_id] for alert_id in sorted(changes.gone - changes.episodes.keys()) if alert_id in recorded]
    changed += [after for before in gone if (after := before.withdrawn(at)) is not before]
    await alerts.save_alerts(session, changed, at)
    return [AlertChanged.model_validate(alert) for alert in changed]


def offline_before(at: datetime) -> datetime:
    """A truck last heard of before this moment is offline at `at`."""
    return at - timedelta(minutes=limits_at(at).offline_minutes)
