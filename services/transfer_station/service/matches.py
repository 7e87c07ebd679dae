"""Which truck a ticket is of: as said, by its plate, or by who was at the gate; looked at again when late data comes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain import gate
from services.transfer_station.domain.gate import GateMinute
from services.transfer_station.domain.stations import Station
from services.transfer_station.domain.tickets import Action, MatchedBy, Ticket, TicketPlate
from services.transfer_station.domain.trucks import TruckEntry, in_force
from services.transfer_station.domain.weights import plate_key
from services.transfer_station.service import tares
from services.transfer_station.service.ticket_revisions import save
from services.transfer_station.store import stations
from services.transfer_station.store import tickets as store
from shared.events.vehicle import TelemetryRecorded, VehicleRegistered

SELF = "transfer_station"


class GatesNearby:
    """The gates of all stations, remembered in the process until a station changes."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._gates = gate.Gates(())

    async def prepare(self, session: AsyncSession) -> gate.Gates:
        version = await stations.version(session)
        if version != self._version:
            self._gates = gate.Gates(station.gate_area for station in (await stations.all_stations(session)).values())
            self._version = version
        return self._gates


async def save_tracks(session: AsyncSession, events: Sequence[TelemetryRecorded], nearby: GatesNearby) -> None:
    """Note who is at a gate, minute by minute, and match the tickets that this may concern."""
    gates = await nearby.prepare(session)
    seen = set()
    for event in events:
        for track in event.tracks:
            for position in track.positions:
                station_id = gates.at(position.lon, position.lat)
                if station_id is not None:
                    seen.add(GateMinute(station_id, track.vehicle_id, position.at.replace(second=0, microsecond=0)))
    if not await store.new_minutes(session, seen):
        return
    locked = await stations.locked(session, {minute.station_id for minute in seen})
    new = await store.new_minutes(session, seen)  # again: another replica may have been first
    await store.add_minutes(session, new)
    for station_id, station in locked.items():
        minutes = [minute for minute in new if minute.station_id == station_id]
        if minutes:
            await _rematch(session, station, await _concerned(session, station_id, minutes))


async def _concerned(session: AsyncSession, station_id: str, minutes: Sequence[GateMinute]) -> list[Ticket]:
    """Tickets of these trucks around these minutes, and those weighed so near to one that it may explain them."""
    moments = [minute.minute for minute in minutes]
    limits = rulebooks.STATION_RULES.at(moments[0])
    near = timedelta(minutes=max(limits.visit_gap_minutes, limits.visit_match_minutes) + 1)
    first, last = min(moments), max(moments)
    trucks = {minute.vehicle_id for minute in minutes}
    around = await store.between(session, station_id, first - _reach(first), last + _reach(last))
    return [
        ticket
        for ticket in around
        if ticket.vehicle_id in trucks or (ticket.is_guess and first - near <= ticket.weighing.weighed_in_at <= last + near)
    ]


def _reach(at: datetime) -> timedelta:
    return timedelta(hours=rulebooks.STATION_RULES.at(at).open_ticket_hours)


