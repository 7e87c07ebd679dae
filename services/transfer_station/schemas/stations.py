"""Bodies of stations and their state."""

from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from services.transfer_station.schemas.fields import StockKilograms
from shared.bodies import Answer, Body, Code, Id, Latitude, Longitude, Name
from shared.vocabulary import WasteStream

Corner = tuple[Longitude, Latitude]
Ring = Annotated[list[Corner], Field(min_length=4, max_length=1000)]


class BayBody(Body):
    bay_id: Id
    streams: Annotated[list[WasteStream], Field(min_length=1, max_length=len(WasteStream))]


class CompactorBody(Body):
    compactor_id: Id
    name: Name | None = None


class StationBody(Body):
    """WGS-84. `gate`: a GeoJSON Polygon's coordinates around yard and queue; without it, all within `gate_radius_m`."""

    name_zh: Name
    name_en: Name
    lon: Longitude
    lat: Latitude
    gate: Annotated[list[Ring], Field(min_length=1, max_length=10)] | None = None
    gate_radius_m: Annotated[float, Field(ge=20, le=2000)] = 150
    district_id: Code | None = None
    capacity_kg: dict[WasteStream, StockKilograms] = {}
    bays: Annotated[list[BayBody], Field(max_length=100)] = []
    compactors: Annotated[list[CompactorBody], Field(max_length=100)] = []


def _as_object(part: object) -> object:
    return asdict(part) if is_dataclass(part) and not isinstance(part, type) else part


Part = Annotated[dict[str, Any], BeforeValidator(_as_object)]


class StationAnswer(Answer):
    station_id: str
    revision: int
    name_zh: str
    name_en: str
    lon: float
    lat: float
    gate: list[Any] | None
    gate_radius_m: float
    district_id: str | None
    capacity_kg: dict[str, int]
    bays: list[Part]
    compactors: list[Part]
    changed_at: datetime


class StreamStock(Answer):
    """`hours_to_full`: by the last hours' pace; null when the stock does not grow or no capacity is known."""

    stored_kg: int
    capacity_kg: int
    hours_to_full: float | None


class Waiting(Answer):
    vehicle_id: str
    since: datetime


class InStation(Answer):
    ticket_id: str
    number: str
    plate: str
    vehicle_id: str | None
    stream: str
    bay_id: str | None
    weighed_in_at: datetime


class TurnRound(Answer):
    """Minutes from the gate (else from the first weighing) to the second weighing, of the tickets closed today."""

    trucks: int
    median_minutes: float | None
    p90_minutes: float | None


class StationState(StationAnswer):
    as_of: datetime
    queue: list[Waiting]
    in_station: list[InStation]
    stock: dict[str, StreamStock]
    turn_round: TurnRound
