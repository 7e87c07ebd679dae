"""Bodies of telemetry. What a device sends is strict; units are in the names."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from services.vehicle.domain.reports import ReportCode
from services.vehicle.schemas.orders import TruckOrder
from shared.bodies import Answer, Body, Code, Id, Latitude, Longitude, Note, When
from shared.events.vehicle import Load, Position

MAX_RECORDS = 1000
Kilograms = Annotated[int, Field(ge=-100_000, le=100_000)]
STRICT = ConfigDict(**Body.model_config, strict=True)
"""For what is read from JSON as it came: `true` is no speed, `"23"` no weight and 1763258400 no time."""
Side = Literal["left", "right", "rear"]


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


class TelemetryAnswer(Answer):
    """200: `items` holds flagged records only. 207: some records were rejected, `items` holds every record.

    `orders`: at most 20 that nobody in the truck has answered yet; they come again until somebody does."""

    stored: int
    duplicates: int
    rejected: int
    items: list[RecordAnswer] = []
    orders: list[TruckOrder] = []
