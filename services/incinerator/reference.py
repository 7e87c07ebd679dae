"""The versioned data files that ship with the incinerator service."""

import json
from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from services.incinerator.rules.exceedances import Limit
from services.incinerator.rules.means import MeanRules, Period
from shared.vocabulary import Measured, OperatingCondition

DATA = Path(__file__).parent / "data"


@cache
def emission_limits() -> tuple[Limit, ...]:
    """Every version; `rules.exceedances.limits_at` says which are in force."""
    return tuple(
        Limit(
            measured=Measured(one["measured"]), period=Period(one["period"]), limit=one["limit"], unit=one["unit"],
            source=version["source"], valid_from=start, allowed_a_day=one.get("allowed_a_day"),
        )
        for start, version in _versions("emission_limits.json")
        for one in version["limits"]
    )  # fmt: skip


def mean_rules_at(at: datetime) -> MeanRules:
    version = _valid_at("mean_rules.json", at)
    given = {f.name: version[f.name] for f in fields(MeanRules)}
    return MeanRules(**given | {"valid_marks": tuple(version["valid_marks"])})


def exempting_at(at: datetime) -> frozenset[OperatingCondition]:
    return frozenset(map(OperatingCondition, _valid_at("operating_marks.json", at)["exempting"]))


def factors_at(at: datetime) -> dict[str, Measured]:
    """What a factor code of HJ 212 stands for."""
    return {code: Measured(name) for code, name in _valid_at("factors.json", at)["factors"].items()}


@cache
def _versions(name: str) -> list[tuple[datetime, dict[str, Any]]]:
    versions = json.loads((DATA / name).read_text("utf-8"))["versions"]
    return sorted(((datetime.fromisoformat(v["valid_from"]), v) for v in versions), key=lambda pair: pair[0])


def _valid_at(name: str, at: datetime) -> dict[str, Any]:
    valid = [version for start, version in _versions(name) if start <= at] or [_versions(name)[0][1]]
    return valid[-1]
