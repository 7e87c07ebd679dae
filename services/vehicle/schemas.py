"""Request and answer bodies of the vehicle service. What a device sends is strict; units are in the names."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from shared.bodies import Answer, Body, Code, Id, Latitude, Longitude, Name, Note, When
from shared.events.vehicle import Load, Position
from shared.vocabulary import AlertKind, AlertStatus, OrderKind, VehicleKind, WasteStream

MAX_RECORDS = 1000
Kilograms = Annotated[int, Field(ge=-100_000, le=100_000)]
STRICT = ConfigDict(**Body.model_config, strict=True)
"""For what is read from JSON as it came: `true` is no speed, `"23"` no weight and 1763258400 no time."""
Side = Literal["left", "right", "rear"]


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


class PositionRecord(Body, Position):
    """A fix of the satellite receiver, in WGS-84 degrees."""

    model_config = STRICT

    kind: Literal["position"]
    at: When
    lon: Longitude
    lat: Latitude
    speed_kmh: Annotated[float, Field(ge=0, le=1000)] | None = None
    heading_deg: Annotated[float, Field(ge=0, le=360)] | None = None
    altitude_m: Annotated[float, Field(ge=-1000, le=10_000)] | None = None
    ignition: bool | None = None
    odometer_km: Annotated[float, Field(ge=0, le=10_000_000)] | None = None
    satellites: Annotated[int, Field(ge=0, le=200)] | None = None


class BinLiftRecord(Body):
    """One bin emptied into the truck. `net_kg` is what went in; `manual` a weight typed by hand."""

    model_config = STRICT

    kind: Literal["bin_lift"]
    at: When
    tag: Code | None = None
    service_point_id: Id | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    gross_kg: Kilograms | None = None
    tare_kg: Kilograms | None = None
    net_kg: Kilograms
    side: Side | None = None
    manual: bool = False
    error_codes: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class LoadRecord(Body, Load):
    """What the onboard scale shows."""

    model_config = STRICT

    kind: Literal["load"]
    at: When
    load_kg: Kilograms
    state: Literal["loading", "stable", "unloading", "fault"] = "stable"


class DriverReportRecord(Body):
    """What a driver says of a stop or the vehicle; `lon`/`lat`: where it was said."""

    model_config = STRICT

    kind: Literal["driver_report"]
    at: When
    code: ReportCode
    stop_id: Id | None = None
    service_point_id: Id | None = None
    note: Note | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None


Record = Annotated[PositionRecord | BinLiftRecord | LoadRecord | DriverReportRecord, Field(discriminator="kind")]


class TelemetryBatch(Body):
    """What an onboard unit has gathered, in any order."""

    vehicle_id: Id
    records: Annotated[list[Record], Field(min_length=1, max_length=MAX_RECORDS)]


class LooseBatch(Body):
    """The frame of a batch whose records are read one by one, because at least one of them is wrong."""

    vehicle_id: Id
    records: Annotated[list[Any], Field(min_length=1, max_length=MAX_RECORDS)]


BATCH: TypeAdapter[TelemetryBatch] = TypeAdapter(TelemetryBatch)
LOOSE_BATCH: TypeAdapter[LooseBatch] = TypeAdapter(LooseBatch)
RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class RecordAnswer(Answer):
    """What became of one record. All three are final: the device may delete it."""

    index: int
    status: Literal["stored", "duplicate", "rejected"]
    code: str | None = None
    detail: str | None = None
    flags: list[str] = []


class TruckOrder(Answer):
    """What a dispatcher tells this truck to do; answer by `POST /v1/orders/{order_id}/answers`."""

    order_id: str
    kind: OrderKind
    given_at: datetime
    due_at: datetime
    text: str
    details: dict[str, Any]
    run_id: str | None
    stop_id: str | None


class TelemetryAnswer(Answer):
    """200: `items` holds flagged records only. 207: some records were rejected, `items` holds every record.

    `orders`: at most 20 that nobody in the truck has answered yet; they come again until somebody does."""

    stored: int
    duplicates: int
    rejected: int
    items: list[RecordAnswer] = []
    orders: list[TruckOrder] = []


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


class PositionAnswer(Answer):
    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None
    heading_deg: float | None
    altitude_m: float | None
    ignition: bool | None
    odometer_km: float | None
    satellites: int | None
    received_at: datetime
    flags: list[str]


DistanceFinding = Literal["distance_differs", "odometer_went_back"]
"""Track and odometer differ by more than tolerated; the odometer's readings cannot be used."""


class LegAnswer(Answer):
    """A `trip` from one place to another, or a `stop` at one. `distance_m`: by the track; of a stop what moved within it.

    `odometer_m`: by the odometer, null where it told nothing usable. `gap_seconds`: of which nobody saw the way.
    """

    kind: str
    started_at: datetime
    ended_at: datetime
    fixes: int
    distance_m: int
    lon: float
    lat: float
    end_lon: float
    end_lat: float
    max_speed_kmh: float | None
    odometer_m: int | None
    gap_seconds: int
    findings: list[DistanceFinding]


class LegsAnswer(Answer):
    """The legs, and how far in all. `odometer_m` counts what lies between the legs, too."""

    items: list[LegAnswer]
    distance_m: int
    moved_in_stops_m: int
    odometer_m: int | None
    gap_seconds: int
    findings: list[DistanceFinding]


class PhotoAnswer(Answer):
    """How it was stored: upright, without metadata, its longest side 2,048 pixels at most."""

    report_id: str
    photo_id: str
    width_px: int
    height_px: int


class ReportAnswer(Answer):
    report_id: str
    vehicle_id: str
    at: datetime
    code: str
    stop_id: str | None
    service_point_id: str | None
    note: str | None
    lon: float | None
    lat: float | None
    received_at: datetime
    photo_ids: list[str]
    flags: list[str]
    """`future_time` or `past_time`: the report was kept, and excuses nothing."""


class AlertAnswer(Answer):
    alert_id: str
    revision: int
    vehicle_id: str
    kind: AlertKind
    status: AlertStatus
    subject_id: str
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    value: float
    limit: float


class AlertRevisionAnswer(Answer):
    revision: int
    status: AlertStatus
    last_at: datetime
    closed_at: datetime | None
    value: float
    changed_at: datetime


class AlertDetail(AlertAnswer):
    """With every change the alert went through, oldest first."""

    history: list[AlertRevisionAnswer]


Corner = Annotated[list[float], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Corner], Field(min_length=4, max_length=1000)]


class GeofenceBody(Body):
    """`rule` inside: alert while a truck is inside; outside: while it is not. `polygon`: GeoJSON rings in WGS-84."""

    name_zh: Name
    name_en: Name
    rule: Literal["inside", "outside"]
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
