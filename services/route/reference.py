"""The versioned data files that ship with the route service."""

from pathlib import Path

from services.route.domain.coverage.rules import SweepingRules
from services.route.domain.evidence import EvidenceRules
from services.route.domain.judging.rules import ExceptionRules, JudgementRules
from services.route.domain.orders.dispatch import OrderRules
from services.route.domain.progress import ProgressRules
from services.route.domain.timetable.limits import ImportLimits
from services.route.domain.violations import MixingRules
from shared.versions import versions_in

DATA = Path(__file__).parent / "data"


def import_limits() -> tuple[ImportLimits, ...]:
    return versions_in(DATA / "import_limits.json", ImportLimits)


def judgement_rules() -> tuple[JudgementRules, ...]:
    return versions_in(DATA / "judgement_rules.json", JudgementRules)


def exception_rules() -> tuple[ExceptionRules, ...]:
    return versions_in(DATA / "exception_rules.json", ExceptionRules)


def order_rules() -> tuple[OrderRules, ...]:
    return versions_in(DATA / "order_rules.json", OrderRules)


def evidence_rules() -> tuple[EvidenceRules, ...]:
    return versions_in(DATA / "evidence_rules.json", EvidenceRules)


def mixing_rules() -> tuple[MixingRules, ...]:
    return versions_in(DATA / "mixing_rules.json", MixingRules)


def progress_rules() -> tuple[ProgressRules, ...]:
    return versions_in(DATA / "progress_rules.json", ProgressRules)


def sweeping_rules() -> tuple[SweepingRules, ...]:
    return versions_in(DATA / "sweeping_rules.json", SweepingRules)
