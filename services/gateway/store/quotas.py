"""How much of a stream a district may send in a month."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.tables.weighed import CityQuota
from shared.db import upsert
from shared.rows import table_of
from shared.scope import Scope

QUOTA = table_of(CityQuota)


async def put(session: AsyncSession, row: dict[str, Any]) -> None:
    await upsert(session, CityQuota, [row])


async def of_month(
    session: AsyncSession, scope: Scope, month: date, stream: str | None, district_id: str | None
) -> list[dict[str, Any]]:
    c = QUOTA.c
    query = select(*c).where(c.month == month, *scope.rows(QUOTA))
    query = query if stream is None else query.where(c.stream == stream)
    query = query if district_id is None else query.where(c.district_id == district_id)
    return [dict(row) for row in (await session.execute(query.order_by(c.district_id, c.stream))).mappings()]
