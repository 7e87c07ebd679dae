"""What drivers reported from the cab, and the pictures that belong to it."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle import store
from services.vehicle.schemas import PhotoAnswer, ReportAnswer, ReportCode
from services.vehicle.service.registry import require_vehicle
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.ids import derived_id
from shared.photos import Photo

MOST_PHOTOS = 5


async def add_photo(
    session: AsyncSession, principal: Principal, vehicle_id: str, at: datetime, code: ReportCode, photo: Photo
) -> PhotoAnswer:
    """Belongs to the report of that vehicle, time and code, whichever of the two comes first; the same picture again is one."""
    principal.require_vehicle(vehicle_id)
    report_id = derived_id(vehicle_id, at.astimezone(UTC).isoformat(), code)
    there = (await store.photo_ids(session, [report_id])).get(report_id, [])
    if photo.photo_id not in there and len(there) >= MOST_PHOTOS:
        raise Conflict(f"a report has at most {MOST_PHOTOS} photos; nothing was stored")
    row = {"report_id": report_id, "photo_id": photo.photo_id, "vehicle_id": vehicle_id, "jpeg": photo.jpeg,
           "width_px": photo.width_px, "height_px": photo.height_px, "received_at": now()}  # fmt: skip
    await store.add_photo(session, row)
    return PhotoAnswer.model_validate(row)


async def photo(session: AsyncSession, principal: Principal, report_id: str, photo_id: str) -> bytes:
    found = await store.photo(session, report_id, photo_id)
    if found is None:
        raise NotFound("no such photo")
    if principal.scope.bindings:
        await require_vehicle(session, principal, found.vehicle_id)
    return found.jpeg


async def list_reports(
    session: AsyncSession, principal: Principal, filters: dict[str, str], cursor: str | None, limit: int
) -> Page[ReportAnswer]:
    key = decode_cursor(cursor, datetime, str)
    rows = await store.page_of_reports(session, principal, filters, (key[0], key[1]) if key else None, limit + 1)
    photos = await store.photo_ids(session, [row.report_id for row in rows[:limit]])
    items = [ReportAnswer.model_validate(row.model_dump() | {"photo_ids": photos.get(row.report_id, [])}) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.report_id))
