"""The versioned limits under `data/`, as the rules take them: the version valid at a moment."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from services.vehicle.domain.limits import Limits, TripRules
from shared.clock import city_zone
from shared.times import time_limits_at
from shared.versions import moments_in, valid_at

K = TypeVar("K")
DATA = Path(__file__).parent / "data"


def _as(kind: type[K], version: Mapping[str, Any]) -> K:
    return kind(**{f.name: version[f.name] for f in fields(cast("Any", kind))})


def limits_at(at: datetime) -> Limits:
    every = _all_limits(city_zone())
    return next((limits for start, limits in every if start <= at), every[-1][1])


def trip_rules_at(at: datetime) -> TripRules:
    return _as(TripRules, valid_at(DATA / "trip_rules.json", at))


@cache
def _all_limits(_: ZoneInfo) -> list[tuple[datetime, Limits]]:
    """Newest first; read once, because every record of telemetry is held against them."""
    versions = reversed(moments_in(DATA / "alert_limits.json"))
    return [(start, _as(Limits, time_limits_at(start) | version)) for start, version in versions]
