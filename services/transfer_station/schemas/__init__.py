"""Request and answer bodies of the transfer_station service: stations, their state, stock and log."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.bodies import Answer, Body, Code, Happened, Id, Latitude, Longitude, Name, Note, When
from shared.vocabulary import AlertStatus, StationAlarmKind, WasteStream

Kilograms = Annotated[int, Field(ge=0, le=1_000_000)]
StockKilograms = Annotated[int, Field(ge=0, le=1_000_000_000)]
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
    bays: list[dict[str, Any]]
    compactors: list[dict[str, Any]]
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


class TareBody(Body):
    """`expires_at`: left out, it holds as long as the rules say (`data/station_rules.json`)."""

    tare_kg: Annotated[int, Field(ge=1, le=100_000)]
    weighed_at: Happened
    expires_at: When | None = None
    person: Name


class TareAnswer(Answer):
    vehicle_id: str
    weighed_at: datetime
    tare_kg: int
    expires_at: datetime


StockKind = Literal["stock_taking", "residue", "moisture_loss"]


class StockBody(Body):
    """`stock_taking`: `kg` is what was there; `residue`, `moisture_loss`: `kg` went away unweighed. `client_id`: the station's
    own id of this entry; the same one again changes nothing."""

    client_id: Id
    stream: WasteStream
    kind: StockKind = "stock_taking"
    kg: StockKilograms
    at: Happened
    person: Name
    reason: Annotated[Note, Field(min_length=1)]


class StockAnswer(Answer):
    """`correction_kg`: what it changed in the books as they are known now; late tickets change it."""

    entry_id: str
    station_id: str
    stream: str
    kind: str
    kg: int
    correction_kg: int
    at: datetime
    person: str
    reason: str
    recorded_at: datetime


class LogBody(Body):
    """`kind`: one of `data/log_kinds.json`, which says what `value` measures. `client_id`: the same one again changes nothing."""

    client_id: Id
    kind: Code
    value: Annotated[float, Field(ge=-1e9, le=1e9)] | None = None
    device_id: Id | None = None
    note: Note | None = None
    person: Name | None = None
    at: Happened


class LogAnswer(Answer):
    entry_id: str
    station_id: str
    kind: str
    value: float | None
    unit: str | None
    device_id: str | None
    note: str | None
    person: str | None
    at: datetime
    recorded_at: datetime


class AlarmAnswer(Answer):
    alarm_id: str
    revision: int
    station_id: str
    kind: StationAlarmKind
    status: AlertStatus
    ticket_id: str | None
    bay_id: str | None
    vehicle_id: str | None
    stream: str | None
    device_id: str | None
    opened_at: datetime
    closed_at: datetime | None
    value: float | None
    limit: float | None
    changed_at: datetime
