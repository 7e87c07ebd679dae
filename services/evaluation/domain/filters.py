"""What lists are narrowed to; None asks for nothing."""

from dataclasses import dataclass

from shared.assessment import DeductionStatus, RectificationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilters:
    area_id: str | None = None
    contractor_id: str | None = None
    place_id: str | None = None
    status: RectificationStatus | None = None
    overdue: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionFilters:
    contract_id: str | None = None
    contractor_id: str | None = None
    status: DeductionStatus | None = None
