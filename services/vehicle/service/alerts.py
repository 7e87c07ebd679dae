"""Alerts follow from what a vehicle sent, in the order of its own time, whenever it arrives.

New records advance a fold that is kept with the vehicle's state. A late one goes back to the checkpoint of its service day
and folds again from there; alerts that turn out never to have been are withdrawn.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import motion, neighbours, quality, weighing
from services.vehicle.domain.episodes import Episode, Key
from services.vehicle.domain.motion import Fence, Fix
from services.vehicle.domain.weighing import Weight
from services.vehicle.reference import limits_at
from services.vehicle.store import alerts, checkpoints, telemetry, vehicle_states
from shared.clock import day_bounds, service_day
from shared.events.vehicle import AlertChanged
from shared.ids import derived_id

WORSE = 1.1
"""An open alert is published again when its value has grown by a tenth: a truck that speeds up, not every fix of it."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One way of looking at a vehicle's records; the column of its state has the same name."""

    name: str
    kinds: tuple[str, ...]
    from_json: Callable[[dict[str, Any] | None], Any]
    to_json: Callable[[Any], dict[str, Any]]
    step: Callable[[Any, Sequence[Any], Sequence[Fence]], dict[Key, Episode]]
    items_from: Callable[[AsyncSession, str, datetime | None], Awaitable[Sequence[Any]]]


def _move(state: motion.Motion, fixes: Sequence[Fix], fences: Sequence[Fence]) -> dict[Key, Episode]:
    return motion.fold(state, fixes, limits_at(fixes[0].at), fences)


def _weigh(state: weighing.Scales, weights: Sequence[Weight], _: Sequence[Fence]) -> dict[Key, Episode]:
    return weighing.fold(state, weights)


