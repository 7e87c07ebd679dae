"""A ticket changes: its next revision, what it moves, the alarm of a wrong bay, and the event, in one transaction."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.alarms import About
from services.transfer_station.domain.stations import Station
from services.transfer_station.domain.stock import Movement
from services.transfer_station.domain.tickets import Action, Ticket
from services.transfer_station.service import alarms, stock
from services.transfer_station.store import tickets as store
from shared.clock import now
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.outbox import publish
from shared.vocabulary import AlertStatus, StationAlarmKind, TicketStatus


async def save(
    session: AsyncSession,
    station: Station,
    ticket: Ticket,
    action: Action,
    actor: str,
    *,
    person: str | None = None,
    reason: str | None = None,
) -> Ticket:
    """The ticket as it is stored. The caller holds the station's lock."""
    ticket = replace(ticket, revision=ticket.revision + 1, changed_at=now())
    await store.save_ticket(session, ticket, action, actor, person=person, reason=reason)
    await stock.book(session, _movement(ticket))
    if action is Action.BAY and ticket.status is TicketStatus.CLOSED:
        await _watch_bay(session, station, replace(ticket, status=TicketStatus.OPEN))  # told late: it was wrong while it lasted
    await _watch_bay(session, station, ticket)
    await publish(session, WeighbridgeTicketChanged.model_validate(ticket))
    return ticket


def _movement(ticket: Ticket) -> Movement:
    return Movement(
        movement_id=ticket.ticket_id,
        kind="ticket",
        station_id=ticket.station_id,
        stream=ticket.stream,
        at=ticket.moves_stock_at,
        kg=ticket.moves_stock_kg,
        district_id=ticket.district_id if ticket.status is TicketStatus.CLOSED else None,
    )


async def _watch_bay(session: AsyncSession, station: Station, ticket: Ticket) -> None:
    is_wrong = ticket.is_in_wrong_bay(station)
    at = ticket.bay_at if is_wrong else ticket.weighing.weighed_out_at or ticket.bay_at
    await alarms.open_or_close(
        session,
        StationAlarmKind.WRONG_BAY,
        ticket.station_id,
        ticket.ticket_id,
        at or ticket.weighing.weighed_in_at,
        wanted=is_wrong,
        ending=AlertStatus.WITHDRAWN if ticket.status is TicketStatus.VOID else AlertStatus.CLOSED,
        about=About(ticket_id=ticket.ticket_id, bay_id=ticket.bay_id, vehicle_id=ticket.vehicle_id, stream=ticket.stream),
    )
