"""Checklists, sampling and deductions, as values."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.evaluation import rulebooks
from services.evaluation.domain import sampling
from services.evaluation.domain.checklists import Checklist
from services.evaluation.domain.deductions import Line, settle
from services.evaluation.domain.sampling import Candidate

DAY = date(2026, 11, 2)
RULES = rulebooks.DEDUCTION_RULES.on(DAY)
ROAD = rulebooks.CHECKLISTS.on(DAY).checklists["road"]
ESTATE = rulebooks.CHECKLISTS.on(DAY).checklists["estate"]


def answers(checklist: Checklist, **other: str) -> dict[str, str]:
    return {item.code: other.get(item.code, "pass") for item in checklist.items}


def test_a_score_is_the_share_of_the_points_that_apply() -> None:
    assert ROAD.score(answers(ROAD)) == 1_000_000
    assert ROAD.score(answers(ROAD, litter="fail")) == 700_000
    assert ROAD.score(answers(ROAD, litter="fail", green="not_applicable")) == 666_667
    assert ESTATE.score(answers(ESTATE, mixed="fail")) == 0, "mixed collection is a veto"


def test_every_item_is_answered_and_one_at_least_applies() -> None:
    assert ROAD.wrong_answers(answers(ROAD)) is None
    assert ROAD.wrong_answers({"litter": "pass"}) is not None
    assert ROAD.wrong_answers(dict.fromkeys(answers(ROAD), "not_applicable")) == "no item applies"


def test_the_same_seed_draws_the_same_and_each_stratum_gets_its_share() -> None:
    places = [Candidate(f"P-{n}", f"31010400{n % 2}", "road" if n % 3 else "market") for n in range(60)]
    drawn = sampling.draw("seed", places, {"road": 5, "market": 3}, ["甲", "乙", "丙"])
    assert drawn == sampling.draw("seed", reversed(places), {"road": 5, "market": 3}, ["丙", "乙", "甲"])
    assert drawn != sampling.draw("another", places, {"road": 5, "market": 3}, ["甲", "乙", "丙"])
    assert len(drawn) == 2 * (5 + 3)
    assert len({one.inspector for one in drawn}) > 1


lines = st.lists(
    st.builds(
        Line,
        st.uuids().map(str),
        st.sampled_from([rule.code for rule in RULES.rules]),
        st.integers(0, 500),
        st.integers(0, 10**6),
    ),
    unique_by=lambda line: line.deduction_id,
)


@given(lines, st.data())
def test_a_withdrawn_deduction_restores_the_statement_to_the_fen(held: list[Line], data: st.DataObject) -> None:
    before = settle(RULES, 123_456_789, held)
    more = Line("another", data.draw(st.sampled_from([rule.code for rule in RULES.rules])), 300, 12_345)
    place = data.draw(st.integers(0, len(held)))
    settle(RULES, 123_456_789, [*held[:place], more, *held[place:]])
    after = settle(RULES, 123_456_789, data.draw(st.permutations(held)))
    assert after == before


def test_points_are_capped_by_rule_and_the_share_follows_the_band() -> None:
    missed = [Line(f"D-{n:02}", "missed_stop", 200, 10_000) for n in range(15)]
    done = settle(RULES, 1_000_000, missed)
    assert done.points_left_e2 == 8_000, "20 points at most for missed stops"
    assert (done.share, done.fee_share_fen, done.deducted_fen, done.payable_fen) == ("0.95", 950_000, 150_000, 800_000)
    assert settle(RULES, 1_000_000, []).payable_fen == 1_000_000
