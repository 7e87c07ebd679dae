"""A ticket from the first weighing to the last correction, and what is refused on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.transfer_station.domain.gate import Visit
from services.transfer_station.domain.stations import Bay, Station
from services.transfer_station.domain.tickets import FirstWeighing, MatchedBy, Stay, Ticket, tare_source
from services.transfer_station.domain.trucks import TruckEntry, in_force
from shared.domain_errors import Conflict, Invalid
from shared.vocabulary import TareSource, TicketStatus, WasteStream
from shared.weighbridge import Weighing

START = datetime(2026, 11, 16, tzinfo=UTC)
MOST_KG = 60_000


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


TICKET = Ticket(
    ticket_id="X-1",
    station_id="S-1",
    client_id="1",
    number="0001",
    stream=WasteStream.RESIDUAL,
    weighing=Weighing(gross_kg=12_000, weighed_in_at=START),
    said_plate="沪A12345",
    said_plate_key="沪A12345",
    changed_at=START,
)
STATION = Station(
    station_id="S-1",
    name_zh="站",
    name_en="Station",
    lon=121.4,
    lat=31.2,
    gate=None,
    gate_radius_m=150,
    district_id=None,
    capacity_kg={WasteStream.RESIDUAL: 20_000},
    bays=(Bay(bay_id="B1", streams=(WasteStream.RESIDUAL,)), Bay(bay_id="B2", streams=(WasteStream.FOOD,))),
    compactors=(),
    changed_at=START,
)
TRUCK = TruckEntry(
    vehicle_id="T-1",
    revision=1,
    registered_at=START,
    plate="沪A12345",
    plate_key="沪A12345",
    tare_kg=8_000,
    contractor_id="K-1",
    district_id="310104003",
    waste_streams=(),
)


def closed(minutes: float = 10, tare_kg: int = 8_000) -> Ticket:
    return TICKET.weigh_out(tare_kg, TareSource.WEIGHED, at(minutes), gross_max_kg=MOST_KG)


def void() -> Ticket:
    return closed().void("weighed twice", "李班长", at(20))


def test_the_second_weighing_closes_a_ticket_and_from_then_on_it_counts() -> None:
    ticket = closed()
    assert (ticket.status, ticket.stage, ticket.net_kg, ticket.tare_source) == ("closed", "weighed_out", 4_000, "weighed")
    assert (TICKET.stage, TICKET.moves_stock_kg, TICKET.moves_stock_at) == ("weighed_in", 0, START)
    assert (ticket.moves_stock_kg, ticket.moves_stock_at) == (4_000, at(10))
    assert tare_source(None) is TareSource.REGISTERED


def test_a_ticket_is_closed_once_and_the_same_weighing_is_known_again() -> None:
    ticket = closed()
    assert ticket.was_weighed_out(at(10), 8_000)
    assert not ticket.was_weighed_out(at(10), 8_020)
    assert not ticket.was_weighed_out(at(10), None), "its tare was weighed, not registered"
    assert not TICKET.was_weighed_out(at(10), 8_000)
    detail = r"the ticket was closed at 2026-11-16T00:10:00\+00:00 with tare 8000 kg; correct it if that is wrong"
    with pytest.raises(Conflict, match=detail) as refused:
        ticket.require_open_at(at(10))
    assert refused.value.code == "already_closed"


def test_of_several_bays_the_last_by_its_own_time_holds() -> None:
    ticket = TICKET.use_bay("B1", at(4), STATION)
    assert (ticket.bay_id, ticket.bay_at, ticket.stage) == ("B1", at(4), "in_bay")
    assert ticket.use_bay("B2", at(3), STATION) is ticket
    assert ticket.use_bay("B1", at(4), STATION) is ticket
    assert ticket.use_bay("B2", at(4), STATION).bay_id == "B2"
    assert closed().use_bay("B1", at(10), STATION).moves_stock_at == at(10)


@pytest.mark.parametrize(("bay_id", "minutes"), [("B9", 5), ("B1", -1), ("B1", 11)])
def test_a_truck_tips_in_a_bay_of_the_station_between_its_weighings(bay_id: str, minutes: float) -> None:
    with pytest.raises(Invalid, match="has no bay B9" if bay_id == "B9" else "between its two weighings"):
        closed().use_bay(bay_id, at(minutes), STATION)


def test_a_bay_is_wrong_while_the_ticket_is_open_and_it_takes_another_stream() -> None:
    assert TICKET.use_bay("B2", at(3), STATION).is_in_wrong_bay(STATION)
    assert not TICKET.use_bay("B1", at(3), STATION).is_in_wrong_bay(STATION)
    assert not closed().use_bay("B2", at(3), STATION).is_in_wrong_bay(STATION)
    assert not TICKET.is_in_wrong_bay(STATION)


def test_a_truck_is_not_weighed_out_before_it_tipped() -> None:
    tipped = TICKET.use_bay("B1", at(5), STATION)
    tipped.require_open_at(at(5))
    with pytest.raises(Invalid, match="before the truck tipped"):
        tipped.require_open_at(at(4))
    with pytest.raises(Invalid, match="before the first"):
        tipped.require_open_at(at(-1))


def test_a_void_ticket_keeps_its_figures_counts_for_nothing_and_takes_no_more() -> None:
    ticket = void()
    assert (ticket.status, ticket.stage, ticket.net_kg, ticket.moves_stock_kg) == ("void", "void", 4_000, 0)
    assert (ticket.reason, ticket.person, ticket.voided_at) == ("weighed twice", "李班长", at(20))
    assert ticket.void("again", "王工", at(30)) is ticket
    assert not ticket.was_weighed_out(at(10), 8_000)
    for refused in (
        lambda: ticket.require_open_at(at(10)),
        lambda: ticket.use_bay("B1", at(5), STATION),
        lambda: ticket.say_vehicle("T-1"),
        lambda: ticket.correct(0, reason="x", person="y", gross_max_kg=MOST_KG),
    ):
        with pytest.raises(Conflict, match="the ticket is void; make a new one"):
            refused()


def test_a_correction_changes_what_it_names_and_says_who_and_why() -> None:
    ticket = closed().correct(
        0, gross_kg=12_500, plate="沪B·67890", district_id="310112", reason="misread", person="李班长", gross_max_kg=MOST_KG
    )
    assert (ticket.net_kg, ticket.manual, ticket.reason, ticket.person) == (4_500, True, "misread", "李班长")
    assert (ticket.said_plate, ticket.said_plate_key, ticket.given_district_id) == ("沪B·67890", "沪B67890", "310112")
    assert (ticket.stream, ticket.tare_kg) == (WasteStream.RESIDUAL, 8_000)
    other = closed().correct(0, stream=WasteStream.FOOD, reason="misread", person="李班长", gross_max_kg=MOST_KG)
    assert (other.stream, other.manual, other.net_kg) == (WasteStream.FOOD, False, 4_000)


def test_a_correction_is_refused_of_another_revision_without_a_tare_and_beyond_the_limit() -> None:
    with pytest.raises(Conflict, match="look at revision 0 first") as newer:
        TICKET.correct(1, reason="x", person="y", gross_max_kg=MOST_KG)
    with pytest.raises(Conflict, match="weigh the truck out") as untared:
        TICKET.correct(0, tare_kg=8_000, reason="x", person="y", gross_max_kg=MOST_KG)
    with pytest.raises(Invalid, match="above 60000 kg") as heavy:
        TICKET.correct(0, gross_kg=60_001, reason="x", person="y", gross_max_kg=MOST_KG)
    assert (newer.value.code, untared.value.code, heavy.value.code) == ("changed_meanwhile", "not_closed", "gross_too_high")


def test_what_a_person_says_of_the_truck_is_said_once() -> None:
    said = TICKET.say_vehicle("T-1")
    assert (said.given_vehicle_id, said.matched_by) == ("T-1", "person")
    assert said.say_vehicle("T-1") is said
    assert said.say_vehicle("T-2").given_vehicle_id == "T-2"


def test_a_ticket_takes_contractor_district_and_plate_from_its_truck_unless_people_say_otherwise() -> None:
    nameless = replace(TICKET, said_plate="", said_plate_key="")
    matched = nameless.match(TRUCK, "T-1", MatchedBy.GATE, None)
    assert matched.truck == ("T-1", "gate", "K-1", "310104003", "沪A12345", "沪A12345")
    assert (matched.is_guess, TICKET.match(TRUCK, "T-1", MatchedBy.PLATE, None).is_guess) == (True, False)
    assert replace(TICKET, given_district_id="310112").match(TRUCK, "T-1", MatchedBy.PLATE, None).district_id == "310112"
    nobody = TICKET.match(None, None, MatchedBy.GATE, None)
    assert nobody.truck == (None, None, None, None, "沪A12345", "沪A12345")


def test_a_stay_at_the_gate_says_when_the_truck_came_and_once_it_is_weighed_out_when_it_left() -> None:
    stay = Visit("T-1", at(-5), at(12))
    assert (closed().match(TRUCK, "T-1", MatchedBy.PLATE, stay).arrived_at, TICKET.arrived_at) == (at(-5), None)
    left = closed().match(TRUCK, "T-1", MatchedBy.PLATE, stay)
    assert (left.left_at, left.stage) == (at(12), "left")
    assert TICKET.match(TRUCK, "T-1", MatchedBy.PLATE, stay).left_at is None
    assert closed(12).match(TRUCK, "T-1", MatchedBy.PLATE, stay).left_at is None
    late = Visit("T-1", at(1), at(12))
    assert TICKET.match(TRUCK, "T-1", MatchedBy.PLATE, late).arrived_at == START, "nobody arrives after the first weighing"


def test_the_registry_of_a_time_is_what_it_said_by_then_or_what_it_said_first() -> None:
    later = replace(TRUCK, revision=2, registered_at=at(60), plate="沪B67890")
    assert in_force([TRUCK, later], at(59)) is TRUCK
    assert in_force([TRUCK, later], at(60)) is later
    assert in_force([TRUCK, later], at(-1)) is TRUCK


def test_a_first_weighing_is_the_same_whatever_became_of_the_ticket() -> None:
    assert FirstWeighing.of(closed()) == FirstWeighing.of(TICKET)
    assert FirstWeighing.of(replace(TICKET, number="0002")) != FirstWeighing.of(TICKET)


def test_a_stay_is_counted_from_the_gate_or_else_from_the_first_weighing() -> None:
    assert Stay(at(-5), START, at(10)).minutes == 15.0
    assert Stay(None, START, at(10.04)).minutes == 10.0


def test_open_is_the_status_of_a_new_ticket() -> None:
    assert (TICKET.status, TICKET.revision, TICKET.net_kg) == (TicketStatus.OPEN, 0, None)
