"""The rules that ship with the vehicle service."""

from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path

from services.vehicle.domain.limits import AlertLimits, Limits, TripRules
from shared.times import TIME_LIMITS, TimeLimits
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

ALERT_LIMITS = RuleBook(DATA / "alert_limits.json", AlertLimits)
TRIP_RULES = RuleBook(DATA / "trip_rules.json", TripRules)


def limits_at(moment: datetime) -> Limits:
    return _with_times(ALERT_LIMITS.at(moment), TIME_LIMITS.at(moment))


@cache
def _with_times(limits: AlertLimits, times: TimeLimits) -> Limits:
    own = {field.name: getattr(limits, field.name) for field in fields(limits)}
    return Limits(**own, future_tolerance_seconds=times.future_tolerance_seconds, past_tolerance_days=times.past_tolerance_days)
