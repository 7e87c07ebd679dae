"""Every query about drivers' reports and their photos."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain.records import DriverReport
from services.vehicle.domain.reports import ReportFilters, ReportPhoto, ReportPlace
from services.vehicle.store.telemetry import REPORT
from services.vehicle.store.vehicles import VEHICLE
from services.vehicle.tables.reports import ReportPhotoRow
from shared.auth import Principal
from shared.db import among, insert_new
from shared.rows import columns_of, many, matching, one, table_of, to_row

PHOTO = table_of(ReportPhotoRow)


async def photo_ids(session: AsyncSession, report_ids: Sequence[str]) -> dict[str, list[str]]:
    """By report, in the order in which they came."""
    c = PHOTO.c
    query = select(c.report_id, c.photo_id).where(among(session, c.report_id, report_ids)).order_by(c.received_at, c.photo_id)
    by_report: dict[str, list[str]] = {}
    for report_id, photo_id in await session.execute(query):
        by_report.setdefault(report_id, []).append(photo_id)
    return by_report


async def move_photos(session: AsyncSession, waiting_id: str, report_id: str) -> None:
    """Give photos that wait under the first id to the report that has come; the same picture again is one."""
    by_report = await photo_ids(session, [waiting_id, report_id])
    for photo_id in by_report.get(waiting_id, []):
        is_there = photo_id in by_report.get(report_id, [])
        statement = delete(PHOTO) if is_there else update(PHOTO).values(report_id=report_id)
        await session.execute(statement.where(PHOTO.c.report_id == waiting_id, PHOTO.c.photo_id == photo_id))


async def add_photo(session: AsyncSession, photo: ReportPhoto) -> None:
    await insert_new(session, ReportPhotoRow, [to_row(photo)])


async def photo(session: AsyncSession, report_id: str, photo_id: str) -> ReportPhoto | None:
    query = select(*PHOTO.c).where(PHOTO.c.report_id == report_id, PHOTO.c.photo_id == photo_id)
    return await one(session, ReportPhoto, query)


async def reports_of_moment(session: AsyncSession, vehicle_id: str, at: datetime, code: str) -> list[ReportPlace]:
    c = REPORT.c
    query = select(*columns_of(ReportPlace, REPORT)).where(c.vehicle_id == vehicle_id, c.at == at, c.code == code)
    return await many(session, ReportPlace, query)


async def page_of_reports(
    session: AsyncSession, principal: Principal, filters: ReportFilters, after: tuple[datetime, str] | None, limit: int
) -> list[DriverReport]:
    """Newest first."""
    c = REPORT.c
    query = select(*c).where(*principal.scope.rows(REPORT, vehicles=VEHICLE), *matching(filters, REPORT))
    if after is not None:
        at, report_id = after
        query = query.where(or_(c.at < at, and_(c.at == at, c.report_id < report_id)))
    return await many(session, DriverReport, query.order_by(c.at.desc(), c.report_id.desc()).limit(limit))