async def save_trucks(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    """Save every entry of the registry; tickets weighed since are matched by what held at their time."""
    ids = {event.vehicle_id for event in events}
    known = await stations.entries(session, ids)
    await stations.add_entries(session, [_entry(event) for event in events])
    is_new = bool(ids - known.keys())
    first_known = {vehicle_id: entries[0].registered_at for vehicle_id, entries in known.items()}
    early = any(e.vehicle_id in first_known and e.registered_at < first_known[e.vehicle_id] for e in events)
    since = None if is_new or early else min(event.registered_at for event in events)
    plates = {plate_key(event.plate) for event in events}
    candidates = await store.of_trucks(session, ids, plates, since)
    await _rematch_all(session, [one for one in candidates if one.matched_by or _is_like_any(one.said_plate_key, plates)])
    for vehicle_id in sorted(ids):
        await tares.close_alarm(session, vehicle_id)


def _entry(event: VehicleRegistered) -> TruckEntry:
    return TruckEntry(
        vehicle_id=event.vehicle_id,
        revision=event.revision,
        registered_at=event.registered_at,
        plate=event.plate,
        plate_key=plate_key(event.plate),
        tare_kg=event.tare_kg,
        contractor_id=event.contractor_id,
        district_id=event.district_id,
        waste_streams=tuple(event.waste_streams),
    )


async def _rematch_all(session: AsyncSession, candidates: Iterable[TicketPlate]) -> None:
    by_station: dict[str, list[str]] = {}
    for one in candidates:
        by_station.setdefault(one.station_id, []).append(one.ticket_id)
    for station_id, station in (await stations.locked(session, by_station)).items():
        tickets = [await store.ticket(session, ticket_id) for ticket_id in sorted(by_station[station_id])]
        await _rematch(session, station, [ticket for ticket in tickets if ticket is not None])


async def rematch_neighbours(session: AsyncSession, station: Station, ticket: Ticket, released: str | None = None) -> None:
    """A ticket that knows its truck takes that truck from those which only guessed it, and gives back the one it had before."""
    trucks = {vehicle_id for vehicle_id in (ticket.vehicle_id, released) if vehicle_id}
    if not trucks:
        return
    plates = {entry.plate_key for entries in (await stations.entries(session, trucks)).values() for entry in entries}
    others = await _weighed_nearby(session, ticket)
    await _rematch(session, station, [other for other in others if other.is_guess and _is_like_any(other.said_plate_key, plates)])


async def _weighed_nearby(session: AsyncSession, ticket: Ticket) -> list[Ticket]:
    """The other tickets that are so near in time that they may be of the same stay."""
    at = ticket.weighing.weighed_in_at
    slack = timedelta(minutes=rulebooks.STATION_RULES.at(at).visit_match_minutes)
    around = await store.between(session, ticket.station_id, at - slack, at + slack)
    return [other for other in around if other.ticket_id != ticket.ticket_id]


def _is_like_any(plate: str, plates: Iterable[str]) -> bool:
    return any(gate.is_like(plate, other) for other in plates)


async def _rematch(session: AsyncSession, station: Station, tickets: Iterable[Ticket]) -> None:
    """The caller holds the station's lock. When somebody came and went is noted on the ticket without a new revision."""
    for ticket in tickets:
        matched = await match(session, ticket)
        if matched.truck != ticket.truck:
            await save(session, station, matched, Action.MATCHED, SELF)
        elif matched != ticket:
            await store.note_stay(session, ticket.ticket_id, matched.arrived_at, matched.left_at)


async def match(session: AsyncSession, ticket: Ticket) -> Ticket:
    """The ticket with its truck, as far as anybody knows now."""
    at = ticket.weighing.weighed_in_at
    rules = rulebooks.STATION_RULES.at(at)
    minutes = await store.minutes_between(session, ticket.station_id, at - _reach(at), at + _reach(at))
    stays = gate.visits(minutes, rules.visit_gap_minutes)
    vehicle_id = ticket.given_vehicle_id
    plates = [ticket.said_plate_key] if ticket.said_plate_key else []
    entries = await stations.entries(session, [vehicle_id] if vehicle_id else minutes, plates)
    trucks = {known_id: in_force(of_truck, at) for known_id, of_truck in entries.items()}
    how = MatchedBy.PERSON if ticket.matched_by is MatchedBy.PERSON else MatchedBy.GIVEN
    if vehicle_id is None:
        vehicle_id, how = await _by_plate_or_gate(session, ticket, trucks, stays)
    own_stays = [stay for stay in stays if stay.vehicle_id == vehicle_id]
    stay = gate.visit_at(own_stays, at, rules.visit_match_minutes)
    return ticket.match(trucks.get(vehicle_id or ""), vehicle_id, how, stay)


async def _by_plate_or_gate(
    session: AsyncSession, ticket: Ticket, trucks: Mapping[str, TruckEntry], stays: Sequence[gate.Visit]
) -> tuple[str | None, MatchedBy]:
    plate = ticket.said_plate_key
    same = [vehicle_id for vehicle_id, entry in trucks.items() if entry.plate_key == plate]
    if len(same) == 1:
        return same[0], MatchedBy.PLATE
    at = ticket.weighing.weighed_in_at
    taken = {other.vehicle_id for other in await _weighed_nearby(session, ticket) if not other.is_guess}
    fitting = {vehicle_id for vehicle_id, entry in trucks.items() if gate.is_like(entry.plate_key, plate)}
    slack_minutes = rulebooks.STATION_RULES.at(at).visit_match_minutes
    return gate.truck_at_gate(stays, at, slack_minutes, fitting - taken), MatchedBy.GATE
