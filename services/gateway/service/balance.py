"""The balance, worked out again wherever something weighed has changed: a truck's trips, a haul, a station's day.

Each is folded from all that is known of it, in the order of its own time, so it does not matter in which order it came.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway import rulebooks
from services.gateway.domain import weighing as rules
from services.gateway.domain.city import stream_of_lift
from services.gateway.domain.findings import Discrepancy, Finding
from services.gateway.domain.tickets import HAUL_DUE, NO_VEHICLE, TRUCK, UNSORTED, Due, Lift, Subject, Tip
from services.gateway.domain.vehicles import Vehicle
from services.gateway.domain.weighing import STOCK_TAKING, Difference, Flow, Scale, Trip
from services.gateway.schemas.balance import ExplainBody, FindingAnswer
from services.gateway.service import findings
from services.gateway.service.view import scope_of
from services.gateway.store import flows, stops, vehicles
from services.gateway.store import weighed as store
from shared.auth import Principal
from shared.clock import day_bounds, now, service_day
from shared.events.transfer_station import StationDayChanged
from shared.four_eyes import require_not_judged
from shared.setting_aside import SetAside
from shared.vocabulary import FindingCause, FindingKind, FindingStatus, HaulStatus, TareSource


async def work(session: AsyncSession, zone: ZoneInfo, limit: int, failing: SetAside[Subject]) -> int:
    """Work out what has waited longest; how many there were. What fails stays on the list."""
    taken = await store.take_due(session, limit, failing.keys())
    for due in taken:
        if not await failing.attempt(session, due.subject, _work_out(session, due, zone)):
            await store.mark(session, {due.subject: due.since})
    return len(taken)


async def _work_out(session: AsyncSession, due: Due, zone: ZoneInfo) -> None:
    if due.kind == TRUCK:
        await _truck(session, due.key, due.since, zone)
    elif due.kind == HAUL_DUE:
        await _haul(session, due.key, zone)
    else:
        await _station_day(session, due.key)


async def watch(session: AsyncSession) -> None:
    """Time passes, too: hauls that no plant has weighed, trucks that still carry what they lifted yesterday."""
    at = now()
    limits = rulebooks.BALANCE_RULES.at(at)
    long_ago = at - 30 * limits.haul_overdue
    hauls = await store.hauls_left(session, at - limits.haul_overdue, long_ago)
    trucks = await store.long_on_board(session, at - limits.not_tipped)
    known = await findings.open_subjects(session, (FindingKind.HAUL_OVERDUE, FindingKind.NOT_TIPPED))
    marks = {Subject(HAUL_DUE, haul_id): left_at for haul_id, left_at in hauls if haul_id not in known}
    await store.mark(session, marks | {Subject(TRUCK, i): since for i, since in trucks.items() if i not in known})


async def at_rest(session: AsyncSession) -> bool:
    return not await store.anything_due(session)


# --- a truck's trips --------------------------------------------------------------------------------------------


async def _truck(session: AsyncSession, vehicle_id: str, since: datetime, zone: ZoneInfo) -> None:
    known = vehicle_id != NO_VEHICLE
    begin = await store.tip_before(session, vehicle_id, since) if known else None
    tips = await store.tips_since(session, vehicle_id, since)
    lifts = await _labelled(session, vehicle_id, begin, zone) if known else []
    trips = rules.trips_between(tips, lifts, begin, known=known)
    await _drop_trips(session, await store.trip_ids_since(session, vehicle_id, since) - {trip.ticket_id for trip in trips})
    limits = rulebooks.BALANCE_RULES.at(tips[-1].at if tips else now())
    earlier = await store.trips_before(session, vehicle_id, since, limits.drift.trips) if known else []
    every = [*reversed(earlier), *trips]
    scale = rules.scale_of(every, limits.drift) if known else None
    weighs = known and (any(trip.lifted for trip in every) or await store.has_lifted(session, vehicle_id))
    for trip in every:
        difference = rules.judge_trip(trip, scale, rulebooks.BALANCE_RULES.at(trip.tipped_at).trip, weighs=weighs)
        # An earlier trip may look different now that more is known of its truck's scale; a new one has no residue's name yet.
        if difference.name == rules.UNEXPLAINED or difference.name != trip.residue_name:
            await _record_trip(session, trip, difference, zone)
    if known:
        await _record_scale(session, vehicle_id, scale, every[-1] if every else None, zone)
        await _record_waiting(session, vehicle_id, tips[-1].at if tips else begin, lifts, zone)


async def _drop_trips(session: AsyncSession, ticket_ids: Collection[str]) -> None:
    """Of tickets that are void now, or another truck's."""
    await store.drop_trips(session, ticket_ids)
    await flows.repost(session, {f"trip:{ticket_id}": [] for ticket_id in ticket_ids})
    for ticket_id in ticket_ids:
        await findings.record(session, FindingKind.TRIP_DIFFERENCE, ticket_id, None)


