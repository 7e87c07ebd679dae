"""Reading tickets."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.domain.tickets import TicketFilters
from services.transfer_station.schemas.tickets import TicketAnswer, TicketChange, TicketDetail
from services.transfer_station.store import tickets as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.errors import NotFound


async def list_tickets(
    session: AsyncSession, principal: Principal, filters: TicketFilters, cursor: str | None, limit: int
) -> Page[TicketAnswer]:
    key = decode_cursor(cursor, datetime, str)
    tickets = await store.page(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [TicketAnswer.model_validate(ticket) for ticket in tickets[:limit]]
    last = items[-1] if len(tickets) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.weighed_in_at.isoformat(), last.ticket_id))


async def get_ticket(session: AsyncSession, principal: Principal, ticket_id: str) -> TicketDetail:
    ticket = await store.ticket(session, ticket_id)
    if ticket is None:
        raise NotFound("no such ticket")
    principal.require_sight(
        "ticket", station_id=ticket.station_id, district_id=ticket.district_id, contractor_id=ticket.contractor_id
    )
    history = [TicketChange.model_validate(change) for change in await store.history(session, ticket_id)]
    return TicketDetail(**TicketAnswer.model_validate(ticket).model_dump(), history=history)
