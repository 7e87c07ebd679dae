"""The rules that ship with the route service."""

from pathlib import Path

from services.route.domain.coverage.rules import SweepingRules
from services.route.domain.evidence import EvidenceRules
from services.route.domain.judging.rules import ExceptionRules, JudgementRules
from services.route.domain.orders.dispatch import OrderRules
from services.route.domain.progress import ProgressRules
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.violations import MixingRules
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

IMPORT_LIMITS = RuleBook(DATA / "import_limits.json", ImportLimits)
JUDGEMENT_RULES = RuleBook(DATA / "judgement_rules.json", JudgementRules)
EXCEPTION_RULES = RuleBook(DATA / "exception_rules.json", ExceptionRules)
ORDER_RULES = RuleBook(DATA / "order_rules.json", OrderRules)
EVIDENCE_RULES = RuleBook(DATA / "evidence_rules.json", EvidenceRules)
MIXING_RULES = RuleBook(DATA / "mixing_rules.json", MixingRules)
PROGRESS_RULES = RuleBook(DATA / "progress_rules.json", ProgressRules)
SWEEPING_RULES = RuleBook(DATA / "sweeping_rules.json", SweepingRules)
