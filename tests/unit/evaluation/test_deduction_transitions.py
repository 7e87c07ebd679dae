"""Facts, contracts and deductions, appeals and published documents: transitions by literals, and what is refused."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.evaluation import rulebooks
from services.evaluation.domain.contracts import Charge, Contract, Deduction, Evidence, Fact, TruckEntry
from services.evaluation.domain.index import Sum
from services.evaluation.domain.publications import AreaFigure, IndexAppeal, IndexDocument, Previous, PublicationHead
from services.evaluation.domain.refusals import BadValue, Refused
from services.evaluation.domain.statements import StatementContent
from shared.assessment import AreaLevel, DeductionStatus

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = rulebooks.DEDUCTION_RULES.on(date(2026, 11, 16))
CONTRACT = Contract(
    contract_id="C-1",
    contractor_id="K-1",
    name_zh="合同",
    name_en="Contract",
    area_ids=("310104",),
    fee_month_fen=1_000_000,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    changed_at=AT,
)
FACT = Fact(
    fact="stop:S-1",
    revision=1,
    kind="stop_missed",
    applies=True,
    at=AT,
    day=date(2026, 11, 16),
    contractor_id="K-1",
    area_id="310104003",
    evidence=(Evidence(kind="stop", id="S-1", href="/v1/stops/S-1"),),
)


def charge(fact: Fact = FACT, *contracts: Contract) -> Charge | None:
    return fact.charge(contracts or (CONTRACT,), RULES)


def deduction() -> Deduction:
    cost = charge()
    assert cost is not None
    return Deduction.arisen("D-1", FACT.fact, cost, AT, RULES.appeal_days)


# --- contracts and facts ----------------------------------------------------------------------------------------


def test_two_contracts_of_one_contractor_do_not_cover_the_same() -> None:
    CONTRACT.require_apart_from(CONTRACT)
    CONTRACT.require_apart_from(replace(CONTRACT, contract_id="C-2", area_ids=("310105",)))
    CONTRACT.require_apart_from(replace(CONTRACT, contract_id="C-2", valid_from=date(2027, 1, 1), valid_to=date(2027, 2, 1)))
    for other in (replace(CONTRACT, contract_id="C-2"), replace(CONTRACT, contract_id="C-2", area_ids=())):
        with pytest.raises(Refused, match="contract C-2 of the same contractor covers the same areas"):
            CONTRACT.require_apart_from(other)


def test_a_contract_covers_its_areas_and_places_that_nobody_knows() -> None:
    day = date(2026, 11, 16)
    assert [CONTRACT.covers(day, area_id) for area_id in ("310104", "310104003", None, "310105001")] == [True, True, True, False]
    part = replace(CONTRACT, area_ids=("310104003",))
    assert [part.covers(day, area_id) for area_id in ("310104003", "310104", "310104004")] == [True, True, False]
    assert not CONTRACT.covers(date(2027, 1, 1), "310104")


def test_a_month_outside_the_contract_is_refused() -> None:
    CONTRACT.require_month(date(2026, 1, 1))
    with pytest.raises(BadValue, match="the contract does not cover this month"):
        CONTRACT.require_month(date(2027, 1, 1))


def test_a_trucks_fact_is_its_contractors_at_that_time() -> None:
    entries = [
        TruckEntry(vehicle_id="T-1", revision=1, registered_at=AT, contractor_id="K-1", district_id="310104"),
        TruckEntry(vehicle_id="T-1", revision=2, registered_at=AT + DAY, contractor_id="K-2", district_id="310105"),
    ]
    fact = replace(FACT, contractor_id=None, area_id=None, vehicle_id="T-1")
    assert fact.assigned([]).contractor_id is None
    assert [fact.assigned(entries).contractor_id, fact.assigned(entries).area_id] == ["K-1", "310104"]
    assert replace(fact, at=AT + 2 * DAY).assigned(entries).contractor_id == "K-2"
    assert replace(fact, at=AT - DAY).assigned(entries).contractor_id == "K-1", "the first one for times before it"
    assert replace(fact, contractor_id="K-9").assigned(entries).contractor_id == "K-9"


def test_a_fact_costs_what_the_rule_says_under_the_contract_that_covers_it() -> None:
    cost = charge()
    assert cost is not None
    assert (cost.contract_id, cost.month, cost.rule, cost.points_e2, cost.fen) == (
        "C-1",
        date(2026, 11, 1),
        "missed_stop",
        200,
        10_000,
    )
    assert charge(replace(FACT, applies=False)) is None
    assert charge(replace(FACT, kind="nothing")) is None
    assert charge(replace(FACT, contractor_id="K-2")) is None
    assert charge(replace(FACT, contractor_id=None)) is None


# --- deductions -------------------------------------------------------------------------------------------------


def test_a_deduction_is_withdrawn_with_its_fact_and_comes_back_with_it() -> None:
    gone = deduction().taken_back(AT + DAY)
    assert gone is not None
    assert (gone.status, gone.revision) == (DeductionStatus.WITHDRAWN, 2)
    assert gone.taken_back(AT + DAY) is None
    again = gone.charged(deduction().charge, AT + 2 * DAY)
    assert again is not None
    assert (again.status, again.revision) == (DeductionStatus.OPEN, 3)


def test_the_same_charge_changes_nothing_and_another_keeps_the_status() -> None:
    open_one = deduction()
    assert open_one.charged(open_one.charge, AT + DAY) is None
    appealed = open_one.appealed("not ours", AT)
    dearer = appealed.charged(replace(appealed.charge, fen=20_000), AT + DAY)
    assert dearer is not None
    assert (dearer.status, dearer.fen, dearer.revision) == (DeductionStatus.APPEALED, 20_000, 3)


def test_an_open_deduction_is_appealed_in_time() -> None:
    appealed = deduction().appealed("not ours", AT + 10 * DAY)
    assert appealed.appeal is not None
    assert (appealed.status, appealed.appeal.reason, appealed.appeal.decision) == (DeductionStatus.APPEALED, "not ours", None)
    with pytest.raises(Refused, match="this deduction is appealed; only an open one can be appealed"):
        appealed.appealed("again", AT)
    with pytest.raises(Refused, match="the time to appeal against this deduction is over") as refusal:
        deduction().appealed("late", AT + 11 * DAY)
    assert refusal.value.code == "appeal_too_late"


def test_what_an_appeal_decided_outlasts_later_data() -> None:
    appealed = deduction().appealed("not ours", AT)
    upheld = appealed.decided(False, "it is yours", AT + DAY)
    assert (upheld.status, upheld.appeal and upheld.appeal.decision) == (DeductionStatus.UPHELD, "refused")
    accepted = appealed.decided(True, "right", AT + DAY)
    assert (accepted.status, accepted.appeal and accepted.appeal.decided_at) == (DeductionStatus.WITHDRAWN, AT + DAY)
    assert accepted.charged(accepted.charge, AT + 2 * DAY) is None
    with pytest.raises(Refused, match="nobody appeals against this deduction"):
        deduction().decided(True, "right", AT)


def test_a_statement_has_a_line_for_each_deduction_and_what_is_left() -> None:
    content = StatementContent.of(CONTRACT, date(2026, 11, 1), [deduction()], RULES)
    assert (content.month, content.points_left_e2, content.deducted_fen) == ("2026-11", 9_800, 10_000)
    assert [(line.rule, line.zh, line.counted_e2, line.at) for line in content.lines] == [
        ("missed_stop", "漏收", 200, "2026-11-16T02:00:00+00:00")
    ]


# --- the published index ----------------------------------------------------------------------------------------

FIGURE = AreaFigure(
    area_id="310104",
    name_zh="徐汇区",
    name_en="Xuhui",
    residents=1000,
    rank=1,
    index="90.00",
    index_4="90.0000",
    index_exact="90",
    grade="A",
    half_width=None,
    progress=None,
    progress_exact=None,
    progress_rank=None,
    parts={"site": "90.0000"},
    operation={},
    place_types={"road": "90.0000"},
    complaints_per_10k=None,
    flags=(),
    sums={"site:road": Sum(1, 900_000, 810_000_000_000)},
)
DOCUMENT = IndexDocument(
    level=AreaLevel.DISTRICT,
    period="2026-11",
    revision=1,
    reason=None,
    methodology="2026-01-01",
    areas=(FIGURE,),
    previous=Previous(revision=1, sha256="0" * 64),
)


def test_a_document_is_written_with_what_it_corrects_only_where_it_corrects() -> None:
    content = json.loads(DOCUMENT.content())
    assert set(content) == {"level", "period", "revision", "reason", "methodology", "areas", "previous"}
    assert content["areas"][0]["sums"] == {"site:road": [1, 900_000, 810_000_000_000]}
    assert (content["level"], content["areas"][0]["flags"]) == ("district", [])
    assert json.loads(replace(DOCUMENT, corrects="1" * 64).content())["corrects"] == "1" * 64


def test_a_document_says_the_same_whatever_its_revision() -> None:
    assert DOCUMENT.says_the_same(replace(DOCUMENT, revision=2, reason="again"))
    assert not DOCUMENT.says_the_same(replace(DOCUMENT, areas=(replace(FIGURE, residents=1001),)))
    assert not replace(DOCUMENT, areas=(replace(FIGURE, index=None),)).has_an_index


def test_a_figure_is_appealed_in_time_and_an_appeal_decided_once() -> None:
    head = PublicationHead(
        level=AreaLevel.DISTRICT,
        period=date(2026, 11, 1),
        revision=1,
        number=1,
        as_of_seq=1,
        sha256="0" * 64,
        reason=None,
        actor="T-1",
        published_at=AT,
        appeal_until=AT + DAY,
    )
    head.require_appealable(AT + DAY)
    with pytest.raises(Refused, match="the time to appeal against this figure is over"):
        head.require_appealable(AT + 2 * DAY)
    filed = IndexAppeal(
        appeal_id="A-1",
        level=head.level,
        period=head.period,
        revision=1,
        area_id="310104",
        reason="wrong",
        status="open",
        answer=None,
        actor="T-2",
        filed_at=AT,
        decided_at=None,
    )
    decided = filed.decided(True, "right", AT + DAY)
    assert (decided.status, decided.answer, decided.decided_at) == ("accepted", "right", AT + DAY)
    assert filed.decided(False, "no", AT).status == "refused"
    with pytest.raises(Refused, match="this appeal is decided"):
        decided.decided(False, "no", AT)
