"""The versioned data files that ship with the route service."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from services.route.rules.evidence import EvidenceRules
from services.route.rules.exceptions import ExceptionRules
from services.route.rules.judgement import JudgementRules
from services.route.rules.limits import ImportLimits
from services.route.rules.mixing import MixingRules
from services.route.rules.orders import OrderRules
from services.route.rules.progress import ProgressRules
from services.route.rules.sweeping import SweepingRules

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


@cache
def order_rules() -> tuple[OrderRules, ...]:
    return tuple(OrderRules.from_json(version) for version in _versions("order_rules.json"))


@cache
def evidence_rules() -> tuple[EvidenceRules, ...]:
    return tuple(EvidenceRules.from_json(version) for version in _versions("evidence_rules.json"))


@cache
def mixing_rules() -> tuple[MixingRules, ...]:
    return tuple(MixingRules.from_json(version) for version in _versions("mixing_rules.json"))


@cache
def progress_rules() -> tuple[ProgressRules, ...]:
    return tuple(ProgressRules.from_json(version) for version in _versions("progress_rules.json"))


@cache
def sweeping_rules() -> tuple[SweepingRules, ...]:
    return tuple(SweepingRules.from_json(version) for version in _versions("sweeping_rules.json"))


def _versions(name: str) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))["versions"]
    return versions
