"""The versioned data files that ship with the route service."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from services.route.rules.exceptions import ExceptionRules
from services.route.rules.judgement import JudgementRules
from services.route.rules.limits import ImportLimits

DATA = Path(__file__).parent / "data"


@cache
def import_limits() -> tuple[ImportLimits, ...]:
    return tuple(ImportLimits.from_json(version) for version in _versions("import_limits.json"))


@cache
def judgement_rules() -> tuple[JudgementRules, ...]:
    return tuple(JudgementRules.from_json(version) for version in _versions("judgement_rules.json"))


@cache
def exception_rules() -> tuple[ExceptionRules, ...]:
    return tuple(ExceptionRules.from_json(version) for version in _versions("exception_rules.json"))


def _versions(name: str) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))["versions"]
    return versions
