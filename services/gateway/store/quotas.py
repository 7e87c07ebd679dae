"""How much of a stream a district may send in a month."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.quotas import Quota
from services.gateway.tables.weighed import CityQuota
from shared.db import upsert
from shared.rows import many, table_of, to_row
from shared.scope import Scope

QUOTA = table_of(CityQuota)


async def save(session: AsyncSession, quota: Quota) -> None:
    await upsert(session, CityQuota, [to_row(quota)])


async def of_month(session: AsyncSession, scope: Scope, month: date, stream: str | None, district_id: str | None) -> list[Quota]:
    c = QUOTA.c
    query = select(*c).where(c.month == month, *scope.rows(QUOTA))
    query = query if stream is None else query.where(c.stream == stream)
    query = query if district_id is None else query.where(c.district_id == district_id)
    return await many(session, Quota, query.order_by(c.district_id, c.stream))
