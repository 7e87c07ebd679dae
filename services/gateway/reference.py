"""The versioned rules under `data/`."""

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.gateway.rules.city import CityRules
from services.gateway.rules.weighing import BalanceRules, DriftRules, RecoveryRules, Tolerance

DATA = Path(__file__).parent / "data"


@cache
def _versions(name: str) -> list[tuple[datetime, dict[str, Any]]]:
    versions = json.loads((DATA / name).read_text("utf-8"))["versions"]
    dated = [(datetime.fromisoformat(version.pop("valid_from")), version) for version in versions]
    return sorted(dated, key=lambda version: version[0])


def _in_force(name: str, at: datetime) -> dict[str, Any]:
    """The newest version that is valid by then; before all of them the first."""
    versions = _versions(name)
    return next((version for start, version in reversed(versions) if start <= at), versions[0][1])


def city_rules_at(at: datetime) -> CityRules:
    version = _in_force("city_rules.json", at)
    return CityRules(version["offline_minutes"], version["driving_kmh"], version["stale_seconds"])


def recovery_rules_on(day: date) -> RecoveryRules:
    version = _in_force("recovery_rules.json", datetime.combine(day, time(), UTC))
    return RecoveryRules(frozenset(version["recovered"]), frozenset(version["household"]))


def balance_rules_at(at: datetime) -> BalanceRules:
    """Of the weighing's own time, so that old trips are judged by the rules of their day."""
    version = _in_force("balance_rules.json", at)
    return BalanceRules(
        trip=Tolerance(**version["trip"]), haul=Tolerance(**version["haul"]), station_day=Tolerance(**version["station_day"]),
        drift=DriftRules(**version["drift"]), haul_overdue=timedelta(hours=version["haul_overdue_hours"]),
        not_tipped=timedelta(hours=version["not_tipped_hours"]),
    )  # fmt: skip