async def _fixes(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[Fix]:
    return sorted((Fix(*row) for row in await telemetry.fixes_from(session, vehicle_id, start)), key=neighbours.in_time)


async def _weights(session: AsyncSession, vehicle_id: str, start: datetime | None) -> list[Weight]:
    found = await telemetry.weights_from(session, vehicle_id, start)
    return [weight(at, source, kg, flags) for at, source, kg, flags in found if not flags & quality.WRONG_TIME]


def weight(at: datetime, source: str, kg: int, flags: int) -> Weight:
    return Weight(at, source, kg, bool(flags & quality.BITS["implausible_weight"]))


MOTION = Fold("motion", ("overspeed", "long_idle", "offline", "geofence"), motion.from_json, motion.to_json, _move, _fixes)
SCALES = Fold("scales", ("implausible_weight",), weighing.from_json, weighing.to_json, _weigh, _weights)


@dataclass(slots=True)
class Review:
    """Fixes of a vehicle that its neighbours make impossible now, and those that they made so before and do not any more."""

    left_out: list[Any] = field(default_factory=list)
    restored: list[Any] = field(default_factory=list)


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


async def advance(
    session: AsyncSession,
    fold: Fold,
    state: dict[str, Any],
    items: Sequence[Any],
    fences: Sequence[Fence],
    zone: ZoneInfo,
    at: datetime,
    changes: Changes,
) -> Any:
    """Fold new records, sorted by time, into `state`, and note what they change; what is remembered now."""
    vehicle_id = state["vehicle_id"]
    held = fold.from_json(state[fold.name])
    last_at = _last_at(held)
    if last_at is not None and (items[0].at <= last_at or _refutes(fold, held, items[0])):
        return await _fold_again(session, fold, state, items[0].at, fences, zone, at, changes)
    # A silence was judged and these records may fill it.
    judged = fold is MOTION and last_at is not None and state["silence_judged_at"] == last_at
    silence = motion.overdue(held, at, limits_at(at)) if judged else None
    items, in_doubt, review = _sifted(fold, held, items)
    touched = await _step_by_day(session, fold, vehicle_id, held, items, fences, zone)
    _keep(changes, vehicle_id, held, in_doubt, review)
    state[fold.name] = fold.to_json(held)
    filled = [_alert_id(vehicle_id, silence.key)] if silence is not None and silence.key not in touched else []
    changes.note(vehicle_id, touched.values(), filled)
    return held


async def _fold_again(
    session: AsyncSession,
    fold: Fold,
    state: dict[str, Any],
    late_at: datetime,
    fences: Sequence[Fence],
    zone: ZoneInfo,
    at: datetime,
    changes: Changes,
) -> Any:
    vehicle_id = state["vehicle_id"]
    if fold is MOTION:
        # A late fix may change what its neighbours say of the one before it.
        late_at = await telemetry.plausible_before(session, vehicle_id, late_at) or late_at
    checkpoint = await checkpoints.checkpoint_before(session, vehicle_id, fold.name, service_day(late_at, zone))
    start = day_bounds(checkpoint.day, zone)[0] if checkpoint else None
    held = fold.from_json(checkpoint.state if checkpoint else None)
    await checkpoints.drop_checkpoints_after(session, vehicle_id, fold.name, checkpoint.day if checkpoint else date.min)
    items, in_doubt, review = _sifted(fold, held, await fold.items_from(session, vehicle_id, start))
    touched = await _step_by_day(session, fold, vehicle_id, held, items, fences, zone)
    _keep(changes, vehicle_id, held, in_doubt, review)
    state[fold.name] = fold.to_json(held)
    silence = motion.overdue(held, at, limits_at(at)) if fold is MOTION else None
    going_on = {e.key: e for e in (*held.open_episodes(), *([silence] if silence else []))}
    expected = {_alert_id(vehicle_id, key) for key in (*touched, *going_on)}
    stored = await alerts.alerts_since(session, vehicle_id, fold.kinds, start)
    changes.note(vehicle_id, touched.values(), [alert.alert_id for alert in stored if alert.alert_id not in expected])
    return held


def _refutes(fold: Fold, held: Any, fix: Any) -> bool:
    """Whether this next fix shows that the last one, which was in doubt, never was."""
    return fold is MOTION and held.in_doubt and not neighbours.is_within_reach(held.last, fix, limits_at(fix.at))


def _sifted(fold: Fold, held: Any, items: Sequence[Any]) -> tuple[Sequence[Any], bool, Review]:
    """The items that count after `held`, whether the last of them is in doubt, and what has changed about the others."""
    if fold is not MOTION or not items:
        return items, False, Review()
    found = neighbours.sift(held.last, items, limits_at(items[-1].at))
    left_out = [items[index] for index in found.left_out]
    believed = [items[index] for index in found.believed] if left_out else items
    # Records that have just come were never judged before: only stored fixes carry flags.
    stored = items if isinstance(items[0], Fix) else ()
    restored = [fix for fix in believed if fix.flags] if stored else []
    review = Review([fix for fix in left_out if not (stored and fix.flags)], restored)
    return believed, found.in_doubt, review


def _keep(changes: Changes, vehicle_id: str, held: Any, in_doubt: bool, review: Review) -> None:
    if isinstance(held, motion.Motion):
        held.in_doubt = in_doubt
    if review.left_out or review.restored:
        changes.reviews[vehicle_id] = review


async def _step_by_day(
    session: AsyncSession, fold: Fold, vehicle_id: str, held: Any, items: Sequence[Any], fences: Sequence[Fence], zone: ZoneInfo
) -> dict[Key, Episode]:
    """Fold a service day at a time, leaving a checkpoint where one begins."""
    touched: dict[Key, Episode] = {}
    rows = []
    position = 0
    while position < len(items):
        day = service_day(items[position].at, zone)
        start_at, end_at = day_bounds(day, zone)
        last_at = _last_at(held)
        if last_at is not None and last_at < start_at:
            rows.append({"vehicle_id": vehicle_id, "fold": fold.name, "day": day, "state": fold.to_json(held)})
        end = len(items) if items[-1].at < end_at else next(i for i in range(position, len(items)) if items[i].at >= end_at)
        touched |= fold.step(held, items[position:end], fences)
        position = end
    await checkpoints.put_checkpoints(session, rows)
    return touched


def _last_at(held: Any) -> datetime | None:
    if isinstance(held, weighing.Scales):
        return held.last_at
    return held.last.at if held.last else None


async def judge_silence(session: AsyncSession, vehicle_ids: Sequence[str], at: datetime) -> list[AlertChanged]:
    """Open the offline alerts of vehicles that have been silent too long."""
    changes = Changes()
    states = await vehicle_states.locked_states(session, vehicle_ids)
    for vehicle_id, state in states.items():
        silence = motion.overdue(motion.from_json(state["motion"]), at, limits_at(at))
        changes.note(vehicle_id, [silence] if silence else [])
        state["silence_judged_at"] = state["last_at"]
    await vehicle_states.put_states(session, list(states.values()))
    return await apply(session, changes, at)


async def withdraw_long_past(session: AsyncSession, at: datetime) -> list[AlertChanged]:
    """Withdraw open alerts from times that nobody believes (any more): a truck was never offline since then."""
    past = timedelta(days=limits_at(at).past_tolerance_days)
    return await apply(session, Changes(gone=set(await alerts.open_alerts_before(session, at - past))), at)


async def apply(session: AsyncSession, changes: Changes, at: datetime) -> list[AlertChanged]:
    """Store what is new about these alerts, of however many vehicles, and say it."""
    if not changes.episodes and not changes.gone:
        return []
    stored = await alerts.alerts_by_id(session, [*changes.episodes, *changes.gone])
    rows = []
    for alert_id, (vehicle_id, episode) in changes.episodes.items():
        row = _row(alert_id, vehicle_id, episode)
        old = stored.get(alert_id)
        if old is None:
            rows.append(row | {"revision": 1})
        elif _differs(old, row):
            rows.append(row | {"revision": old.revision + 1})
    for alert_id in sorted(changes.gone - changes.episodes.keys()):
        old = stored.get(alert_id)
        if old is not None and old.status != "withdrawn":
            rows.append(
                old.model_dump() | {"status": "withdrawn", "closed_at": old.closed_at or at, "revision": old.revision + 1}
            )
    await alerts.put_alerts(session, rows, at)
    return [AlertChanged.model_validate(row) for row in rows]


def _alert_id(vehicle_id: str, key: Key) -> str:
    kind, subject_id, opened_at = key
    return derived_id(vehicle_id, kind, subject_id, opened_at.isoformat())


def _row(alert_id: str, vehicle_id: str, episode: Episode) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "vehicle_id": vehicle_id,
        "kind": episode.kind,
        "subject_id": episode.subject_id,
        "status": "open" if episode.closed_at is None else "closed",
        "opened_at": episode.opened_at,
        "last_at": episode.last_at,
        "closed_at": episode.closed_at,
        "lon": episode.lon,
        "lat": episode.lat,
        "value": episode.value,
        "limit": episode.limit,
    }


def _differs(old: Any, row: dict[str, Any]) -> bool:
    if old.status != row["status"]:
        return True
    if row["closed_at"] is not None:
        return bool(old.closed_at != row["closed_at"] or old.value != row["value"])
    return bool(row["value"] >= old.value * WORSE and row["value"] != old.value)


def as_fences(rows: Iterable[Any]) -> list[Fence]:
    return [Fence(row.fence_id, row.rule, row.polygon, _box(row.polygon[0]), row.valid_from, row.valid_to) for row in rows]


def _box(ring: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    lons, lats = [corner[0] for corner in ring], [corner[1] for corner in ring]
    return min(lons), min(lats), max(lons), max(lats)


def offline_before(at: datetime) -> datetime:
    """A truck last heard of before this moment is offline at `at`."""
    return at - timedelta(minutes=limits_at(at).offline_minutes)
