"""Bodies of geofences."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from services.vehicle.domain.geofences import FenceRule
from shared.bodies import Answer, Body, Code, Name, When

Corner = Annotated[list[float], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Corner], Field(min_length=4, max_length=1000)]


class GeofenceBody(Body):
    """`rule` inside: alert while a truck is inside; outside: while it is not. `polygon`: GeoJSON rings in WGS-84."""

    name_zh: Name
    name_en: Name
    rule: FenceRule
    polygon: Annotated[list[Ring], Field(min_length=1, max_length=20)]
    district_id: Code | None = None
    valid_from: When
    valid_to: When | None = None


class GeofenceAnswer(Answer):
    fence_id: str
    name_zh: str
    name_en: str
    rule: str
    polygon: list[Any]
    district_id: str | None
    valid_from: datetime
    valid_to: datetime | None
