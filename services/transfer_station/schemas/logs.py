"""Bodies of the stations' logs."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.bodies import Answer, Body, Code, Happened, Id, Name, Note


class LogBody(Body):
    """`kind`: one of `data/log_kinds.json`, which says what `value` measures. `client_id`: the same one again changes nothing."""

    client_id: Id
    kind: Code
    value: Annotated[float, Field(ge=-1e9, le=1e9)] | None = None
    device_id: Id | None = None
    note: Note | None = None
    person: Name | None = None
    at: Happened


class LogAnswer(Answer):
    entry_id: str
    station_id: str
    kind: str
    value: float | None
    unit: str | None
    device_id: str | None
    note: str | None
    person: str | None
    at: datetime
    recorded_at: datetime
