"""The versioned rules under `data/`."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path

from services.gateway.domain.city import CityRules
from services.gateway.domain.weighing import BalanceRules, DriftRules, RecoveryRules, Tolerance
from shared.clock import city_zone, day_bounds
from shared.versions import valid_at

DATA = Path(__file__).parent / "data"


def city_rules_at(at: datetime) -> CityRules:
    version = valid_at(DATA / "city_rules.json", at)
    return CityRules(**{field.name: version[field.name] for field in fields(CityRules)})


def recovery_rules_on(day: date) -> RecoveryRules:
    version = valid_at(DATA / "recovery_rules.json", day_bounds(day, city_zone())[0])
    return RecoveryRules(frozenset(version["recovered"]), frozenset(version["household"]))


def balance_rules_at(at: datetime) -> BalanceRules:
    """Of the weighing's own time, so that old trips are judged by the rules of their day."""
    version = valid_at(DATA / "balance_rules.json", at)
    return BalanceRules(
        trip=Tolerance(**version["trip"]),
        haul=Tolerance(**version["haul"]),
        station_day=Tolerance(**version["station_day"]),
        drift=DriftRules(**version["drift"]),
        haul_overdue=timedelta(hours=version["haul_overdue_hours"]),
        not_tipped=timedelta(hours=version["not_tipped_hours"]),
    )
