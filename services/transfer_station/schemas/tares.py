"""Bodies of tares."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.bodies import Answer, Body, Happened, Name, When


class TareBody(Body):
    """`expires_at`: left out, it holds as long as the rules say (`data/station_rules.json`)."""

    tare_kg: Annotated[int, Field(ge=1, le=100_000)]
    weighed_at: Happened
    expires_at: When | None = None
    person: Name


class TareAnswer(Answer):
    vehicle_id: str
    weighed_at: datetime
    tare_kg: int
    expires_at: datetime
