"""Which truck a ticket is of: as said, by its plate, or by who was at the gate; looked at again when late data comes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain import gate
from services.transfer_station.domain.weights import plate_key
from services.transfer_station.service import tares
from services.transfer_station.service.ticket_revisions import save
from services.transfer_station.store import stations
from services.transfer_station.store import tickets as store
from shared.events.vehicle import TelemetryRecorded, VehicleRegistered

SAID = ("given", "person")
DECIDED = ("vehicle_id", "matched_by", "contractor_id", "district_id", "plate", "plate_key")
SELF = "transfer_station"


class GatesNearby:
    """The gates of all stations, remembered in the process until a station changes."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._gates = gate.Gates(())

    async def prepare(self, session: AsyncSession) -> gate.Gates:
        version = await stations.version(session)
        if version != self._version:
            rows = (await stations.all_stations(session)).values()
            self._gates = gate.Gates(
                gate.Gate(row["station_id"], row["lon"], row["lat"], row["gate_radius_m"], row["gate"]) for row in rows
            )
            self._version = version
        return self._gates


async def keep_tracks(session: AsyncSession, events: Sequence[TelemetryRecorded], nearby: GatesNearby) -> None:
    """Note who is at a gate, minute by minute, and match the tickets that this may concern."""
    gates = await nearby.prepare(session)
    seen = set()
    for event in events:
        for track in event.tracks:
            for position in track.positions:
                station_id = gates.at(position.lon, position.lat)
                if station_id is not None:
                    seen.add((station_id, track.vehicle_id, position.at.replace(second=0, microsecond=0)))
    if not await store.new_minutes(session, seen):
        return
    held = await stations.locked(session, {station_id for station_id, _, _ in seen})
    new = await store.new_minutes(session, seen)  # again: another replica may have been first
    await store.add_minutes(session, new)
    for station_id, station in held.items():
        minutes = [(vehicle_id, minute) for at_station, vehicle_id, minute in new if at_station == station_id]
        if minutes:
            await _rematch(session, station, await _concerned(session, station_id, minutes))


async def _concerned(session: AsyncSession, station_id: str, minutes: Sequence[tuple[str, datetime]]) -> list[dict[str, Any]]:
    """Tickets of these trucks around these minutes, and those weighed so near to one that it may explain them."""
    moments = [minute for _, minute in minutes]
    limits = reference.station_rules(moments[0])
    near = timedelta(minutes=max(limits.visit_gap_minutes, limits.visit_match_minutes) + 1)
    first, last = min(moments), max(moments)
    trucks = {vehicle_id for vehicle_id, _ in minutes}
    rows = await store.between(session, station_id, first - _reach(first), last + _reach(last))
    return [row for row in rows if row["vehicle_id"] in trucks or (_is_guess(row) and _is_near(row, first - near, last + near))]


def _is_guess(row: dict[str, Any]) -> bool:
    return row["matched_by"] in (None, "gate")


def _is_near(row: dict[str, Any], start: datetime, end: datetime) -> bool:
    at: datetime = row["weighed_in_at"]
    return start <= at <= end


def _reach(at: datetime) -> timedelta:
    return timedelta(hours=reference.station_rules(at).open_ticket_hours)


async def keep_trucks(session: AsyncSession, events: Sequence[VehicleRegistered]) -> None:
    """Keep every entry of the registry; tickets weighed since are matched by what held at their time."""
    kept = {"vehicle_id", "revision", "registered_at", "plate", "tare_kg", "contractor_id", "district_id"}
    ids = {event.vehicle_id for event in events}
    known = await stations.entries(session, ids)
    rows = [event.model_dump(include=kept) for event in events]
    more = [{"plate_key": plate_key(e.plate), "waste_streams": [stream.value for stream in e.waste_streams]} for e in events]
    await stations.add_entries(session, [row | extra for row, extra in zip(rows, more, strict=True)])
    is_new = bool(ids - known.keys())
    first_known = {vehicle_id: entries[0]["registered_at"] for vehicle_id, entries in known.items()}
    early = any(e.vehicle_id in first_known and e.registered_at < first_known[e.vehicle_id] for e in events)
    since = None if is_new or early else min(event.registered_at for event in events)
    plates = {plate_key(event.plate) for event in events}
    told_of = await store.of_trucks(session, ids, plates, since)
    await _rematch_all(session, [row for row in told_of if row.matched_by or _is_like_any(row.said_plate_key, plates)])
    for vehicle_id in sorted(ids):
        await tares.close_alarm(session, vehicle_id)


