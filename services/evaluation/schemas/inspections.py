"""Bodies of places, plans, inspections, findings."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from services.evaluation.domain.checklists import Checklist
from services.evaluation.schemas.index import AreaId, Reason
from shared.assessment import RectificationStatus, Severity
from shared.bodies import Answer, AsJson, Body, Code, Id, Latitude, Longitude, Month, Name, Note, When
from shared.vocabulary import ComplaintStatus


class PlaceBody(Body):
    area_id: AreaId
    place_type: Code
    name: Name
    lon: Longitude
    lat: Latitude
    contractor_id: Id | None = None
    active: bool = True
    facilities: dict[Code, Annotated[int, Field(ge=0, le=100_000)]] = Field({}, max_length=50)
    """How many of each: bin rooms, recycling points, …"""
    service_point_ids: list[Id] = Field([], max_length=200)
    """Where its waste is collected, as the timetable names them."""


class PlaceAnswer(PlaceBody, Answer):
    place_id: str


class PlanBody(Body):
    """`per_type`: how many places of each type in each area."""

    period: Month
    seed: Code
    per_type: dict[Code, Annotated[int, Field(ge=1, le=1000)]] = Field(min_length=1, max_length=50)
    inspectors: list[Code] = Field(min_length=1, max_length=200)


class PlanItemAnswer(Answer):
    place_id: str
    area_id: str
    place_type: str
    inspector: str


class PlanAnswer(Answer):
    plan_id: str
    period: date
    seed: str
    per_type: dict[str, int]
    inspectors: list[str]
    items: list[PlanItemAnswer]


class InspectionBody(Body):
    """`answers`: pass, fail or not_applicable for each item of the checklist in force on that day."""

    client_id: Id
    place_id: Id
    checklist: Code
    plan_id: Id | None = None
    at: When
    lon: Longitude | None = None
    lat: Latitude | None = None
    answers: dict[Code, Literal["pass", "fail", "not_applicable"]] = Field(min_length=1, max_length=100)
    notes: dict[Code, Note] = Field({}, max_length=100)


class InspectionBatch(Body):
    person: Name
    inspections: list[dict[str, Any]] = Field(min_length=1, max_length=500)
    """Each an `InspectionBody`, read by itself: one that does not fit does not hold up the others."""


class BatchItem(Answer):
    client_id: str | None
    status: Literal["stored", "duplicate", "rejected"]
    inspection_id: str | None = None
    score_e4: int | None = None
    finding_ids: list[str] = []
    """Of the items that failed, in the checklist's order."""
    detail: str | None = None


class BatchAnswer(Answer):
    stored: int
    duplicates: int
    rejected: int
    items: list[BatchItem]


class InspectionAnswer(Answer):
    inspection_id: str
    client_id: str
    evaluator_id: str | None
    plan_id: str | None
    place_id: str
    area_id: str
    checklist: str
    rules_from: date
    answers: dict[str, str]
    notes: dict[str, str]
    score_e4: int
    lon: float | None
    lat: float | None
    person: str
    at: datetime
    received_at: datetime
    voided_at: datetime | None
    void_reason: str | None


class VoidBody(Body):
    reason: Reason


class MendBody(Body):
    person: Name
    at: When
    note: Note = ""


class CheckBody(Body):
    person: Name
    at: When
    passed: bool
    note: Note = ""


class FindingAnswer(Answer):
    finding_id: str
    revision: int
    inspection_id: str
    place_id: str
    area_id: str
    contractor_id: str | None
    item: str
    matter_code: str
    severity: Severity
    note: str | None
    status: RectificationStatus
    found_at: datetime
    due_at: datetime
    mended_at: datetime | None
    checked_at: datetime | None
    overdue: bool
    history: Annotated[list[dict[str, Any]], AsJson]


class FindingDetail(FindingAnswer):
    photo_ids: list[str]


class PhotoAnswer(Answer):
    photo_id: str
    width_px: int
    height_px: int


class ChecklistsAnswer(Answer):
    version: date
    source: str
    checklists: Annotated[dict[str, Checklist], AsJson]


class WeekProblem(Answer):
    """`open`: not yet mended and checked; `overdue`: not mended in time; `places`: how many different ones."""

    area_id: str
    place_type: str
    item: str
    zh: str
    en: str
    severity: Severity
    found: int
    open: int
    overdue: int
    places: int


class WeekProblems(Answer):
    week: str
    first: date
    last: date
    items: list[WeekProblem]


Colour = Literal["green", "yellow", "red", "unknown"]


class CardTrend(Answer):
    """A month's scores. `colour`: of the worst."""

    month: str
    inspections: int
    mean_e4: int
    colour: Colour


class CardSorting(Answer):
    """How often the checklist's item on sorting was passed where it applied, over the scores shown; `last`: the newest answer."""

    passed: int
    asked: int
    last: Literal["pass", "fail"] | None


class CardStream(Answer):
    """Collections of a month; those nobody knows about and those still to come are in `stops` only."""

    month: str
    stream: str
    stops: int
    collected: int
    missed: int
    net_kg: int
    shared_kg: int
    """Of net_kg: lifted together with other stops, and counted at each."""


class CardMissed(Answer):
    stop_id: str
    service_day: date
    stream: str
    href: str


class CardComplaint(Answer):
    complaint_id: str
    category: str
    status: ComplaintStatus
    open: bool
    overdue: bool
    requested_at: datetime
    href: str


class RecordCard(Answer):
    """Of a place, most of all of an estate: what is known of it. Months, and what happened, the newest first."""

    place: PlaceAnswer
    colour: Colour
    band: str | None
    trend: list[CardTrend]
    sorting: CardSorting
    streams: list[CardStream]
    missed: list[CardMissed]
    complaints: list[CardComplaint]
    scores: list[InspectionAnswer]
    findings: list[FindingAnswer]
    findings_open: int
    findings_mended: int
