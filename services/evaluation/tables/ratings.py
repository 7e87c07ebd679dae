"""Ratings that others published, to hold ours against."""

from datetime import date

from sqlmodel import Field

from services.evaluation.tables.base import EvaluationTable


class ReferenceRating(EvaluationTable, table=True):
    """An area's month as its source published it: per cent in ten-thousandths, none where the cell was blank.
    `…_previous_…`: what the row itself says of earlier months."""

    __tablename__ = "reference_rating"

    source: str = Field(primary_key=True)
    area: str = Field(primary_key=True)
    """By the source's own names, such as a cleaning section."""
    month: date = Field(primary_key=True)
    streets: int | None = None
    sidewalks: int | None = None
    streets_previous_month: int | None = None
    sidewalks_previous_month: int | None = None
    streets_previous_quarter: int | None = None
    sidewalks_previous_quarter: int | None = None
    streets_previous_year: int | None = None
    sidewalks_previous_year: int | None = None
