"""The cleanliness index, a function of sums: exact in fractions from the observations on, rounded only to be shown.

Every observation is a value of 0-100 points in whole ten-thousandths, so that sums are integers and their order is nothing.
site = Σ place type weight × mean of that type; operation likewise over its measures; index = Σ part weight × part.
What has no observation is left out and the other weights are scaled up; no complaints among known residents are 100 points.
Without a site inspection there is no index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from shared.versions import Version

UNIT = 10_000
"""Ten-thousandths of a point."""
SITE, SATISFACTION, OPERATION = "site", "satisfaction", "operation"
PUNCTUALITY, NOT_MISSED, COMPLAINTS, RECTIFICATION = "punctuality", "not_missed", "complaints", "rectification"
PER_RESIDENTS = 10_000
Z_95 = Decimal("1.96")
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """An index at least so high with at least so many complaints per 10,000 residents is flagged."""

    index_at_least: str
    complaints_per_10k_at_least: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Methodology(Version):
    """Decimals are text. `parts`: weight of site, satisfaction, operation. `operation`, `place_types`: weights within those.
    `grades`: name and lowest index, best first. `points_per_complaint`: taken off 100 for each complaint per 10,000 residents."""

    parts: Mapping[str, str]
    operation: Mapping[str, str]
    place_types: Mapping[str, str]
    grades: Sequence[tuple[str, str]]
    points_per_complaint: str
    cross_check: CrossCheck
    appeal_days: int
    ties: str
    """`unrounded`: ranked by what is not rounded; those still equal share the rank, and the next one is as far behind."""


class Sum(NamedTuple):
    """Of observations of one kind: how many, their values, the squares of their values."""

    n: int
    total: int
    squares: int


Sums = Mapping[str, Sum]
"""By kind: `site:<place type>`, `satisfaction`, `punctuality`, `not_missed`, `complaints`, `rectification`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Points of 0-100. `half_width`: of the 95 % confidence interval that the samples give."""

    index: Fraction | None
    parts: Mapping[str, Fraction]
    operation: Mapping[str, Fraction]
    place_types: Mapping[str, Fraction]
    half_width: Decimal | None
    complaints_per_10k: Fraction | None


def measure(method: Methodology, sums: Sums, residents: int) -> Measured:
    types = {kind.partition(":")[2]: mean(one) for kind, one in sums.items() if kind.startswith("site:") and one.n}
    operation = {name: mean(sums[name]) for name in (PUNCTUALITY, NOT_MISSED, RECTIFICATION) if name in sums and sums[name].n}
    per_10k = Fraction(sums[COMPLAINTS].n * PER_RESIDENTS if COMPLAINTS in sums else 0, residents) if residents else None
    if per_10k is not None:
        operation[COMPLAINTS] = max(Fraction(0), 100 - Fraction(method.points_per_complaint) * per_10k)
    parts = {SITE: weighted(method.place_types, types), OPERATION: weighted(method.operation, operation)}
    if SATISFACTION in sums and sums[SATISFACTION].n:
        parts[SATISFACTION] = mean(sums[SATISFACTION])
    known = {name: value for name, value in parts.items() if value is not None}
    index = composite(method, known) if SITE in known else None
    return Measured(
        index=index,
        parts=known,
        operation=operation,
        place_types=types,
        complaints_per_10k=per_10k,
        half_width=None if index is None else _half_width(method, sums, known),
    )


def mean(one: Sum) -> Fraction:
    return Fraction(one.total, one.n * UNIT)


def composite(method: Methodology, parts: Mapping[str, Fraction]) -> Fraction | None:
    return weighted(method.parts, parts)


def weighted(weights: Mapping[str, str], values: Mapping[str, Fraction]) -> Fraction | None:
    """The mean of what is there and has a weight; None of nothing."""
    used = {name: Fraction(weights[name]) for name in values if Fraction(weights.get(name, "0"))}
    if not used:
        return None
    return sum((weight * values[name] for name, weight in used.items()), Fraction(0)) / sum(used.values())


def _shares(weights: Mapping[str, str], present: Iterable[str]) -> dict[str, Fraction]:
    used = {name: Fraction(weights.get(name, "0")) for name in present}
    whole = sum(used.values())
    return {name: weight / whole for name, weight in used.items()} if whole else {}


def _half_width(method: Methodology, sums: Sums, parts: Mapping[str, Fraction]) -> Decimal | None:
    """Of a stratified sample: the variances of the strata's means, weighted with the squares of their shares. None when a
    stratum was seen only once: nobody knows how much it varies."""
    shares = _shares(method.parts, parts)
    strata = {kind: one for kind, one in sums.items() if kind.startswith("site:") and one.n}
    within = _shares(method.place_types, [kind.partition(":")[2] for kind in strata])
    weights = {kind: shares.get(SITE, Fraction(0)) * within.get(kind.partition(":")[2], Fraction(0)) for kind in strata}
    if SATISFACTION in parts:
        strata[SATISFACTION], weights[SATISFACTION] = sums[SATISFACTION], shares.get(SATISFACTION, Fraction(0))
    variance = Fraction(0)
    for kind, one in strata.items():
        if not weights[kind]:
            continue
        if one.n == 1:
            return None
        spread = Fraction(one.squares * one.n - one.total**2, one.n * (one.n - 1) * UNIT**2)
        variance += weights[kind] ** 2 * spread / one.n
    return _EXACT.multiply(Z_95, _EXACT.sqrt(_decimal(variance)))


def _decimal(value: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def shown(value: Fraction | Decimal | None, places: int = 2) -> str | None:
    return None if value is None else rounded(value, places)


def rounded(value: Fraction | Decimal, places: int) -> str:
    """Half up."""
    number = _decimal(value) if isinstance(value, Fraction) else value
    return str(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT))


def grade(method: Methodology, index: Fraction | None) -> str | None:
    """By the unrounded index; the last band takes the rest."""
    return None if index is None else next(name for name, lowest in method.grades if index >= Fraction(lowest))


def ranked(values: Mapping[str, Fraction | None]) -> list[tuple[str, int | None]]:
    """Areas, best first, with their ranks; equal values share the better one. Without a value: last, no rank."""
    order = sorted((key for key in values if values[key] is not None), key=lambda key: (-(values[key] or 0), key))
    ranks: list[tuple[str, int | None]] = []
    for place, key in enumerate(order, start=1):
        tied = place > 1 and values[order[place - 2]] == values[key]
        ranks.append((key, ranks[-1][1] if tied else place))
    return ranks + [(key, None) for key in sorted(values) if values[key] is None]


def flags(method: Methodology, measured: Measured) -> list[str]:
    """What a person should look at."""
    high, many = Fraction(method.cross_check.index_at_least), Fraction(method.cross_check.complaints_per_10k_at_least)
    if measured.index is None or measured.complaints_per_10k is None:
        return []
    return ["index_high_complaints_high"] if measured.index >= high and measured.complaints_per_10k >= many else []
