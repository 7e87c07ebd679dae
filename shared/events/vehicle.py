"""Published by the vehicle service."""

from datetime import datetime

from shared.events.base import Event, Heartbeat, Part
from shared.vocabulary import AlertKind, AlertStatus, VehicleKind, WasteStream


class VehicleRegistered(Event, type="vehicle.registered.v1"):
    """A vehicle entered the registry or its entry changed; the whole entry, with a growing revision."""

    vehicle_id: str
    revision: int
    registered_at: datetime
    plate: str
    kind: VehicleKind
    waste_streams: list[WasteStream]
    tare_kg: int
    capacity_kg: int
    contractor_id: str | None = None
    district_id: str | None = None

    @property
    def subject(self) -> str:
        return self.vehicle_id

    @property
    def time(self) -> datetime:
        return self.registered_at


class Position(Part):
    """A plausible fix in WGS-84; `heading_deg` clockwise from north."""

    at: datetime
    lon: float
    lat: float
    speed_kmh: float | None = None
    heading_deg: float | None = None
    ignition: bool | None = None


class Load(Part):
    at: datetime
    load_kg: int


class Track(Part):
    """What one vehicle sent: new records only, in the order of their own time."""

    vehicle_id: str
    positions: list[Position] = []
    ordinals: list[int] = []
    """Of each position: which of the different fixes of its moment it is. Empty: all are 0, as they nearly always are."""
    loads: list[Load] = []
    records: int
    """How many records were stored, flagged ones included, which `positions` and `loads` leave out."""
    total_records: int | None = None
    """How many positions and loads of the vehicle are stored by now. The largest holds: a resent event counts nothing twice."""
    total_lifts: int | None = None
    """How many bin lifts are stored; only in an event that is resent."""


class TelemetryRecorded(Event, type="vehicle.telemetry_recorded.v1"):
    """Up to 500 stored records of several vehicles. Each stored record is in exactly one such event."""

    group_id: str
    received_at: datetime
    tracks: list[Track]

    @property
    def subject(self) -> str:
        return self.group_id

    @property
    def time(self) -> datetime:
        return self.received_at


class ReviewedPosition(Position):
    """`ordinal`: as in `Track`. `counts`: false when its neighbours make the fix impossible, true when they no longer do."""

    ordinal: int = 0
    counts: bool


class PositionsReviewed(Event, type="vehicle.positions_reviewed.v1"):
    """Fixes that are to be left out, or to be counted again, now that more is known of what lies around them."""

    vehicle_id: str
    reviewed_at: datetime
    positions: list[ReviewedPosition]

    @property
    def subject(self) -> str:
        return self.vehicle_id

    @property
    def time(self) -> datetime:
        return self.reviewed_at


WRONG_TIME = frozenset({"future_time", "past_time"})
"""Flags of a record whose time cannot be believed: it is kept, and moves nothing."""


class TruckEntry(Part):
    """A truck's entry in the registry when a lift of it came in."""

    waste_streams: list[WasteStream]
    contractor_id: str | None = None
    district_id: str | None = None


class BinLifted(Event, type="vehicle.bin_lifted.v1"):
    """One bin emptied into a truck. Weights in kg; `lon`/`lat` where the onboard unit knew them."""

    lift_id: str
    vehicle_id: str
    at: datetime
    received_at: datetime
    tag: str | None = None
    service_point_id: str | None = None
    lon: float | None = None
    lat: float | None = None
    gross_kg: int | None = None
    tare_kg: int | None = None
    net_kg: int
    side: str | None = None
    manual: bool = False
    flags: list[str] = []
    total_lifts: int | None = None
    """How many bin lifts of the vehicle are stored by now."""
    truck: TruckEntry | None = None
    """Only in an event that is resent: the registry may say something else by now."""

    @property
    def subject(self) -> str:
        return self.vehicle_id

    @property
    def time(self) -> datetime:
        return self.at


class DriverReported(Event, type="vehicle.driver_reported.v1"):
    """What a driver reported from the cab about a stop or the vehicle."""

    report_id: str
    vehicle_id: str
    at: datetime
    received_at: datetime
    code: str
    stop_id: str | None = None
    service_point_id: str | None = None
    note: str | None = None
    lon: float | None = None
    lat: float | None = None
    flags: list[str] = []

    @property
    def subject(self) -> str:
        return self.vehicle_id

    @property
    def time(self) -> datetime:
        return self.at


class AlertChanged(Event, type="vehicle.alert_changed.v1"):
    """An alert opened, grew, closed or was withdrawn; the whole alert, with a growing revision."""

    alert_id: str
    revision: int
    vehicle_id: str
    kind: AlertKind
    status: AlertStatus
    subject_id: str | None = None
    """The geofence, for kind `geofence`."""
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    value: float | None = None
    """The worst value so far: km/h, minutes or kg, by kind."""
    limit: float | None = None

    @property
    def subject(self) -> str:
        return self.vehicle_id

    @property
    def time(self) -> datetime:
        return self.closed_at or self.last_at


class OrderDelivered(Event, type="vehicle.order_delivered.v1"):
    """A dispatch order went out with an answer to its truck's telemetry, for the first time."""

    order_id: str
    vehicle_id: str
    delivered_at: datetime

    @property
    def subject(self) -> str:
        return self.order_id

    @property
    def time(self) -> datetime:
        return self.delivered_at


class VehicleHeartbeat(Heartbeat, type="vehicle.alive.v1"):
    """Everything the vehicle service published before has been sent."""
