"""Weighbridge tickets of a plant, linked by their seal to the hauls of transfer stations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.intake import hours_on_the_way, net_kg
from services.incinerator.schemas.intake import IntakeAnswer, IntakeDetail, Voiding, WeighIn, WeighOut
from services.incinerator.service.ledger import renew_ledger
from services.incinerator.service.scope import require_plant
from services.incinerator.store import intake as store
from services.incinerator.tables.intake import Haul, IntakeTicket
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import Conflict, Invalid, NotFound
from shared.events.incinerator import IntakeChanged
from shared.events.transfer_station import HaulChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.vocabulary import TicketStatus

HAUL_FIELDS = (
    "haul_id",
    "revision",
    "station_id",
    "seal_number",
    "stream",
    "net_kg",
    "destination_plant_id",
    "vehicle_id",
    "plate",
    "status",
    "left_at",
)
MOST_ROWS = 100_000


async def weigh_in(session: AsyncSession, principal: Principal, plant_id: str, body: WeighIn) -> IntakeAnswer:
    """The same `client_id` with the same figures is the same ticket; with others it is a Conflict."""
    await require_plant(session, principal, plant_id)
    await store.lock_plant(session, plant_id)
    ticket_id = derived_id(plant_id, body.client_id)
    said = body.model_dump(mode="json", exclude={"at"}) | {"arrived_at": body.at}
    before = await store.ticket(session, ticket_id)
    if before is not None:
        if any(getattr(before, name) != value for name, value in said.items() if name not in {"vehicle_id", "reason"}):
            raise Conflict(
                f"ticket {body.client_id} is there already with other figures; void that one, or use another client_id"
            )
        return await _answer(session, before)
    row: dict[str, Any] = said | {
        "ticket_id": ticket_id,
        "revision": 1,
        "plant_id": plant_id,
        "status": TicketStatus.OPEN,
        "tare_kg": None,
        "net_kg": None,
        "net_difference_kg": None,
        "haul_id": None,
        "left_at": None,
        "recorded_by": principal.token_id,
        "changed_at": now(),
    }
    return await _keep(session, await _linked(session, row))


async def weigh_out(session: AsyncSession, principal: Principal, ticket_id: str, body: WeighOut, zone: ZoneInfo) -> IntakeAnswer:
    """Closes the ticket. Of two who close it at once one wins; the same figures again are the same answer."""
    ticket = await _open(session, principal, ticket_id)
    if ticket.status == TicketStatus.CLOSED and (ticket.tare_kg, ticket.left_at) == (body.tare_kg, body.at):
        return await _answer(session, ticket)
    if ticket.status != TicketStatus.OPEN:
        raise Conflict(f"this ticket is {ticket.status} already")
    if body.at < ticket.arrived_at:
        raise Invalid("the truck cannot have left before it came")
    net = net_kg(ticket.gross_kg, body.tare_kg)
    if net is None:
        raise Invalid("the empty truck weighs as much as the full one; weigh it again, or void the ticket")
    row = _next(ticket, principal) | {
        "status": TicketStatus.CLOSED,
        "tare_kg": body.tare_kg,
        "net_kg": net,
        "left_at": body.at,
    }
    answer = await _keep(session, await _linked(session, row))
    await renew_ledger(session, ticket.plant_id, service_day(body.at, zone), zone)
    return answer


async def void(session: AsyncSession, principal: Principal, ticket_id: str, body: Voiding, zone: ZoneInfo) -> IntakeAnswer:
    """The figures stay on the ticket and count for nothing."""
    ticket = await _open(session, principal, ticket_id)
    if ticket.status == TicketStatus.VOID:
        return await _answer(session, ticket)
    answer = await _keep(session, _next(ticket, principal) | {"status": TicketStatus.VOID, "reason": body.reason})
    if ticket.left_at is not None:
        await renew_ledger(session, ticket.plant_id, service_day(ticket.left_at, zone), zone)
    return answer


async def _open(session: AsyncSession, principal: Principal, ticket_id: str) -> IntakeTicket:
    """The ticket as it stands once this session alone may change it."""
    found = await store.ticket(session, ticket_id)
    if found is None:
        raise NotFound("no such ticket")
    await require_plant(session, principal, found.plant_id)
    await store.lock_plant(session, found.plant_id)
    await session.refresh(found)
    return found


def _next(ticket: IntakeTicket, principal: Principal) -> dict[str, Any]:
    return ticket.model_dump() | {"revision": ticket.revision + 1, "recorded_by": principal.token_id, "changed_at": now()}


async def _linked(session: AsyncSession, row: dict[str, Any]) -> dict[str, Any]:
    haul = await store.haul_by_seal(session, row["seal_number"], row["plant_id"]) if row["seal_number"] else None
    return row | _link(haul, row)


def _link(haul: Haul | None, row: Mapping[str, Any]) -> dict[str, Any]:
    if haul is None:
        return {"haul_id": None, "net_difference_kg": None}
    net: int | None = row["net_kg"]
    return {
        "haul_id": haul.haul_id,
        "vehicle_id": row["vehicle_id"] or haul.vehicle_id,
        "net_difference_kg": None if net is None else net - haul.net_kg,
    }


async def _keep(session: AsyncSession, row: dict[str, Any]) -> IntakeAnswer:
    answer = await _answer(session, IntakeTicket.model_validate(row))
    await store.put_ticket(session, row, answer.model_dump(mode="json"))
    await publish(session, IntakeChanged.model_validate(row))
    return answer


async def keep_hauls(session: AsyncSession, events: Sequence[HaulChanged]) -> None:
    """What stations tell of hauls; tickets that came before the news of their haul are linked now."""
    newest = {event.haul_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.hauls(session, newest)
    fresh = [e for key, e in sorted(newest.items()) if key not in known or known[key].revision < e.revision]
    if not fresh:
        return
    await store.put_hauls(session, [{name: getattr(event, name) for name in HAUL_FIELDS} for event in fresh])
    for ticket in await store.tickets_by_seal(session, [event.seal_number for event in fresh]):
        await store.lock_plant(session, ticket.plant_id)
        await session.refresh(ticket)
        row = await _linked(session, ticket.model_dump())
        if row != ticket.model_dump():
            await _keep(session, row | {"revision": ticket.revision + 1, "changed_at": now()})


async def _answer(session: AsyncSession, ticket: IntakeTicket) -> IntakeAnswer:
    return (await _answers(session, [ticket]))[0]


async def _answers(session: AsyncSession, tickets: Sequence[IntakeTicket]) -> list[IntakeAnswer]:
    hauls = await store.hauls(session, [one.haul_id for one in tickets if one.haul_id])
    return [
        IntakeAnswer.model_validate(
            one.model_dump()
            | {"hours_on_the_way": hours_on_the_way(hauls[one.haul_id].left_at, one.arrived_at) if one.haul_id in hauls else None}
        )
        for one in tickets
    ]


async def list_intakes(
    session: AsyncSession,
    principal: Principal,
    filters: Mapping[str, Any],
    start: datetime | None,
    end: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page[IntakeAnswer]:
    key = decode_cursor(cursor, datetime, str)
    after = (key[0], key[1]) if key else None
    rows = await store.page_of_tickets(session, principal.scope, filters, start, end, after, limit + 1)
    items = await _answers(session, rows[:limit])
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.arrived_at.isoformat(), last.ticket_id))


async def all_intakes(
    session: AsyncSession, principal: Principal, filters: Mapping[str, Any], start: datetime | None, end: datetime | None
) -> list[IntakeAnswer]:
    rows = await store.page_of_tickets(session, principal.scope, filters, start, end, None, MOST_ROWS)
    return await _answers(session, rows)


async def get_intake(session: AsyncSession, principal: Principal, ticket_id: str) -> IntakeDetail:
    found = await store.ticket(session, ticket_id)
    if found is None:
        raise NotFound("no such ticket")
    await require_plant(session, principal, found.plant_id)
    history = await store.history(session, ticket_id)
    return IntakeDetail.model_validate((await _answer(session, found)).model_dump() | {"history": history})
