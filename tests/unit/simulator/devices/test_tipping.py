from dataclasses import replace

from services.simulator.devices.day import VehicleDay, epoch_s
from services.simulator.devices.motion import apart_m
from services.simulator.devices.weighing import TARE_SPREAD_KG, ticket_chain
from tests.unit.simulator.weighed_fleet import STATION, TRUCKS, YARD, weighed_day

GATE_RADIUS_M = 150


def lifted(day: VehicleDay) -> int:
    return sum(record["net_kg"] for _, record in day.occasions if record["kind"] == "bin_lift")


def test_a_truck_tips_after_each_round_and_before_it_goes_home() -> None:
    day = weighed_day()
    assert [one.trip for one in day.tippings] == [1, 2, 3]
    assert sum(one.lifted_kg for one in day.tippings) == lifted(day)
    for one in day.tippings:
        assert one.arrive_s < one.weigh_in_s < one.bay_s < one.weigh_out_s < one.leave_s
        assert one.bay_id == "B1"


def test_scales_agree_but_for_a_small_error() -> None:
    errors = [one.net_kg / one.lifted_kg - 1 for one in weighed_day().tippings]
    assert all(abs(error) < 0.0095 for error in errors)
    assert len(set(errors)) == 3


def test_while_it_is_weighed_and_tips_the_truck_is_seen_at_the_gate() -> None:
    day = weighed_day()
    gate = day.plane.place(STATION.lon, STATION.lat)
    for one in day.tippings:
        seen = [
            apart_m(gate, day.plane.place(record["lon"], record["lat"]))
            for record in day.records(10, one.arrive_s, one.leave_s)
            if record["kind"] == "position"
        ]
        assert len(seen) > 20
        assert max(seen) < GATE_RADIUS_M


def test_the_load_on_board_falls_to_nothing_in_the_bay() -> None:
    day = weighed_day()
    for one in day.tippings:
        loads = [r["load_kg"] for at_s, r in day.occasions if r["kind"] == "load" and one.bay_s <= at_s <= one.weigh_out_s]
        assert loads == [one.lifted_kg, one.lifted_kg, 0]


def test_stolen_kilograms_are_lifted_and_never_weighed() -> None:
    honest, robbed = weighed_day(), weighed_day(stolen_kg={2: 300})
    missing = [one.lifted_kg - one.net_kg for one in robbed.tippings]
    assert abs(missing[1] - 300) < 0.01 * robbed.tippings[1].lifted_kg
    assert max(map(abs, (missing[0], missing[2]))) < 0.01 * max(one.lifted_kg for one in robbed.tippings)
    assert lifted(honest) == lifted(robbed)


def test_a_drifting_scale_reads_too_much_at_every_lift() -> None:
    for one in weighed_day(scale_factor=1.06).tippings:
        assert abs(one.lifted_kg / one.net_kg - 1.06) < 0.015


def test_in_a_wrong_bay_is_one_that_does_not_take_the_stream() -> None:
    assert [one.bay_id for one in weighed_day(wrong_bays=frozenset({2})).tippings] == ["B1", "B2", "B1"]


def test_what_is_not_tipped_stays_on_board() -> None:
    day = weighed_day(tips_at_most=2)
    assert len(day.tippings) == 2
    last = [record["load_kg"] for _, record in day.occasions if record["kind"] == "load"][-1]
    assert last == lifted(day) - sum(one.lifted_kg for one in day.tippings) > 0


def test_a_full_truck_tips_within_its_round() -> None:
    day = weighed_day(replace(YARD, full_kg=500))
    assert len(day.tippings) > 3
    assert all(one.lifted_kg < 1000 for one in day.tippings)


def test_without_a_station_that_takes_the_stream_it_keeps_its_load() -> None:
    food_only = replace(STATION, bays={"B2": frozenset({"food"})})
    assert weighed_day(replace(YARD, stations=(food_only,))).tippings == ()


def test_without_a_yard_the_day_is_as_it_ever_was() -> None:
    day = weighed_day(None)
    assert day.tippings == ()
    loads = [record["load_kg"] for _, record in day.occasions if record["kind"] == "load"]
    assert loads[-1] == 0


def test_a_ticket_says_what_the_scale_said_and_the_same_each_time() -> None:
    one = weighed_day().tippings[0]
    chain = ticket_chain(one, TRUCKS)
    assert chain == ticket_chain(one, TRUCKS)
    weigh_in, bay, weigh_out = (dict(act.body) for act in chain.acts)
    assert weigh_in["gross_kg"] - weigh_out["tare_kg"] == one.net_kg
    assert abs(weigh_out["tare_kg"] - 11_000) <= TARE_SPREAD_KG
    assert (weigh_in["plate"], bay["bay_id"]) == ("沪A12345", "B1")
    assert [epoch_s(body["at"]) for body in (weigh_in, bay, weigh_out)] == [one.weigh_in_s, one.bay_s, one.weigh_out_s]


def test_a_chain_told_late_keeps_its_own_times() -> None:
    one = weighed_day().tippings[0]
    chain = ticket_chain(one, TRUCKS)
    late = chain.told_late(one.leave_s + 7200)
    assert [act.body for act in late.acts] == [act.body for act in chain.acts]
    assert {act.at_s for act in late.acts} == {one.leave_s + 7200}


def test_no_two_tickets_of_a_truck_have_one_name() -> None:
    names = [ticket_chain(one, TRUCKS).of for one in weighed_day(replace(YARD, full_kg=500)).tippings]
    assert len(set(names)) == len(names) > 3
