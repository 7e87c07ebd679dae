"""Districts and subdistricts as shapes."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictShape:
    """`geometry`: GeoJSON Polygon or MultiPolygon in WGS-84."""

    district_id: str
    name_zh: str
    name_en: str
    geometry: dict[str, Any]