async def _rematch_all(session: AsyncSession, rows: Iterable[Any]) -> None:
    by_station: dict[str, list[str]] = {}
    for row in rows:
        by_station.setdefault(row.station_id, []).append(row.ticket_id)
    for station_id, station in (await stations.locked(session, by_station)).items():
        found = [await store.ticket(session, ticket_id) for ticket_id in sorted(by_station[station_id])]
        await _rematch(session, station, [row for row in found if row is not None])


async def neighbours(session: AsyncSession, station: dict[str, Any], row: dict[str, Any], released: str | None = None) -> None:
    """A ticket that knows its truck takes that truck from those which only guessed it, and gives back the one it had before."""
    trucks = {vehicle_id for vehicle_id in (row["vehicle_id"], released) if vehicle_id}
    if not trucks:
        return
    at = row["weighed_in_at"]
    slack = timedelta(minutes=reference.station_rules(at).visit_match_minutes)
    plates = {entry["plate_key"] for of in (await stations.entries(session, trucks)).values() for entry in of}
    rows = await store.between(session, row["station_id"], at - slack, at + slack)
    guessing = [other for other in rows if _is_guess(other) and other["ticket_id"] != row["ticket_id"]]
    await _rematch(session, station, [other for other in guessing if _is_like_any(other["said_plate_key"], plates)])


def _is_like_any(plate: str, plates: Iterable[str]) -> bool:
    return any(gate.is_like(plate, other) for other in plates)


async def _rematch(session: AsyncSession, station: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
    """The caller holds the station's lock. When somebody came and went is noted on the ticket without a new revision."""
    for row in rows:
        found = await matched(session, row)
        if any(found[name] != row[name] for name in DECIDED):
            await save(session, station, found, "matched", SELF)
        elif (found["arrived_at"], found["left_at"]) != (row["arrived_at"], row["left_at"]):
            await store.note_stay(session, row["ticket_id"], found["arrived_at"], found["left_at"])


async def matched(session: AsyncSession, row: dict[str, Any]) -> dict[str, Any]:
    """The ticket with its truck, as far as anybody knows now."""
    at, station_id = row["weighed_in_at"], row["station_id"]
    rules = reference.station_rules(at)
    minutes = await store.minutes_between(session, station_id, at - _reach(at), at + _reach(at))
    stays = gate.visits(minutes, rules.visit_gap_minutes)
    given = row["given_vehicle_id"]
    entries = await stations.entries(
        session, [given] if given else minutes, [row["said_plate_key"]] if row["said_plate_key"] else ()
    )
    trucks = {vehicle_id: _in_force(of, at) for vehicle_id, of in entries.items()}
    vehicle_id, how = given, row["matched_by"] if row["matched_by"] == "person" else "given"
    if given is None:
        vehicle_id, how = await _by_plate_or_gate(session, row, trucks, stays)
    truck = trucks.get(vehicle_id or "", {})
    stay = gate.visit_at([stay for stay in stays if stay.vehicle_id == vehicle_id], at, rules.visit_match_minutes)
    gone = stay is not None and row["weighed_out_at"] is not None and stay.left_at > row["weighed_out_at"]
    return row | {
        "vehicle_id": vehicle_id,
        "matched_by": how if vehicle_id else None,
        "contractor_id": truck.get("contractor_id"),
        "district_id": row["given_district_id"] or truck.get("district_id"),
        "plate": row["said_plate"] or truck.get("plate", ""),
        "plate_key": row["said_plate_key"] or truck.get("plate_key", ""),
        "arrived_at": min(stay.arrived_at, at) if stay else None,
        "left_at": stay.left_at if stay and gone else None,
    }


def _in_force(entries: Sequence[dict[str, Any]], at: datetime) -> dict[str, Any]:
    """What the registry said then; before anything was said, what it said first."""
    said = [entry for entry in entries if entry["registered_at"] <= at]
    return said[-1] if said else entries[0]


async def _by_plate_or_gate(
    session: AsyncSession, row: dict[str, Any], trucks: dict[str, dict[str, Any]], stays: Sequence[gate.Visit]
) -> tuple[str | None, str]:
    plate = row["said_plate_key"]
    same = [vehicle_id for vehicle_id, entry in trucks.items() if entry["plate_key"] == plate]
    if len(same) == 1:
        return same[0], "plate"
    at = row["weighed_in_at"]
    rules = reference.station_rules(at)
    slack = timedelta(minutes=rules.visit_match_minutes)
    others = await store.between(session, row["station_id"], at - slack, at + slack)
    taken = {o["vehicle_id"] for o in others if o["matched_by"] not in (None, "gate") and o["ticket_id"] != row["ticket_id"]}
    fitting = {vehicle_id for vehicle_id, entry in trucks.items() if gate.is_like(entry["plate_key"], plate)}
    return gate.truck_at_gate(stays, at, rules.visit_match_minutes, fitting - taken), "gate"
