"""Which cases are asked for, as conditions of a query."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaint.domain.filters import CaseFilters
from services.complaint.tables.cases import CaseRow
from shared.db import among, is_postgres
from shared.rows import table_of
from shared.scope import in_districts
from shared.vocabulary import ClockColour

CASE = table_of(CaseRow)
c = CASE.c
Condition = ColumnElement[bool]


PLAIN: dict[str, Callable[[Any], Condition]] = {
    "case_ids": lambda ids: c.case_id.in_(sorted(ids)),
    "status": lambda status: c.status == status.value,
    "open": lambda wanted: c.closed_at.is_(None) if wanted else c.closed_at.is_not(None),
    "categories": lambda categories: c.category.in_(sorted(categories)),
    "channel": lambda channel: c.channel == channel.value,
    "district_id": lambda district: in_districts(c.district_id, {district}),
    "contractor_id": lambda contractor: c.contractor_id == contractor,
    "start": lambda at: c.requested_at >= at,
    "end": lambda at: c.requested_at < at,
    "updated_from": lambda at: c.changed_at >= at,
    "updated_to": lambda at: c.changed_at < at,
    "box": lambda box: and_(c.lon >= box[0], c.lon <= box[2], c.lat >= box[1], c.lat <= box[3]),
}


def where(session: AsyncSession, filters: CaseFilters, at: datetime) -> list[Condition]:
    """`at`: the moment that colours are asked for."""
    asked = {name: getattr(filters, name) for name in PLAIN}
    conditions = [PLAIN[name](value) for name, value in asked.items() if value is not None]
    if filters.cells is not None:
        conditions.append(among(session, c.cell, filters.cells))
    if filters.grams is not None:
        conditions += _worded(session, filters.grams)
    return conditions if filters.colour is None else [*conditions, *_coloured(filters.colour, at)]


def _worded(session: AsyncSession, pairs: Sequence[str]) -> list[Condition]:
    """Every pair of letters stands in the text: by an index in PostgreSQL, by looking in SQLite."""
    if is_postgres(session):
        return [func.string_to_array(c.grams, " ", type_=ARRAY(Text)).contains(list(pairs))]
    return [c.grams.contains(pair, autoescape=True) for pair in pairs]


def _coloured(colour: ClockColour, at: datetime) -> list[Condition]:
    """What the running resolve clock shows."""
    if colour == ClockColour.RED:
        return [c.closed_at.is_(None), c.due_at < at]
    if colour == ClockColour.YELLOW:
        return [c.closed_at.is_(None), c.due_at >= at, c.yellow_at <= at]
    return [c.closed_at.is_(None), c.yellow_at > at]
