"""Findings of the balance: opened, changed and withdrawn by the data; explained and closed by a person."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Self

from services.gateway.domain.tickets import HAUL_DUE, NO_VEHICLE, STATION_DAY, TRUCK, Subject
from services.gateway.domain.weighing import Difference
from shared.domain_errors import Conflict
from shared.vocabulary import FindingCause, FindingKind, FindingStatus

EXPLAINED = (FindingStatus.EXPLAINED, FindingStatus.CLOSED)
OVER = (FindingStatus.CLOSED, FindingStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilters:
    status: FindingStatus | None = None
    kind: FindingKind | None = None
    day: date | None = None
    vehicle_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """What the data says of a subject. `difference_kg`: found − expected. `likely_cause`: a hint. `factor`: of a scale."""

    day: date
    expected_kg: int
    found_kg: int
    difference_kg: int
    tolerance_kg: int
    likely_cause: FindingCause | None = None
    vehicle_id: str | None = None
    site_id: str | None = None
    contractor_id: str | None = None
    district_id: str | None = None
    stream: str | None = None
    factor: float | None = None

    @classmethod
    def of(cls, difference: Difference, day: date, **about: Any) -> Self:
        """`about`: where and whose it is."""
        return cls(
            day=day,
            expected_kg=difference.expected_kg,
            found_kg=difference.found_kg,
            difference_kg=difference.kg,
            tolerance_kg=difference.tolerance_kg,
            **about,
        )


DATA = tuple(field.name for field in fields(Discrepancy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Discrepancy):
    """`subject_id`: the ticket, haul, truck, or station:stream:day that it is about. `cause`, `note`: what a person said.

    Each step is the next revision, dated `at`.
    """

    finding_id: str
    revision: int
    kind: FindingKind
    subject_id: str
    status: FindingStatus
    cause: FindingCause | None
    note: str | None
    opened_at: datetime
    changed_at: datetime

    @classmethod
    def opened(cls, kind: FindingKind, subject_id: str, discrepancy: Discrepancy, at: datetime) -> Self:
        data = {name: getattr(discrepancy, name) for name in DATA}
        return cls(
            **data,
            finding_id=id_of(kind, subject_id),
            revision=1,
            kind=kind,
            subject_id=subject_id,
            status=FindingStatus.OPEN,
            cause=None,
            note=None,
            opened_at=at,
            changed_at=at,
        )

    def seen_as(self, discrepancy: Discrepancy, at: datetime) -> Self:
        """As the data shows it now; itself when that is the same. What a person explained or closed stays so while the
        difference stays the same."""
        same = all(getattr(self, name) == getattr(discrepancy, name) for name in DATA)
        if same and self.status is not FindingStatus.WITHDRAWN:
            return self
        seen = replace(self, **{name: getattr(discrepancy, name) for name in DATA})
        if self.status is FindingStatus.WITHDRAWN or self.difference_kg != discrepancy.difference_kg:
            seen = replace(seen, status=FindingStatus.OPEN, cause=None, note=None)
        return seen._next(at)

    def withdrawn(self, at: datetime) -> Self:
        """The data finds nothing any more."""
        if self.status is FindingStatus.WITHDRAWN:
            return self
        return self._next(at, status=FindingStatus.WITHDRAWN, cause=None, note=None)

    def explained(self, revision: int, cause: FindingCause, note: str, status: FindingStatus, at: datetime) -> Self:
        """Why it is so, by a person who read this revision. Conflict when it has changed since, or is over."""
        if self.revision != revision:
            raise Conflict(
                f"the finding has changed since: it is at revision {self.revision} now; read it again", code="finding_changed"
            )
        if self.status in OVER:
            raise Conflict(f"the finding is {self.status}; only one that is open or explained can be", code="finding_over")
        return self._next(at, status=status, cause=cause, note=note)

    @property
    def explanation(self) -> FindingCause | None:
        """The cause, once a person has said it."""
        return self.cause if self.status in EXPLAINED else None

    @property
    def residue(self) -> Subject | None:
        """What has to be worked out again when its cause is named; None where no residue carries it."""
        match self.kind:
            case FindingKind.TRIP_DIFFERENCE:
                return Subject(TRUCK, self.vehicle_id or NO_VEHICLE)
            case FindingKind.HAUL_DIFFERENCE:
                return Subject(HAUL_DUE, self.subject_id)
            case FindingKind.STATION_DIFFERENCE:
                return Subject(STATION_DAY, self.subject_id)
        return None

    def _next(self, at: datetime, **changes: Any) -> Self:
        return replace(self, revision=self.revision + 1, changed_at=at, **changes)


def id_of(kind: FindingKind, subject_id: str) -> str:
    return f"{kind}:{subject_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding as it stood after a change. `actor`: the token's id; empty: the data changed it."""

    actor: str
    finding: Finding
