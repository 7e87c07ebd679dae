"""One step of a case: from how it stands to how it stands then, and which clocks that started, stopped or paused.

The caller gives the time; nothing here knows a database. `workflow.RULES` says what is allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from services.complaint.domain.clocks import Clock, ClockRules, Limit, due_at, paused, yellow_at
from services.complaint.domain.hours import Hours
from services.complaint.domain.refusals import Refused
from services.complaint.domain.workflow import RULES
from shared.vocabulary import ClockKind, ComplaintStatus
from shared.vocabulary import ComplaintStep as Step

ENDS = frozenset({ComplaintStatus.CLOSED, ComplaintStatus.REJECTED, ComplaintStatus.VOID})
SENT_BACK = frozenset({Step.FAIL_CHECK, Step.REOPEN})


@dataclass(frozen=True, slots=True)
class Asked:
    """An extension that nobody has decided on yet, in counted seconds of the resolve clock."""

    seconds: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for this case: its limits by clock (None: it has no such clock) and the hours they are counted in."""

    rules: ClockRules
    limit: Callable[[ClockKind], Limit | None]
    hours: Callable[[bool], Hours]

    def due_at(self, clock: Clock) -> datetime:
        return due_at(clock, self.hours(clock.limit.working))

    def yellow_at(self, clock: Clock) -> datetime:
        return yellow_at(clock, self.rules, self.hours(clock.limit.working))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    status: ComplaintStatus
    before_join: ComplaintStatus | None = None
    has_contact: bool = True
    round: int = 1
    returned: int = 0
    pressed: int = 0
    asked: Asked | None = None
    clocks: tuple[Clock, ...] = ()

    def running(self, kind: ClockKind) -> Clock | None:
        return next((clock for clock in self.clocks if clock.kind == kind and clock.stopped_at is None), None)

    def was_in_time(self, kind: ClockKind, terms: Terms) -> bool | None:
        """Of all its rounds; None while one runs, or where there was none."""
        clocks = [clock for clock in self.clocks if clock.kind == kind]
        if not clocks or any(clock.stopped_at is None for clock in clocks):
            return None
        return all(clock.stopped_at is not None and clock.stopped_at <= terms.due_at(clock) for clock in clocks)

    @classmethod
    def begin(cls, has_contact: bool, at: datetime, terms: Terms) -> "Done":
        """A complaint came in: the clocks of contact (if there is anybody to contact) and resolution run."""
        done = Done(cls(status=ComplaintStatus.RECEIVED, has_contact=has_contact))
        return _start(_start(done, ClockKind.CONTACT, at, terms), ClockKind.RESOLVE, at, terms)

    def perform(self, step: Step, at: datetime, terms: Terms, asked_seconds: int = 0) -> "Done":
        """Refused where the workflow does not allow it; `asked_seconds`: of ask_extension."""
        rule = RULES[step]
        if self.status not in rule.within:
            raise Refused("not_now", f"a case that is {self.status} cannot be given the step {step}")
        done = Done(replace(self, status=rule.to or self.status))
        if step is Step.ASK_EXTENSION:
            return _ask(done, at, asked_seconds, terms)
        if step in {Step.APPROVE_EXTENSION, Step.REFUSE_EXTENSION}:
            return _decide(done, at, terms, approved=step is Step.APPROVE_EXTENSION)
        done = Done(_marked(self, done.standing, step), done.changes)
        for kind in rule.stops:
            done = done.stop(kind, at)
        for kind in rule.starts:
            done = _start(done, kind, at, terms)
        return done

    def answered_with_main(self, at: datetime) -> "Done":
        """The case that it was joined to is answered: so is this one."""
        return Done(self).stop(ClockKind.CONTACT, at).stop(ClockKind.RESOLVE, at)

    def closed_with_main(self) -> "Done":
        return Done(replace(self, status=ComplaintStatus.CLOSED))


class ClockChange(NamedTuple):
    """`what`: started, stopped or paused."""

    what: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Done:
    standing: Standing
    changes: tuple[ClockChange, ...] = ()

    def stop(self, kind: ClockKind, at: datetime) -> "Done":
        clock = self.standing.running(kind)
        if clock is None:
            return self
        stopped = replace(clock, stopped_at=at)
        asked = None if kind is ClockKind.RESOLVE else self.standing.asked
        return Done(replace(_with(self.standing, stopped), asked=asked), (*self.changes, ClockChange("stopped", stopped)))


def _marked(before: Standing, now: Standing, step: Step) -> Standing:
    """What a step leaves besides status and clocks."""
    if step is Step.JOIN:
        return replace(now, before_join=before.status, asked=None)
    if step is Step.SPLIT:
        return replace(now, status=before.before_join or ComplaintStatus.ACCEPTED, before_join=None)
    if step is Step.PRESS:
        return replace(now, pressed=now.pressed + 1)
    if step is Step.CLOSE and now.running(ClockKind.CALL_BACK) is not None and before.status is ComplaintStatus.REPLIED:
        raise Refused("call_back_first", "somebody waits for a call: call back before closing")
    if step is Step.REOPEN:
        now = replace(now, round=now.round + 1)
    return replace(now, returned=now.returned + 1) if step in SENT_BACK else now


def _start(done: Done, kind: ClockKind, at: datetime, terms: Terms) -> Done:
    limit, now = terms.limit(kind), done.standing
    needs_contact = kind in {ClockKind.CONTACT, ClockKind.CALL_BACK}
    if limit is None or (needs_contact and not now.has_contact) or now.running(kind) is not None:
        return done
    clock = Clock(kind=kind, round=now.round, started_at=at, limit=limit)
    others = tuple(one for one in now.clocks if (one.kind, one.round) != (kind, now.round))
    return Done(replace(now, clocks=(*others, clock)), (*done.changes, ClockChange("started", clock)))


def _with(standing: Standing, clock: Clock) -> Standing:
    key = (clock.kind, clock.round)
    return replace(standing, clocks=tuple(clock if (one.kind, one.round) == key else one for one in standing.clocks))


def _ask(done: Done, at: datetime, seconds: int, terms: Terms) -> Done:
    clock = done.standing.running(ClockKind.RESOLVE)
    if clock is None:
        raise Refused("no_clock", "no clock runs that could be extended")
    if done.standing.asked is not None:
        raise Refused("asked_before", "an extension is asked for already and not yet decided")
    if at > terms.due_at(clock):
        raise Refused("too_late", "an extension is asked for before the time is over")
    most = terms.rules.most_extension_days * (terms.hours(clock.limit.working).day_seconds)
    if not 0 < seconds <= most:
        raise Refused("too_long", f"an extension is at most {terms.rules.most_extension_days:g} days")
    return Done(replace(done.standing, asked=Asked(seconds, at)), done.changes)


def _decide(done: Done, at: datetime, terms: Terms, *, approved: bool) -> Done:
    """An approval counts from when it was asked for, not from when somebody got to it."""
    asked, clock = done.standing.asked, done.standing.running(ClockKind.RESOLVE)
    if asked is None or clock is None:
        raise Refused("not_asked", "nobody asked for an extension")
    now = replace(done.standing, asked=None)
    if not approved:
        return Done(now, done.changes)
    longer = paused(clock, min(at, terms.due_at(clock)), asked.seconds, terms.hours(clock.limit.working))
    return Done(_with(now, longer), (*done.changes, ClockChange("paused", longer)))
