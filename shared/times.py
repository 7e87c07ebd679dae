"""Whether a time can be believed when it arrives: one rule for every record of every service, with its limits as dated data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic_core import PydanticCustomError

from shared.clock import now
from shared.versions import RuleBook, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits(Version):
    future_tolerance_seconds: float
    past_tolerance_days: float

    @property
    def past(self) -> timedelta:
        return timedelta(days=self.past_tolerance_days)

    @property
    def future(self) -> timedelta:
        return timedelta(seconds=self.future_tolerance_seconds)


TIME_LIMITS = RuleBook(Path(__file__).parent / "data" / "time_limits.json", TimeLimits)
Doubt = Literal["past_time", "future_time"]


def doubt(at: datetime, received_at: datetime) -> Doubt | None:
    """Why nobody can believe that this happened at `at`: too long before it arrived, or after."""
    limits = TIME_LIMITS.at(received_at)
    if at < received_at - limits.past:
        return "past_time"
    return "future_time" if at > received_at + limits.future else None


def require_believable(at: datetime) -> datetime:
    """For a field of a body: refuses a time that no right clock can have said."""
    reason = doubt(at, now())
    if reason == "past_time":
        raise PydanticCustomError("past_time", "the time lies too far back to be believed; set the clock that wrote it")
    if reason == "future_time":
        raise PydanticCustomError("future_time", "the time lies in the future; set the clock that wrote it")
    return at
