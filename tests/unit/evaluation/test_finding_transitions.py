"""What becomes of a finding and an inspection, by literal moments; and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.evaluation import rulebooks
from services.evaluation.domain.findings import Finding
from services.evaluation.domain.inspections import Inspection, Plan, Wish
from services.evaluation.domain.observations import FULL, NONE, observations_of, say_the_same
from services.evaluation.domain.refusals import Refused
from shared.assessment import RectificationStatus as Status

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROAD = rulebooks.CHECKLISTS.on(date(2026, 11, 16)).checklists["road"]
LITTER = ROAD.items[0]
ANSWERS = {item.code: "fail" if item is LITTER else "pass" for item in ROAD.items}
INSPECTION = Inspection(
    inspection_id="I-1",
    source="T-1",
    client_id="1",
    evaluator_id=None,
    batch_sha256=None,
    plan_id=None,
    place_id="P-1",
    area_id="310104003",
    checklist="road",
    rules_from=date(2020, 1, 1),
    answers=ANSWERS,
    notes={"litter": "烟头"},
    score_e4=ROAD.score(ANSWERS),
    lon=None,
    lat=None,
    person="王巡查",
    at=AT,
    received_at=AT,
)


def found(at: datetime = AT) -> Finding:
    [litter] = ROAD.failed(ANSWERS)
    return Finding.opened("F-1", INSPECTION, litter, "K-1", at)


# --- inspections ------------------------------------------------------------------------------------------------


def test_an_inspection_says_of_its_area_what_it_scored() -> None:
    posted = INSPECTION.posted(date(2026, 11, 1), "road")
    assert posted.values == {"site:road": 700_000}
    assert posted.detail == {"checklist": "road", "checklist_version": "2020-01-01", "answers": ANSWERS}


def test_an_inspection_is_voided_once() -> None:
    voided = INSPECTION.voided("wrong place", AT + HOUR)
    assert (voided.voided_at, voided.void_reason) == (AT + HOUR, "wrong place")
    with pytest.raises(Refused, match="this inspection is void"):
        voided.voided("again", AT + HOUR)


def test_a_plan_is_drawn_once_from_one_wish() -> None:
    wish = Wish(period=date(2026, 11, 1), seed="s", per_type={"road": 2}, inspectors=("甲", "乙"))
    plan = Plan.drawn("D-1", wish, AT)
    plan.require_same(wish)
    with pytest.raises(Refused, match="draw another one under a new id"):
        plan.require_same(replace(wish, seed="t"))


def test_what_says_the_same_again_is_no_news() -> None:
    posted = INSPECTION.posted(date(2026, 11, 1), "road")
    before = [replace(one, seq=7) for one in observations_of("inspection:I-1", "O-1", posted)]
    assert say_the_same(before, observations_of("inspection:I-1", "O-1", posted))
    changed = replace(posted, values={"site:road": 0})
    assert not say_the_same(before, observations_of("inspection:I-1", "O-1", changed))
    assert not say_the_same(before, observations_of("inspection:I-1", "O-1", None))


# --- findings ---------------------------------------------------------------------------------------------------


def test_a_finding_is_open_until_its_deadline_and_has_its_note() -> None:
    finding = found()
    assert (finding.revision, finding.status, finding.note) == (1, Status.OPEN, "烟头")
    assert (finding.due_at, finding.overdue, finding.judged) == (AT + 4 * HOUR, False, False)
    assert [(event.what, event.by, event.at) for event in finding.history] == [("found", "王巡查", AT)]
    assert finding.posted(date(2026, 11, 1)) is None, "nobody knows yet whether it is mended in time"


def test_what_came_late_is_overdue_at_once_and_word_of_a_timely_mending_takes_it_back() -> None:
    finding = found(AT + 5 * HOUR)
    assert (finding.overdue, finding.judged) == (True, True)
    assert [fact.applies for fact in finding.facts(AT.date(), AT.date())] == [True, True]
    mended = finding.mended("李班长", AT + 2 * HOUR, "", AT + 6 * HOUR)
    assert (mended.status, mended.overdue, mended.judged) == (Status.MENDED, False, True)
    assert [fact.applies for fact in mended.facts(AT.date(), AT.date())] == [True, False]
    posted = mended.posted(date(2026, 11, 1))
    assert posted is not None
    assert posted.values == {"rectification": FULL}


def test_the_earliest_word_of_a_mending_counts() -> None:
    mended = found().mended("李班长", AT + 3 * HOUR, "扫净", AT + 3 * HOUR)
    assert mended.history[-1].what == "mended 扫净"
    assert mended.mended("李班长", AT + 2 * HOUR, "", AT + 4 * HOUR).mended_at == AT + 2 * HOUR
    assert mended.mended("李班长", AT + 4 * HOUR, "", AT + 4 * HOUR).mended_at == AT + 3 * HOUR


def test_a_deadline_that_passes_counts_against_the_area() -> None:
    finding = found().deadline_passed(AT + 4 * HOUR)
    posted = finding.posted(date(2026, 11, 1))
    assert posted is not None
    assert (posted.values, finding.history[-1].by) == ({"rectification": NONE}, "rules")


def test_a_check_passes_it_or_opens_it_again_with_the_same_deadline() -> None:
    mended = found().mended("李班长", AT + HOUR, "", AT + HOUR)
    assert mended.last_mended_by == "李班长"
    passed = mended.checked("王巡查", AT + 2 * HOUR, True, "", AT + 2 * HOUR)
    assert (passed.status, passed.mended_at, passed.checked_at) == (Status.PASSED, AT + HOUR, AT + 2 * HOUR)
    failed = mended.checked("王巡查", AT + 2 * HOUR, False, "还有", AT + 2 * HOUR)
    assert (failed.status, failed.mended_at, failed.due_at) == (Status.OPEN, None, mended.due_at)
    assert failed.history[-1].what == "check failed 还有"


def test_steps_that_its_status_does_not_allow_are_refused() -> None:
    finding = found()
    with pytest.raises(Refused, match="only what is mended can be checked"):
        finding.checked("王巡查", AT, True, "", AT)
    with pytest.raises(Refused, match="it cannot have been mended before it was found"):
        finding.mended("李班长", AT - HOUR, "", AT)
    with pytest.raises(Refused, match="this finding is withdrawn"):
        finding.withdrawn("T-1", "void", AT).mended("李班长", AT, "", AT)


def test_a_withdrawn_finding_costs_nobody_anything() -> None:
    gone = found(AT + 5 * HOUR).withdrawn("T-1", "wrong place", AT + 6 * HOUR)
    assert (gone.overdue, gone.judged, gone.is_waiting) == (False, True, False)
    assert gone.posted(date(2026, 11, 1)) is None
    assert [fact.applies for fact in gone.facts(AT.date(), AT.date())] == [False, False]


def test_a_finding_of_a_place_that_nobody_answers_for_is_no_fact() -> None:
    assert replace(found(), contractor_id=None).facts(AT.date(), AT.date()) == []
    kinds = [fact.kind for fact in replace(found(), item="dripping").facts(AT.date(), AT.date())]
    assert kinds == ["finding_dripping", "rectification_overdue"]
