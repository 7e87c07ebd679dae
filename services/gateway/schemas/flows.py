"""Bodies of the waste data platform. Whole kilograms."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.bodies import Answer, Body, Day, Name
from shared.vocabulary import WasteStream

By = Literal["stream", "district", "subdistrict", "contractor", "site"]
Stage = Literal["lifted", "unloaded", "tipped", "hauled", "arrived", "taken_in", "fed", "slag", "fly_ash", "leachate"]


class FlowRow(Answer):
    """`share`: of all of the period; growth: 0.05 is 5 % more than in the period before, or than in the same one a year ago."""

    period: date
    """Its first day."""
    key: str
    net_kg: int
    facts: int
    """Lifts, tickets or hauls."""
    share: float | None
    before_kg: int
    growth: float | None
    year_ago_kg: int
    growth_year: float | None


class Recovery(Answer):
    """What is recovered of the household waste; which streams count is in data/recovery_rules.json."""

    period: date
    household_kg: int
    recovered_kg: int
    rate: float | None


class FlowsAnswer(Answer):
    stage: str
    grain: str
    by: str
    first: date
    after: date
    """The first day that is no longer in it."""
    rows: list[FlowRow]
    totals: list[FlowRow]
    recovery: list[Recovery]


class QuotaBody(Body):
    """`month`: its first day. `source`: the order that sets the quota."""

    month: Day
    stream: WasteStream = WasteStream.RESIDUAL
    quota_kg: Annotated[int, Field(ge=0, le=10**12)]
    source: Name


class QuotaAnswer(Answer):
    """`expected_kg`: where the month will end, by the weekdays of the last four weeks; `used`: weighed so far of the quota."""

    district_id: str
    month: date
    stream: str
    quota_kg: int
    source: str
    weighed_kg: int
    used: float | None
    expected_kg: int
    expected: float | None
    exceeds: bool
    changed_at: datetime
