"""A weighbridge ticket: weighed in, in a bay, weighed out; voided or corrected, never deleted."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

from services.transfer_station.domain.gate import Visit
from services.transfer_station.domain.stations import Station
from services.transfer_station.domain.trucks import TruckEntry
from services.transfer_station.domain.weights import plate_key
from shared.domain_errors import Conflict, Invalid
from shared.vocabulary import TareSource, TicketStatus, WasteStream
from shared.weighbridge import Weighing


class MatchedBy(StrEnum):
    """How a ticket's truck is known: from the weigh-in, from a person later on, by its plate, or by who was at the gate."""

    GIVEN = "given"
    PERSON = "person"
    PLATE = "plate"
    GATE = "gate"


class Action(StrEnum):
    """What a revision of a ticket is due to."""

    WEIGHED_IN = "weighed_in"
    BAY = "bay"
    WEIGHED_OUT = "weighed_out"
    VOIDED = "voided"
    VEHICLE = "vehicle"
    CORRECTED = "corrected"
    MATCHED = "matched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`given_vehicle_id`, `given_district_id`, `said_plate`: as people say; `vehicle_id`, `district_id`, `plate`: what holds."""

    ticket_id: str
    revision: int = 0
    station_id: str
    client_id: str
    number: str
    stream: WasteStream
    weighing: Weighing
    status: TicketStatus = TicketStatus.OPEN
    tare_source: TareSource | None = None
    given_vehicle_id: str | None = None
    given_district_id: str | None = None
    said_plate: str = ""
    said_plate_key: str = ""
    vehicle_id: str | None = None
    matched_by: MatchedBy | None = None
    plate: str = ""
    plate_key: str = ""
    contractor_id: str | None = None
    district_id: str | None = None
    arrived_at: datetime | None = None
    bay_id: str | None = None
    bay_at: datetime | None = None
    left_at: datetime | None = None
    voided_at: datetime | None = None
    changed_at: datetime

    # As answers, events and the table name them.
    gross_kg = property(attrgetter("weighing.gross_kg"))
    tare_kg = property(attrgetter("weighing.tare_kg"))
    net_kg = property(attrgetter("weighing.net_kg"))
    weighed_in_at = property(attrgetter("weighing.weighed_in_at"))
    weighed_out_at = property(attrgetter("weighing.weighed_out_at"))
    scale_in_id = property(attrgetter("weighing.scale_in_id"))
    scale_out_id = property(attrgetter("weighing.scale_out_id"))
    manual = property(attrgetter("weighing.manual"))
    reason = property(attrgetter("weighing.reason"))
    person = property(attrgetter("weighing.person"))

    @property
    def stage(self) -> str:
        match self.status:
            case TicketStatus.VOID:
                return "void"
            case TicketStatus.CLOSED:
                return "left" if self.left_at else "weighed_out"
            case _:
                return "in_bay" if self.bay_id else "weighed_in"

    @property
    def is_guess(self) -> bool:
        """Whether nobody said which truck it was, and its plate did not tell."""
        return self.matched_by in {None, MatchedBy.GATE}

    @property
    def truck(self) -> tuple[str | None, ...]:
        """All that its truck decides; when that came and went is known apart."""
        return self.vehicle_id, self.matched_by, self.contractor_id, self.district_id, self.plate, self.plate_key

    @property
    def moves_stock_at(self) -> datetime:
        return self.bay_at or self.weighing.weighed_out_at or self.weighing.weighed_in_at

    @property
    def moves_stock_kg(self) -> int:
        """Its net weight once it is closed."""
        return self.weighing.net_kg or 0 if self.status is TicketStatus.CLOSED else 0

    def is_in_wrong_bay(self, station: Station) -> bool:
        is_open = self.status is TicketStatus.OPEN
        return is_open and self.bay_id is not None and not station.takes(self.bay_id, self.stream)

    def use_bay(self, bay_id: str, at: datetime, station: Station) -> "Ticket":
        """Of several bays the last by its own time holds, whenever it is told: the same ticket when it was told a later one."""
        self._require_not_void()
        station.require_bay(bay_id)
        out = self.weighing.weighed_out_at
        if at < self.weighing.weighed_in_at or (out is not None and at > out):
            raise Invalid("a truck tips between its two weighings; look at `at`")
        if self.bay_at is not None and (self.bay_at, self.bay_id or "") >= (at, bay_id):
            return self
        return replace(self, bay_id=bay_id, bay_at=at)

    def was_weighed_out(self, at: datetime, tare_kg: int | None) -> bool:
        """Whether it is closed by this very weighing; `tare_kg` None: with the registered tare."""
        return (
            self.status is TicketStatus.CLOSED
            and self.tare_source is tare_source(tare_kg)
            and self.weighing.was_weighed_out(at, tare_kg)
        )

    def require_open_at(self, at: datetime) -> None:
        """Refuses a second weighing of a ticket that is void or closed, or one before what happened to the truck by then."""
        self._require_not_void()
        if self.status is TicketStatus.CLOSED and self.weighing.weighed_out_at is not None:
            detail = f"the ticket was closed at {self.weighing.weighed_out_at.isoformat()} with tare {self.weighing.tare_kg} kg"
            raise Conflict(f"{detail}; correct it if that is wrong", code="already_closed")
        self.weighing.require_after(at)
        if self.bay_at is not None and at < self.bay_at:
            raise Invalid("the second weighing cannot be before the truck tipped; look at `at`")

    def weigh_out(
        self,
        tare_kg: int,
        source: TareSource,
        at: datetime,
        *,
        scale_id: str | None = None,
        manual: bool = False,
        reason: str | None = None,
        person: str | None = None,
        gross_max_kg: int,
    ) -> "Ticket":
        """Closed, with its net weight."""
        self.require_open_at(at)
        both = self.weighing.weigh_out(
            tare_kg, at, scale_id=scale_id, manual=manual, reason=reason, person=person, gross_max_kg=gross_max_kg
        )
        return replace(self, weighing=both, tare_source=source, status=TicketStatus.CLOSED)

    def void(self, reason: str, person: str, at: datetime) -> "Ticket":
        """It keeps its figures and counts for nothing; the same ticket when it is void already."""
        if self.status is TicketStatus.VOID:
            return self
        because = replace(self.weighing, reason=reason, person=person)
        return replace(self, status=TicketStatus.VOID, voided_at=at, weighing=because)

    def say_vehicle(self, vehicle_id: str) -> "Ticket":
        """A person says which truck it was, whatever is seen at the gate; the same ticket when a person said so before."""
        self._require_not_void()
        if self.given_vehicle_id == vehicle_id and self.matched_by is MatchedBy.PERSON:
            return self
        return replace(self, given_vehicle_id=vehicle_id, matched_by=MatchedBy.PERSON)

    def correct(
        self,
        revision: int,
        *,
        gross_kg: int | None = None,
        tare_kg: int | None = None,
        stream: WasteStream | None = None,
        district_id: str | None = None,
        plate: str | None = None,
        reason: str,
        person: str,
        gross_max_kg: int,
    ) -> "Ticket":
        """What is left out stays. `revision`: the one that was looked at."""
        self._require_not_void()
        if revision != self.revision:
            raise Conflict(f"the ticket has changed meanwhile; look at revision {self.revision} first", code="changed_meanwhile")
        if tare_kg is not None and self.status is not TicketStatus.CLOSED:
            raise Conflict("the ticket has no tare yet; weigh the truck out", code="not_closed")
        return replace(
            self,
            weighing=self.weighing.correct(gross_kg, tare_kg, reason=reason, person=person, gross_max_kg=gross_max_kg),
            stream=stream or self.stream,
            given_district_id=self.given_district_id if district_id is None else district_id,
            said_plate=self.said_plate if plate is None else plate,
            said_plate_key=self.said_plate_key if plate is None else plate_key(plate),
        )

    def match(self, truck: TruckEntry | None, vehicle_id: str | None, how: MatchedBy, stay: Visit | None) -> "Ticket":
        """Of this truck as the registry had it then, which stayed at the gate like this."""
        out = self.weighing.weighed_out_at
        has_left = stay is not None and out is not None and stay.left_at > out
        return replace(
            self,
            vehicle_id=vehicle_id,
            matched_by=how if vehicle_id else None,
            contractor_id=truck.contractor_id if truck else None,
            district_id=self.given_district_id or (truck.district_id if truck else None),
            plate=self.said_plate or (truck.plate if truck else ""),
            plate_key=self.said_plate_key or (truck.plate_key if truck else ""),
            arrived_at=min(stay.arrived_at, self.weighing.weighed_in_at) if stay else None,
            left_at=stay.left_at if stay and has_left else None,
        )

    def _require_not_void(self) -> None:
        if self.status is TicketStatus.VOID:
            raise Conflict("the ticket is void; make a new one", code="ticket_void")


