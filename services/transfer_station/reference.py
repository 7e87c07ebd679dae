"""The versioned data files that ship with the transfer_station service."""

from datetime import datetime
from pathlib import Path

from services.transfer_station.domain.limits import ImportRules, LogKinds, StationRules
from shared.versions import in_force_at, versions_in

DATA = Path(__file__).parent / "data"


def station_rules(at: datetime) -> StationRules:
    return in_force_at(versions_in(DATA / "station_rules.json", StationRules), at)


def log_kinds(at: datetime) -> LogKinds:
    return in_force_at(versions_in(DATA / "log_kinds.json", LogKinds), at)


def import_rules(at: datetime) -> ImportRules:
    return in_force_at(versions_in(DATA / "import_rules.json", ImportRules), at)
