"""Complaints as the city counts them."""

from datetime import datetime
from typing import NamedTuple


class Complaint(NamedTuple):
    """`yellow_at`, `due_at`: of its running clock, which turns while nothing is told of it. In the order in which it is merged
    into its table."""

    complaint_id: str
    revision: int
    category: str
    district_id: str | None
    contractor_id: str | None
    status: str
    open: bool
    yellow_at: datetime | None
    due_at: datetime | None


class ComplaintCount(NamedTuple):
    """Open cases. `colour`: of the clock, `none` where none runs; `district_id` is empty where there is none."""

    district_id: str
    colour: str
    cases: int
