"""What drivers reported from the cab, and the pictures that belong to it."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.domain.records import DriverReport
from services.vehicle.domain.reports import PhotoSubject, ReportFilters, ReportPhoto, require_room
from services.vehicle.schemas.reports import PhotoAnswer, ReportAnswer
from services.vehicle.service.arrivals import place_id
from services.vehicle.service.registry import require_vehicle
from services.vehicle.store import reports as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import NotFound
from shared.photos import Photo


async def add_photo(session: AsyncSession, principal: Principal, subject: PhotoSubject, photo: Photo) -> PhotoAnswer:
    """Belongs to exactly the report it was made for, whichever of the two comes first; the same picture again is one."""
    principal.require_vehicle(subject.vehicle_id)
    report_id = await _report_of(session, subject)
    require_room(photo.photo_id, (await store.photo_ids(session, [report_id])).get(report_id, []))
    stored = ReportPhoto(
        report_id=report_id,
        photo_id=photo.photo_id,
        vehicle_id=subject.vehicle_id,
        jpeg=photo.jpeg,
        width_px=photo.width_px,
        height_px=photo.height_px,
        received_at=now(),
    )
    await store.add_photo(session, stored)
    return PhotoAnswer.model_validate(stored)


async def _report_of(session: AsyncSession, subject: PhotoSubject) -> str:
    """The only report that fits; while none has come, the id it will have if it says no more than the photo does."""
    reports = await store.reports_of_moment(session, subject.vehicle_id, subject.at, subject.code)
    if report := subject.among(reports):
        return report.report_id
    return place_id(subject.vehicle_id, subject.at.astimezone(UTC), subject.code, subject.stop_id, subject.service_point_id)


async def photo(session: AsyncSession, principal: Principal, report_id: str, photo_id: str) -> bytes:
    stored = await store.photo(session, report_id, photo_id)
    if stored is None:
        raise NotFound("no such photo")
    if principal.scope.bindings:
        await require_vehicle(session, principal, stored.vehicle_id)
    return stored.jpeg


async def list_reports(
    session: AsyncSession, principal: Principal, filters: ReportFilters, cursor: str | None, limit: int
) -> Page[ReportAnswer]:
    key = decode_cursor(cursor, datetime, str)
    reports = await store.page_of_reports(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    photos = await store.photo_ids(session, [report.report_id for report in reports[:limit]])
    items = [_answer(report, photos.get(report.report_id, [])) for report in reports[:limit]]
    last = items[-1] if len(reports) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.report_id))


def _answer(report: DriverReport, photo_ids: list[str]) -> ReportAnswer:
    return ReportAnswer.describing(report, photo_ids=photo_ids, flags=quality.names(report.flags))
