"""How a judgement changes what is recorded of a stop, and why."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.route.domain.coverage.rules import Section
from services.route.domain.judging.findings import Evidence, Judgement, Ruling
from services.route.domain.places import COVERAGE
from services.route.domain.stops import Stop, verdict_on
from services.route.rulebooks import SWEEPING_RULES
from shared.domain_errors import Conflict
from shared.vocabulary import Task, Verdict
from tests.unit.route.records import RUN, STOP, at

DWELL = Evidence(what="dwell", visit_from=at(2), visit_to=at(3))
COLLECTED = Judgement(STOP.stop_id, Verdict.COLLECTED, at(2), DWELL)
MISSED = Judgement(STOP.stop_id, Verdict.MISSED)
RULING = Ruling(verdict=Verdict.EXCEPTED, reason="the street was closed", by="D-1", at=at(70))


def reason(before: Stop, judgement: Judgement, because: str | None = None) -> str:
    return verdict_on(before, before.judged(judgement, at(61)), at(61), at(60), because).reason


def test_a_judgement_makes_the_next_revision() -> None:
    after = STOP.judged(COLLECTED, at(4))
    assert after == replace(STOP, verdict=Verdict.COLLECTED, served_at=at(2), evidence=DWELL, judged_at=at(4), revision=1)


def test_the_same_judgement_again_changes_nothing() -> None:
    once = STOP.judged(COLLECTED, at(4))
    assert once.judged(COLLECTED, at(9)) is once
    assert STOP.judged(Judgement(STOP.stop_id, Verdict.PLANNED), at(4)) is STOP


def test_evidence_that_only_grows_waits_half_a_minute() -> None:
    once = STOP.judged(COLLECTED, at(4))
    more = once.judged(replace(COLLECTED, evidence=replace(DWELL, visit_to=at(3.2))), at(4.2))
    assert once.waits_until(more, at(4.2)) == at(4) + timedelta(seconds=30)
    assert once.waits_until(more, at(4.5)) is None


def test_a_verdict_or_a_ruling_never_waits() -> None:
    once = STOP.judged(COLLECTED, at(4))
    assert once.waits_until(once.judged(MISSED, at(4.1)), at(4.1)) is None
    ruled = once.ruled(replace(RULING, verdict=Verdict.COLLECTED))
    assert ruled.waits_until(ruled.judged(COLLECTED, at(4.1)), at(4.1)) is None


def test_a_ruling_stands_above_the_rules_and_what_they_find_stays_beneath() -> None:
    missed = STOP.judged(MISSED, at(61))
    ruled = missed.ruled(RULING)
    after = ruled.judged(ruled.by_the_rules(), at(70))
    assert (after.verdict, after.known.by_the_rules, after.known.ruling) == ("excepted", "missed", RULING)
    late = after.judged(COLLECTED, at(90))
    assert (late.verdict, late.served_at, late.known.by_the_rules) == ("excepted", at(2), "collected")
    assert late.by_the_rules() == COLLECTED
    back = late.ruled(None)
    assert back.judged(back.by_the_rules(), at(99)).verdict == "collected"


def test_a_ruling_that_is_not_there_cannot_be_taken_back() -> None:
    with pytest.raises(Conflict, match="nobody has ruled on this stop; there is nothing to take back"):
        STOP.ruled(None)


@pytest.mark.parametrize(
    ("judgement", "words"),
    [
        (COLLECTED, "the truck came"),
        (MISSED, "nobody came in time"),
        (Judgement(STOP.stop_id, Verdict.UNKNOWN), "nobody came in time"),
        (replace(MISSED, evidence=Evidence(what="coverage")), "too little of the section was covered in time"),
        (replace(MISSED, evidence=DWELL), "it was collected, but nobody reported its disinfection"),
        (Judgement(STOP.stop_id, Verdict.EXCEPTED), "the driver reported an exception"),
    ],
)
def test_the_first_verdict_says_what_happened(judgement: Judgement, words: str) -> None:
    assert reason(STOP, judgement) == words


def test_a_later_verdict_says_what_changed_it() -> None:
    missed = STOP.judged(MISSED, at(61))
    assert reason(missed, COLLECTED) == "late data"
    assert reason(STOP.judged(COLLECTED, at(4)), replace(COLLECTED, evidence=Evidence(what="lift"))) == "more evidence"
    ruled = missed.ruled(RULING)
    assert reason(ruled, MISSED) == "a dispatcher's ruling"
    standing = ruled.judged(MISSED, at(70)).ruled(None)
    assert reason(standing, MISSED) == "the dispatcher's ruling was withdrawn"
    assert reason(missed, Judgement(STOP.stop_id, Verdict.PLANNED), "another truck took the stop over").startswith("another")


@pytest.mark.parametrize(
    ("judgement", "came_true_at"),
    [
        (COLLECTED, at(2)),
        (MISSED, STOP.deadline),
        (Judgement(STOP.stop_id, Verdict.EXCEPTED, None, Evidence(what="report", excused_at=at(7))), at(7)),
    ],
)
def test_the_history_tells_when_it_became_so_on_the_street(judgement: Judgement, came_true_at: datetime) -> None:
    entry = verdict_on(STOP, STOP.judged(judgement, at(61)), at(61), at(60))
    assert (entry.at, entry.decided_at, entry.known_until, entry.revision) == (came_true_at, at(61), at(60), 1)


def test_what_a_dispatcher_decided_became_so_when_he_did() -> None:
    ruled = STOP.judged(MISSED, at(61)).ruled(RULING)
    assert verdict_on(ruled, ruled.judged(MISSED, at(70)), at(70), None).at == at(70)


def test_the_evidence_is_told_without_what_is_not_known() -> None:
    ruled = STOP.ruled(RULING)
    assert ruled.judged(MISSED, at(70)).known.to_json() == {
        "ruling": {
            "verdict": "excepted",
            "reason": "the street was closed",
            "by": "D-1",
            "at": "2026-11-16T11:10:00+00:00",
        },
        "by_the_rules": "missed",
    }


def test_a_stop_along_a_street_is_judged_by_the_line_it_was_planned_with() -> None:
    rules, line = SWEEPING_RULES.versions[-1], ((121.0, 31.0), (121.0, 31.1))
    swept = replace(STOP, mode=COVERAGE, task=Task.SWEEPING, line=line)
    assert swept.planned(rules).section == Section("sweeping", line, rules.coverage["sweeping"])
    assert STOP.planned(rules).section is None


# --- runs


@pytest.mark.parametrize(
    ("waiting", "minutes", "status"), [(0, 0, "done"), (3, -11, "planned"), (3, -10, "running"), (2, -11, "running")]
)
def test_a_run_is_running_from_its_first_window_or_verdict_until_no_stop_is_waited_for(
    waiting: int, minutes: int, status: str
) -> None:
    assert RUN.status(waiting, at(minutes)) == status


def test_a_run_given_to_another_truck_is_a_new_revision() -> None:
    assert RUN.given_to("T-002", "K-2") == replace(RUN, vehicle_id="T-002", contractor_id="K-2", revision=2)


def test_what_another_truck_takes_over_is_a_run_of_its_own() -> None:
    new = RUN.taken_over([replace(STOP, window_start=at(20)), STOP], "O-1", "T-002", "K-2", at(5))
    assert (new.run_id, new.vehicle_id, new.contractor_id, new.order_id) == ("2026-11-16:X:O-1", "T-002", "K-2", "O-1")
    assert (new.stop_count, new.begins_at, new.revision, new.created_at) == (2, at(-10), 1, at(5))
    assert RUN.left_with(1) == replace(RUN, stop_count=1, revision=2)
