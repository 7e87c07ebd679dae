"""Trips and onboard scales, as people read them."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.schemas.balance import LiftAnswer, ScaleAnswer, TripAnswer
from services.gateway.store import weighed as store
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.scope import Scope


async def trip_answer(session: AsyncSession, row: dict[str, Any], *, with_lifts: bool) -> TripAnswer:
    lifts = await store.lifts_between(session, row["vehicle_id"], row["from_at"], row["tipped_at"]) if with_lifts else None
    parts: dict[str, int] = {}
    for stream, _, _, kg, _ in row["lifted"]:
        parts[stream] = parts.get(stream, 0) + kg
    own = row | {"difference_kg": row["net_kg"] - row["lifted_kg"], "lifted_kg_by_stream": parts}
    return TripAnswer.model_validate(
        own | {"bins": None if lifts is None else [LiftAnswer.model_validate(dict(lift._mapping)) for lift in lifts]}
    )


async def list_trips(
    session: AsyncSession, scope: Scope, filters: dict[str, Any], cursor: str | None, limit: int
) -> Page[TripAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page_of_trips(session, scope, filters, (key[0], key[1]) if key else None, limit + 1)
    items = [await trip_answer(session, row, with_lifts=False) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.tipped_at.isoformat(), last.ticket_id))


async def list_scales(
    session: AsyncSession, scope: Scope, drifts: bool | None, cursor: str | None, limit: int
) -> Page[ScaleAnswer]:
    key = decode_cursor(cursor, str)
    rows = await store.page_of_scales(session, scope, drifts, key[0] if key else "", limit + 1)
    items = [ScaleAnswer.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].vehicle_id) if len(rows) > limit else None)
