"""The versioned limits under `data/`, as the rules take them: the version valid at a moment."""

import json
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.vehicle.rules.limits import Limits, TripRules

DATA = Path(__file__).parent / "data"


@cache
def _versions(name: str) -> list[tuple[datetime, dict[str, Any]]]:
    versions = json.loads((DATA / name).read_text("utf-8"))["versions"]
    return sorted(((datetime.fromisoformat(v["valid_from"]), v) for v in versions), key=lambda pair: pair[0])


def _valid_at(name: str, at: datetime, kind: type[Any]) -> Any:
    valid = [version for start, version in _versions(name) if start <= at] or [_versions(name)[0][1]]
    return kind(**{f.name: valid[-1][f.name] for f in fields(kind)})


def limits_at(at: datetime) -> Limits:
    return _cached_limits(_start_of("alert_limits.json", at))


def trip_rules_at(at: datetime) -> TripRules:
    rules: TripRules = _valid_at("trip_rules.json", at, TripRules)
    return rules


def _start_of(name: str, at: datetime) -> datetime:
    return max((start for start, _ in _versions(name) if start <= at), default=_versions(name)[0][0])


@cache
def _cached_limits(start: datetime) -> Limits:
    limits: Limits = _valid_at("alert_limits.json", start, Limits)
    return limits
