"""Weighbridge tickets: first weighing, bay, second weighing; voided or corrected, never deleted."""

from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import reference
from services.transfer_station.domain.weights import Refusal, plate_key, refused_weights
from services.transfer_station.schemas.tickets import BayUse, Correction, TicketAnswer, TicketVehicle, Voiding, WeighIn, WeighOut
from services.transfer_station.service import matches, tares
from services.transfer_station.service.queries import answer
from services.transfer_station.service.scope import locked_station
from services.transfer_station.service.ticket_revisions import save
from services.transfer_station.store import tickets as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound
from shared.ids import derived_id
from shared.vocabulary import TareSource, TicketStatus

Row = dict[str, Any]
SAID_AT_FIRST = ("number", "said_plate_key", "given_vehicle_id", "stream", "gross_kg", "weighed_in_at")


async def weigh_in(session: AsyncSession, principal: Principal, station_id: str, body: WeighIn, key: str | None) -> TicketAnswer:
    """The ticket of this `client_id`, made now unless it was before; another one with the same id is a Conflict."""
    client_id = body.client_id or key
    if client_id is None:
        raise Invalid("send `client_id`, the station's own id of this ticket, or the header Idempotency-Key")
    if body.plate is None and body.vehicle_id is None:
        raise Invalid("send `plate` or `vehicle_id`")
    _require_reason(body.manual, body.reason, body.person)
    station = await locked_station(session, principal, station_id)
    row = _first(station_id, client_id, body)
    old = await store.ticket(session, row["ticket_id"])
    if old is not None:
        said = (await store.history(session, row["ticket_id"]))[0].ticket
        sent = to_jsonable_python(row)
        if any(said[name] != sent[name] for name in SAID_AT_FIRST):
            raise Conflict("another ticket has this client_id; give this one its own, or correct that one", code="ticket_exists")
        return answer(old)
    _require_weights(row["gross_kg"], 0, row)
    row = await matches.matched(session, row)
    row = await save(session, station, row, "weighed_in", principal.token_id, person=body.person, reason=body.reason)
    await matches.neighbours(session, station, row)
    return answer(row)


def _first(station_id: str, client_id: str, body: WeighIn) -> Row:
    given = body.vehicle_id
    plate = body.plate or ""
    nothing = dict.fromkeys(
        (
            "vehicle_id",
            "contractor_id",
            "district_id",
            "tare_kg",
            "net_kg",
            "tare_source",
            "scale_out_id",
            "arrived_at",
            "bay_id",
            "bay_at",
            "weighed_out_at",
            "left_at",
            "voided_at",
        )
    )
    return nothing | {
        "ticket_id": derived_id("ticket", station_id, client_id),
        "revision": 0,
        "station_id": station_id,
        "client_id": client_id,
        "number": body.number,
        "given_vehicle_id": given,
        "given_district_id": body.district_id,
        "said_plate": plate,
        "said_plate_key": plate_key(plate),
        "matched_by": "given" if given else None,
        "plate": plate,
        "plate_key": plate_key(plate),
        "stream": body.stream.value,
        "status": TicketStatus.OPEN.value,
        "gross_kg": body.gross_kg,
        "manual": body.manual,
        "reason": body.reason,
        "person": body.person,
        "scale_in_id": body.scale_id,
        "weighed_in_at": body.at,
        "changed_at": now(),
    }


async def use_bay(session: AsyncSession, principal: Principal, ticket_id: str, body: BayUse) -> TicketAnswer:
    """Where the truck tips. Of several bays the last by its own time holds, whenever it is told."""
    station, row = await _held(session, principal, ticket_id)
    _require_not_void(row)
    if body.bay_id not in {bay["bay_id"] for bay in station["bays"]}:
        raise Invalid(f"station {station['station_id']} has no bay {body.bay_id}")
    if body.at < row["weighed_in_at"] or (row["weighed_out_at"] is not None and body.at > row["weighed_out_at"]):
        raise Invalid("a truck tips between its two weighings; look at `at`")
    if row["bay_at"] is not None and (row["bay_at"], row["bay_id"]) >= (body.at, body.bay_id):
        return answer(row)
    row |= {"bay_id": body.bay_id, "bay_at": body.at}
    return answer(await save(session, station, row, "bay", principal.token_id))


async def weigh_out(session: AsyncSession, principal: Principal, ticket_id: str, body: WeighOut) -> TicketAnswer | Refusal:
    """Closes the ticket. A Refusal, which is to be told and committed: the registered tare has expired."""
    _require_reason(body.manual, body.reason, body.person)
    station, row = await _held(session, principal, ticket_id)
    _require_not_void(row)
    source = TareSource.REGISTERED if body.tare_kg is None else TareSource.WEIGHED
    if row["status"] == TicketStatus.CLOSED:
        return _closed_before(row, body, source)
    if body.at < row["weighed_in_at"]:
        raise Invalid("the second weighing cannot be before the first; look at `at`")
    if row["bay_at"] is not None and body.at < row["bay_at"]:
        raise Invalid("the second weighing cannot be before the truck tipped; look at `at`")
    tare_kg = body.tare_kg
    if tare_kg is None:
        found = await tares.usable(session, row, body.at)
        if isinstance(found, Refusal):
            return found
        tare_kg = found
    _require_weights(row["gross_kg"], tare_kg, row)
    row |= {
        "tare_kg": tare_kg,
        "net_kg": row["gross_kg"] - tare_kg,
        "tare_source": source.value,
        "scale_out_id": body.scale_id,
        "weighed_out_at": body.at,
        "status": TicketStatus.CLOSED.value,
        "manual": row["manual"] or body.manual,
        "reason": body.reason or row["reason"],
        "person": body.person or row["person"],
    }
    row = await matches.matched(session, row)
    return answer(await save(session, station, row, "weighed_out", principal.token_id, person=body.person, reason=body.reason))


