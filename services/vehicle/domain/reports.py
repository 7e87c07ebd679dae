"""What drivers report from the cab, and the pictures that belong to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain_errors import Conflict, NotFound

MOST_PHOTOS = 5


class ReportCode(StrEnum):
    """Reasons that drivers report from the cab, as the trade uses them."""

    NO_ACCESS = "no_access"
    NOT_PRESENTED = "not_presented"
    OVERLOADED = "overloaded"
    CONTAMINATED = "contaminated"
    EXTRA_WASTE = "extra_waste"
    DAMAGED_BIN = "damaged_bin"
    BLOCKED = "blocked"
    UNSAFE = "unsafe"
    VEHICLE_FULL = "vehicle_full"
    DISINFECTED = "disinfected"
    BREAKDOWN = "breakdown"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilters:
    vehicle_id: str | None = None
    code: ReportCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlace:
    """Which report it is, and where on its round."""

    report_id: str
    stop_id: str | None
    service_point_id: str | None


@dataclass(frozen=True, slots=True)
class PhotoSubject:
    """What is said of the report that a photo belongs to: enough to tell it from others of that vehicle, time and code."""

    vehicle_id: str
    at: datetime
    code: ReportCode
    stop_id: str | None = None
    service_point_id: str | None = None
    report_id: str | None = None

    def among(self, reports: Sequence[ReportPlace]) -> ReportPlace | None:
        """The only one of these reports of its moment that fits; None while none has come, unless it names its report."""
        fitting = [report for report in reports if self._fits(report)]
        if len(fitting) > 1:
            detail = "several reports of that moment fit; name `service_point_id`, `stop_id` or `report_id`; nothing was stored"
            raise Conflict(detail, code="which_report")
        if not fitting and self.report_id is not None:
            raise NotFound("no such report of that vehicle, time and code; nothing was stored")
        return next(iter(fitting), None)

    def _fits(self, report: ReportPlace) -> bool:
        pairs = (
            (self.report_id, report.report_id),
            (self.stop_id, report.stop_id),
            (self.service_point_id, report.service_point_id),
        )
        return all(asked in {None, named} for asked, named in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPhoto:
    """A picture that belongs to a driver's report. Until that arrives, `report_id` is made of what the picture said of it."""

    report_id: str
    photo_id: str
    vehicle_id: str
    jpeg: bytes
    width_px: int
    height_px: int
    received_at: datetime


def require_room(photo_id: str, photo_ids: Sequence[str]) -> None:
    """Conflict when a report with these photos has no room for one more; the same picture again is one."""
    if photo_id not in photo_ids and len(photo_ids) >= MOST_PHOTOS:
        raise Conflict(f"a report has at most {MOST_PHOTOS} photos; nothing was stored")