def tare_source(tare_kg: int | None) -> TareSource:
    """Where a second weighing's tare is from: the registry where none was weighed."""
    return TareSource.REGISTERED if tare_kg is None else TareSource.WEIGHED


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWeighing:
    """What a ticket said at first: the same again is the same ticket."""

    number: str
    said_plate_key: str
    given_vehicle_id: str | None
    stream: WasteStream
    gross_kg: int
    weighed_in_at: datetime

    @classmethod
    def of(cls, ticket: Ticket) -> "FirstWeighing":
        return cls(
            number=ticket.number,
            said_plate_key=ticket.said_plate_key,
            given_vehicle_id=ticket.given_vehicle_id,
            stream=ticket.stream,
            gross_kg=ticket.weighing.gross_kg,
            weighed_in_at=ticket.weighing.weighed_in_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """The ticket as it stood after a change, as JSON. `actor`: the token's id."""

    revision: int
    action: Action
    actor: str
    person: str | None
    reason: str | None
    changed_at: datetime
    ticket: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilters:
    """`within_district`: a 6-digit district holds its subdistricts; `start`, `end`: of the first weighing."""

    station_id: str | None = None
    status: TicketStatus | None = None
    vehicle_id: str | None = None
    stream: WasteStream | None = None
    contractor_id: str | None = None
    within_district: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Of a closed ticket."""

    arrived_at: datetime | None
    weighed_in_at: datetime
    weighed_out_at: datetime

    @property
    def minutes(self) -> float:
        """From the gate, else from the first weighing, to the second weighing."""
        return round((self.weighed_out_at - (self.arrived_at or self.weighed_in_at)) / timedelta(minutes=1), 1)


@dataclass(frozen=True, slots=True)
class TicketPlate:
    """A ticket that may be of a truck: what it says of its plate, and how its truck is known."""

    ticket_id: str
    station_id: str
    said_plate_key: str
    matched_by: MatchedBy | None
