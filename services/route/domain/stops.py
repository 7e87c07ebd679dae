"""A stop of a run as it is recorded, and how a judgement changes it.

A dispatcher's ruling stands above the rules; what they find beneath it stays in the evidence.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.route.domain.coverage.rules import Section, SweepingRules
from services.route.domain.judging.findings import NOTHING_KNOWN, Evidence, Judgement, Ruling
from services.route.domain.places import COVERAGE, PASSING, PlannedStop
from shared.domain_errors import Conflict
from shared.geo import Point
from shared.vocabulary import Task, Verdict, WasteStream

LATE_DATA = "late data"
EVIDENCE_PAUSE = timedelta(seconds=30)
"""While a truck stands at a stop its evidence grows with every fix; it is written at most this often, the verdict at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """`deadline`: how long it is waited for (window_end and grace). `revision` 0: not judged yet. `not_before`: when it was
    ordered, where a dispatch order made it. `line`: of its section as it was when the run was made."""

    stop_id: str
    run_id: str
    service_day: date
    vehicle_id: str | None
    contractor_id: str | None
    district_id: str | None
    seq: int
    key: str
    service_point_id: str
    name: str
    lon: float
    lat: float
    stream: WasteStream
    expected_kg: int | None = None
    mode: str = PASSING
    task: Task = Task.COLLECTION
    section_id: str | None = None
    line: tuple[Point, ...] | None = None
    not_before: datetime | None = None
    planned_at: datetime
    window_start: datetime
    window_end: datetime
    deadline: datetime
    verdict: Verdict = Verdict.PLANNED
    revision: int = 0
    served_at: datetime | None = None
    evidence: Evidence | None = None
    judged_at: datetime | None = None
    ruling: Ruling | None = None

    @property
    def known(self) -> Evidence:
        return self.evidence or NOTHING_KNOWN

    @property
    def last_judged_at(self) -> datetime:
        if self.judged_at is None:
            raise LookupError(f"nobody has judged stop {self.stop_id}")
        return self.judged_at

    def planned(self, rules: SweepingRules) -> PlannedStop:
        """What judging needs to know of it."""
        return PlannedStop(
            stop_id=self.stop_id,
            service_point_id=self.service_point_id,
            lon=self.lon,
            lat=self.lat,
            planned_at=self.planned_at,
            window_start=self.window_start,
            window_end=self.window_end,
            mode=self.mode,
            not_before=self.not_before,
            section=self._section(rules),
        )

    def _section(self, rules: SweepingRules) -> Section | None:
        if self.mode != COVERAGE or not self.line:
            return None
        return Section(self.task, self.line, rules.coverage[self.task])

    # --- what becomes of it

    def judged(self, judgement: Judgement, at: datetime) -> "Stop":
        """The next revision; itself where nothing differs from what was decided before."""
        verdict, evidence = judgement.verdict, judgement.evidence or NOTHING_KNOWN
        if self.ruling is not None:
            verdict, evidence = self.ruling.verdict, replace(evidence, ruling=self.ruling, by_the_rules=judgement.verdict)
        if (verdict, judgement.served_at, evidence) == (self.verdict, self.served_at, self.known):
            return self
        new = replace(self, verdict=verdict, served_at=judgement.served_at, evidence=evidence)
        return replace(new, judged_at=at, revision=self.revision + 1)

    def waits_until(self, after: "Stop", at: datetime) -> datetime | None:
        """When evidence that only grows is to be written; None: at once."""
        if not self.is_decided_as(after) or self.known.ruling != after.known.ruling or self.judged_at is None:
            return None
        due_at = self.judged_at + EVIDENCE_PAUSE
        return due_at if at < due_at else None

    def is_decided_as(self, other: "Stop") -> bool:
        return (self.verdict, self.served_at) == (other.verdict, other.served_at)

    def ruled(self, ruling: Ruling | None) -> "Stop":
        """A dispatcher decides over the rules, or takes that back. Conflict when there is nothing to take back."""
        if ruling is None and self.ruling is None:
            raise Conflict("nobody has ruled on this stop; there is nothing to take back")
        return replace(self, ruling=ruling)

    def by_the_rules(self) -> Judgement:
        """What they found, beneath a ruling if there is one."""
        evidence = replace(self.known, ruling=None, by_the_rules=None)
        return Judgement(self.stop_id, self.known.by_the_rules or self.verdict, self.served_at, evidence)

    def given_to(self, run_id: str, vehicle_id: str | None, contractor_id: str | None) -> "Stop":
        return replace(self, run_id=run_id, vehicle_id=vehicle_id, contractor_id=contractor_id)


# --- its history ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StopVerdict:
    """One judgement of a stop's history. `at`: when it became so on the street, `decided_at`: when we knew; `known_until`: how
    far the vehicle's data reached then."""

    stop_id: str
    revision: int
    verdict: Verdict
    at: datetime
    served_at: datetime | None
    evidence: Evidence | None
    known_until: datetime | None
    decided_at: datetime
    reason: str


def verdict_on(before: Stop, after: Stop, at: datetime, known_until: datetime | None, because: str | None = None) -> StopVerdict:
    """What changed, with its reason: `because`, where the caller knows it and the facts do not tell."""
    return StopVerdict(
        stop_id=after.stop_id,
        revision=after.revision,
        verdict=after.verdict,
        at=_came_true_at(after, at),
        served_at=after.served_at,
        evidence=after.evidence,
        known_until=known_until,
        decided_at=at,
        reason=because or _reason(before, after),
    )


def _came_true_at(after: Stop, judged_at: datetime) -> datetime:
    if after.served_at is not None:
        return after.served_at
    if after.known.excused_at is not None:
        return after.known.excused_at
    return judged_at if after.verdict is Verdict.PLANNED or after.known.ruling is not None else after.deadline


def _reason(before: Stop, after: Stop) -> str:
    """Why a verdict is no longer what it was."""
    if after.known.ruling != before.known.ruling:
        return "a dispatcher's ruling" if after.known.ruling is not None else "the dispatcher's ruling was withdrawn"
    if after.verdict is Verdict.EXCEPTED and before.verdict is not Verdict.EXCEPTED:
        return "the driver reported an exception"
    if before.verdict is Verdict.PLANNED:
        return _first_reason(after)
    return "more evidence" if before.is_decided_as(after) else LATE_DATA


def _first_reason(after: Stop) -> str:
    if after.verdict not in {Verdict.MISSED, Verdict.UNKNOWN}:
        return "the truck came"
    if after.verdict is Verdict.MISSED and after.known.what == "coverage":
        return "too little of the section was covered in time"
    if after.verdict is Verdict.MISSED and after.known.visit_from is not None:
        return "it was collected, but nobody reported its disinfection"
    return "nobody came in time"
