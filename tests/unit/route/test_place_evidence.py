"""What is said of a place, word for word."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.route.domain.evidence import Outcome, Passing, Seen, outcome_of, passings
from services.route.domain.judging.facts import Observation
from services.route.domain.sentences import Sentence, sentence
from services.route.rulebooks import EVIDENCE_RULES
from shared.labels import LABELS
from shared.vocabulary import Task, Verdict

RULES, ZONE = EVIDENCE_RULES.versions[-1], ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
END = BEGIN + timedelta(hours=2)


def said(*stops: Outcome) -> Sentence:
    return sentence(stops, BEGIN, END, 150, ZONE, LABELS)


def served(minutes: int, kg: int | None = 46, corrected: bool = False) -> Outcome:
    at = BEGIN + timedelta(minutes=minutes)
    return Outcome(verdict=Verdict.COLLECTED, served_at=at, vehicle_id="T-001", net_kg=kg, corrected=corrected)


def test_where_nothing_was_planned_the_sentence_says_so() -> None:
    assert said() == Sentence(
        "2026年11月16日18:00至11月16日20:00，该处150米内没有计划的收运。",
        "From 2026-11-16 18:00 to 2026-11-16 20:00, within 150 m of this place, no collection was planned.",
    )
    assert outcome_of([]) == "not_planned"


def test_a_service_is_told_with_its_time_truck_and_weight() -> None:
    answer = said(served(12), served(42, kg=None))
    assert answer.zh.endswith("计划收运2次：已收运2次（最近一次11-16 18:42，车辆T-001）。")
    assert answer.en.endswith("2 collections were planned: 2 carried out (last on 2026-11-16 at 18:42 by vehicle T-001).")
    assert said(served(12)).en.endswith("1 carried out (last on 2026-11-16 at 18:12 by vehicle T-001, 46 kg).")


def test_what_was_not_served_is_told_by_its_kind_and_reason() -> None:
    blocked = Outcome(verdict=Verdict.EXCEPTED, codes=("blocked",))
    answer = said(
        served(1), Outcome(verdict=Verdict.MISSED), Outcome(verdict=Verdict.UNKNOWN), blocked, Outcome(verdict=Verdict.PLANNED)
    )
    for words in ("已收运1次", "，漏收1次，", "1次因车辆数据缺失暂无法判断", "1次因故未收（道路被占），", "1次尚未到时间。"):
        assert words in answer.zh
    assert ", 1 missed, 1 not to be judged yet for want of the truck's data, 1 not possible for a reported" in answer.en
    assert answer.en.endswith("reason (blocked), 1 not due yet.")


def test_streets_are_told_apart_from_bins() -> None:
    swept = Outcome(verdict=Verdict.COLLECTED, served_at=BEGIN, vehicle_id="S-001", task=Task.SWEEPING)
    flushed, disinfected = (
        Outcome(verdict=Verdict.MISSED, task=Task.FLUSHING),
        Outcome(verdict=Verdict.EXCEPTED, task=Task.DISINFECTION),
    )
    answer = said(served(12), swept, Outcome(verdict=Verdict.MISSED, task=Task.SWEEPING), flushed, disinfected)
    assert answer.zh.endswith(
        "，46公斤）；计划道路清扫2次：已清扫1次（最近一次11-16 18:00，车辆S-001），漏扫1次；"
        "计划道路冲洗1次：漏冲1次；计划道路消杀1次：1次因故未消杀。"
    )
    assert "; 2 street sweepings were planned: 1 carried out (last on 2026-11-16 at 18:00 by vehicle S-001), 1" in answer.en
    assert "; 1 street flushing was planned: 1 missed; 1 street disinfection was planned: 1 not possible" in answer.en


def test_a_finding_that_late_data_corrected_says_so() -> None:
    assert said(served(1, corrected=True)).zh.endswith("；其中1次的结论由迟到的车辆数据更正。")


def test_the_outcome_is_the_worst_that_is_sure() -> None:
    def of(*verdicts: str) -> str:
        return outcome_of([Outcome(verdict=Verdict(verdict)) for verdict in verdicts])

    assert of("collected", "late") == "served"
    assert of("collected", "missed") == "partly_served"
    assert (of("missed", "unknown"), of("unknown", "excepted"), of("excepted", "planned"), of("planned")) == (
        "not_served",
        "unknown",
        "excepted",
        "not_yet",
    )


def fix(seconds: int, speed_kmh: float | None, metres: float = 10, vehicle_id: str = "T-001") -> Seen:
    return Seen(vehicle_id, metres, Observation(BEGIN + timedelta(seconds=seconds), 121.4, 31.2, speed_kmh))


def test_a_pass_is_how_near_how_long_and_how_long_standing() -> None:
    seen = [fix(0, 20), fix(10, 0, 4.04), fix(20, 0), fix(30, 15), fix(500, 30)]
    moment = BEGIN + timedelta(seconds=500)
    assert passings(seen, RULES) == [
        Passing("T-001", BEGIN, BEGIN + timedelta(seconds=30), 4.0, 10),
        Passing("T-001", moment, moment, 10.0, 0),
    ]


@given(
    st.lists(st.builds(fix, st.integers(0, 3000), st.none() | st.integers(0, 40), st.integers(0, 60), st.sampled_from("AB"))),
    st.data(),
)
def test_passes_do_not_depend_on_order_or_repetition(seen: list[Seen], data: st.DataObject) -> None:
    assert passings(seen, RULES) == passings(data.draw(st.permutations(seen + seen[:3])), RULES)
