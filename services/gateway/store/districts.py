"""Shapes of districts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.districts import DistrictShape
from services.gateway.tables.city import CityDistrict
from shared.db import upsert
from shared.rows import many, table_of, to_rows
from shared.scope import Scope, in_districts

DISTRICT = table_of(CityDistrict)


async def districts(session: AsyncSession, scope: Scope) -> list[DistrictShape]:
    """Shapes within the scope's districts, by id; a district belongs to no contractor."""
    here = [in_districts(DISTRICT.c.district_id, scope.district_ids)] if scope.district_ids else []
    return await many(session, DistrictShape, select(*DISTRICT.c).where(*here).order_by(DISTRICT.c.district_id))


async def save_districts(session: AsyncSession, districts: Sequence[DistrictShape]) -> None:
    await upsert(session, CityDistrict, to_rows(districts))