async def _labelled(session: AsyncSession, vehicle_id: str, after: datetime | None, zone: ZoneInfo) -> list[Lift]:
    """The truck's lifts, with the stream and district that were not known when they came, if they are now."""
    lifts = await store.lifts_after(session, vehicle_id, after)
    vague = [lift for lift in lifts if lift.is_vague]
    if not vague:
        return lifts
    truck = (await vehicles.vehicles(session, [vehicle_id]))[vehicle_id]
    collecting = await stops.streams_collected(session, {(vehicle_id, service_day(lift.at, zone)) for lift in vague})
    moved: list[tuple[date, Flow]] = []
    labelled: list[Lift] = []
    for lift in vague:
        day = service_day(lift.at, zone)
        after_all = _label(lift, truck, collecting.get((vehicle_id, day), set()))
        if after_all != lift:
            moved += [(day, rules.of_lift(after_all)), (day, rules.taken_back(rules.of_lift(lift)))]
            labelled.append(after_all)
    await flows.add(session, moved)
    await store.save_lifts(session, labelled)
    return await store.lifts_after(session, vehicle_id, after) if labelled else lifts


def _label(lift: Lift, truck: Vehicle, collecting: Collection[str]) -> Lift:
    """With what is known by now."""
    return lift._replace(
        stream=stream_of_lift(truck.waste_streams, collecting) if lift.stream == UNSORTED else lift.stream,
        district_id=lift.district_id or truck.district_id or "",
        contractor_id=lift.contractor_id or truck.contractor_id or "",
    )


async def _record_trip(session: AsyncSession, trip: Trip, difference: Difference, zone: ZoneInfo) -> None:
    day = service_day(trip.tipped_at, zone)
    discrepancy = None
    if difference.name == rules.UNEXPLAINED:
        discrepancy = Discrepancy.of(
            difference,
            day,
            likely_cause=await _likely_cause(session, trip, difference),
            vehicle_id=trip.vehicle_id,
            site_id=trip.site_id,
            contractor_id=trip.contractor_id,
            district_id=trip.district_id,
            stream=trip.stream,
        )
    finding = await findings.record(session, FindingKind.TRIP_DIFFERENCE, trip.ticket_id, discrepancy)
    name = _named(difference.name, finding)
    await store.save_trip(session, trip.judged(day, name))
    await flows.repost(session, {f"trip:{trip.ticket_id}": [(day, flow) for flow in rules.of_trip(trip, name)]})


async def _likely_cause(session: AsyncSession, trip: Trip, difference: Difference) -> FindingCause | None:
    """A hint for the person who looks at it, no more."""
    if difference.kg > 0 and trip.vehicle_id and trip.from_at:
        silent = not trip.lifted or await store.was_offline(session, trip.vehicle_id, trip.from_at, trip.tipped_at)
        if silent:
            return FindingCause.MISSING_LIFT_DATA
    tips = await store.tips(session, [trip.ticket_id])
    return FindingCause.TARE if tips[trip.ticket_id].tare_source is TareSource.REGISTERED else None


async def _record_scale(session: AsyncSession, vehicle_id: str, scale: Scale | None, last: Trip | None, zone: ZoneInfo) -> None:
    discrepancy = None
    if scale is not None and last is not None:
        await store.save_scale(session, vehicle_id, scale)
        if scale.drifts:
            allowed = rulebooks.BALANCE_RULES.at(scale.last_at).trip.kg(last.net_kg)
            discrepancy = Discrepancy.of(
                Difference(rules.DRIFT, last.net_kg, round(last.net_kg * scale.factor), allowed),
                service_day(scale.last_at, zone),
                vehicle_id=vehicle_id,
                contractor_id=last.contractor_id,
                district_id=last.district_id,
                factor=scale.factor,
            )
    await findings.record(session, FindingKind.SCALE_DRIFT, vehicle_id, discrepancy)


async def _record_waiting(
    session: AsyncSession, vehicle_id: str, last_tip_at: datetime | None, lifts: Sequence[Lift], zone: ZoneInfo
) -> None:
    """A truck that tips at weighbridges and carries what it lifted long ago."""
    waiting = [lift for lift in lifts if last_tip_at is not None and lift.at > last_tip_at]
    discrepancy = None
    if waiting and waiting[0].at < now() - rulebooks.BALANCE_RULES.at(now()).not_tipped:
        discrepancy = Discrepancy.of(
            Difference(rules.UNEXPLAINED, sum(lift.net_kg for lift in waiting), 0, 0),
            service_day(waiting[0].at, zone),
            vehicle_id=vehicle_id,
            district_id=waiting[0].district_id or None,
            contractor_id=waiting[0].contractor_id or None,
        )
    await findings.record(session, FindingKind.NOT_TIPPED, vehicle_id, discrepancy)


