"""A walk through the workflow against a model of its own: no illegal step, and clocks right to the second.

The model knows the working seconds of the years as one sorted list of spans, made from the notices' dates, and the workflow as
the sentences of the standard; it shares no code with the rules. `COMPLAINT_WALK_STEPS=50000` walks as far as the issue asks.
"""

import os
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.complaint import rulebooks
from services.complaint.domain import clocks, workflow
from services.complaint.domain.casework import Asked, Standing, Terms
from services.complaint.domain.refusals import Refused
from shared.public_calendar import public_calendar
from shared.vocabulary import ClockKind
from shared.vocabulary import ComplaintStatus as S
from shared.vocabulary import ComplaintStep as Step

STEPS = int(os.environ.get("COMPLAINT_WALK_STEPS", "2000"))
A_WALK = 50
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = rulebooks.CLOCK_RULES.at(datetime(2026, 1, 1, tzinfo=UTC))
CATEGORIES = ("bin_overflow", "other", "missed_collection", "consultation")

# --- the model --------------------------------------------------------------------------------------------------

NEXT: dict[S, dict[Step, S]] = {
    S.RECEIVED: {Step.ACCEPT: S.ACCEPTED, Step.REJECT: S.REJECTED, Step.ANSWER: S.REPLIED},
    S.ACCEPTED: {Step.REJECT: S.REJECTED, Step.ANSWER: S.REPLIED, Step.FILE: S.FILED},
    S.FILED: {Step.DISPATCH: S.DISPATCHED},
    S.DISPATCHED: {Step.TRANSFER: S.DISPATCHED, Step.RETURN: S.FILED, Step.TAKE: S.HANDLING},
    S.HANDLING: {Step.TRANSFER: S.DISPATCHED, Step.RETURN: S.FILED, Step.FINISH: S.CHECKING},
    S.CHECKING: {Step.PASS_CHECK: S.CHECKED, Step.FAIL_CHECK: S.HANDLING},
    S.CHECKED: {Step.REPLY: S.REPLIED},
    S.REPLIED: {Step.CALL_BACK: S.CALLED_BACK, Step.CLOSE: S.CLOSED, Step.REOPEN: S.FILED},
    S.CALLED_BACK: {Step.CLOSE: S.CLOSED, Step.REOPEN: S.FILED},
    S.CLOSED: {Step.REOPEN: S.FILED},
    S.REJECTED: {},
    S.VOID: {},
    S.JOINED: {Step.SPLIT: S.JOINED},
}
WAITING = {S.RECEIVED, S.ACCEPTED, S.FILED, S.DISPATCHED, S.HANDLING, S.CHECKING, S.CHECKED}
for _status in WAITING:
    NEXT[_status] |= {Step.JOIN: S.JOINED, Step.VOID: S.VOID}


def _working_spans() -> list[tuple[int, int]]:
    """[begin, end) in epoch seconds, 2025-12-01 to 2027-12-31."""
    named = public_calendar()
    spans, day = [], date(2025, 12, 1)
    while day < date(2028, 1, 1):
        special = named.get(day)
        works = day.weekday() < 5 if special is None else special.kind == "workday"
        if works:
            for begin, end in ((time(9), time(11, 30)), (time(13, 30), time(17))):
                spans.append(tuple(int(datetime.combine(day, at, SHANGHAI).timestamp()) for at in (begin, end)))
        day += timedelta(days=1)
    return spans


SPANS = _working_spans()
BEGINS = [begin for begin, _ in SPANS]
BEFORE = [0, *accumulate(end - begin for begin, end in SPANS)]


def worked(at: datetime, working: bool) -> int:
    """A running count: working (or natural) seconds until `at`."""
    second = int(at.timestamp())
    if not working:
        return second
    n = bisect_right(BEGINS, second)
    return 0 if n == 0 else BEFORE[n - 1] + min(second, SPANS[n - 1][1]) - SPANS[n - 1][0]


