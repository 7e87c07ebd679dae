"""Bodies of the citywide view."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.gateway.schemas.balance import HaulBalance, StreamBalance
from shared.bodies import Answer, Body, Code, Datum, Id, Latitude, Longitude, Name
from shared.tables_in.bodies import FileImport
from shared.vocabulary import Role

Ids = Annotated[list[Id], Field(max_length=200)]
Codes = Annotated[list[Code], Field(max_length=200)]


class Part(Answer):
    """`as_of`: everything the service behind this part had published by then is in it. `stale`: it has fallen silent."""

    as_of: datetime | None
    stale: bool


class FleetGroup(Answer):
    """Vehicles of a kind or district, by status: driving, idle, parked, offline."""

    key: str
    total: int
    by_status: dict[str, int]


class Fleet(Part):
    total: int
    by_status: dict[str, int]
    by_kind: list[FleetGroup]
    by_district: list[FleetGroup]
    offline_minutes: float
    """A vehicle that is not parked and silent for so long is offline: its row does not change when it falls silent."""
    records: int
    """Positions and loads counted, each stored record once."""


class StopGroup(Answer):
    """`done`: collected, early or late; `due`: its window is open and it is not done; `upcoming`: not yet open."""

    key: str
    total: int
    done: int
    due: int
    missed: int
    unknown: int
    upcoming: int


class Runs(Part):
    service_day: date
    runs: int
    stops: StopGroup
    by_verdict: dict[str, int]
    by_district: list[StopGroup]
    violations: int
    """Open ones of the day: lifts that mixed waste."""


class LiftedGroup(Answer):
    key: str
    net_kg: int
    lifts: int


class Lifted(Part):
    service_day: date
    net_kg: int
    lifts: int
    by_stream: list[LiftedGroup]
    by_district: list[LiftedGroup]


class StageGroup(Answer):
    """Kilograms of a stage on their way: lifted, unloaded, tipped, hauled, arrived, taken_in, fed, slag …; `stream` is empty
    where it is not told by stream."""

    stage: str
    stream: str
    net_kg: int


class Flows(Part):
    """From bin to furnace. `streams`: lifted = tipped + change on board + residue, to the kilogram, the residue by name.
    `as_of`: of the service that has been silent for longest. `settled`: nothing that has arrived waits to be worked out."""

    service_day: date
    settled: bool
    stages: list[StageGroup]
    streams: list[StreamBalance]
    hauls: list[HaulBalance]
    findings: dict[str, int]
    """Open discrepancies by kind: GET /v1/balance/findings."""


class AlertRow(Answer):
    alert_id: str
    vehicle_id: str
    kind: str
    status: str
    subject_id: str
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    value: float
    limit: float


class Alerts(Part):
    open: int
    by_kind: dict[str, int]
    newest: list[AlertRow]


class ComplaintGroup(Answer):
    key: str
    open: int
    overdue: int


class Complaints(Part):
    """Open ones. `by_colour`: green, yellow, red, or `none` where no clock runs (answered, waiting for a call)."""

    open: int
    by_colour: dict[str, int]
    by_district: list[ComplaintGroup]


class City(Answer):
    """The whole city at `at`. Each part stands for itself: one that is stale does not take the others with it."""

    at: datetime
    timezone: str
    clocks_ahead: dict[str, int]
    """Services whose clock is ahead of the gateway's, by how many seconds: what they say of times is doubtful."""
    labels: dict[str, dict[str, str]]
    """Words for people: value → zh-CN and en."""
    fleet: Fleet
    runs: Runs
    lifted: Lifted
    flows: Flows
    alerts: Alerts
    complaints: Complaints


class VehicleRow(Answer):
    vehicle_id: str
    plate: str
    kind: str
    district_id: str | None
    status: str
    last_at: datetime | None
    lon: float | None
    lat: float | None
    speed_kmh: float | None
    heading_deg: float | None
    load_kg: int | None


class StopRow(Answer):
    stop_id: str
    run_id: str
    seq: int
    name: str
    lon: float
    lat: float
    verdict: str
    window_start: datetime
    window_end: datetime
    served_at: datetime | None


class Changes(Answer):
    """Data of the events `snapshot` (all of it) and `change` (what is new since; `gone`: vehicles that left the box
    or the scope)."""

    city: City | None = None
    vehicles: list[VehicleRow] = []
    stops: list[StopRow] = []
    alerts: list[AlertRow] = []
    gone: list[str] = []


class VehicleDetail(Answer):
    """What the services know of a vehicle; `missing` names those that did not answer, their part is null."""

    vehicle: dict[str, Any] | None
    runs: list[dict[str, Any]] | None
    alerts: list[dict[str, Any]] | None
    missing: list[str]


class CredentialBody(Body):
    """What a token is bound to. No district or contractor: the whole city; a device must name its vehicles."""

    role: Role
    vehicle_ids: Ids = []
    district_ids: Codes = []
    contractor_ids: Codes = []
    station_ids: Codes = []
    ttl_seconds: Annotated[int, Field(ge=60, le=366 * 86_400)] = 86_400


class CredentialAnswer(Answer):
    token: str
    expires_at: datetime


# --- districts: GeoJSON (RFC 7946); answers in WGS-84 ---------------------------------------------------------------


def _closed(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if ring[0] != ring[-1]:
        raise ValueError("a ring ends where it begins")
    return ring


Ring = Annotated[list[tuple[Longitude, Latitude]], Field(min_length=4, max_length=20_000), AfterValidator(_closed)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=200)]


class GeoJson(BaseModel):
    """Foreign members are allowed in GeoJSON and not kept."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, frozen=True)


class Polygon(GeoJson):
    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygon(GeoJson):
    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=500)]


class DistrictNames(GeoJson):
    """`district_id`: 6 digits of a district, 9 of a subdistrict (GB/T 2260, GB/T 10114)."""

    district_id: Code
    name_zh: Name
    name_en: Name


class District(GeoJson):
    type: Literal["Feature"]
    properties: DistrictNames
    geometry: Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class DistrictCollection(GeoJson):
    type: Literal["FeatureCollection"]
    features: Annotated[list[District], Field(min_length=1, max_length=2_000)]


class DistrictImport(FileImport):
    """A GeoJSON file of Polygons and MultiPolygons whose properties name the district; refused as a whole if one does not.
    `mapping`: our field → the property that holds it, e.g. district_id → adcode. `datum`: by any of its usual names; without
    it what the file's `crs` says, else WGS-84."""

    mapping: Annotated[dict[Literal["district_id", "name_zh", "name_en"], Name], Field(max_length=3)] = {}
    datum: Datum | None = None


class DistrictImportAnswer(Answer):
    created: int
    updated: int
    unchanged: int


class Districts(Answer):
    """GeoJSON."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[District]
