"""Ratings that others published."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evaluation.domain.ratings import FIGURES, TOLD, Rating
from services.evaluation.tables.ratings import ReferenceRating
from shared.db import merge_rows
from shared.rows import table_of

RATING = table_of(ReferenceRating)
KEY, VALUES = ("source", "area", "month"), (*FIGURES, *TOLD)


async def ratings(session: AsyncSession, source: str, area: str | None = None) -> list[Rating]:
    """The oldest first."""
    query = select(RATING.c.area, RATING.c.month, *(RATING.c[name] for name in VALUES)).where(RATING.c.source == source)
    if area is not None:
        query = query.where(RATING.c.area == area)
    rows = await session.execute(query.order_by(RATING.c.area, RATING.c.month))
    return [Rating(area, month, dict(zip(VALUES, values, strict=True))) for area, month, *values in rows]


async def save(session: AsyncSession, source: str, ratings: Sequence[Rating]) -> None:
    rows: list[tuple[str, str, date, *tuple[int | None, ...]]] = [
        (source, one.area, one.month, *(one.values_e4[name] for name in VALUES)) for one in ratings
    ]
    await merge_rows(session, ReferenceRating, (*KEY, *VALUES), rows, _newest)


def _newest(_stored: object, new: object) -> object:
    return new
