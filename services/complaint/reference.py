"""The versioned data files that ship with the complaint service."""

from datetime import datetime
from functools import cache
from pathlib import Path

from services.complaint.domain.categories import Categories, Category
from services.complaint.domain.clocks import ClockRules
from services.complaint.domain.evidence import ReplyTemplates
from services.complaint.domain.intake import IntakeRules
from shared.versions import in_force_at, versions_in

DATA = Path(__file__).parent / "data"


def clock_rules(at: datetime) -> ClockRules:
    return in_force_at(versions_in(DATA / "clock_rules.json", ClockRules), at)


def intake_rules(at: datetime) -> IntakeRules:
    return in_force_at(versions_in(DATA / "intake_rules.json", IntakeRules), at)


def categories(at: datetime) -> Categories:
    return in_force_at(versions_in(DATA / "categories.json", Categories), at)


def category(code: str, at: datetime) -> Category | None:
    return _by_code(categories(at).valid_from.isoformat()).get(code)


def reply_templates(at: datetime) -> ReplyTemplates:
    return in_force_at(versions_in(DATA / "reply_templates.json", ReplyTemplates), at)


@cache
def _by_code(valid_from: str) -> dict[str, Category]:
    versions = versions_in(DATA / "categories.json", Categories)
    return next(version.by_code() for version in versions if version.valid_from.isoformat() == valid_from)
