"""The read model's vehicles, stops, lifts and trips: older facts never move them back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.gateway.domain.stops import Stop, StopCount, StopVerdict
from services.gateway.domain.tickets import Due, Lift, Tip
from services.gateway.domain.vehicles import Registration, Vehicle
from services.gateway.domain.weighing import Flow, Part, Trip, of_lift, taken_back, trips_between
from shared.vocabulary import TareSource, TicketStatus, VehicleKind, Verdict, WasteStream

TEN = datetime(2026, 11, 16, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = date(2026, 11, 16)
UNSEEN = Vehicle(vehicle_id="T-1")


def registration(revision: int, plate: str = "沪A12345") -> Registration:
    return Registration(
        plate=plate,
        kind=VehicleKind.COMPACTOR,
        waste_streams=(WasteStream.FOOD,),
        district_id="310104",
        contractor_id="C-1",
        revision=revision,
    )


def test_a_vehicle_that_nobody_has_told_of_has_nothing() -> None:
    unseen = Vehicle(vehicle_id="T-2")
    assert (unseen.revision, unseen.records, unseen.lifts, unseen.changed_seq) == (0, 0, 0, 0)
    assert (unseen.plate, unseen.kind, unseen.waste_streams) == ("", VehicleKind.OTHER, ())
    assert UNSEEN.registered_as(registration(1), seq=1).revision == 1


def test_a_newer_registration_holds_and_an_older_one_changes_nothing() -> None:
    known = UNSEEN.registered_as(registration(2), seq=7)
    assert (known.revision, known.plate, known.kind, known.changed_seq) == (2, "沪A12345", VehicleKind.COMPACTOR, 7)
    assert (known.waste_streams, known.district_id, known.contractor_id) == ((WasteStream.FOOD,), "310104", "C-1")
    assert known.registered_as(registration(2, "沪B1"), seq=8) is known
    assert known.registered_as(registration(3, "沪B1"), seq=8).plate == "沪B1"


def test_lifts_are_counted_and_a_resent_one_is_dated() -> None:
    lifted = UNSEEN.lifted(5, seq=3, resent_at=TEN)
    assert (lifted.lifts, lifted.changed_seq, lifted.lifts_resent_at) == (5, 3, TEN)
    assert lifted.lifted(6, seq=4, resent_at=None).lifts_resent_at == TEN


def test_a_lift_is_purged_before_the_moment_that_is_noted() -> None:
    assert not UNSEEN.has_purged(TEN)
    purged = Vehicle(vehicle_id="T-1", lifts_purged_before=TEN)
    assert (purged.has_purged(TEN - MINUTE), purged.has_purged(TEN)) == (True, False)


def test_a_planned_stop_takes_the_verdict_that_it_had() -> None:
    stop = Stop(
        stop_id="S-1",
        run_id="R-1",
        service_day=DAY,
        vehicle_id="T-1",
        district_id=None,
        seq=1,
        name="1",
        lon=121.4,
        lat=31.2,
        window_start=TEN,
        window_end=TEN + MINUTE,
        changed_seq=2,
    )
    assert (stop.verdict, stop.revision, stop.served_at) == (Verdict.PLANNED, 0, None)
    judged = stop.judged(StopVerdict("S-1", 3, Verdict.LATE, TEN))
    assert (judged.verdict, judged.revision, judged.served_at, judged.changed_seq) == (Verdict.LATE, 3, TEN, 2)


@pytest.mark.parametrize(
    ("verdict", "window", "standing"),
    [
        ("collected", "over", "done"),
        ("early", "upcoming", "done"),
        ("late", "over", "done"),
        ("planned", "upcoming", "upcoming"),
        ("planned", "open", "due"),
        ("planned", "over", "due"),
        ("missed", "over", "missed"),
        ("unknown", "over", "unknown"),
        ("excepted", "open", "excepted"),
    ],
)
def test_where_a_stop_stands(verdict: str, window: str, standing: str) -> None:
    assert StopCount("310104", verdict, window, 1).standing == standing


# --- lifts and trips --------------------------------------------------------------------------------------------


def lift(minutes: int, net_kg: int, stream: str = "food", district_id: str = "D", contractor_id: str = "C") -> Lift:
    return Lift("T-1", TEN + minutes * MINUTE, f"L-{minutes}", net_kg, stream, district_id, contractor_id)


def tip(minutes: int, net_kg: int | None, vehicle_id: str | None = "T-1", haul_id: str | None = None) -> Tip:
    return Tip(
        ticket_id=f"K-{minutes}",
        revision=1,
        site_id="S",
        haul_id=haul_id,
        vehicle_id=vehicle_id,
        plate="沪A12345",
        contractor_id="C",
        district_id="D",
        stream=WasteStream.FOOD,
        status=TicketStatus.CLOSED,
        net_kg=net_kg,
        tare_source=TareSource.WEIGHED,
        at=TEN + minutes * MINUTE,
    )


def test_a_lift_is_vague_while_its_stream_or_district_is_not_known() -> None:
    assert [lift(0, 1).is_vague, lift(0, 1, "unsorted").is_vague, lift(0, 1, "food", "").is_vague] == [False, True, True]
    assert not lift(0, 1, contractor_id="").is_vague


def test_a_lift_posts_itself_and_is_taken_back() -> None:
    posted = of_lift(lift(0, 40))
    assert posted == Flow("lifted", "food", "D", "C", "", 40, 1)
    assert taken_back(posted) == Flow("lifted", "food", "D", "C", "", -40, -1)


def test_a_ticket_says_what_has_to_be_worked_out() -> None:
    assert tip(0, 1).subject == ("truck", "T-1")
    assert tip(0, 1, vehicle_id=None).subject == ("truck", "")
    assert tip(0, 1, haul_id="H-1").subject == ("haul", "H-1")
    assert Due("truck", "T-1", TEN).subject == ("truck", "T-1")
    assert (tip(0, None).weighed_kg, tip(0, 900).weighed_kg) == (0, 900)


def test_each_lift_belongs_to_the_first_ticket_at_or_after_it() -> None:
    lifts = [lift(1, 10), lift(2, 20, "residual"), lift(5, 30), lift(6, 40), lift(9, 50)]
    first, second = trips_between([tip(5, 65), tip(8, 38)], lifts, TEN, known=True)
    assert first == Trip(
        "K-5",
        "T-1",
        TEN,
        TEN + 5 * MINUTE,
        "food",
        65,
        (Part("food", "D", "C", 40, 2), Part("residual", "D", "C", 20, 1)),
        "S",
        "C",
        "D",
    )
    assert (second.from_at, second.lifted) == (TEN + 5 * MINUTE, (Part("food", "D", "C", 40, 1),))


def test_tickets_of_no_known_truck_are_trips_of_their_own() -> None:
    trips = trips_between([tip(5, 65, None), tip(8, 38, None)], [], None, known=False)
    assert [trip.from_at for trip in trips] == [None, None]


def test_a_trip_says_what_was_lifted_and_what_is_missing() -> None:
    parts = [Part("food", "D", "C", 40, 2), Part("food", "E", "C", 10, 1), Part("residual", "D", "C", 20, 3)]
    trip = Trip("K", "T-1", TEN, TEN, "food", 65, parts)
    assert (trip.lifted_kg, trip.lifts, trip.difference_kg) == (70, 6, -5)
    assert trip.lifted_kg_by_stream == {"food": 50, "residual": 20}
    judged = trip.judged(DAY, "unexplained")
    assert (judged.day, judged.residue_name, judged.lifted) == (DAY, "unexplained", parts)
