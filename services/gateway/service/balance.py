"""The balance, worked out again wherever something weighed has changed: a truck's trips, a haul, a station's day.

Each is folded from all that is known of it, in the order of its own time, so it does not matter in which order it came.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import reference
from services.gateway.domain import weighing as rules
from services.gateway.domain.city import stream_of_lift
from services.gateway.domain.weighing import Difference, Flow, Part, Trip
from services.gateway.schemas.balance import ExplainBody, FindingAnswer
from services.gateway.service import findings
from services.gateway.service.view import scope_of
from services.gateway.store import city, flows
from services.gateway.store import weighed as store
from services.gateway.store.weighed import HAUL_DUE, NO_VEHICLE, STATION_DAY, TRUCK
from shared.auth import Principal
from shared.clock import day_bounds, now, service_day
from shared.events.transfer_station import StationDayChanged
from shared.four_eyes import require_not_judged
from shared.setting_aside import SetAside
from shared.vocabulary import FindingCause, FindingKind, FindingStatus

EXPLAINS = (FindingStatus.EXPLAINED, FindingStatus.CLOSED)


async def work(session: AsyncSession, zone: ZoneInfo, limit: int, failing: SetAside[store.Subject]) -> int:
    """Work out what has waited longest; how many there were. What fails stays on the list."""
    due = await store.take_due(session, limit, failing.keys())
    for kind, key, since in due:
        if not await failing.attempt(session, (kind, key), _work_out(session, kind, key, since, zone)):
            await store.mark(session, {(kind, key): since})
    return len(due)


async def _work_out(session: AsyncSession, kind: str, key: str, since: datetime, zone: ZoneInfo) -> None:
    if kind == TRUCK:
        await _truck(session, key, since, zone)
    elif kind == HAUL_DUE:
        await _haul(session, key, zone)
    else:
        await _station_day(session, key)


async def watch(session: AsyncSession) -> None:
    """Time passes, too: hauls that no plant has weighed, trucks that still carry what they lifted yesterday."""
    at = now()
    limits = reference.balance_rules_at(at)
    long_ago = at - 30 * limits.haul_overdue
    hauls = await store.hauls_left(session, at - limits.haul_overdue, long_ago)
    trucks = await store.long_on_board(session, at - limits.not_tipped)
    known = await findings.open_subjects(session, (FindingKind.HAUL_OVERDUE, FindingKind.NOT_TIPPED))
    marks = {(HAUL_DUE, haul_id): left_at for haul_id, left_at in hauls if haul_id not in known}
    await store.mark(session, marks | {(TRUCK, i): since for i, since in trucks.items() if i not in known})


async def at_rest(session: AsyncSession) -> bool:
    return not await store.anything_due(session)


# --- a truck's trips --------------------------------------------------------------------------------------------


async def _truck(session: AsyncSession, vehicle_id: str, since: datetime, zone: ZoneInfo) -> None:
    known = vehicle_id != NO_VEHICLE
    begin = await store.tip_before(session, vehicle_id, since) if known else None
    tips = await store.tips_since(session, vehicle_id, since)
    lifts = await _labelled(session, vehicle_id, begin, zone) if known else []
    trips = trips_between(tips, lifts, begin, known=known)
    held = {row.ticket_id: row for row in await store.trips_since(session, vehicle_id, since)}
    gone = held.keys() - {trip.ticket_id for trip in trips}
    await store.drop_trips(session, gone)
    await flows.repost(session, {f"trip:{ticket_id}": [] for ticket_id in gone})
    for ticket_id in gone:
        await findings.settle(session, FindingKind.TRIP_DIFFERENCE, ticket_id, None)
    limits = reference.balance_rules_at(tips[-1].at if tips else now())
    earlier = await store.trips_before(session, vehicle_id, since, limits.drift.trips) if known else []
    every = [*(_trip(row) for row in reversed(earlier)), *trips]
    scale = rules.scale_of(every, limits.drift) if known else None
    rows = {row.ticket_id: row._mapping for row in earlier} | {tip.ticket_id: tip._mapping for tip in tips}
    weighs = known and (any(trip.lifted for trip in every) or await store.has_lifted(session, vehicle_id))
    judged = {trip.ticket_id for trip in trips}
    for trip in every:
        row = rows[trip.ticket_id]
        if trip.ticket_id in judged or _judged_otherwise(trip, row, scale, weighs=weighs):
            await _settle_trip(session, trip, row, scale, zone, weighs=weighs)
    if known:
        await _settle_scale(session, vehicle_id, scale, rows[every[-1].ticket_id] if every else None, zone)
        await _settle_waiting(session, vehicle_id, tips[-1].at if tips else begin, lifts, zone)


def _judged_otherwise(trip: Trip, row: Any, scale: rules.Scale | None, *, weighs: bool) -> bool:
    """Whether an earlier trip looks different now that more is known of its truck's scale."""
    found = rules.judge_trip(trip, scale, reference.balance_rules_at(trip.tipped_at).trip, weighs=weighs)
    return found.name == rules.UNEXPLAINED or found.name != row["residue_name"]