def _closed_before(row: Row, body: WeighOut, source: TareSource) -> TicketAnswer:
    """The same weighing sent again is answered again; another one comes too late."""
    same = row["weighed_out_at"] == body.at and row["tare_source"] == source and body.tare_kg in (None, row["tare_kg"])
    if same:
        return answer(row)
    detail = (
        f"the ticket was closed at {row['weighed_out_at'].isoformat()} with tare {row['tare_kg']} kg; correct it if that is wrong"
    )
    raise Conflict(detail, code="already_closed")


async def void(session: AsyncSession, principal: Principal, ticket_id: str, body: Voiding) -> TicketAnswer:
    station, row = await _held(session, principal, ticket_id)
    if row["status"] == TicketStatus.VOID:
        return answer(row)
    row |= {"status": TicketStatus.VOID.value, "voided_at": now(), "reason": body.reason, "person": body.person}
    row = await save(session, station, row, "voided", principal.token_id, person=body.person, reason=body.reason)
    await matches.neighbours(session, station, row)
    return answer(row)


async def set_vehicle(session: AsyncSession, principal: Principal, ticket_id: str, body: TicketVehicle) -> TicketAnswer:
    """A person says which truck it was; that holds whatever is seen at the gate."""
    station, row = await _held(session, principal, ticket_id)
    _require_not_void(row)
    if row["given_vehicle_id"] == body.vehicle_id and row["matched_by"] == "person":
        return answer(row)
    before = row["vehicle_id"]
    row = await matches.matched(session, row | {"given_vehicle_id": body.vehicle_id, "matched_by": "person"})
    row = await save(session, station, row, "vehicle", principal.token_id, person=body.person)
    await matches.neighbours(session, station, row, before)
    return answer(row)


async def correct(session: AsyncSession, principal: Principal, ticket_id: str, body: Correction) -> TicketAnswer:
    """A new revision; the one before stays in the history. Of two at once the second is told."""
    station, row = await _held(session, principal, ticket_id)
    _require_not_void(row)
    if body.revision != row["revision"]:
        raise Conflict(f"the ticket has changed meanwhile; look at revision {row['revision']} first", code="changed_meanwhile")
    if body.tare_kg is not None and row["status"] != TicketStatus.CLOSED:
        raise Conflict("the ticket has no tare yet; weigh the truck out", code="not_closed")
    before, row = row["vehicle_id"], _corrected(row, body)
    row = await matches.matched(session, row)
    row = await save(session, station, row, "corrected", principal.token_id, person=body.person, reason=body.reason)
    await matches.neighbours(session, station, row, before)
    return answer(row)


def _corrected(row: Row, body: Correction) -> Row:
    said = body.model_dump(mode="json", exclude_none=True, include={"gross_kg", "tare_kg", "stream"})
    row = row | said | {"reason": body.reason, "person": body.person}
    if body.district_id is not None:
        row["given_district_id"] = body.district_id
    if body.plate is not None:
        row |= {"said_plate": body.plate, "said_plate_key": plate_key(body.plate)}
    if said.keys() & {"gross_kg", "tare_kg"}:
        row["manual"] = True
    if row["tare_kg"] is not None:
        row["net_kg"] = row["gross_kg"] - row["tare_kg"]
    _require_weights(row["gross_kg"], row["tare_kg"] or 0, row)
    return row


async def _held(session: AsyncSession, principal: Principal, ticket_id: str) -> tuple[Row, Row]:
    """Station and ticket, locked."""
    station_id = await store.station_of(session, ticket_id)
    if station_id is None:
        raise NotFound("no such ticket")
    try:
        station = await locked_station(session, principal, station_id)
    except NotFound as error:
        raise NotFound("no such ticket") from error
    row = await store.ticket(session, ticket_id)
    if row is None:
        raise NotFound("no such ticket")
    return station, row


def _require_not_void(row: Row) -> None:
    if row["status"] == TicketStatus.VOID:
        raise Conflict("the ticket is void; make a new one", code="ticket_void")


def _require_reason(manual: bool, reason: str | None, person: str | None) -> None:
    if manual and not (reason and person):
        raise Invalid("a weight typed by hand needs `reason` and `person`", code="reason_needed")


def _require_weights(gross_kg: int, tare_kg: int, row: Row) -> None:
    refusal = refused_weights(gross_kg, tare_kg, reference.station_rules(row["weighed_in_at"]).gross_max_kg)
    if refusal is not None:
        raise Invalid(refusal.detail, code=refusal.code)
