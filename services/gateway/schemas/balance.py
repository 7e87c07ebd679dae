"""Bodies of the mass balance. Whole kilograms."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from shared.bodies import Answer, Body, Note
from shared.vocabulary import FindingCause, FindingKind, FindingStatus


class Residue(Answer):
    """`kg` > 0: lifted (or sent) and not weighed again; < 0: weighed more than was lifted. `name`: why, as far as it is known."""

    name: str
    net_kg: int


class StreamBalance(Answer):
    """lifted = tipped + on board at the end − on board at the beginning + residue, to the kilogram."""

    stream: str
    lifted_kg: int
    tipped_kg: int
    on_board_start_kg: int
    on_board_end_kg: int
    residue_kg: int
    residue: list[Residue]


class HaulBalance(Answer):
    """hauled = received + under way at the end − under way at the beginning + residue."""

    stream: str
    hauled_kg: int
    received_kg: int
    under_way_start_kg: int
    under_way_end_kg: int
    residue_kg: int
    residue: list[Residue]


class StationBalance(Answer):
    """opening + in = out + residue + closing."""

    station_id: str
    stream: str
    opening_kg: int
    in_kg: int
    out_kg: int
    closing_kg: int
    residue_kg: int
    residue: list[Residue]


class BalanceAnswer(Answer):
    """`settled`: nothing that has arrived waits to be worked out."""

    day: date
    settled: bool
    streams: list[StreamBalance]
    hauls: list[HaulBalance]
    stations: list[StationBalance]


class LiftAnswer(Answer):
    lift_id: str
    at: datetime
    net_kg: int
    stream: str


class TripAnswer(Answer):
    """What a truck lifted from one ticket to the next, against that next. `difference_kg`: net − lifted; < 0 is missing."""

    ticket_id: str
    vehicle_id: str | None
    site_id: str
    contractor_id: str | None
    district_id: str | None
    day: date
    from_at: datetime | None
    tipped_at: datetime
    stream: str
    net_kg: int
    lifted_kg: int
    lifts: int
    lifted_kg_by_stream: dict[str, int]
    difference_kg: int
    residue_name: str
    bins: list[LiftAnswer] | None = None
    """Every lift, where one trip is looked at."""


class ScaleAnswer(Answer):
    """An onboard scale against the weighbridges. `factor` 1.04: it reads 4 % too much."""

    vehicle_id: str
    factor: float
    spread: float
    trips: int
    drifts: bool
    first_at: datetime
    last_at: datetime


class FindingAnswer(Answer):
    """`difference_kg`: found − expected; < 0 is missing. `likely_cause`: a hint from the data; `cause`: what a person said."""

    finding_id: str
    revision: int
    kind: FindingKind
    status: FindingStatus
    day: date
    subject_id: str
    """The ticket, haul, truck, or station:stream:day that it is about."""
    vehicle_id: str | None
    site_id: str | None
    contractor_id: str | None
    district_id: str | None
    stream: str | None
    expected_kg: int
    found_kg: int
    difference_kg: int
    tolerance_kg: int
    factor: float | None
    likely_cause: FindingCause | None
    cause: FindingCause | None
    note: str | None
    opened_at: datetime
    changed_at: datetime


class FindingChange(FindingAnswer):
    """The finding as it stood after a change; `actor`: the token's id, empty where the data changed it."""

    actor: str


class HaulBehind(Answer):
    haul_id: str
    station_id: str
    plant_id: str
    seal_number: str
    plate: str
    stream: str
    net_kg: int
    status: str
    left_at: datetime


class ArrivalBehind(Answer):
    ticket_id: str
    site_id: str
    plate: str
    net_kg: int | None
    at: datetime


class FindingDetail(FindingAnswer):
    """With the weighings behind it."""

    history: list[FindingChange]
    trips: list[TripAnswer]
    haul: HaulBehind | None
    arrivals: list[ArrivalBehind]


class ExplainBody(Body):
    """`revision`: of the finding that was read; another one means that somebody or the data was faster."""

    revision: Annotated[int, Field(ge=1)]
    cause: FindingCause
    note: Annotated[Note, Field(min_length=1)]