def trips_between(tips: Sequence[Any], lifts: Sequence[Any], begin: datetime | None, *, known: bool) -> list[Trip]:
    """Each lift belongs to the first ticket at or after it; what comes after the last is still on board."""
    trips, start, taken = [], begin, 0
    for tip in tips:
        load: dict[tuple[str, str, str], list[int]] = {}
        while taken < len(lifts) and lifts[taken].at <= tip.at:
            lift = lifts[taken]
            part = load.setdefault((lift.stream, lift.district_id, lift.contractor_id), [0, 0])
            part[0] += lift.net_kg
            part[1] += 1
            taken += 1
        parts = [Part(*key, *sums) for key, sums in sorted(load.items())]
        trips.append(Trip(tip.ticket_id, tip.vehicle_id, start, tip.at, tip.stream, tip.net_kg, parts))
        start = tip.at if known else None
    return trips


def _trip(row: Any) -> Trip:
    parts = [Part(*part) for part in row.lifted]
    return Trip(row.ticket_id, row.vehicle_id, row.from_at, row.tipped_at, row.stream, row.net_kg, parts)


async def _labelled(session: AsyncSession, vehicle_id: str, after: datetime | None, zone: ZoneInfo) -> list[Any]:
    """The truck's lifts, with the stream and district that were not known when they came, if they are now."""
    lifts = await store.lifts_after(session, vehicle_id, after)
    vague = [lift for lift in lifts if lift.stream == "unsorted" or not lift.district_id]
    if not vague:
        return lifts
    truck = (await city.vehicles(session, [vehicle_id]))[vehicle_id]
    days = {(vehicle_id, service_day(lift.at, zone)) for lift in vague}
    collecting = await city.streams_collected(session, days)
    moved, rows = [], []
    for lift in vague:
        day = service_day(lift.at, zone)
        stream = lift.stream
        if stream == "unsorted":
            stream = stream_of_lift(truck["waste_streams"], collecting.get((vehicle_id, day), set()))
        where = lift.district_id or truck["district_id"] or "", lift.contractor_id or truck["contractor_id"] or ""
        if (stream, *where) != (lift.stream, lift.district_id, lift.contractor_id):
            moved.append((day, Flow(rules.LIFTED, stream, *where, "", lift.net_kg, 1)))
            before = (lift.stream, lift.district_id, lift.contractor_id)
            moved.append((day, Flow(rules.LIFTED, *before, "", -lift.net_kg, -1)))
            rows.append((lift.vehicle_id, lift.at, lift.lift_id, lift.net_kg, stream, *where))
    await flows.add(session, moved)
    await store.put_lifts(session, rows)
    return await store.lifts_after(session, vehicle_id, after) if rows else lifts