def _named(residue_name: str, finding: Finding | None) -> str:
    """With what a person said of it."""
    return rules.explained(residue_name, finding.explanation if finding else None)


# --- hauls and stations -----------------------------------------------------------------------------------------


async def _haul(session: AsyncSession, haul_id: str, zone: ZoneInfo) -> None:
    """What the station sent against what plants weighed; a haul that only a plant knows of yet is a residue of its own."""
    haul = await store.haul(session, haul_id)
    if haul is not None and haul.status is HaulStatus.CANCELLED:
        haul = None
    arrivals = await store.arrivals(session, haul_id)
    net_kg = sum(tip.weighed_kg for tip in arrivals)
    left: list[Flow] = []
    difference = Difference(rules.NO_HAUL, 0, net_kg, 0)
    overdue = differs = None
    if haul is not None:
        limits = rulebooks.BALANCE_RULES.at(haul.left_at)
        left = rules.of_haul(haul.station_id, haul.stream, haul.net_kg, haul.origins)
        difference = rules.judge(haul.net_kg, net_kg, limits.haul)
        about = {"site_id": haul.station_id, "stream": haul.stream.value}
        if not arrivals and now() - haul.left_at > limits.haul_overdue:
            overdue = Discrepancy.of(replace(difference, tolerance_kg=0), service_day(haul.left_at, zone), **about)
        if arrivals and difference.name == rules.UNEXPLAINED:
            differs = Discrepancy.of(difference, service_day(arrivals[-1].at, zone), **about)
    await findings.record(session, FindingKind.HAUL_OVERDUE, haul_id, overdue)
    finding = await findings.record(session, FindingKind.HAUL_DIFFERENCE, haul_id, differs)
    await flows.repost(
        session,
        {
            f"haul:{haul_id}": [(service_day(haul.left_at, zone), flow) for flow in left] if haul else [],
            f"arrival:{haul_id}": _arrived(arrivals[-1], difference, _named(difference.name, finding), zone) if arrivals else [],
        },
    )


def _arrived(tip: Tip, difference: Difference, name: str, zone: ZoneInfo) -> list[tuple[date, Flow]]:
    return [(service_day(tip.at, zone), flow) for flow in rules.of_arrival(tip.site_id, tip.stream, difference, name)]


async def _station_day(session: AsyncSession, fact_id: str) -> None:
    book = await store.site_fact(session, StationDayChanged, fact_id)
    if book is None:
        return
    allowed = rulebooks.BALANCE_RULES.at(book.changed_at).station_day.kg(book.in_kg, book.out_kg)
    counted = book.lost_kg.get(STOCK_TAKING, 0)
    discrepancy = None
    if abs(counted) > allowed:
        difference = Difference(rules.UNEXPLAINED, book.closing_kg + counted, book.closing_kg, allowed)
        discrepancy = Discrepancy.of(difference, book.day, site_id=book.station_id, stream=book.stream.value)
    finding = await findings.record(session, FindingKind.STATION_DIFFERENCE, fact_id, discrepancy)
    lost_kg = Counter({name: kg for name, kg in book.lost_kg.items() if name != STOCK_TAKING})
    if counted:
        lost_kg[_named(rules.UNEXPLAINED if discrepancy else STOCK_TAKING, finding)] += counted
    posted = rules.of_station_day(book.station_id, book.stream.value, book.closing_kg - book.opening_kg, lost_kg)
    await flows.repost(session, {f"station:{fact_id}": [(book.day, flow) for flow in posted]})


async def explain(
    session: AsyncSession, principal: Principal, finding_id: str, body: ExplainBody, zone: ZoneInfo, *, close: bool
) -> FindingAnswer:
    """A person says why; the residue gets the cause's name when it is worked out again, within a second or two."""
    status = FindingStatus.CLOSED if close else FindingStatus.EXPLAINED
    if close:
        require_not_judged(principal, "close its own findings; it may explain them")
    finding = await findings.explain(session, scope_of(principal, None), principal.token_id, finding_id, body, status)
    if subject := finding.residue:
        since, _ = day_bounds(finding.day, zone)
        await store.mark(session, {subject: since})
    return FindingAnswer.model_validate(finding)
