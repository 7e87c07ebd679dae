"""Published by the transfer_station service. Weights are whole kilograms."""

from datetime import date, datetime

from shared.events.base import Event, Heartbeat
from shared.vocabulary import AlertStatus, HaulStatus, StationAlarmKind, TareSource, TicketStatus, WasteStream


class WeighbridgeTicketChanged(Event, type="transfer_station.ticket_changed.v1"):
    """A weighbridge ticket was made or changed; the whole ticket, with a growing revision."""

    ticket_id: str
    revision: int
    station_id: str
    number: str
    """As printed on the paper."""
    vehicle_id: str | None = None
    plate: str
    contractor_id: str | None = None
    district_id: str | None = None
    """Where the waste comes from."""
    stream: WasteStream
    status: TicketStatus
    gross_kg: int | None = None
    tare_kg: int | None = None
    net_kg: int | None = None
    """gross − tare, once the ticket is closed; a void ticket keeps its figures and counts for nothing."""
    tare_source: TareSource | None = None
    manual: bool = False
    reason: str | None = None
    weighed_in_at: datetime
    weighed_out_at: datetime | None = None
    bay_id: str | None = None
    voided_at: datetime | None = None
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.ticket_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class HaulChanged(Event, type="transfer_station.haul_changed.v1"):
    """A sealed container left a station, or what is known of it changed; the whole haul, with a growing revision."""

    haul_id: str
    revision: int
    station_id: str
    container_id: str
    seal_number: str
    stream: WasteStream
    net_kg: int
    origins: dict[str, int] = {}
    """kg by district, `unknown` for what no ticket accounts for; sums to net_kg exactly."""
    destination_plant_id: str
    vehicle_id: str | None = None
    plate: str
    status: HaulStatus
    sealed_at: datetime
    left_at: datetime | None = None
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.haul_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class StationAlarmChanged(Event, type="transfer_station.alarm_changed.v1"):
    """An alarm of a station opened, closed or was withdrawn; the whole alarm, with a growing revision."""

    alarm_id: str
    revision: int
    station_id: str
    kind: StationAlarmKind
    status: AlertStatus
    ticket_id: str | None = None
    bay_id: str | None = None
    vehicle_id: str | None = None
    stream: WasteStream | None = None
    device_id: str | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    value: float | None = None
    """By kind: kg, vehicles or days."""
    limit: float | None = None
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.alarm_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class StorageChanged(Event, type="transfer_station.storage_changed.v1"):
    """How much of a stream a station holds; at most one every few seconds, with a growing revision for each stream there."""

    station_id: str
    stream: WasteStream
    stored_kg: int
    capacity_kg: int
    at: datetime
    revision: int

    @property
    def subject(self) -> str:
        return self.station_id

    @property
    def time(self) -> datetime:
        return self.at


class StationDayChanged(Event, type="transfer_station.day_changed.v1"):
    """A station's day of one stream, opening + in = out + lost + closing to the kilogram; told anew when late data changes it."""

    station_id: str
    stream: WasteStream
    day: date
    revision: int
    opening_kg: int
    in_kg: int
    """Net of the day's weighbridge tickets, by the time of weighing in."""
    out_kg: int
    """Net of the hauls that left."""
    lost_kg: dict[str, int] = {}
    """By name: what was said to be lost (`residue`, `moisture_loss`), and what a `stock_taking` found less than the books say."""
    closing_kg: int
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.station_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class TransferStationHeartbeat(Heartbeat, type="transfer_station.alive.v1"):
    """Everything the transfer_station service published before has been sent."""
