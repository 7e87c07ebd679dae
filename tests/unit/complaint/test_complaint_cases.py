"""What becomes of a case, by literal cases; and what it refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.complaint import rulebooks
from services.complaint.domain.cases import Case, Edit, Report
from services.complaint.domain.casework import Standing, Terms
from services.complaint.domain.categories import Category
from services.complaint.domain.clocks import hours_of, limit_of
from services.complaint.domain.contacts import Contact
from services.complaint.domain.evidence import Evidence, StopEvidence
from services.complaint.domain.history import CaseEvent, ClockEntry, PauseEntry
from services.complaint.domain.orders import TruckOrder, followed, is_news
from services.complaint.domain.refusals import BadValue, Refused
from services.complaint.domain.work import Work
from services.complaint.schemas.complaints import shown_order
from shared.bodies import as_json
from shared.rows import from_row, to_row
from shared.vocabulary import Channel, ClockKind, OrderStatus, Task, Verdict
from shared.vocabulary import ComplaintStatus as Status
from shared.vocabulary import ComplaintStep as Step

AT = datetime(2026, 11, 16, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOXES = [[120.8, 30.6, 122.3, 31.95]]
RULES = rulebooks.CLOCK_RULES.at(AT)
REPORT = Report(channel=Channel.HOTLINE, category="missed_collection", description="没有收", lon=121.47, lat=31.23)


def category(code: str) -> Category:
    known = rulebooks.category(code, AT)
    assert known is not None
    return known


MISSED, NOISE = category("missed_collection"), category("truck_noise")


def received(report: Report = REPORT, kind: Category = MISSED) -> Case:
    return Case.received(report, kind, "C-1", AT, BOXES, has_contact=True)


def terms() -> Terms:
    return Terms(
        RULES,
        lambda kind: limit_of(RULES, kind, "missed_collection", "310104", "general"),
        lambda working: hours_of(RULES, working, UTC, {}),
    )


def refused(kind: type[Refused], code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(kind, check=lambda error: type(error) is kind and error.code == code)


def stop(verdict: Verdict) -> StopEvidence:
    return StopEvidence(
        stop_id=f"S-{verdict}",
        run_id="R-1",
        service_point_id="P-1",
        task=Task.COLLECTION,
        name="漕溪北路41号",
        distance_m=12.0,
        stream="residual",
        vehicle_id="T-1",
        planned_at="2026-11-16T01:00:00Z",
        window_start="2026-11-16T00:30:00Z",
        window_end="2026-11-16T01:30:00Z",
        verdict=verdict,
        served_at=None,
        data="complete",
        net_kg=None,
        lifts=0,
        passes=0,
    )


def evidence(outcome: str = "not_served", *verdicts: Verdict) -> Evidence:
    stops = tuple(stop(verdict) for verdict in verdicts)
    return Evidence(outcome=outcome, sentence_zh="未收运。", sentence_en="Missed.", radius_m=50.0, from_="", to="", stops=stops)


# --- it comes in ------------------------------------------------------------------------------------------------


def test_a_new_case_takes_urgency_and_code_from_its_category_and_wants_evidence() -> None:
    case = received()
    assert (case.urgency, case.matter_code, case.status) == ("general", "06010", Status.RECEIVED)
    assert (case.requested_at, case.evidence_wanted_at) == (AT, AT)
    assert received(replace(REPORT, urgency="emergency")).urgency == "emergency"


def test_no_round_could_have_prevented_noise() -> None:
    case = received(replace(REPORT, category="truck_noise"), NOISE)
    assert case.evidence_wanted_at is None
    assert case.question(NOISE, 36.0) is None


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (replace(REPORT, requested_at=AT + HOUR), "in_the_future"),
        (replace(REPORT, lat=None), "half_a_place"),
        (replace(REPORT, lon=2.35, lat=48.85), "outside_the_city"),
    ],
)
def test_a_report_from_elsewhere_or_the_future_is_refused(report: Report, code: str) -> None:
    with refused(BadValue, code):
        received(report)


def test_a_report_repeats_a_case_when_it_says_nothing_else() -> None:
    case = received()
    assert case.repeats(REPORT)
    assert case.repeats(replace(REPORT, lon=None, lat=None))
    assert not case.repeats(replace(REPORT, description="又没有收"))


def test_what_is_asked_reaches_back_from_the_report() -> None:
    question = received(replace(REPORT, attributes={"stream": "food"})).question(MISSED, 36.0)
    assert question is not None
    assert question.parameters() == {
        "lon": 121.47,
        "lat": 31.23,
        "task": "collection",
        "from": "2026-11-14T14:00:00+00:00",
        "to": "2026-11-16T02:00:00+00:00",
        "stream": "food",
    }


# --- it is worked on --------------------------------------------------------------------------------------------


def test_an_edited_place_asks_for_evidence_anew_and_another_word_does_not() -> None:
    case = replace(received(), evidence_wanted_at=None)
    assert case.edited(Edit(lat=31.24), MISSED, BOXES, AT + HOUR).evidence_wanted_at == AT + HOUR
    assert case.edited(Edit(description="没有收垃圾"), MISSED, BOXES, AT + HOUR).evidence_wanted_at is None
    assert case.edited(Edit(category="truck_noise"), NOISE, BOXES, AT).matter_code == NOISE.matter_code
    with refused(BadValue, "outside_the_city"):
        case.edited(Edit(lon=2.35), MISSED, BOXES, AT)


def test_who_acts_follows_the_status_and_whom_it_was_dispatched_to() -> None:
    case = received()
    assert case.responsible == "centre"
    assert replace(case, status=Status.DISPATCHED, contractor_id="K-1").responsible == "contractor:K-1"
    assert replace(case, status=Status.HANDLING, handler_district_id="310104").responsible == "district:310104"


def test_a_case_joins_another_one_that_is_not_over() -> None:
    case, main = received(), replace(received(), case_id="C-2")
    case.require_joinable_to(main)
    with refused(BadValue, "invalid"):
        case.require_joinable_to(case)
    with refused(Refused, "main_is_over"):
        case.require_joinable_to(replace(main, status=Status.CLOSED))
    for follower in (replace(case, followers=1), replace(case, is_main=True)):
        with refused(Refused, "is_a_main"):
            follower.require_joinable_to(main)


def test_an_open_case_is_followed_and_a_closed_one_is_not() -> None:
    assert received().followed().followers == 1
    with refused(Refused, "over"):
        replace(received(), closed_at=AT).followed()


def test_a_photo_more_than_allowed_is_refused_unless_it_is_there() -> None:
    received().require_room_for_photo("a", ["a", "b"], 2)
    with refused(Refused, "too_many_photos"):
        received().require_room_for_photo("c", ["a", "b"], 2)


def test_a_step_leaves_an_event_and_the_clocks_it_touched() -> None:
    work = Work.on_new(received(), terms(), "T-1", AT)
    assert [(event.seq, event.step, [entry.what for entry in event.clocks]) for event in work.events] == [
        (1, "receive", ["started", "started"])
    ]
    done = work.standing.perform(Step.ANSWER, AT + HOUR, terms())
    work = replace(work, at=AT + HOUR).standing_as(done).log("answer", done.changes, note="好")
    case = work.result()
    assert (case.status, case.revision, case.events) == (Status.REPLIED, 1, 2)
    assert (case.contacted_in_time, case.resolved_in_time, case.due_at, case.closed_at) == (True, True, None, None)
    assert {(clock.kind, clock.stopped_at) for clock in work.recorded_clocks()} == {
        (ClockKind.CONTACT, AT + HOUR),
        (ClockKind.RESOLVE, AT + HOUR),
        (ClockKind.CALL_BACK, None),
    }
    assert {clock.clock for clock in work.recorded_clocks()} == set(case.standing(work.recorded_clocks()).clocks)


def test_an_approved_extension_is_on_record_with_when_it_begins() -> None:
    standing = Standing.begin(False, AT, terms()).standing
    standing = standing.perform(Step.ACCEPT, AT, terms()).standing
    standing = standing.perform(Step.ASK_EXTENSION, AT, terms(), 3600).standing
    done = standing.perform(Step.APPROVE_EXTENSION, AT + HOUR, terms())
    work = replace(Work.on(received(), [], terms(), "T-1", AT + HOUR), standing=standing).standing_as(done)
    [entry] = work.log("approve_extension", done.changes).events[0].clocks
    assert isinstance(entry, PauseEntry)
    assert (entry.what, entry.begin, entry.seconds) == ("paused", AT + HOUR, 3600)


def test_a_closed_case_stays_closed_since_when_it_was() -> None:
    closed = replace(received(), status=Status.CLOSED, closed_at=AT)
    work = Work.on(closed, [], terms(), "T-1", AT + HOUR)
    assert work.result().closed_at == AT
    reopened = work.standing_as(work.standing.perform(Step.REOPEN, AT + HOUR, terms())).result()
    assert (reopened.closed_at, reopened.round, reopened.returned, reopened.status) == (None, 2, 1, Status.FILED)


# --- evidence and orders ----------------------------------------------------------------------------------------


def test_a_complaint_about_collection_is_about_its_missed_stops_and_another_only_rests_on_them() -> None:
    case = received().with_evidence(evidence("not_served", Verdict.MISSED, Verdict.COLLECTED), AT, AT)
    assert case.missed_stops(MISSED) == ["S-missed"]
    assert case.missed_stops(NOISE) == []


def test_unsettled_evidence_is_asked_for_again_for_three_days() -> None:
    case = replace(received(), evidence_wanted_at=AT)
    again = case.with_evidence(evidence("not_yet"), AT + HOUR, AT + HOUR)
    assert again.evidence_wanted_at == AT + HOUR + timedelta(minutes=5)
    assert case.with_evidence(evidence("not_yet"), AT + 80 * HOUR, AT + 80 * HOUR).evidence_wanted_at is None
    assert case.with_evidence(evidence("served"), AT + HOUR, AT + HOUR).evidence_wanted_at is None
    wanted = replace(case, evidence_wanted_at=AT + 2 * HOUR)
    assert wanted.with_evidence(evidence("served"), AT + HOUR, AT + HOUR).evidence_wanted_at == AT + 2 * HOUR


def test_a_proposed_reply_says_what_the_evidence_says() -> None:
    case = received().with_evidence(evidence(), AT, AT).with_proposal(MISSED, rulebooks.REPLY_TEMPLATES.at(AT))
    assert "未收运。" in str(case.proposed_zh)
    assert "Missed." in str(case.proposed_en)
    with refused(Refused, "no_evidence"):
        received().with_proposal(MISSED, rulebooks.REPLY_TEMPLATES.at(AT))


def test_one_truck_at_a_time_is_asked_for() -> None:
    ordered = received().ordered("Q-1", "T-1")
    assert ordered.order == TruckOrder(request_id="Q-1", vehicle_id="T-1", status="wanted")
    with refused(Refused, "ordered_before"):
        ordered.ordered("Q-2", "T-2")
    with refused(BadValue, "no_place"):
        replace(received(), lon=None, lat=None).ordered("Q-1", "T-1")
    with refused(Refused, "over"):
        replace(received(), status=Status.CLOSED).ordered("Q-1", "T-1")


def test_an_order_that_is_not_possible_lets_another_be_asked_for() -> None:
    order = TruckOrder(request_id="Q-1", vehicle_id="T-1", status="wanted")
    assert order.answers("Q-1")
    assert not order.answers("Q-0")
    impossible = order.refused("unknown_vehicle", "no such vehicle")
    assert (impossible.status, impossible.code, impossible.is_over) == ("not_possible", "unknown_vehicle", True)
    assert replace(received(), order=impossible).ordered("Q-2", "T-2").order is not None
    with refused(Refused, "answered_before"):
        impossible.refused("unknown_vehicle", "no such vehicle")


def test_an_older_fact_of_the_same_order_is_no_news() -> None:
    order = followed(None, order_id="O-1", vehicle_id="T-1", status=OrderStatus.OPEN, revision=2, status_at=AT, stop_id=None)
    assert (order.request_id, order.status, order.revision) == (None, "open", 2)
    assert [is_news(order, "O-1", revision) for revision in (1, 2, 3)] == [False, False, True]
    assert is_news(order, "O-2", 1)
    assert is_news(None, "O-1", 1)


# --- as it is stored --------------------------------------------------------------------------------------------


def test_evidence_is_stored_and_shown_with_from_and_to() -> None:
    case = received().with_evidence(evidence("served", Verdict.COLLECTED), AT, AT)
    stored = to_row(case)["evidence"]
    assert {"from", "to"} < set(stored)
    assert from_row(Case, to_row(case)) == case
    assert as_json(case.evidence) == stored


def test_a_history_that_was_stored_as_text_comes_back_as_entries() -> None:
    entry = {"what": "started", "kind": "resolve", "round": 1, "due_at": "2026-11-17T02:00:00+00:00"}
    entry |= {"limit_seconds": 3600, "working": True}
    pause = entry | {"what": "paused", "begin": "2026-11-16T02:00:00+00:00", "seconds": 60}
    about = {"case_id": "C-1", "seq": 1, "step": "receive", "status": "received", "at": AT, "actor": "T-1", "person": None}
    event = from_row(
        CaseEvent, about | {"note": None, "responsible": "centre", "clocks": [entry, pause], "changed": {"lon": 1.5}}
    )
    assert [type(one) for one in event.clocks] == [ClockEntry, PauseEntry]
    assert as_json(event.clocks) == [entry, pause]
    assert event.changed == {"lon": 1.5}


def test_an_order_shows_no_more_than_is_known_of_it() -> None:
    order = TruckOrder(request_id="Q-1", vehicle_id="T-1", status="wanted")
    wanted = {"request_id": "Q-1", "vehicle_id": "T-1", "status": "wanted", "order_id": None, "revision": 0}
    assert shown_order(order) == wanted
    assert from_row(Case, to_row(received()) | {"order": wanted}).order == order
    assert shown_order(order.refused("foreign", "no")) == wanted | {"status": "not_possible", "detail": "no", "code": "foreign"}


# --- contacts ---------------------------------------------------------------------------------------------------


def test_a_contact_says_what_is_known_and_covers_it() -> None:
    contact = Contact(name="张三丰", phone="13912345678")
    assert contact.known() == {"name": "张三丰", "phone": "13912345678"}
    assert contact.masked() == Contact(name="张**", phone="139****5678")
    assert contact.mark == "13912345678\x1f\x1f\x1f张三丰"
