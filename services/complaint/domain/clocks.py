"""The clocks of a complaint: contact, resolve and call-back, each with a limit of its own from versioned rules.

A clock starts once, stops once, is paused by approved extensions only, and no edit touches it. What it shows is a function of
its start, its limit and its pauses: green to 80 % of the limit, yellow to 100 %, red beyond.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from typing import NamedTuple

from services.complaint.domain.hours import Hours, advance, counted
from shared.calendar import Calendar
from shared.versions import Version
from shared.vocabulary import ClockColour, ClockKind

HOUR_SECONDS = 3600
NATURAL, WORK_HOURS, WORK_DAYS = "hours", "work_hours", "work_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """None: any. `unit`: hours, work_hours or work_days."""

    clock: ClockKind
    category: str | None
    district: str | None
    urgency: str | None
    amount: int | float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """`after_hours`: natural ones, after the limit. `to`: who is told."""

    level: int
    after_hours: int | float
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRules(Version):
    """`work_spans`: working hours of a working day, "HH:MM"."""

    work_spans: Sequence[Sequence[str]]
    yellow_ratio: float
    limits: Sequence[LimitRule]
    escalations: Sequence[Escalation]
    most_extension_days: float

    def told_at(self, level: int) -> str:
        """Who is told when a case climbs to this level."""
        return next(step.to for step in self.escalations if step.level == level)


class Limit(NamedTuple):
    seconds: int
    working: bool


class Pause(NamedTuple):
    """An approved extension: from `begin` on, so many counted seconds do not count."""

    begin: datetime
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    kind: ClockKind
    round: int
    """1, and one more each time the case is opened again."""
    started_at: datetime
    limit: Limit
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedClock:
    """A clock as it is recorded of a case, with the moments that its limit came to. `working`: its seconds are working ones."""

    case_id: str
    kind: ClockKind
    round: int
    started_at: datetime
    limit_seconds: int
    working: bool
    rules_from: date
    pauses: tuple[Pause, ...]
    yellow_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    level: int

    @property
    def clock(self) -> Clock:
        return Clock(
            kind=self.kind,
            round=self.round,
            started_at=self.started_at,
            limit=Limit(self.limit_seconds, self.working),
            pauses=self.pauses,
            stopped_at=self.stopped_at,
        )

    def colour_at(self, at: datetime) -> ClockColour:
        return colour_at(at, self.yellow_at, self.due_at, self.stopped_at)


def hours_of(rules: ClockRules, working: bool, zone: tzinfo, calendar: Calendar) -> Hours:
    spans = [(time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in rules.work_spans] if working else []
    return Hours(zone=zone, spans=spans, calendar=calendar)


def limit_of(rules: ClockRules, kind: ClockKind, category: str, district_id: str | None, urgency: str) -> Limit | None:
    """The limit of the most special rule that fits; a district weighs more than a category, that more than the urgency. None
    where no rule gives this clock."""
    fitting = [rule for rule in rules.limits if rule.clock == kind and _fits(rule, category, district_id, urgency)]
    if not fitting:
        return None
    rule = max(fitting, key=lambda one: (one.district is not None, one.category is not None, one.urgency is not None))
    return Limit(seconds_of(rules, rule.amount, rule.unit), rule.unit != NATURAL)


def _fits(rule: LimitRule, category: str, district_id: str | None, urgency: str) -> bool:
    in_district = rule.district is None or (district_id or "").startswith(rule.district)
    return in_district and rule.category in {None, category} and rule.urgency in {None, urgency}


def seconds_of(rules: ClockRules, amount: float, unit: str) -> int:
    """`amount` of `unit` in counted seconds: a work day is as long as its working hours."""
    if unit == WORK_DAYS:
        spans = [(time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in rules.work_spans]
        day = sum((end.hour - begin.hour) * 3600 + (end.minute - begin.minute) * 60 for begin, end in spans)
        return round(amount * day)
    return round(amount * HOUR_SECONDS)


def moment_of(clock: Clock, seconds: int, hours: Hours) -> datetime:
    """When the clock shows so many seconds, pauses taken out."""
    at = advance(clock.started_at, seconds, hours)
    for pause in clock.pauses:
        if at >= pause.begin:
            at = advance(at, pause.seconds, hours)
    return at


def due_at(clock: Clock, hours: Hours) -> datetime:
    return moment_of(clock, clock.limit.seconds, hours)


def yellow_at(clock: Clock, rules: ClockRules, hours: Hours) -> datetime:
    return moment_of(clock, round(clock.limit.seconds * rules.yellow_ratio), hours)


def shown_seconds(clock: Clock, at: datetime, hours: Hours) -> float:
    """What the clock shows at a moment, or showed when it stopped."""
    end = at if clock.stopped_at is None else min(at, clock.stopped_at)
    paused = sum(min(pause.seconds, counted(pause.begin, end, hours)) for pause in clock.pauses)
    return counted(clock.started_at, end, hours) - paused


def colour_at(at: datetime, yellow: datetime, due: datetime, stopped_at: datetime | None = None) -> ClockColour:
    """Of a stopped clock: what it showed then."""
    at = at if stopped_at is None else min(at, stopped_at)
    if at > due:
        return ClockColour.RED
    return ClockColour.YELLOW if at >= yellow else ClockColour.GREEN


def paused(clock: Clock, approved_at: datetime, seconds: int, hours: Hours) -> Clock:
    """With an extension more: it begins when it is approved, or when the one before it is over."""
    begin = approved_at
    if clock.pauses:
        last = clock.pauses[-1]
        begin = max(begin, advance(last.begin, last.seconds, hours))
    return replace(clock, pauses=(*clock.pauses, Pause(begin, seconds)))


def level_at(at: datetime, due: datetime, escalations: Iterable[Escalation]) -> int:
    """How far an overdue clock has escalated; 0 while it is in time."""
    late_hours = (at - due).total_seconds() / HOUR_SECONDS
    return max((step.level for step in escalations if late_hours > step.after_hours), default=0)
