"""Published by the incinerator service. Weights are whole kilograms."""

from datetime import date, datetime

from shared.events.base import Event, Heartbeat
from shared.vocabulary import AlertStatus, ExceedanceKind, Measured, TicketStatus, WasteStream


class ExceedanceChanged(Event, type="incinerator.exceedance_changed.v1"):
    """A furnace line was over a limit, or what is known of that changed; the whole exceedance, with a growing revision."""

    exceedance_id: str
    revision: int
    plant_id: str
    line_id: str
    kind: ExceedanceKind
    pollutant: Measured | None = None
    """None: the furnace was too cold."""
    status: AlertStatus
    """`closed`: a later period was within the limit; `withdrawn`: late data or a mark showed that it never was."""
    period_start: datetime
    period_end: datetime
    value: float
    """The mean; of the furnace: how many 5-minute means of the day were too cold."""
    limit: float
    unit: str
    source: str
    """The standard or order that sets the limit."""
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.exceedance_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class IntakeChanged(Event, type="incinerator.intake_changed.v1"):
    """A weighbridge ticket of a plant was made or changed; the whole ticket, with a growing revision."""

    ticket_id: str
    revision: int
    plant_id: str
    haul_id: str | None = None
    """The transfer station's haul, found by its seal; None: a truck that came directly, or a haul not known yet."""
    vehicle_id: str | None = None
    plate: str
    stream: WasteStream
    status: TicketStatus
    gross_kg: int
    tare_kg: int | None = None
    net_kg: int | None = None
    net_difference_kg: int | None = None
    """What the plant weighed minus what the station had weighed."""
    arrived_at: datetime
    left_at: datetime | None = None
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.ticket_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class LedgerChanged(Event, type="incinerator.ledger_changed.v1"):
    """A plant's day in kilograms; `revision` grows with every change of that day."""

    plant_id: str
    day: date
    revision: int
    intake_kg: int
    fed_kg: int
    bunker_kg: int
    """At the end of the day."""
    slag_kg: int
    fly_ash_kg: int
    leachate_kg: int
    power_kwh: int
    changed_at: datetime

    @property
    def subject(self) -> str:
        return self.plant_id

    @property
    def time(self) -> datetime:
        return self.changed_at


class IncineratorHeartbeat(Heartbeat, type="incinerator.alive.v1"):
    """Everything the incinerator service published before has been sent."""
