"""The versioned data files that ship with the complaint service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.complaint.rules.categories import Categories, Category
from services.complaint.rules.clocks import ClockRules
from services.complaint.rules.intake import IntakeRules
from services.complaint.rules.versions import Version, in_force

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTemplates(Version):
    """By outcome of the evidence: zh and en."""

    by_outcome: Mapping[str, tuple[str, str]]


def clock_rules(at: datetime) -> ClockRules:
    return in_force(_clock_rules(), at.date())


def intake_rules(at: datetime) -> IntakeRules:
    return in_force(_intake_rules(), at.date())


def categories(at: datetime) -> Categories:
    return in_force(_categories(), at.date())


def category(code: str, at: datetime) -> Category | None:
    return _by_code(categories(at).valid_from.isoformat()).get(code)


def reply_templates(at: datetime) -> ReplyTemplates:
    return in_force(_reply_templates(), at.date())


@cache
def _by_code(valid_from: str) -> dict[str, Category]:
    return next(version.by_code() for version in _categories() if version.valid_from.isoformat() == valid_from)


@cache
def _clock_rules() -> tuple[ClockRules, ...]:
    return tuple(ClockRules.from_json(version) for version in _versions("clock_rules.json"))


@cache
def _intake_rules() -> tuple[IntakeRules, ...]:
    return tuple(IntakeRules.from_json(version) for version in _versions("intake_rules.json"))


@cache
def _categories() -> tuple[Categories, ...]:
    return tuple(Categories.from_json(version) for version in _versions("categories.json"))


@cache
def _reply_templates() -> tuple[ReplyTemplates, ...]:
    return tuple(ReplyTemplates.from_json(version) for version in _versions("reply_templates.json"))


def _versions(name: str) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))["versions"]
    return versions
