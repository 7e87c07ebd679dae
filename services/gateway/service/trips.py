"""Trips and onboard scales, as people read them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.weighing import Trip, TripFilters
from services.gateway.schemas.balance import LiftAnswer, ScaleAnswer, TripAnswer
from services.gateway.store import weighed as store
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.scope import Scope


async def trip_with_bins(session: AsyncSession, trip: Trip) -> TripAnswer:
    """With every lift."""
    lifts = await store.lifts_between(session, trip.vehicle_id, trip.from_at, trip.tipped_at)
    return TripAnswer.describing(trip, bins=[LiftAnswer.model_validate(lift) for lift in lifts])


async def list_trips(
    session: AsyncSession, scope: Scope, filters: TripFilters, cursor: str | None, limit: int
) -> Page[TripAnswer]:
    key = decode_cursor(cursor, datetime, str)
    page = await store.page_of_trips(session, scope, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [TripAnswer.model_validate(trip) for trip in page[:limit]]
    last = items[-1] if len(page) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.tipped_at.isoformat(), last.ticket_id))


async def list_scales(
    session: AsyncSession, scope: Scope, drifts: bool | None, cursor: str | None, limit: int
) -> Page[ScaleAnswer]:
    key = decode_cursor(cursor, str)
    page = await store.page_of_scales(session, scope, drifts, key[0] if key else "", limit + 1)
    items = [ScaleAnswer.model_validate(scale) for scale in page[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].vehicle_id) if len(page) > limit else None)
