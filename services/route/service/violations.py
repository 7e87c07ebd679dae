"""Lifts that mixed waste, found by the judge in the transaction that matches the lifts; late data withdraws what never was.

A violation is decided from the lift, the stop it counts for and what its truck was registered for at the time. So the
order in which these arrived does not matter, and a later entry in the registry changes nothing that was done before.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import reference
from services.route.domain.judging.findings import Judgement
from services.route.domain.judging.mixed_collection import KIND, TruckEntry, entry_at, mixes
from services.route.domain.judging.visits import Lift
from services.route.schemas.violations import ViolationAnswer
from services.route.store import trucks
from services.route.store import violations as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.errors import NotFound
from shared.events.route import ViolationChanged
from shared.ids import derived_id
from shared.versions import in_force

OPEN, WITHDRAWN = "open", "withdrawn"
DATED = frozenset({"revision", "found_at", "changed_at"})
Stops = Mapping[str, dict[str, Any]]


class Emptied(NamedTuple):
    """What a lift emptied: `stop_ids` it may be for, the one it counts for first; `anchor` says whose day it is."""

    lift: Lift
    stop_ids: tuple[str, ...]
    streams: tuple[str, ...]
    anchor: dict[str, Any]
    district_id: str | None


async def review(
    session: AsyncSession,
    vehicle_id: str,
    day: date,
    lifts: Sequence[Lift],
    matched: Mapping[str, str | None],
    judged: Sequence[Judgement],
    stops: Stops,
    at: datetime,
) -> list[ViolationChanged]:
    """Hold the lifts of a vehicle-day against its truck; `matched`: the stop each counted for until now, `stops`: of this
    day and of those around it."""
    if not lifts:
        return []
    entries = await trucks.entries(session, vehicle_id)
    emptied = await _emptied(session, day, lifts, matched, judged, stops)
    known = await store.known(session, vehicle_id, min(lift.at for lift in lifts), max(lift.at for lift in lifts))
    rules = in_force(reference.mixing_rules(), day)
    mixed = [one for one in emptied if mixes(entry_at(entries, one.lift.at), one.streams, rules)]
    tags = await store.tags(session, [one.lift.lift_id for one in mixed]) if mixed else {}
    found = [_found(vehicle_id, one, entry_at(entries, one.lift.at), tags) for one in mixed]
    gone = _no_longer(known.values(), {one.lift.lift_id for one in emptied}, {row["violation_id"] for row in found}, day, stops)
    changed = [row for row in (_dated(row, known.get(row["violation_id"]), at) for row in [*found, *gone]) if row is not None]
    await store.put(session, changed)
    return [ViolationChanged.model_validate(row) for row in changed]


async def _emptied(
    session: AsyncSession,
    day: date,
    lifts: Sequence[Lift],
    matched: Mapping[str, str | None],
    judged: Sequence[Judgement],
    stops: Stops,
) -> list[Emptied]:
    """The lifts that are this day's to hold: those that count for one of its stops, and those for none, nearest to one of it."""
    found: dict[str, list[str]] = {}
    for judgement in judged:
        for lift_id in judgement.evidence.lift_ids if judgement.evidence else ():
            found.setdefault(lift_id, []).append(judgement.stop_id)
    here = {stop["service_point_id"] for stop in stops.values()}
    # A lift that names a point of the round was emptied for its stop; one that names another was not, whatever it counts for.
    elsewhere = {
        lift.lift_id: lift.service_point_id for lift in lifts if lift.lift_id not in found or lift.service_point_id not in here
    }
    named = {point_id for point_id in elsewhere.values() if point_id}
    points = await store.points(session, named) if named else {}
    emptied = []
    for lift in lifts:
        # Of this day first: the lift counts for it as long as this day is looked at.
        stop_ids = tuple(sorted(found.get(lift.lift_id, ()), key=lambda i: stops[i]["service_day"] != day))
        counted_for = stops.get(matched[lift.lift_id] or "")
        if not stop_ids and counted_for is not None and counted_for["service_day"] != day:
            continue
        anchor = stops[stop_ids[0]] if stop_ids else min(stops.values(), key=lambda stop: _distance(stop, lift))
        if anchor["service_day"] == day:
            point = points.get(elsewhere.get(lift.lift_id) or "")
            streams = tuple(point["streams"]) if point else tuple(dict.fromkeys(stops[i]["stream"] for i in stop_ids))
            emptied.append(Emptied(lift, stop_ids, streams, anchor, point["district_id"] if point else anchor["district_id"]))
    return emptied


def _distance(stop: dict[str, Any], lift: Lift) -> tuple[Any, ...]:
    return abs(stop["planned_at"] - lift.at), stop["stop_id"]


def _found(vehicle_id: str, one: Emptied, truck: TruckEntry | None, tags: Mapping[str, str | None]) -> dict[str, Any]:
    lift, stop = one.lift, one.anchor if one.stop_ids else None
    entry: dict[str, Any] = {"kind": truck.kind, "waste_streams": list(truck.waste_streams)} if truck else {}
    return {
        "violation_id": derived_id(lift.lift_id, KIND),
        "kind": KIND,
        "status": OPEN,
        "lift_id": lift.lift_id,
        "at": lift.at,
        "service_day": one.anchor["service_day"],
        "vehicle_id": vehicle_id,
        "contractor_id": one.anchor["contractor_id"],
        "district_id": one.district_id,
        "stop_id": stop and stop["stop_id"],
        "service_point_id": lift.service_point_id or (stop and stop["service_point_id"]),
        "stream": one.streams[0],
        "truck_streams": entry["waste_streams"],
        "net_kg": lift.net_kg,
        "evidence": {
            "lift": {"tag": tags.get(lift.lift_id), "service_point_id": lift.service_point_id, "lon": lift.lon, "lat": lift.lat},
            "stop_ids": list(one.stop_ids),
            "streams": list(one.streams),
            "truck": entry,
        },
    }


def _no_longer(known: Iterable[dict[str, Any]], held: set[str], still: set[str], day: date, stops: Stops) -> list[dict[str, Any]]:
    """Violations of lifts that were looked at, or that counted for a stop of this day, and mixed nothing after all."""
    return [
        row | {"status": WITHDRAWN}
        for row in known
        if row["violation_id"] not in still
        and (row["lift_id"] in held or stops.get(row["stop_id"] or "", {}).get("service_day") == day)
    ]


def _dated(new: dict[str, Any], old: dict[str, Any] | None, at: datetime) -> dict[str, Any] | None:
    """The next revision; None where nothing changed."""
    if old is None:
        return new | {"revision": 1, "found_at": at, "changed_at": at}
    if all(new[name] == old[name] for name in new.keys() - DATED):
        return None
    return new | {"revision": old["revision"] + 1, "found_at": old["found_at"], "changed_at": at}


async def get(session: AsyncSession, principal: Principal, violation_id: str) -> ViolationAnswer:
    row = await store.one(session, principal, violation_id)
    if row is None:
        raise NotFound("no such violation")
    return ViolationAnswer.model_validate(row)


async def list_violations(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], cursor: str | None, limit: int
) -> Page[ViolationAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [ViolationAnswer.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.violation_id))
