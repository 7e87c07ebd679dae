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
    return next((limits for start, limits in _all_limits() if start <= at), _all_limits()[-1][1])


def trip_rules_at(at: datetime) -> TripRules:
    rules: TripRules = _valid_at("trip_rules.json", at, TripRules)
    return rules


@cache
def _all_limits() -> list[tuple[datetime, Limits]]:
    """Newest first; read once, because every record of telemetry is held against them."""
    starts = [start for start, _ in _versions("alert_limits.json")]
    return [(start, _valid_at("alert_limits.json", start, Limits)) for start in reversed(starts)]