async def _settle_trip(
    session: AsyncSession, trip: Trip, row: Any, scale: rules.Scale | None, zone: ZoneInfo, *, weighs: bool
) -> None:
    limits = reference.balance_rules_at(trip.tipped_at)
    found = rules.judge_trip(trip, scale, limits.trip, weighs=weighs)
    day = service_day(trip.tipped_at, zone)
    place = {name: row[name] for name in ("site_id", "contractor_id", "district_id")}
    finding = None
    if found.name == rules.UNEXPLAINED:
        likely = await _likely_cause(session, trip, found)
        finding = _finding(found, day, likely) | place | {"vehicle_id": trip.vehicle_id, "stream": trip.stream}
    stands = await findings.settle(session, FindingKind.TRIP_DIFFERENCE, trip.ticket_id, finding)
    name = _named(found, stands)
    await store.put_trips(
        session,
        [
            place
            | {
                "ticket_id": trip.ticket_id,
                "vehicle_id": trip.vehicle_id,
                "day": day,
                "from_at": trip.from_at,
                "tipped_at": trip.tipped_at,
                "stream": trip.stream,
                "net_kg": trip.net_kg,
                "lifted_kg": trip.lifted_kg,
                "lifts": sum(part.lifts for part in trip.lifted),
                "lifted": [list(part) for part in trip.lifted],
                "residue_name": name,
            }
        ],
    )
    posted = rules.of_trip(trip, name, place["site_id"], place["district_id"] or "", place["contractor_id"] or "")
    await flows.repost(session, {f"trip:{trip.ticket_id}": [(day, flow) for flow in posted]})


async def _likely_cause(session: AsyncSession, trip: Trip, found: Difference) -> FindingCause | None:
    """A hint for the person who looks at it, no more."""
    if found.kg > 0 and trip.vehicle_id and trip.from_at:
        silent = not trip.lifted or await store.was_offline(session, trip.vehicle_id, trip.from_at, trip.tipped_at)
        if silent:
            return FindingCause.MISSING_LIFT_DATA
    tips = await store.tips(session, [trip.ticket_id])
    return FindingCause.TARE if tips[trip.ticket_id]["tare_source"] == "registered" else None


async def _settle_scale(session: AsyncSession, vehicle_id: str, scale: rules.Scale | None, last: Any, zone: ZoneInfo) -> None:
    finding = None
    if scale is not None:
        names = ("factor", "spread", "trips", "drifts", "first_at", "last_at")
        await store.put_scale(session, {name: getattr(scale, name) for name in names} | {"vehicle_id": vehicle_id})
        if scale.drifts:
            net = last["net_kg"]
            read = Difference(rules.DRIFT, net, round(net * scale.factor), reference.balance_rules_at(scale.last_at).trip.kg(net))
            finding = _finding(read, service_day(scale.last_at, zone), None) | {"vehicle_id": vehicle_id, "factor": scale.factor}
            finding |= {name: last[name] for name in ("contractor_id", "district_id")}
    await findings.settle(session, FindingKind.SCALE_DRIFT, vehicle_id, finding)


async def _settle_waiting(
    session: AsyncSession, vehicle_id: str, last_tip_at: datetime | None, lifts: Sequence[Any], zone: ZoneInfo
) -> None:
    """A truck that tips at weighbridges and carries what it lifted long ago."""
    waiting = [lift for lift in lifts if last_tip_at is not None and lift.at > last_tip_at]
    finding = None
    if waiting and waiting[0].at < now() - reference.balance_rules_at(now()).not_tipped:
        carried = Difference(rules.UNEXPLAINED, sum(lift.net_kg for lift in waiting), 0, 0)
        finding = _finding(carried, service_day(waiting[0].at, zone), None) | {
            "vehicle_id": vehicle_id,
            "district_id": waiting[0].district_id or None,
            "contractor_id": waiting[0].contractor_id or None,
        }
    await findings.settle(session, FindingKind.NOT_TIPPED, vehicle_id, finding)


def _finding(found: Difference, day: date, likely: FindingCause | None) -> dict[str, Any]:
    return {
        "day": day,
        "expected_kg": found.expected_kg,
        "found_kg": found.found_kg,
        "difference_kg": found.kg,
        "tolerance_kg": found.tolerance_kg,
        "likely_cause": likely,
    }


def _named(found: Difference, finding: dict[str, Any] | None) -> str:
    """The residue's name, with what a person said of it."""
    said = finding["cause"] if finding and finding["status"] in EXPLAINS else None
    return rules.explained(found.name, said)