class ModelClock:
    """Counts second for second: `left` of it shrinks while it runs and is not paused."""

    def __init__(self, at: datetime, seconds: int, working: bool) -> None:
        self.working, self.limit, self.begun, self.extended = working, seconds, worked(at, working), 0
        self.stopped: int | None = None

    def count(self, at: datetime) -> int:
        return (worked(at, self.working) if self.stopped is None else self.stopped) - self.begun

    def overdue(self, at: datetime) -> bool:
        """The limit had been reached a second ago."""
        return worked(at - timedelta(seconds=1), self.working) - self.begun >= self.limit + self.extended


# --- the walk ---------------------------------------------------------------------------------------------------


class Walk(RuleBasedStateMachine):
    @initialize(
        category=st.sampled_from(CATEGORIES),
        minutes=st.integers(0, 500_000),
        contact=st.booleans(),
        urgency=st.sampled_from(["general", "emergency", "complex"]),
    )
    def file(self, category: str, minutes: int, contact: bool, urgency: str) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        self.category, self.urgency = category, urgency
        done = Standing.begin(contact, self.at, self.terms())
        self.standing, self.contact = done.standing, contact
        self.status, self.before_join, self.round, self.returned = S.RECEIVED, None, 1, 0
        self.clocks: dict[tuple[ClockKind, int], ModelClock] = {}
        self.asked: int | None = None
        if contact:
            self.start(ClockKind.CONTACT)
        self.start(ClockKind.RESOLVE)

    def terms(self) -> Terms:
        return Terms(
            RULES,
            lambda kind: clocks.limit_of(RULES, kind, self.category, "310104", self.urgency),
            lambda working: clocks.hours_of(RULES, working, SHANGHAI, public_calendar()),
        )

    def start(self, kind: ClockKind) -> None:
        limits = {
            ("contact", "emergency"): (3600, False),
            ("resolve", "emergency"): (7200, False),
            ("resolve", "complex"): (15 * 21_600, True),
        }
        general = {"contact": (86_400, False), "resolve": (5 * 21_600, True), "call_back": (3 * 21_600, True)}
        own = {"bin_overflow": (14_400, True), "missed_collection": (86_400, False), "consultation": (21_600, True)}
        seconds, working = limits.get((kind.value, self.urgency), general[kind.value])
        if kind is ClockKind.RESOLVE and self.category in own:
            seconds, working = own[self.category]
        self.clocks[kind, self.round] = ModelClock(self.at, seconds, working)

    def running(self, kind: ClockKind) -> ModelClock | None:
        return next((c for (k, _), c in self.clocks.items() if k is kind and c.stopped is None), None)

    def stop(self, *kinds: ClockKind) -> None:
        for kind in kinds:
            clock = self.running(kind)
            if clock is not None:
                clock.stopped = worked(self.at, clock.working)
                self.asked = None if kind is ClockKind.RESOLVE else self.asked

    @rule(seconds=st.integers(0, 400_000))
    def time_passes(self, seconds: int) -> None:
        self.at += timedelta(seconds=seconds)

    @rule(category=st.sampled_from(CATEGORIES))
    def edit(self, category: str) -> None:
        """What the case is called changes; no clock does."""
        self.category = category
        if workflow.allowed(self.standing.status, Step.EDIT):
            done = self.standing.perform(Step.EDIT, self.at, self.terms())
            assert done.changes == ()
            assert done.standing == self.standing

    @rule(seconds=st.integers(-5, 200_000))
    def ask(self, seconds: int) -> None:
        clock = self.running(ClockKind.RESOLVE)
        most = 15 * (21_600 if clock is not None and clock.working else 86_400)
        legal = self.status in WAITING - {S.RECEIVED} and clock is not None and self.asked is None
        legal = legal and clock is not None and not clock.overdue(self.at) and 0 < seconds <= most
        if self.tried(Step.ASK_EXTENSION, legal, seconds):
            self.asked = seconds

    @rule(approve=st.booleans())
    def decide(self, approve: bool) -> None:
        legal = self.status in WAITING and self.asked is not None
        if self.tried(Step.APPROVE_EXTENSION if approve else Step.REFUSE_EXTENSION, legal):
            clock = self.running(ClockKind.RESOLVE)
            assert clock is not None
            assert self.asked is not None
            clock.extended += self.asked if approve else 0
            self.asked = None

    @rule(step=st.sampled_from([step for step in Step if "extension" not in step.value and step is not Step.EDIT]))
    def do(self, step: Step) -> None:
        legal = step in NEXT[self.status] or step is Step.NOTE or (step in {Step.PRESS, Step.CONTACT} and self.status in WAITING)
        if step is Step.CLOSE and self.status is S.REPLIED and self.contact:
            legal = False
        if not self.tried(step, legal):
            return
        before, self.status = self.status, NEXT[self.status].get(step, self.status)
        self.model_step(step, before)

    def model_step(self, step: Step, before: S) -> None:
        if step in {Step.REJECT, Step.ANSWER, Step.VOID, Step.REPLY}:
            self.stop(ClockKind.CONTACT, ClockKind.RESOLVE)
        if step is Step.CONTACT:
            self.stop(ClockKind.CONTACT)
        if step in {Step.ANSWER, Step.REPLY} and self.contact:
            self.start(ClockKind.CALL_BACK)
        if step in {Step.CALL_BACK, Step.CLOSE}:
            self.stop(ClockKind.CALL_BACK)
        if step is Step.JOIN:
            self.before_join, self.asked = before, None
        if step is Step.SPLIT:
            assert self.before_join is not None
            self.status, self.before_join = self.before_join, None
        if step is Step.REOPEN:
            self.stop(ClockKind.CALL_BACK)
            self.round += 1
            self.start(ClockKind.RESOLVE)
        self.returned += step in {Step.FAIL_CHECK, Step.REOPEN}

    def tried(self, step: Step, legal: bool, seconds: int = 0) -> bool:
        try:
            self.standing = self.standing.perform(step, self.at, self.terms(), seconds).standing
        except Refused:
            assert not legal, f"{step} in {self.status} was refused"
            return False
        assert legal, f"{step} in {self.status} was allowed"
        return True

    @precondition(lambda self: hasattr(self, "standing"))
    @invariant()
    def the_case_stands_as_the_model_says(self) -> None:
        now: Standing = self.standing
        assert (now.status, now.before_join, now.round, now.returned) == (
            self.status,
            self.before_join,
            self.round,
            self.returned,
        )
        assert now.asked is None if self.asked is None else isinstance(now.asked, Asked)
        assert {(clock.kind, clock.round) for clock in now.clocks} == set(self.clocks)

    @precondition(lambda self: hasattr(self, "standing"))
    @invariant()
    def every_clock_shows_what_the_model_counts(self) -> None:
        for clock in self.standing.clocks:
            model = self.clocks[clock.kind, clock.round]
            hours = self.terms().hours(clock.limit.working)
            assert (clock.limit.seconds, clock.limit.working) == (model.limit, model.working)
            assert (clock.stopped_at is None) == (model.stopped is None)
            due = clocks.due_at(clock, hours)
            assert worked(due, model.working) - model.begun == model.limit + model.extended
            assert worked(due - timedelta(seconds=1), model.working) - model.begun < model.limit + model.extended
            if clock.stopped_at is None:
                paused = sum(pause.seconds for pause in clock.pauses)
                assert paused == model.extended
                shown = clocks.shown_seconds(clock, self.at, hours)
                assert model.count(self.at) - paused <= shown <= model.count(self.at)
                assert (self.at > due) == model.overdue(self.at)


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=max(1, STEPS // A_WALK),
    stateful_step_count=A_WALK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("status", S)
def test_what_the_table_allows_is_what_the_standard_says(status: S) -> None:
    about_status = set(NEXT[status])
    allowed = {step for step in workflow.steps_from(status) if workflow.RULES[step].to is not None or step is Step.SPLIT}
    assert allowed == about_status
