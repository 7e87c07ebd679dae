"""Bodies of the calendar's days."""

from datetime import date
from typing import Literal

from shared.bodies import Answer, Body, Name


class SpecialDayBody(Body):
    """`workday`: a weekend day that is worked; `ordinary`: the shipped calendar is not followed on this day."""

    kind: Literal["holiday", "workday", "ordinary"]
    name_zh: Name
    name_en: Name


class SpecialDayAnswer(Answer):
    day: date
    kind: str
    name_zh: str
    name_en: str


class CalendarAnswer(Answer):
    items: list[SpecialDayAnswer]
