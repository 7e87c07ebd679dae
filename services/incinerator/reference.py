"""The versioned data files that ship with the incinerator service."""

from dataclasses import fields
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from services.incinerator.domain.exceedances import Limit
from services.incinerator.domain.means import MeanRules, Period
from shared.clock import city_zone
from shared.versions import moments_in, valid_at
from shared.vocabulary import Measured, OperatingCondition

DATA = Path(__file__).parent / "data"


def emission_limits() -> tuple[Limit, ...]:
    """Every version; `domain.exceedances.limits_at` says which are in force."""
    return _emission_limits(city_zone())


@cache
def _emission_limits(_: ZoneInfo) -> tuple[Limit, ...]:
    return tuple(
        Limit(
            measured=Measured(one["measured"]),
            period=Period(one["period"]),
            limit=one["limit"],
            unit=one["unit"],
            source=version["source"],
            valid_from=start,
            allowed_a_day=one.get("allowed_a_day"),
        )
        for start, version in moments_in(DATA / "emission_limits.json")
        for one in version["limits"]
    )


def mean_rules_at(at: datetime) -> MeanRules:
    version = valid_at(DATA / "mean_rules.json", at)
    given = {f.name: version[f.name] for f in fields(MeanRules)}
    return MeanRules(**given | {"valid_marks": tuple(version["valid_marks"])})


def exempting_at(at: datetime) -> frozenset[OperatingCondition]:
    return frozenset(map(OperatingCondition, valid_at(DATA / "operating_marks.json", at)["exempting"]))


def factors_at(at: datetime) -> dict[str, Measured]:
    """What a factor code of HJ 212 stands for."""
    return {code: Measured(name) for code, name in valid_at(DATA / "factors.json", at)["factors"].items()}
