"""The rules that ship with the transfer_station service."""

from pathlib import Path

from services.transfer_station.domain.limits import ImportRules, LogKinds, StationRules
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

STATION_RULES = RuleBook(DATA / "station_rules.json", StationRules)
LOG_KINDS = RuleBook(DATA / "log_kinds.json", LogKinds)
IMPORT_RULES = RuleBook(DATA / "import_rules.json", ImportRules)