# --- hauls and stations -----------------------------------------------------------------------------------------


async def _haul(session: AsyncSession, haul_id: str, zone: ZoneInfo) -> None:
    """What the station sent against what plants weighed; a haul that only a plant knows of yet is a residue of its own."""
    sent = await store.haul(session, haul_id)
    if sent is not None and sent.status == "cancelled":
        sent = None
    arrivals = await store.arrivals(session, haul_id)
    net_kg = sum(tip.net_kg for tip in arrivals)
    left, found = [], Difference("no_haul", 0, net_kg, 0)
    overdue = differs = None
    if sent is not None:
        day, limits = service_day(sent.left_at, zone), reference.balance_rules_at(sent.left_at)
        left = [(day, flow) for flow in rules.of_haul(sent.station_id, sent.stream, sent.net_kg, sent.origins)]
        found = rules.judge(sent.net_kg, net_kg, limits.haul)
        about = {"site_id": sent.station_id, "stream": sent.stream}
        if not arrivals and now() - sent.left_at > limits.haul_overdue:
            overdue = _finding(replace(found, tolerance_kg=0), day, None) | about
        if arrivals and found.name == rules.UNEXPLAINED:
            differs = _finding(found, service_day(arrivals[-1].at, zone), None) | about
    await findings.settle(session, FindingKind.HAUL_OVERDUE, haul_id, overdue)
    stands = await findings.settle(session, FindingKind.HAUL_DIFFERENCE, haul_id, differs)
    taken: list[tuple[date, Flow]] = []
    if arrivals:
        last = arrivals[-1]
        posted = rules.of_arrival(last.site_id, last.stream, found, _named(found, stands))
        taken = [(service_day(last.at, zone), flow) for flow in posted]
    await flows.repost(session, {f"haul:{haul_id}": left, f"arrival:{haul_id}": taken})


async def _station_day(session: AsyncSession, fact_id: str) -> None:
    fact = await store.site_fact(session, StationDayChanged.type, fact_id)
    if fact is None:
        return
    book = StationDayChanged.model_validate(fact)
    allowed = reference.balance_rules_at(book.changed_at).station_day.kg(book.in_kg, book.out_kg)
    counted = book.lost_kg.get("stock_taking", 0)
    finding = None
    if abs(counted) > allowed:
        found = Difference(rules.UNEXPLAINED, book.closing_kg + counted, book.closing_kg, allowed)
        finding = _finding(found, book.day, None) | {"site_id": book.station_id, "stream": book.stream.value}
    stands = await findings.settle(session, FindingKind.STATION_DIFFERENCE, fact_id, finding)
    names = Counter({name: kg for name, kg in book.lost_kg.items() if name != "stock_taking"})
    if counted:
        name = rules.UNEXPLAINED if finding else "stock_taking"
        names[_named(Difference(name, 0, 0, 0), stands)] += counted
    posted = rules.of_station_day(book.station_id, book.stream.value, book.closing_kg - book.opening_kg, names)
    await flows.repost(session, {f"station:{fact_id}": [(book.day, flow) for flow in posted]})


async def explain(
    session: AsyncSession, principal: Principal, finding_id: str, body: ExplainBody, zone: ZoneInfo, *, close: bool
) -> FindingAnswer:
    """A person says why; the residue gets the cause's name when it is worked out again, within a second or two."""
    status = FindingStatus.CLOSED if close else FindingStatus.EXPLAINED
    if close:
        require_not_judged(principal, "close its own findings; it may explain them")
    row = await findings.say(session, scope_of(principal, None), principal.token_id, finding_id, body, status)
    since, _ = day_bounds(row["day"], zone)
    due = {
        FindingKind.TRIP_DIFFERENCE: (TRUCK, row["vehicle_id"]),
        FindingKind.HAUL_DIFFERENCE: (HAUL_DUE, row["subject_id"]),
        FindingKind.STATION_DIFFERENCE: (STATION_DAY, row["subject_id"]),
    }.get(row["kind"])
    if due:
        await store.mark(session, {due: since})
    return FindingAnswer.model_validate(row)
