"""Figures, hot spots, problem lists, imports."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from shared.bodies import Answer, Code, Id, Name, Zone
from shared.tables_in.bodies import Content, TableOptions

RequestField = Literal[
    "service_request_id",
    "status",
    "status_notes",
    "service_code",
    "service_name",
    "description",
    "requested_datetime",
    "updated_datetime",
    "address",
    "address_id",
    "lat",
    "long",
]
GroupBy = Literal["all", "district", "street", "contractor", "category", "channel", "month"]


class FigureRow(Answer):
    """`previous`, `year_before`: cases of the period before and of the same one a year ago. `rank`: 1 has the most cases.
    Rates are 0 to 1, null where nothing is due."""

    key: str
    cases: int
    open: int
    overdue: int
    closed: int
    pressed: int
    escalated: int
    previous: int
    year_before: int
    change: int
    change_to_year_before: int
    rank: int
    response_rate: float | None
    resolution_rate: float | None
    satisfaction_rate: float | None
    on_time_rate: float | None
    first_time_right_rate: float | None


class FiguresAnswer(Answer):
    """`sentence_*`: what a bureau reports of it."""

    first: date
    last: date
    previous_first: date
    previous_last: date
    by: GroupBy
    items: list[FigureRow]
    sentence_zh: str
    sentence_en: str


class SpotAnswer(Answer):
    """The middle of a cell of about 500 m; `category` null: of all of them."""

    lon: float
    lat: float
    category: str | None
    cases: int
    closed: int
    last_at: datetime


class SpotsAnswer(Answer):
    hot_spots: list[SpotAnswer]
    repeated: list[SpotAnswer]


class ProblemRow(Answer):
    street: str
    category: str
    category_zh: str
    category_en: str
    cases: int
    open: int
    overdue: int
    sent_back: int


class ProblemList(Answer):
    week: str
    first: date
    last: date
    items: list[ProblemRow]


class ComplaintImport(TableOptions):
    """Another city's requests as GeoReport v2 gives them: `requests`, or a file of them as `content` (JSON, JSON lines, or a
    table whose columns are named so, or by `mapping`: our field → the file's). `source` names the city; the same request again
    is a duplicate. `categories`: its service name → our category, over what `data/categories.json` knows. `zone`: of times that
    name none, e.g. America/New_York; without it such a row is rejected."""

    source: Id
    content: Content | None = None
    requests: Annotated[list[dict[str, Any]], Field(max_length=50_000)] | None = None
    mapping: Annotated[dict[RequestField, Name], Field(max_length=20)] = {}
    categories: Annotated[dict[str, Code], Field(max_length=500)] = {}
    zone: Zone | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> "ComplaintImport":
        if (self.content is None) == (self.requests is None):
            raise ValueError("send either `requests` or a file as `content`")
        return self


class RejectedRequest(Answer):
    """`row`: 1-based."""

    row: int
    service_request_id: str | None
    code: str
    detail: str


class NamedRequest(Answer):
    row: int
    service_request_id: str
    flags: list[str]


class ImportAnswer(Answer):
    """rows = stored + duplicates + rejected. `named`: stored though something is odd about them."""

    dry_run: bool
    rows: int
    stored: int
    duplicates: int
    rejected: list[RejectedRequest]
    named: list[NamedRequest]
    by_category: dict[str, int]
