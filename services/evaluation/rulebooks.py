"""The rules that ship with the evaluation service."""

from pathlib import Path

from services.evaluation.domain.checklists import Checklists
from services.evaluation.domain.deductions import DeductionRules
from services.evaluation.domain.index import Methodology
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

CHECKLISTS = RuleBook(DATA / "checklists.json", Checklists)
DEDUCTION_RULES = RuleBook(DATA / "deduction_rules.json", DeductionRules)
METHODOLOGY = RuleBook(DATA / "methodology.json", Methodology)
