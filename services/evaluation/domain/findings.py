"""What an inspection found, until it is mended and checked; a deadline that passes is counted once."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from services.evaluation.domain.checklists import ChecklistItem
from services.evaluation.domain.contracts import Evidence, Fact
from services.evaluation.domain.index import RECTIFICATION
from services.evaluation.domain.inspections import Inspection
from services.evaluation.domain.observations import FULL, NONE, Posted
from services.evaluation.domain.refusals import Refused
from shared.assessment import RectificationStatus, Severity

DRIPPING = "dripping"
MENDED = "mended"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingEvent:
    """What was done about it, by whom."""

    what: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`mended_at`: on the street, so a late word of it counts at its own time. `judged`: that it was mended in time, or not, is
    counted."""

    finding_id: str
    revision: int
    inspection_id: str
    place_id: str
    area_id: str
    contractor_id: str | None
    item: str
    matter_code: str
    severity: Severity
    note: str | None
    status: RectificationStatus
    found_at: datetime
    due_at: datetime
    mended_at: datetime | None
    checked_at: datetime | None
    overdue: bool
    judged: bool
    history: tuple[FindingEvent, ...]
    changed_at: datetime

    @classmethod
    def opened(
        cls, finding_id: str, inspection: Inspection, item: ChecklistItem, contractor_id: str | None, at: datetime
    ) -> Self:
        """`contractor_id`: who answers for the place."""
        finding = cls(
            finding_id=finding_id,
            revision=0,
            inspection_id=inspection.inspection_id,
            place_id=inspection.place_id,
            area_id=inspection.area_id,
            contractor_id=contractor_id,
            item=item.code,
            matter_code=item.matter_code,
            severity=item.severity,
            note=inspection.notes.get(item.code),
            status=RectificationStatus.OPEN,
            found_at=inspection.at,
            due_at=inspection.at + timedelta(hours=item.rectify_hours),
            mended_at=None,
            checked_at=None,
            overdue=False,
            judged=False,
            history=(),
            changed_at=at,
        )
        return finding._next("found", inspection.person, at, at)

    # --- what becomes of it ---------------------------------------------------------------------------------

    def mended(self, by: str, mended_at: datetime, note: str, at: datetime) -> Self:
        """Somebody says that it was mended, when on the street; the earliest word of it that stands is what counts."""
        if self.status in {RectificationStatus.PASSED, RectificationStatus.WITHDRAWN}:
            raise Refused(f"this finding is {self.status}")
        if mended_at < self.found_at:
            raise Refused("it cannot have been mended before it was found")
        finding = replace(self, status=RectificationStatus.MENDED, mended_at=min(mended_at, self.mended_at or mended_at))
        return finding._next(f"{MENDED} {note}".strip(), by, mended_at, at)

    def require_checkable(self) -> None:
        if self.status != RectificationStatus.MENDED:
            raise Refused("only what is mended can be checked")

    def checked(self, by: str, checked_at: datetime, passed: bool, note: str, at: datetime) -> Self:
        """A re-check: passed, or open again with the same deadline."""
        self.require_checkable()
        status = RectificationStatus.PASSED if passed else RectificationStatus.OPEN
        finding = replace(self, status=status, checked_at=checked_at, mended_at=self.mended_at if passed else None)
        return finding._next(f"check {'passed' if passed else 'failed'} {note}".strip(), by, checked_at, at)

    def withdrawn(self, by: str, reason: str, at: datetime) -> Self:
        """Its inspection counts for nothing any more."""
        return replace(self, status=RectificationStatus.WITHDRAWN)._next(reason, by, at, at)

    def deadline_passed(self, at: datetime) -> Self:
        return self._next("deadline passed", "rules", at, at)

    def _next(self, what: str, by: str, happened_at: datetime, at: datetime) -> Self:
        """The next revision. In time when it was mended before the deadline, on the street; late word of that takes "overdue"
        back."""
        late = self.mended_at is None or self.mended_at > self.due_at
        gone, over = self.status == RectificationStatus.WITHDRAWN, self.due_at <= at
        return replace(
            self,
            revision=self.revision + 1,
            history=(*self.history, FindingEvent(what=what, by=by, at=happened_at)),
            changed_at=at,
            overdue=not gone and late and over,
            judged=gone or not late or over,
        )

    # --- what it means --------------------------------------------------------------------------------------

    @property
    def stands(self) -> bool:
        return self.status != RectificationStatus.WITHDRAWN

    @property
    def is_waiting(self) -> bool:
        """For somebody to mend or to check it."""
        return self.status in {RectificationStatus.OPEN, RectificationStatus.MENDED}

    @property
    def last_mended_by(self) -> str | None:
        return next((event.by for event in reversed(self.history) if event.what.startswith(MENDED)), None)

    @property
    def href(self) -> str:
        return f"/v1/findings-of-inspections/{self.finding_id}"

    def posted(self, period: date) -> Posted | None:
        """What it says of its area. `period`: the month of its deadline."""
        if not self.judged or not self.stands:
            return None
        return Posted(
            period=period,
            area_id=self.area_id,
            at=self.due_at,
            values={RECTIFICATION: NONE if self.overdue else FULL},
            href=self.href,
            detail={"item": self.item, "matter_code": self.matter_code},
        )

    def facts(self, found_on: date, due_on: date) -> list[Fact]:
        """The finding itself, and that it was not mended in time: two things a contract may deduct for."""
        if self.contractor_id is None:
            return []
        kind = "finding_dripping" if self.item == DRIPPING else f"finding_{self.severity}"
        finding_fact = self._fact("finding", kind, self.found_at, found_on, applies=self.stands)
        late = self._fact("rectification", "rectification_overdue", self.due_at, due_on, applies=self.stands and self.overdue)
        return [finding_fact, late]

    def _fact(self, prefix: str, kind: str, at: datetime, day: date, *, applies: bool) -> Fact:
        evidence = (
            Evidence(kind="finding", id=self.finding_id, href=self.href),
            Evidence(kind="inspection", id=self.inspection_id, href=f"/v1/inspections/{self.inspection_id}"),
        )
        return Fact(
            fact=f"{prefix}:{self.finding_id}",
            revision=self.revision,
            kind=kind,
            applies=applies,
            at=at,
            day=day,
            contractor_id=self.contractor_id,
            area_id=self.area_id,
            evidence=evidence,
        )
