"""Reading tickets."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.transfer_station.schemas.tickets import TicketAnswer, TicketChange, TicketDetail
from services.transfer_station.store import tickets as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.errors import NotFound
from shared.vocabulary import TicketStatus


def answer(row: dict[str, Any]) -> TicketAnswer:
    return TicketAnswer.model_validate(row | {"stage": _stage(row)})


def _stage(row: dict[str, Any]) -> str:
    if row["status"] == TicketStatus.VOID:
        return "void"
    if row["status"] == TicketStatus.CLOSED:
        return "left" if row["left_at"] else "weighed_out"
    return "in_bay" if row["bay_id"] else "weighed_in"


async def list_tickets(
    session: AsyncSession, principal: Principal, filters: dict[str, Any], cursor: str | None, limit: int
) -> Page[TicketAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [answer(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.weighed_in_at.isoformat(), last.ticket_id))


async def get_ticket(session: AsyncSession, principal: Principal, ticket_id: str) -> TicketDetail:
    row = await store.ticket(session, ticket_id)
    if row is None or not principal.sees(**{name: row[name] for name in ("station_id", "district_id", "contractor_id")}):
        raise NotFound("no such ticket")
    history = [TicketChange.model_validate(change) for change in await store.history(session, ticket_id)]
    return TicketDetail.model_validate(row | {"stage": _stage(row), "history": history})
