"""Bodies of a plant's weighbridge, its quota, its day, and of imported tonnage."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.incinerator.domain.intake import EntryKind
from services.incinerator.domain.tickets import Haul, Intake
from services.incinerator.schemas.plants import Kilograms
from shared.bodies import Answer, Body, Code, Day, Happened, Id, Name, Note
from shared.tables_in.bodies import TableImport
from shared.vocabulary import TicketStatus, WasteStream

Weight = Annotated[int, Field(gt=0, le=200_000)]


class WeighIn(Body):
    """The first weighing. `client_id`: the weighbridge's own id of the ticket; the same again is no second ticket.

    `seal_number`: of a haul from a transfer station. `manual`: typed, not weighed: it needs a reason.
    """

    client_id: Id
    plate: Code
    vehicle_id: Id | None = None
    seal_number: Code | None = None
    stream: WasteStream = WasteStream.RESIDUAL
    gross_kg: Weight
    at: Happened
    manual: bool = False
    reason: Note | None = None


class WeighOut(Body):
    """The second weighing."""

    tare_kg: Weight
    at: Happened


class Voiding(Body):
    reason: Annotated[Note, Field(min_length=1)]


class IntakeAnswer(Answer):
    """`net_difference_kg`: the plant's net minus the station's; `hours_on_the_way`: from the station's gate to this one."""

    ticket_id: str
    revision: int
    plant_id: str
    client_id: str
    seal_number: str | None
    haul_id: str | None
    vehicle_id: str | None
    plate: str
    stream: WasteStream
    status: TicketStatus
    gross_kg: int
    tare_kg: int | None
    net_kg: int | None
    net_difference_kg: int | None
    hours_on_the_way: float | None = None
    manual: bool
    reason: str | None
    recorded_by: str
    arrived_at: datetime
    left_at: datetime | None
    changed_at: datetime

    @classmethod
    def of(cls, intake: Intake, haul: Haul | None) -> "IntakeAnswer":
        return cls.model_validate(intake).model_copy(update={"hours_on_the_way": intake.hours_since_it_left(haul)})


class IntakeDetail(IntakeAnswer):
    """`history`: what the ticket said after each change, oldest first."""

    history: list[IntakeAnswer]


class QuotaBody(Body):
    kg_a_day: Kilograms


class QuotaAnswer(Answer):
    plant_id: str
    kg_a_day: int
    changed_at: datetime


class LoadBody(Body):
    """A load that is to come; `plant_ids` in the order of preference."""

    load_id: Id
    kg: Weight
    plant_ids: Annotated[list[Id], Field(min_length=1, max_length=20)]


class PlanBody(Body):
    """All loads of a day; a new plan replaces the one before."""

    day: Day
    loads: Annotated[list[LoadBody], Field(max_length=5000)]


class PlacedAnswer(Answer):
    """`plant_id` null: no plant has room. `diverted`: its first plant was full."""

    load_id: str
    kg: int
    plant_id: str | None
    diverted: bool


class PlanAnswer(Answer):
    day: date
    revision: int
    made_by: str
    made_at: datetime
    loads: list[PlacedAnswer]


class EntryBody(Body):
    """kg, of power kWh. A wrong entry is put right by putting it again under its id; a bunker correction may be negative."""

    day: Day
    kind: EntryKind
    amount: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
    note: Note = ""

    @model_validator(mode="after")
    def _corrections_have_a_note(self) -> "EntryBody":
        if self.kind is EntryKind.BUNKER_CORRECTION and not self.note.strip():
            raise ValueError("a correction of the bunker needs a note that says why")
        if self.kind is not EntryKind.BUNKER_CORRECTION and self.amount < 0:
            raise ValueError("only a correction of the bunker may be negative")
        return self


class EntryAnswer(Answer):
    plant_id: str
    entry_id: str
    day: date
    kind: EntryKind
    amount: int
    note: str
    recorded_by: str
    recorded_at: datetime


class LedgerAnswer(Answer):
    """A plant's day. `bunker_kg`: at its end; `correction_kg`: what stock-taking added or took."""

    plant_id: str
    day: date
    revision: int
    intake_kg: int
    fed_kg: int
    correction_kg: int
    bunker_kg: int
    slag_kg: int
    fly_ash_kg: int
    leachate_kg: int
    power_kwh: int
    changed_at: datetime | None


class TonnageImport(TableImport):
    """A file of monthly tonnage. `materials`: its columns and the waste stream each is of; blank cells are no figure."""

    source: Id
    unit: Literal["kg", "t", "short_ton", "lb"]
    month: Name = "month"
    district: Annotated[list[Name], Field(min_length=1, max_length=4)] = ["district"]
    materials: Annotated[dict[Name, WasteStream], Field(min_length=1, max_length=30)]


class RowFate(Answer):
    row: int
    fate: Literal["duplicate", "rejected"]
    reason: str


class MaterialTotal(Answer):
    """`given`: the sum of the file's own figures of the rows that are stored, in the file's unit."""

    material: str
    stream: WasteStream
    cells: int
    given: str
    grams: int


class TonnageReport(Answer):
    """`stored` + `unchanged` + those in `others` = `rows`; `unchanged` rows were stored before."""

    rows: int
    stored: int
    unchanged: int
    others: list[RowFate]
    totals: list[MaterialTotal]
