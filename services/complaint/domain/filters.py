"""Which cases are asked for."""

from dataclasses import dataclass
from datetime import datetime

from shared.vocabulary import Channel, ClockColour, ComplaintStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """All of these; None asks for nothing. Times from `start` and `updated_from` on, before `end` and `updated_to`. `colour`: of
    the running resolve clock. A 6-digit district includes its subdistricts. `box`: west, south, east, north in WGS-84 degrees.
    `grams`: pairs of letters that stand in the text or address."""

    case_ids: tuple[str, ...] | None = None
    status: ComplaintStatus | None = None
    open: bool | None = None
    categories: tuple[str, ...] | None = None
    channel: Channel | None = None
    district_id: str | None = None
    contractor_id: str | None = None
    colour: ClockColour | None = None
    start: datetime | None = None
    end: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    box: tuple[float, float, float, float] | None = None
    cells: tuple[int, ...] | None = None
    grams: tuple[str, ...] | None = None


EVERYTHING = CaseFilters()
