"""Bodies of what an inspector has to look at."""

from datetime import date, datetime

from shared.bodies import Answer


class AssignmentAnswer(Answer):
    """`checklist`: the one for a place of this type; `inspected_at`: when somebody did under this plan."""

    plan_id: str
    place_id: str
    name: str
    place_type: str
    area_id: str
    lon: float
    lat: float
    checklist: str
    inspected_at: datetime | None


class AssignmentsAnswer(Answer):
    period: date
    items: list[AssignmentAnswer]
