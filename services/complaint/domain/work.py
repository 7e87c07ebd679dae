"""A case while it is worked on: how it stands, and what is to be recorded at the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from services.complaint.domain.cases import Case
from services.complaint.domain.casework import ENDS, ClockChange, Done, Standing, Terms
from services.complaint.domain.clocks import Clock, RecordedClock
from services.complaint.domain.history import CaseEvent, Changed, ClockEntry, PauseEntry
from shared.vocabulary import ClockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`stored`: as it was read, None of a new one. `touched`: the clocks to be recorded anew, by kind and round."""

    case: Case
    stored: Case | None
    standing: Standing
    terms: Terms
    at: datetime
    actor: str
    events: tuple[CaseEvent, ...] = ()
    touched: Mapping[tuple[ClockKind, int], Clock] = field(default_factory=dict)

    @classmethod
    def on(cls, case: Case, clocks: Iterable[RecordedClock], terms: Terms, actor: str, at: datetime) -> Self:
        return cls(case=case, stored=case, standing=case.standing(clocks), terms=terms, at=at, actor=actor)

    @classmethod
    def on_new(cls, case: Case, terms: Terms, actor: str, at: datetime) -> Self:
        """A complaint came in: its first clocks run."""
        done = Standing.begin(case.has_contact, at, terms)
        work = cls(case=case, stored=None, standing=done.standing, terms=terms, at=at, actor=actor)
        return work.log("receive", done.changes)

    def with_case(self, case: Case) -> Self:
        return replace(self, case=case)

    def with_terms(self, terms: Terms) -> Self:
        return replace(self, terms=terms)

    def standing_as(self, done: Done) -> Self:
        """After a step; what it did to the clocks is for `log`."""
        return replace(self, standing=done.standing, case=replace(self.case, status=done.standing.status))

    def log(
        self,
        step: str,
        changes: Sequence[ClockChange] = (),
        *,
        person: str | None = None,
        note: str = "",
        changed: Changed | None = None,
    ) -> Self:
        case = replace(self.case, events=self.case.events + 1)
        event = CaseEvent(
            case_id=case.case_id,
            seq=case.events,
            step=step,
            status=case.status,
            at=self.at,
            actor=self.actor,
            person=person,
            note=note or None,
            responsible=case.responsible,
            clocks=tuple(_entry(change, self.terms) for change in changes),
            changed=changed or {},
        )
        work = replace(self, case=case, events=(*self.events, event))
        return work.touch(*(change.clock for change in changes))

    def touch(self, *clocks: Clock) -> Self:
        """Record these clocks anew."""
        return replace(self, touched={**self.touched, **{(clock.kind, clock.round): clock for clock in clocks}})

    def result(self) -> Case:
        """The case as it is to be saved."""
        standing, due = self.standing, self.standing.running(ClockKind.RESOLVE)
        return replace(
            self.case,
            status=standing.status,
            before_join=standing.before_join,
            round=standing.round,
            returned=standing.returned,
            pressed=standing.pressed,
            extension=standing.asked,
            revision=self.case.revision + 1,
            changed_at=self.at,
            yellow_at=self.terms.yellow_at(due) if due else None,
            due_at=self.terms.due_at(due) if due else None,
            contacted_in_time=standing.was_in_time(ClockKind.CONTACT, self.terms),
            resolved_in_time=standing.was_in_time(ClockKind.RESOLVE, self.terms),
            closed_at=(self.case.closed_at or self.at) if standing.status in ENDS else None,
        )

    def recorded_clocks(self) -> list[RecordedClock]:
        return [self._recorded(clock) for clock in self.touched.values()]

    def _recorded(self, clock: Clock) -> RecordedClock:
        return RecordedClock(
            case_id=self.case.case_id,
            kind=clock.kind,
            round=clock.round,
            started_at=clock.started_at,
            limit_seconds=clock.limit.seconds,
            working=clock.limit.working,
            rules_from=self.terms.rules.valid_from,
            pauses=clock.pauses,
            yellow_at=self.terms.yellow_at(clock),
            due_at=self.terms.due_at(clock),
            stopped_at=clock.stopped_at,
            level=self.case.level,
        )


def _entry(change: ClockChange, terms: Terms) -> ClockEntry | PauseEntry:
    clock = change.clock
    entry = ClockEntry(
        what=change.what,
        kind=clock.kind,
        round=clock.round,
        due_at=terms.due_at(clock),
        limit_seconds=clock.limit.seconds,
        working=clock.limit.working,
    )
    if change.what != "paused":
        return entry
    return PauseEntry(
        what=entry.what,
        kind=entry.kind,
        round=entry.round,
        due_at=entry.due_at,
        limit_seconds=entry.limit_seconds,
        working=entry.working,
        begin=clock.pauses[-1].begin,
        seconds=clock.pauses[-1].seconds,
    )
