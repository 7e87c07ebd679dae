"""The versioned data files that ship with the evaluation service."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.evaluation.rules.checklists import Checklists
from services.evaluation.rules.deductions import DeductionRules
from services.evaluation.rules.index import Methodology
from services.evaluation.rules.versions import in_force

DATA = Path(__file__).parent / "data"


def methodology(day: date) -> Methodology:
    return in_force(methodologies(), day)


def checklists(day: date) -> Checklists:
    return in_force(_checklists(), day)


def deduction_rules(day: date) -> DeductionRules:
    return in_force(_deduction_rules(), day)


@cache
def methodologies() -> tuple[Methodology, ...]:
    return tuple(Methodology.from_json(version) for version in _versions("methodology.json"))


@cache
def _checklists() -> tuple[Checklists, ...]:
    return tuple(Checklists.from_json(version) for version in _versions("checklists.json"))


@cache
def _deduction_rules() -> tuple[DeductionRules, ...]:
    return tuple(DeductionRules.from_json(version) for version in _versions("deduction_rules.json"))


def _versions(name: str) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))["versions"]
    return versions
