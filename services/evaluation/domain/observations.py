"""What facts say of areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.evaluation.domain.index import UNIT

FULL, NONE = 100 * UNIT, 0
Detail = Mapping[str, str | Mapping[str, str]]
"""For everybody who may see an observation: no plate, no person, no words of a citizen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """`values`: by kind, in ten-thousandths of a point."""

    period: date
    area_id: str
    at: datetime
    values: Mapping[str, int]
    href: str
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Of an area, from change `seq` on. `fact`: `inspection:<id>`, `stop:<id>`, …; `href`: where those who may read more."""

    fact: str
    kind: str
    seq: int
    observation_id: str
    period: date
    area_id: str
    value_e4: int
    at: datetime
    detail: Detail
    href: str

    def says_the_same(self, other: "Observation") -> bool:
        return (self.kind, self.period, self.area_id, self.value_e4, self.detail) == (
            other.kind,
            other.period,
            other.area_id,
            other.value_e4,
            other.detail,
        )


def say_the_same(before: Sequence[Observation], after: Sequence[Observation]) -> bool:
    return len(before) == len(after) and all(one.says_the_same(other) for one, other in zip(before, after, strict=True))


def observations_of(fact: str, observation_id: str, posted: Posted | None) -> list[Observation]:
    """One of each kind, in their order; they are given the number of their change when they are stored."""
    if posted is None:
        return []
    return [
        Observation(
            fact=fact,
            kind=kind,
            seq=0,
            observation_id=observation_id,
            period=posted.period,
            area_id=posted.area_id,
            value_e4=value,
            at=posted.at,
            detail=posted.detail,
            href=posted.href,
        )
        for kind, value in sorted(posted.values.items())
    ]
