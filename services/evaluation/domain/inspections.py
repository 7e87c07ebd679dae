"""Places, plans, and what inspectors saw."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from services.evaluation.domain.observations import Posted
from services.evaluation.domain.refusals import Refused
from services.evaluation.domain.sampling import Drawn
from shared.assessment import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What can be inspected. `contractor_id`: who answers for it. `facilities`: how many of each. `service_point_ids`: where
    its waste is collected."""

    place_id: str
    area_id: str
    place_type: str
    name: str
    lon: float
    lat: float
    contractor_id: str | None
    active: bool
    facilities: Mapping[str, int]
    service_point_ids: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a plan is drawn from. `per_type`: how many places of each type in each area."""

    period: date
    seed: str
    per_type: Mapping[str, int]
    inspectors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Drawn once; the same seed over the same places draws the same."""

    plan_id: str
    period: date
    seed: str
    per_type: Mapping[str, int]
    inspectors: tuple[str, ...]
    drawn_at: datetime

    @classmethod
    def drawn(cls, plan_id: str, wish: Wish, at: datetime) -> Self:
        return cls(
            plan_id=plan_id,
            period=wish.period,
            seed=wish.seed,
            per_type=wish.per_type,
            inspectors=wish.inspectors,
            drawn_at=at,
        )

    def require_same(self, wish: Wish) -> None:
        ours = Wish(period=self.period, seed=self.seed, per_type=self.per_type, inspectors=self.inspectors)
        if ours != wish:
            raise Refused("this plan is drawn; draw another one under a new id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    plan_id: str
    place_id: str
    area_id: str
    place_type: str
    inspector: str

    @classmethod
    def of(cls, plan_id: str, drawn: Drawn) -> Self:
        return cls(
            plan_id=plan_id,
            place_id=drawn.place_id,
            area_id=drawn.area_id,
            place_type=drawn.place_type,
            inspector=drawn.inspector,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`inspected_at`: when somebody did under this plan."""

    plan_id: str
    place_id: str
    name: str
    place_type: str
    area_id: str
    lon: float
    lat: float
    inspected_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """`source`: whose `client_id` it is; `evaluator_id`: a third party's, with the digest of the signed batch it came in."""

    inspection_id: str
    source: str
    client_id: str
    evaluator_id: str | None
    batch_sha256: str | None
    plan_id: str | None
    place_id: str
    area_id: str
    checklist: str
    rules_from: date
    answers: Mapping[str, str]
    notes: Mapping[str, str]
    score_e4: int
    lon: float | None
    lat: float | None
    person: str
    at: datetime
    received_at: datetime
    voided_at: datetime | None = None
    void_reason: str | None = None

    @property
    def fact(self) -> str:
        return f"inspection:{self.inspection_id}"

    def voided(self, reason: str, at: datetime) -> Self:
        """It stays on record and counts for nothing."""
        if self.voided_at is not None:
            raise Refused("this inspection is void")
        return replace(self, voided_at=at, void_reason=reason)

    def posted(self, period: date, place_type: str) -> Posted:
        """What it says of its area."""
        return Posted(
            period=period,
            area_id=self.area_id,
            at=self.at,
            values={f"site:{place_type}": self.score_e4},
            href=f"/v1/inspections/{self.inspection_id}",
            detail={
                "checklist": self.checklist,
                "checklist_version": self.rules_from.isoformat(),
                "answers": self.answers,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProblems:
    """Findings of one item at one kind of place in an area. `open`: not yet mended and checked; `places`: different ones."""

    area_id: str
    place_type: str
    item: str
    severity: Severity
    found: int
    open: int
    overdue: int
    places: int
