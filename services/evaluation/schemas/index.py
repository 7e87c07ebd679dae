"""Bodies of areas, surveys, the index and its publications."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.assessment import AreaLevel
from shared.bodies import Answer, AsJson, Body, Id, Month, Name, Note, When

AREA_PATTERN = r"^\d{6}(\d{3})?$"
AreaId = Annotated[str, Field(pattern=AREA_PATTERN)]
Reason = Annotated[Note, Field(min_length=1)]


class AreaBody(Body):
    name_zh: Name
    name_en: Name
    residents: int = Field(ge=0, le=100_000_000)


class AreaAnswer(Answer):
    area_id: str
    level: AreaLevel
    name_zh: str
    name_en: str
    residents: int


class SurveyAnswer(Body):
    answer_id: Id
    score: float = Field(ge=0, le=100)
    """Of 100 points; rounded half up to a ten-thousandth."""


class SurveyBody(Body):
    """Residents' answers about an area; an answer sent again is the same one."""

    area_id: AreaId
    at: When
    answers: list[SurveyAnswer] = Field(min_length=1, max_length=5000)


class SurveyDetail(Answer):
    survey_id: str
    area_id: str
    at: datetime
    answers: list[SurveyAnswer]


class SurveyStored(Answer):
    survey_id: str
    answers: int


class PublishBody(Body):
    reason: Reason | None = None
    """Of a correction."""


class PublicationAnswer(Answer):
    level: AreaLevel
    period: date
    revision: int
    number: int
    """Of the change; grows with every publication. Give the last one you have seen to the change feed."""
    sha256: str
    """Of the document that `GET …/document` answers, byte for byte."""
    reason: str | None
    published_at: datetime
    appeal_until: datetime


class IndexRow(Answer):
    area_id: str
    name_zh: str
    name_en: str
    residents: int
    rank: int | None
    index: str | None
    """Rounded half up to two places; `index_4`: to four; `index_exact`: the fraction itself, which ranks go by."""
    index_4: str | None
    index_exact: str | None
    grade: str | None
    half_width: str | None
    """Of the 95 % confidence interval."""
    progress: str | None
    progress_exact: str | None
    progress_rank: int | None
    parts: dict[str, str]
    operation: dict[str, str]
    place_types: dict[str, str]
    complaints_per_10k: str | None
    flags: list[str]
    sums: dict[str, list[int]]
    """By kind of observation: how many, the sum of their values, the sum of the squares; values in ten-thousandths of a point."""


class IndexPage(Answer):
    level: AreaLevel
    period: str
    revision: int
    """0: provisional."""
    status: Literal["provisional", "published"]
    sha256: str | None
    methodology: str
    items: list[IndexRow]
    next_cursor: str | None = None


class ObservationAnswer(Answer):
    observation_id: str
    kind: str
    area_id: str
    day: date
    value_e4: int
    detail: dict[str, Any]


class BreakdownAnswer(Answer):
    """One area's figure and a page of the observations that its sums add up."""

    level: AreaLevel
    period: str
    revision: int
    row: IndexRow
    observations: list[ObservationAnswer]
    next_cursor: str | None = None


class HistoryRow(Answer):
    period: str
    revision: int
    row: IndexRow


class HistoryAnswer(Answer):
    area_id: str
    items: list[HistoryRow]


class MethodologyAnswer(Answer):
    version: date
    source: str
    parts: dict[str, str]
    operation: dict[str, str]
    place_types: dict[str, str]
    grades: list[list[str]]
    points_per_complaint: str
    cross_check: Annotated[dict[str, str], AsJson]
    appeal_days: int
    ties: str


class SourceAnswer(Answer):
    observation_id: str
    fact: str
    href: str
    """Where the fact itself is."""


class IndexAppealBody(Body):
    level: AreaLevel
    period: Month
    revision: int = Field(ge=1, le=1_000_000)
    area_id: AreaId
    reason: Reason


class AppealDecision(Body):
    accept: bool
    reason: Reason


class IndexAppealAnswer(Answer):
    appeal_id: str
    level: AreaLevel
    period: date
    revision: int
    area_id: str
    reason: str
    status: Literal["open", "accepted", "refused"]
    answer: str | None
    filed_at: datetime
    decided_at: datetime | None
