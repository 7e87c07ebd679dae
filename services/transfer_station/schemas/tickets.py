"""Weighbridge tickets and hauls."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from services.transfer_station.schemas.fields import Kilograms
from shared.bodies import Answer, Body, Code, Happened, Id, Name, Note
from shared.vocabulary import HaulStatus, TareSource, TicketStatus, WasteStream

Reason = Annotated[Note, Field(min_length=1)]
Plate = Annotated[Code, Field(max_length=16)]


class WeighIn(Body):
    """The first weighing. `client_id`: the station's own id of the ticket (or the header Idempotency-Key); the same one again
    makes no second ticket. A weight typed by hand (`manual`) needs `reason` and `person`."""

    client_id: Id | None = None
    number: Code
    plate: Plate | None = None
    vehicle_id: Id | None = None
    district_id: Code | None = None
    stream: WasteStream
    gross_kg: Kilograms
    scale_id: Id | None = None
    at: Happened
    manual: bool = False
    reason: Reason | None = None
    person: Name | None = None


class BayUse(Body):
    bay_id: Id
    at: Happened


class WeighOut(Body):
    """The second weighing: `tare_kg`, or the truck's registered tare when it is left out."""

    tare_kg: Kilograms | None = None
    scale_id: Id | None = None
    at: Happened
    manual: bool = False
    reason: Reason | None = None
    person: Name | None = None


class Voiding(Body):
    reason: Reason
    person: Name


class TicketVehicle(Body):
    vehicle_id: Id
    person: Name


class Correction(Body):
    """What is left out stays. `revision`: the one that was looked at; a newer one refuses the correction."""

    revision: Annotated[int, Field(ge=1)]
    reason: Reason
    person: Name
    gross_kg: Kilograms | None = None
    tare_kg: Kilograms | None = None
    stream: WasteStream | None = None
    district_id: Code | None = None
    plate: Plate | None = None


class TicketAnswer(Answer):
    """`stage`: weighed_in, in_bay, weighed_out, left or void. `matched_by`: given, person, plate or gate."""

    ticket_id: str
    revision: int
    station_id: str
    client_id: str
    number: str
    status: TicketStatus
    stage: str
    vehicle_id: str | None
    matched_by: str | None
    plate: str
    contractor_id: str | None
    district_id: str | None
    stream: WasteStream
    gross_kg: int
    tare_kg: int | None
    net_kg: int | None
    tare_source: TareSource | None
    manual: bool
    reason: str | None
    person: str | None
    scale_in_id: str | None
    scale_out_id: str | None
    arrived_at: datetime | None
    weighed_in_at: datetime
    bay_id: str | None
    bay_at: datetime | None
    weighed_out_at: datetime | None
    left_at: datetime | None
    voided_at: datetime | None
    changed_at: datetime


class TicketChange(Answer):
    """The ticket as it stood after a change."""

    revision: int
    action: str
    actor: str
    person: str | None
    reason: str | None
    changed_at: datetime
    ticket: dict[str, Any]


class TicketDetail(TicketAnswer):
    history: list[TicketChange]


class SealBody(Body):
    seal_number: Code
    stream: WasteStream
    at: Happened
    person: Name | None = None


class SealAnswer(Answer):
    station_id: str
    container_id: str
    seal_number: str
    stream: str
    sealed_at: datetime
    person: str | None


class HaulBody(Body):
    """A sealed container leaves. Its seal makes it the same haul however often it is sent. Waste: `net_kg`, or gross and tare."""

    station_id: Id
    container_id: Id
    seal_number: Code
    destination_plant_id: Id
    vehicle_id: Id | None = None
    plate: Plate | None = None
    net_kg: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    gross_kg: Kilograms | None = None
    tare_kg: Kilograms | None = None
    left_at: Happened


class HaulArrival(Body):
    at: Happened


class HaulAnswer(Answer):
    """`origins`: kg by district, first in, first out; sums to net_kg."""

    haul_id: str
    revision: int
    station_id: str
    container_id: str
    seal_number: str
    stream: WasteStream
    net_kg: int
    origins: dict[str, int]
    destination_plant_id: str
    vehicle_id: str | None
    plate: str
    status: HaulStatus
    sealed_at: datetime
    left_at: datetime
    arrived_at: datetime | None
    person: str | None
    reason: str | None
    changed_at: datetime
