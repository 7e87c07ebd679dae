"""What drivers reported from the cab, and the pictures that belong to it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.vehicle.domain import quality
from services.vehicle.schemas.reports import PhotoAnswer, ReportAnswer, ReportCode
from services.vehicle.service.arrivals import place_id
from services.vehicle.service.registry import require_vehicle
from services.vehicle.store import reports as store
from shared.auth import Principal
from shared.bodies import Page, decode_cursor, encode_cursor
from shared.clock import now
from shared.errors import Conflict, NotFound
from shared.photos import Photo

MOST_PHOTOS = 5


@dataclass(frozen=True, slots=True)
class PhotoOf:
    """What is said of the report that a photo belongs to: enough to tell it from others of that vehicle, time and code."""

    vehicle_id: str
    at: datetime
    code: ReportCode
    stop_id: str | None = None
    service_point_id: str | None = None
    report_id: str | None = None


async def add_photo(session: AsyncSession, principal: Principal, of: PhotoOf, photo: Photo) -> PhotoAnswer:
    """Belongs to exactly the report it was made for, whichever of the two comes first; the same picture again is one."""
    principal.require_vehicle(of.vehicle_id)
    report_id = await _report_of(session, of)
    there = (await store.photo_ids(session, [report_id])).get(report_id, [])
    if photo.photo_id not in there and len(there) >= MOST_PHOTOS:
        raise Conflict(f"a report has at most {MOST_PHOTOS} photos; nothing was stored")
    row: dict[str, Any] = {"report_id": report_id, "photo_id": photo.photo_id, "vehicle_id": of.vehicle_id, "jpeg": photo.jpeg}
    row |= {"width_px": photo.width_px, "height_px": photo.height_px, "received_at": now()}
    await store.add_photo(session, row)
    return PhotoAnswer.model_validate(row)


async def _report_of(session: AsyncSession, of: PhotoOf) -> str:
    """The only report that fits; while none has come, the id it will have if it says no more than the photo does."""
    rows = await store.reports_of_moment(session, of.vehicle_id, of.at, of.code)
    named = {"report_id": of.report_id, "stop_id": of.stop_id, "service_point_id": of.service_point_id}
    fitting = [row for row in rows if all(getattr(row, name) == value for name, value in named.items() if value is not None)]
    if len(fitting) > 1:
        detail = "several reports of that moment fit; name `service_point_id`, `stop_id` or `report_id`; nothing was stored"
        raise Conflict(detail, code="which_report")
    if fitting:
        return str(fitting[0].report_id)
    if of.report_id is not None:
        raise NotFound("no such report of that vehicle, time and code; nothing was stored")
    return place_id(of.vehicle_id, of.at.astimezone(UTC), of.code, of.stop_id, of.service_point_id)


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
    items = [
        ReportAnswer.model_validate(
            row.model_dump() | {"photo_ids": photos.get(row.report_id, []), "flags": quality.names(row.flags)}
        )
        for row in rows[:limit]
    ]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next_cursor=last and encode_cursor(last.at.isoformat(), last.report_id))
