"""What was weighed, by whom: bins lifted, weighbridge tickets, hauls; and what has to be worked out again for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from shared.vocabulary import HaulStatus, TareSource, TicketStatus, WasteStream

TRUCK, HAUL_DUE, STATION_DAY = "truck", "haul", "station_day"
NO_VEHICLE = ""
"""Whose tickets no truck is known of."""
UNSORTED = "unsorted"
"""The stream of a lift while nobody knows which."""


class Subject(NamedTuple):
    """What is worked out: a truck's trips, a haul, a station's day."""

    kind: str
    key: str


class Due(NamedTuple):
    """What has to be worked out again, from `since` on."""

    kind: str
    key: str
    since: datetime

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.key)


class Lift(NamedTuple):
    """A bin lifted; stream, district and contractor as far as they were known when the truck's load was last worked out, empty
    where they are not. A tuple in the order in which it is merged into its table: there are millions."""

    vehicle_id: str
    at: datetime
    lift_id: str
    net_kg: int
    stream: str
    district_id: str
    contractor_id: str

    @property
    def is_vague(self) -> bool:
        return self.stream == UNSORTED or not self.district_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A weighbridge ticket of a station or plant; one with a haul is the haul's arrival, the others are trucks that tip.

    `at`: when it was weighed in.
    """

    ticket_id: str
    revision: int
    site_id: str
    haul_id: str | None
    vehicle_id: str | None
    plate: str
    contractor_id: str | None
    district_id: str | None
    stream: WasteStream
    status: TicketStatus
    net_kg: int | None
    tare_source: TareSource | None
    at: datetime

    @property
    def weighed_kg(self) -> int:
        """Nothing until it is closed."""
        return self.net_kg or 0

    @property
    def subject(self) -> Subject:
        """What has to be worked out when it changes."""
        return Subject(HAUL_DUE, self.haul_id) if self.haul_id else Subject(TRUCK, self.vehicle_id or NO_VEHICLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """A sealed container on its way, as its station told it. `origins`: kg by district."""

    haul_id: str
    revision: int
    station_id: str
    plant_id: str
    seal_number: str
    plate: str
    stream: WasteStream
    net_kg: int
    origins: Mapping[str, int]
    status: HaulStatus
    left_at: datetime


class SiteFact(NamedTuple):
    """The newest that a station or plant told of a ticket, haul, alarm, stock, exceedance or day. `fact`: as the event said it.
    In the order in which it is merged into its table."""

    type: str
    fact_id: str
    revision: int
    site_id: str
    at: datetime
    fact: dict[str, Any]
