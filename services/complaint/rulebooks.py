"""The rules that ship with the complaint service."""

from datetime import datetime
from pathlib import Path

from services.complaint.domain.categories import Categories, Category
from services.complaint.domain.clocks import ClockRules
from services.complaint.domain.evidence import ReplyTemplates
from services.complaint.domain.intake import IntakeRules
from shared.versions import RuleBook

DATA = Path(__file__).parent / "data"

CATEGORIES = RuleBook(DATA / "categories.json", Categories)
CLOCK_RULES = RuleBook(DATA / "clock_rules.json", ClockRules)
INTAKE_RULES = RuleBook(DATA / "intake_rules.json", IntakeRules)
REPLY_TEMPLATES = RuleBook(DATA / "reply_templates.json", ReplyTemplates)


def category(code: str, at: datetime) -> Category | None:
    """What the code stood for at a moment."""
    return CATEGORIES.at(at).by_code().get(code)
