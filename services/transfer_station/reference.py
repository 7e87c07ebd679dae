"""The versioned data files that ship with the transfer_station service."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.transfer_station.rules.limits import ImportRules, LogKinds, StationRules, in_force

DATA = Path(__file__).parent / "data"


def station_rules(at: datetime) -> StationRules:
    return in_force(_station_rules(), at.date())


def log_kinds(at: datetime) -> LogKinds:
    return in_force(_log_kinds(), at.date())


def import_rules(at: datetime) -> ImportRules:
    return in_force(_import_rules(), at.date())


@cache
def _station_rules() -> tuple[StationRules, ...]:
    return tuple(StationRules.from_json(version) for version in _versions("station_rules.json"))


@cache
def _log_kinds() -> tuple[LogKinds, ...]:
    return tuple(LogKinds.from_json(version) for version in _versions("log_kinds.json"))


@cache
def _import_rules() -> tuple[ImportRules, ...]:
    return tuple(ImportRules.from_json(version) for version in _versions("import_rules.json"))


def _versions(name: str) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))["versions"]
    return versions
