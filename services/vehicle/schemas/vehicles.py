"""Bodies of the registry of vehicles."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.bodies import Answer, Body, Code, Id, Name
from shared.vocabulary import VehicleKind, WasteStream


class VehicleEntry(Body):
    vehicle_id: Id
    plate: Name
    kind: VehicleKind = VehicleKind.OTHER
    waste_streams: Annotated[list[WasteStream], Field(max_length=len(WasteStream))] = []
    tare_kg: Annotated[int, Field(ge=0, le=100_000)] = 0
    capacity_kg: Annotated[int, Field(ge=0, le=100_000)] = 0
    contractor_id: Code | None = None
    district_id: Code | None = None
    onboard_unit_id: Code | None = None


class CurrentState(Answer):
    """The newest plausible position and load; `last_at` is when it was so, `received_at` when we heard."""

    last_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None
    load_at: datetime | None = None
    load_kg: int | None = None
    received_at: datetime | None = None


class VehicleAnswer(Answer):
    vehicle_id: str
    plate: str
    kind: str
    waste_streams: list[str]
    tare_kg: int
    capacity_kg: int
    contractor_id: str | None
    district_id: str | None
    onboard_unit_id: str | None
    revision: int
    state: CurrentState | None = None
