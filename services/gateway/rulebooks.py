"""The rules that ship with the gateway."""

from pathlib import Path

from services.gateway.domain.city import CityRules
from services.gateway.domain.weighing import BalanceRules, RecoveryRules
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

CITY_RULES = RuleBook(DATA / "city_rules.json", CityRules)
RECOVERY_RULES = RuleBook(DATA / "recovery_rules.json", RecoveryRules)
BALANCE_RULES = RuleBook(DATA / "balance_rules.json", BalanceRules)
"""Asked for the weighing's own time, so that old trips are judged by the rules of their day."""
