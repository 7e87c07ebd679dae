"""Weighbridge tickets: first weighing, bay, second weighing; voided or corrected, never deleted."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station import rulebooks
from services.transfer_station.domain.stations import Station
from services.transfer_station.domain.tickets import Action, FirstWeighing, Ticket, tare_source
from services.transfer_station.domain.weights import TareExpired, plate_key
from services.transfer_station.schemas.tickets import BayUse, Correction, TicketAnswer, TicketVehicle, Voiding, WeighIn, WeighOut
from services.transfer_station.service import matches, tares
from services.transfer_station.service.scope import locked_station
from services.transfer_station.service.ticket_revisions import save
from services.transfer_station.store import tickets as store
from shared.auth import Principal
from shared.clock import now
from shared.errors import Conflict, Invalid, NotFound
from shared.ids import derived_id
from shared.weighbridge import Weighing, require_reason


async def weigh_in(session: AsyncSession, principal: Principal, station_id: str, body: WeighIn, key: str | None) -> TicketAnswer:
    """The ticket of this `client_id`, made now unless it was before; another one with the same id is a Conflict."""
    client_id = body.client_id or key
    if client_id is None:
        raise Invalid("send `client_id`, the station's own id of this ticket, or the header Idempotency-Key")
    if body.plate is None and body.vehicle_id is None:
        raise Invalid("send `plate` or `vehicle_id`")
    require_reason(body.manual, reason=body.reason, person=body.person)
    station = await locked_station(session, principal, station_id)
    ticket = _first(station_id, client_id, body)
    old = await store.ticket(session, ticket.ticket_id)
    if old is not None:
        if await store.first_weighing(session, ticket.ticket_id) != FirstWeighing.of(ticket):
            raise Conflict("another ticket has this client_id; give this one its own, or correct that one", code="ticket_exists")
        return TicketAnswer.model_validate(old)
    ticket.weighing.require_weights(_gross_max_kg(body.at))
    ticket = await matches.match(session, ticket)
    ticket = await save(session, station, ticket, Action.WEIGHED_IN, principal.token_id, person=body.person, reason=body.reason)
    await matches.rematch_neighbours(session, station, ticket)
    return TicketAnswer.model_validate(ticket)


def _first(station_id: str, client_id: str, body: WeighIn) -> Ticket:
    plate = body.plate or ""
    return Ticket(
        ticket_id=derived_id("ticket", station_id, client_id),
        station_id=station_id,
        client_id=client_id,
        number=body.number,
        stream=body.stream,
        weighing=Weighing(
            gross_kg=body.gross_kg,
            weighed_in_at=body.at,
            scale_in_id=body.scale_id,
            manual=body.manual,
            reason=body.reason,
            person=body.person,
        ),
        given_vehicle_id=body.vehicle_id,
        given_district_id=body.district_id,
        said_plate=plate,
        said_plate_key=plate_key(plate),
        changed_at=now(),
    )


async def use_bay(session: AsyncSession, principal: Principal, ticket_id: str, body: BayUse) -> TicketAnswer:
    """Where the truck tips. Of several bays the last by its own time holds, whenever it is told."""
    station, ticket = await _locked(session, principal, ticket_id)
    in_bay = ticket.use_bay(body.bay_id, body.at, station)
    if in_bay is not ticket:
        in_bay = await save(session, station, in_bay, Action.BAY, principal.token_id)
    return TicketAnswer.model_validate(in_bay)


async def weigh_out(session: AsyncSession, principal: Principal, ticket_id: str, body: WeighOut) -> TicketAnswer | TareExpired:
    """Closes the ticket. TareExpired, which is to be told and committed: the registered tare has expired."""
    require_reason(body.manual, reason=body.reason, person=body.person)
    station, ticket = await _locked(session, principal, ticket_id)
    if ticket.was_weighed_out(body.at, body.tare_kg):
        return TicketAnswer.model_validate(ticket)
    ticket.require_open_at(body.at)
    tare_kg = await tares.usable(session, ticket, body.at) if body.tare_kg is None else body.tare_kg
    if isinstance(tare_kg, TareExpired):
        return tare_kg
    closed = ticket.weigh_out(
        tare_kg,
        tare_source(body.tare_kg),
        body.at,
        scale_id=body.scale_id,
        manual=body.manual,
        reason=body.reason,
        person=body.person,
        gross_max_kg=_gross_max_kg(ticket.weighing.weighed_in_at),
    )
    closed = await matches.match(session, closed)
    closed = await save(session, station, closed, Action.WEIGHED_OUT, principal.token_id, person=body.person, reason=body.reason)
    return TicketAnswer.model_validate(closed)


async def void(session: AsyncSession, principal: Principal, ticket_id: str, body: Voiding) -> TicketAnswer:
    station, ticket = await _locked(session, principal, ticket_id)
    voided = ticket.void(body.reason, body.person, now())
    if voided is not ticket:
        voided = await save(session, station, voided, Action.VOIDED, principal.token_id, person=body.person, reason=body.reason)
        await matches.rematch_neighbours(session, station, voided)
    return TicketAnswer.model_validate(voided)


async def set_vehicle(session: AsyncSession, principal: Principal, ticket_id: str, body: TicketVehicle) -> TicketAnswer:
    """A person says which truck it was; that holds whatever is seen at the gate."""
    station, ticket = await _locked(session, principal, ticket_id)
    named = ticket.say_vehicle(body.vehicle_id)
    if named is not ticket:
        named = await matches.match(session, named)
        named = await save(session, station, named, Action.VEHICLE, principal.token_id, person=body.person)
        await matches.rematch_neighbours(session, station, named, ticket.vehicle_id)
    return TicketAnswer.model_validate(named)


async def correct(session: AsyncSession, principal: Principal, ticket_id: str, body: Correction) -> TicketAnswer:
    """A new revision; the one before stays in the history. Of two at once the second is told."""
    station, ticket = await _locked(session, principal, ticket_id)
    corrected = ticket.correct(
        body.revision,
        gross_kg=body.gross_kg,
        tare_kg=body.tare_kg,
        stream=body.stream,
        district_id=body.district_id,
        plate=body.plate,
        reason=body.reason,
        person=body.person,
        gross_max_kg=_gross_max_kg(ticket.weighing.weighed_in_at),
    )
    corrected = await matches.match(session, corrected)
    corrected = await save(
        session, station, corrected, Action.CORRECTED, principal.token_id, person=body.person, reason=body.reason
    )
    await matches.rematch_neighbours(session, station, corrected, ticket.vehicle_id)
    return TicketAnswer.model_validate(corrected)


async def _locked(session: AsyncSession, principal: Principal, ticket_id: str) -> tuple[Station, Ticket]:
    """Station and ticket; nobody else changes them until we commit."""
    station_id = await store.station_of(session, ticket_id)
    if station_id is None:
        raise NotFound("no such ticket")
    try:
        station = await locked_station(session, principal, station_id)
    except NotFound as error:
        raise NotFound("no such ticket") from error
    ticket = await store.ticket(session, ticket_id)
    if ticket is None:
        raise NotFound("no such ticket")
    return station, ticket


def _gross_max_kg(weighed_in_at: datetime) -> int:
    return rulebooks.STATION_RULES.at(weighed_in_at).gross_max_kg
