"""Weighbridge tickets of a plant, linked by their seal to the hauls of transfer stations."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.tickets import Haul, Intake, IntakeFilters
from services.incinerator.schemas.intake import IntakeAnswer, IntakeDetail, Voiding, WeighIn, WeighOut
from services.incinerator.service.ledger import renew_ledger
from services.incinerator.service.scope import require_plant
from services.incinerator.store import intake as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now, service_day
from shared.errors import NotFound
from shared.events.incinerator import IntakeChanged
from shared.events.transfer_station import HaulChanged
from shared.ids import derived_id
from shared.outbox import publish
from shared.weighbridge import Weighing, require_reason

MOST_ROWS = 100_000


async def weigh_in(session: AsyncSession, principal: Principal, plant_id: str, body: WeighIn) -> IntakeAnswer:
    """The same `client_id` with the same figures is the same ticket; with others it is a Conflict."""
    require_reason(body.manual, reason=body.reason)
    await require_plant(session, principal, plant_id)
    await store.lock_plant(session, plant_id)
    intake = _first(plant_id, body, principal.token_id)
    before = await store.intake(session, intake.ticket_id)
    if before is not None:
        before.require_same(intake)
        return await _answer(session, before)
    return await _save(session, (await _linked(session, intake)).change(now()))


def _first(plant_id: str, body: WeighIn, recorded_by: str) -> Intake:
    return Intake(
        ticket_id=derived_id(plant_id, body.client_id),
        plant_id=plant_id,
        client_id=body.client_id,
        seal_number=body.seal_number,
        vehicle_id=body.vehicle_id,
        plate=body.plate,
        stream=body.stream,
        weighing=Weighing(gross_kg=body.gross_kg, weighed_in_at=body.at, manual=body.manual, reason=body.reason),
        recorded_by=recorded_by,
        changed_at=now(),
    )


async def weigh_out(session: AsyncSession, principal: Principal, ticket_id: str, body: WeighOut, zone: ZoneInfo) -> IntakeAnswer:
    """Closes the ticket. Of two who close it at once one wins; the same figures again are the same answer."""
    intake = await _locked(session, principal, ticket_id)
    if intake.was_weighed_out(body.at, body.tare_kg):
        return await _answer(session, intake)
    closed = await _linked(session, intake.weigh_out(body.tare_kg, body.at))
    answer = await _save(session, closed.change(now(), principal.token_id))
    await renew_ledger(session, intake.plant_id, service_day(body.at, zone), zone)
    return answer


async def void(session: AsyncSession, principal: Principal, ticket_id: str, body: Voiding, zone: ZoneInfo) -> IntakeAnswer:
    """The figures stay on the ticket and count for nothing."""
    intake = await _locked(session, principal, ticket_id)
    voided = intake.void(body.reason)
    if voided is intake:
        return await _answer(session, intake)
    answer = await _save(session, voided.change(now(), principal.token_id))
    if intake.weighing.weighed_out_at is not None:
        await renew_ledger(session, intake.plant_id, service_day(intake.weighing.weighed_out_at, zone), zone)
    return answer


async def _locked(session: AsyncSession, principal: Principal, ticket_id: str) -> Intake:
    """The ticket as it stands once this session alone may change it."""
    intake = await store.intake(session, ticket_id)
    if intake is None:
        raise NotFound("no such ticket")
    await require_plant(session, principal, intake.plant_id)
    await store.lock_plant(session, intake.plant_id)
    return await store.intake(session, ticket_id) or intake


async def _linked(session: AsyncSession, intake: Intake) -> Intake:
    return intake.link(await store.haul_by_seal(session, intake.seal_number, intake.plant_id) if intake.seal_number else None)


async def _save(session: AsyncSession, intake: Intake) -> IntakeAnswer:
    answer = await _answer(session, intake)
    await store.save_intake(session, intake, answer)
    await publish(session, IntakeChanged.model_validate(intake))
    return answer


async def save_hauls(session: AsyncSession, events: Sequence[HaulChanged]) -> None:
    """What stations tell of hauls; tickets that came before the news of their haul are linked now."""
    newest = {event.haul_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await store.hauls(session, newest)
    fresh = [_haul(e) for key, e in sorted(newest.items()) if key not in known or known[key].revision < e.revision]
    if not fresh:
        return
    await store.save_hauls(session, fresh)
    for waiting in await store.intakes_by_seal(session, [haul.seal_number for haul in fresh]):
        await store.lock_plant(session, waiting.plant_id)
        intake = await store.intake(session, waiting.ticket_id) or waiting
        linked = await _linked(session, intake)
        if linked != intake:
            await _save(session, linked.change(now()))


def _haul(event: HaulChanged) -> Haul:
    return Haul(
        haul_id=event.haul_id,
        revision=event.revision,
        station_id=event.station_id,
        seal_number=event.seal_number,
        stream=event.stream,
        net_kg=event.net_kg,
        destination_plant_id=event.destination_plant_id,
        vehicle_id=event.vehicle_id,
        plate=event.plate,
        status=event.status,
        left_at=event.left_at,
    )


async def _answer(session: AsyncSession, intake: Intake) -> IntakeAnswer:
    return (await _answers(session, [intake]))[0]


async def _answers(session: AsyncSession, intakes: Sequence[Intake]) -> list[IntakeAnswer]:
    hauls = await store.hauls(session, [intake.haul_id for intake in intakes if intake.haul_id])
    return [IntakeAnswer.of(intake, hauls.get(intake.haul_id or "")) for intake in intakes]


async def list_intakes(
    session: AsyncSession, principal: Principal, filters: IntakeFilters, cursor: str | None, limit: int
) -> Page[IntakeAnswer]:
    key = decode_cursor(cursor, datetime, str)
    after = (key[0], key[1]) if key else None
    intakes = await store.page_of_intakes(session, principal.scope, filters, after, limit + 1)
    items = await _answers(session, intakes[:limit])
    last = items[-1] if len(intakes) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.arrived_at.isoformat(), last.ticket_id))


async def all_intakes(session: AsyncSession, principal: Principal, filters: IntakeFilters) -> list[IntakeAnswer]:
    return await _answers(session, await store.page_of_intakes(session, principal.scope, filters, None, MOST_ROWS))


async def get_intake(session: AsyncSession, principal: Principal, ticket_id: str) -> IntakeDetail:
    intake = await store.intake(session, ticket_id)
    if intake is None:
        raise NotFound("no such ticket")
    await require_plant(session, principal, intake.plant_id)
    history = [IntakeAnswer.model_validate(change.ticket) for change in await store.history(session, ticket_id)]
    return IntakeDetail(**(await _answer(session, intake)).model_dump(), history=history)
