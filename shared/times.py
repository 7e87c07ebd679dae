"""Whether a time can be believed when it arrives: one rule for every record of every service, with its limits as dated data."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic_core import PydanticCustomError

from shared.clock import now
from shared.versions import moments_in

TIME_LIMITS = Path(__file__).parent / "data" / "time_limits.json"
Doubt = Literal["past_time", "future_time"]


def doubt(at: datetime, received_at: datetime) -> Doubt | None:
    """Why nobody can believe that this happened at `at`: too long before it arrived, or after."""
    past, future = _tolerances(received_at)
    if at < received_at - past:
        return "past_time"
    return "future_time" if at > received_at + future else None


def time_limits_at(at: datetime) -> dict[str, Any]:
    versions = moments_in(TIME_LIMITS)
    return next((version for start, version in reversed(versions) if start <= at), versions[0][1])


def _tolerances(at: datetime) -> tuple[timedelta, timedelta]:
    limits = time_limits_at(at)
    return _of(limits["past_tolerance_days"], limits["future_tolerance_seconds"])


@cache
def _of(days: float, seconds: float) -> tuple[timedelta, timedelta]:
    return timedelta(days=days), timedelta(seconds=seconds)


def require_believable(at: datetime) -> datetime:
    """For a field of a body: refuses a time that no right clock can have said."""
    found = doubt(at, now())
    if found == "past_time":
        raise PydanticCustomError("past_time", "the time lies too far back to be believed; set the clock that wrote it")
    if found == "future_time":
        raise PydanticCustomError("future_time", "the time lies in the future; set the clock that wrote it")
    return at
