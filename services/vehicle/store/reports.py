"""Every query about drivers' reports and their photos."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.store.telemetry import REPORT
from services.vehicle.store.vehicles import VEHICLE
from services.vehicle.tables.reports import DriverReport, ReportPhoto
from shared.auth import Principal
from shared.db import among, insert_new
from shared.rows import table_of

PHOTO = table_of(ReportPhoto)


async def photo_ids(session: AsyncSession, report_ids: Sequence[str]) -> dict[str, list[str]]:
    c = PHOTO.c
    query = select(c.report_id, c.photo_id).where(among(session, c.report_id, report_ids)).order_by(c.received_at, c.photo_id)
    found: dict[str, list[str]] = {}
    for report_id, photo_id in await session.execute(query):
        found.setdefault(report_id, []).append(photo_id)
    return found


async def move_photos(session: AsyncSession, waiting_id: str, report_id: str) -> None:
    """Give photos that wait under the first id to the report that has come; the same picture again is one."""
    found = await photo_ids(session, [waiting_id, report_id])
    for photo_id in found.get(waiting_id, []):
        is_there = photo_id in found.get(report_id, [])
        statement = delete(PHOTO) if is_there else update(PHOTO).values(report_id=report_id)
        await session.execute(statement.where(PHOTO.c.report_id == waiting_id, PHOTO.c.photo_id == photo_id))


async def add_photo(session: AsyncSession, row: dict[str, Any]) -> None:
    await insert_new(session, ReportPhoto, [row])


async def photo(session: AsyncSession, report_id: str, photo_id: str) -> ReportPhoto | None:
    return await session.get(ReportPhoto, (report_id, photo_id))


async def reports_of_moment(session: AsyncSession, vehicle_id: str, at: datetime, code: str) -> Sequence[Any]:
    c = REPORT.c
    query = select(c.report_id, c.stop_id, c.service_point_id)
    return (await session.execute(query.where(c.vehicle_id == vehicle_id, c.at == at, c.code == code))).all()


async def page_of_reports(
    session: AsyncSession, principal: Principal, filters: dict[str, str], after: tuple[datetime, str] | None, limit: int
) -> list[DriverReport]:
    """Newest first."""
    query: Select[Any] = select(DriverReport).where(*principal.scope.rows(REPORT, vehicles=VEHICLE))
    for column, value in filters.items():
        query = query.where(REPORT.c[column] == value)
    if after is not None:
        at, report_id = after
        query = query.where(or_(REPORT.c.at < at, and_(REPORT.c.at == at, REPORT.c.report_id < report_id)))
    return list((await session.execute(query.order_by(REPORT.c.at.desc(), REPORT.c.report_id.desc()).limit(limit))).scalars())
