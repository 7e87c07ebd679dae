"""The versioned data files that ship with the evaluation service."""

from datetime import date
from pathlib import Path

from services.evaluation.domain.checklists import Checklists
from services.evaluation.domain.deductions import DeductionRules
from services.evaluation.domain.index import Methodology
from shared.versions import in_force, versions_in

DATA = Path(__file__).parent / "data"


def methodologies() -> tuple[Methodology, ...]:
    return versions_in(DATA / "methodology.json", Methodology)


def methodology(day: date) -> Methodology:
    return in_force(methodologies(), day)


def checklists(day: date) -> Checklists:
    return in_force(versions_in(DATA / "checklists.json", Checklists), day)


def deduction_rules(day: date) -> DeductionRules:
    return in_force(versions_in(DATA / "deduction_rules.json", DeductionRules), day)
