"""The rules that ship with the incinerator service."""

from pathlib import Path

from services.incinerator.domain.exceedances import EmissionLimits, Limit
from services.incinerator.domain.marks import ExemptingConditions
from services.incinerator.domain.means import MeanRules
from services.incinerator.domain.plants import Factors
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

EMISSION_LIMITS = RuleBook(DATA / "emission_limits.json", EmissionLimits)
FACTORS = RuleBook(DATA / "factors.json", Factors)
MEAN_RULES = RuleBook(DATA / "mean_rules.json", MeanRules)
OPERATING_MARKS = RuleBook(DATA / "operating_marks.json", ExemptingConditions)


def emission_limits() -> list[Limit]:
    """Every limit of every version; `domain.exceedances.limits_at` says which are in force."""
    return [limit for start, version in EMISSION_LIMITS.begun for limit in version.from_moment(start)]
