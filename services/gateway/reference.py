"""The versioned rules under `data/`."""

import json
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path

from services.gateway.rules import CityRules

FILE = Path(__file__).parent / "data" / "city_rules.json"


@cache
def _versions() -> list[tuple[datetime, CityRules]]:
    versions = json.loads(FILE.read_text("utf-8"))["versions"]
    names = [field.name for field in fields(CityRules)]
    return sorted(
        ((datetime.fromisoformat(v["valid_from"]), CityRules(*(v[n] for n in names))) for v in versions), key=lambda v: v[0]
    )


def city_rules_at(at: datetime) -> CityRules:
    valid = [rules for start, rules in _versions() if start <= at]
    return valid[-1] if valid else _versions()[0][1]
