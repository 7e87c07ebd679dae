"""lifted = tipped + on board + a named residue, whatever comes, in whatever order, however often."""

import random
from typing import Any

import httpx
import pytest
from happenings import CAOHEJING, TEN, TIANPING, planned, registered, tell
from weighings import Weighings, answered, findings_of, stream_of, watched_at, worked_out

from services.gateway.service.figures import count_city
from shared.events.base import Event
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.events.vehicle import BinLifted
from shared.testing import City
from shared.vocabulary import Role

pytestmark = pytest.mark.usefixtures("at_ten")


def a_day(of: Weighings) -> list[Event]:
    """Three trips, one of them with a ticket that was corrected, one with a stolen part; something is still on board."""
    return [
        of.registered(),
        *of.lifts(-240, 400, 500, 600),
        of.ticket("1", -200, 1_490),
        *of.lifts(-150, 700, 800),
        of.ticket("2", -120, 1_400),
        of.ticket("2", -120, 1_510, revision=2),
        *of.lifts(-100, 900, 1_000),
        of.ticket("3", -60, 1_200),
        of.lift(-10, 350),
        of.haul("1", -30, 4_000),
        of.intake("1", 30, 3_950, "1", vehicle_id=of.truck),
    ]


async def test_a_day_closes_to_the_kilogram_with_every_residue_named(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    day = await stream_of(console, of.day)
    assert (day["lifted_kg"], day["tipped_kg"], day["on_board_start_kg"], day["on_board_end_kg"]) == (5_250, 4_200, 0, 350)
    assert day["residue"] == {"first_trip": 10, "within_tolerance": -10, "unexplained": 700}
    [haul] = (await answered(console, "/v1/balance", day=of.day))["hauls"]
    assert (haul["hauled_kg"], haul["received_kg"], haul["under_way_end_kg"]) == (4_000, 3_950, 0)
    assert haul["residue"] == [{"name": "within_tolerance", "net_kg": 50}]
    [finding] = await findings_of(console)
    assert (finding["kind"], finding["subject_id"], finding["difference_kg"]) == ("trip_difference", "1-3", -700)
    tomorrow = await answered(console, "/v1/balance", day="2026-11-17")
    assert [each["on_board_start_kg"] for each in tomorrow["streams"]] == [350], "what is on board stays so over midnight"


async def test_the_citywide_view_shows_the_way_of_the_waste(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    flows = (await answered(console, "/v1/city"))["flows"]
    stages = {(each["stage"], each["stream"]): each["net_kg"] for each in flows["stages"]}
    assert stages == {
        ("lifted", "residual"): 5_250,
        ("unloaded", "residual"): 4_900,
        ("tipped", "residual"): 4_200,
        ("hauled", "residual"): 4_000,
        ("arrived", "residual"): 4_000,
        ("taken_in", "residual"): 3_950,
    }
    assert flows["settled"]
    assert flows["findings"] == {"trip_difference": 1}
    assert flows["streams"][0]["residue_kg"] == 700


async def test_the_balance_is_the_same_in_any_order_and_however_often_told(gateway: City, console: httpx.AsyncClient) -> None:
    """Each order happens to a truck and a day of its own; the gateway gets every event twice (see `gateway`)."""
    rng = random.Random(5)
    seen = []
    for n in range(12):
        of = Weighings(f"{n}", days=n - 20)
        events = a_day(of)
        if n:
            rng.shuffle(events)
        for start in range(0, len(events), 4):
            again = [event for event in events[: start + 4] if not isinstance(event, BinLifted)]
            await tell(gateway, *events[start : start + 4], *rng.sample(again, min(2, len(again))))
            if rng.random() < 0.5:
                await worked_out(gateway)
        async with watched_at(gateway, TEN):
            day = await stream_of(console, of.day)
        day["on_board_end_kg"] -= day.pop("on_board_start_kg")
        trips = (await answered(console, "/v1/balance/trips", day=of.day))["items"]
        told = [(trip["ticket_id"].partition("-")[2], trip["lifted_kg"], trip["residue_name"]) for trip in trips]
        named = [(each["kind"], each["difference_kg"]) for each in await findings_of(console, day=of.day, status="open")]
        hauls = (await answered(console, "/v1/balance", day=of.day))["hauls"]
        seen.append((day, told, named, hauls))
    for each in seen[1:]:
        assert each == seen[0]


async def test_voiding_and_issuing_a_ticket_again_moves_the_balance_by_exactly_the_difference(
    gateway: City, console: httpx.AsyncClient
) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    before = await stream_of(console, of.day)
    await tell(gateway, of.ticket("2", -120, 1_510, revision=3, status="void"))
    await worked_out(gateway)
    void = await stream_of(console, of.day)
    assert void["tipped_kg"] == before["tipped_kg"] - 1_510
    assert void["residue_kg"] == before["residue_kg"] + 1_510
    await tell(gateway, of.ticket("2b", -120, 1_493))
    await worked_out(gateway)
    again = await stream_of(console, of.day)
    assert again["tipped_kg"] == before["tipped_kg"] - 17
    assert again["residue_kg"] == before["residue_kg"] + 17
    assert again["on_board_end_kg"] == before["on_board_end_kg"]


async def test_a_late_lift_corrects_its_trip_and_withdraws_the_finding(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, of.registered(), of.ticket("0", -300, 900), *of.lifts(-240, 400, 500), of.ticket("1", -200, 1_500))
    await worked_out(gateway)
    [finding] = await findings_of(console)
    assert (finding["status"], finding["difference_kg"]) == ("open", 600)
    await tell(gateway, of.lift(-210, 600))
    await worked_out(gateway)
    assert await findings_of(console, status="open") == []
    detail = await answered(console, f"/v1/balance/findings/{finding['finding_id']}")
    assert [(each["status"], each["difference_kg"]) for each in detail["history"]] == [("open", 600), ("withdrawn", 600)]
    assert (await stream_of(console, of.day))["residue"] == {"first_trip": -900}


async def test_a_ticket_of_another_truck_moves_to_it_when_it_is_matched(gateway: City, console: httpx.AsyncClient) -> None:
    of, other = Weighings("1"), Weighings("2")
    await tell(gateway, of.registered(), *of.lifts(-290, 100), of.ticket("0", -280, 100), *of.lifts(-240, 700, 800))
    await tell(gateway, other.registered(), of.ticket("1", -200, 1_500, vehicle_id=None))
    await worked_out(gateway)
    assert (await stream_of(console, of.day))["residue"] == {"no_vehicle": -1_500}
    await tell(gateway, of.ticket("1", -200, 1_500, revision=2, vehicle_id="T-2"))
    await worked_out(gateway)
    assert (await stream_of(console, of.day))["residue"] == {"no_onboard_scale": -1_500}
    await tell(gateway, of.ticket("1", -200, 1_500, revision=3))
    await worked_out(gateway)
    day = await stream_of(console, of.day)
    assert (day["residue"], day["on_board_end_kg"]) == ({}, 0)


async def test_lifts_get_their_stream_when_the_run_is_planned_after_them(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, of.registered(waste_streams=["residual", "food"]), *of.lifts(-240, 700, 800))
    await worked_out(gateway)
    assert (await stream_of(console, of.day, "unsorted"))["lifted_kg"] == 1_500
    await tell(gateway, planned(stream="food"))
    await worked_out(gateway)
    assert (await stream_of(console, of.day, "food"))["lifted_kg"] == 1_500
    lifted = (await answered(console, "/v1/city"))["lifted"]
    assert [(each["key"], each["net_kg"]) for each in lifted["by_stream"]] == [("food", 1_500)]


async def test_a_scale_that_drifts_is_one_finding_with_its_factor_and_its_trips_are_none(
    gateway: City, console: httpx.AsyncClient
) -> None:
    of = Weighings()
    events: list[Event] = [of.registered(), of.ticket("0", -600, 100)]
    for n, net_kg in enumerate([2_000, 2_400, 1_800, 2_200, 2_100]):
        read = round(net_kg * 1.06)
        events += [*of.lifts(-500 + 60 * n, read // 2, read - read // 2), of.ticket(f"{n + 1}", -480 + 60 * n, net_kg)]
    await tell(gateway, *events[:6])
    await worked_out(gateway)
    assert {each["kind"] for each in await findings_of(console, status="open")} == {"trip_difference"}, "too few trips to tell"
    await tell(gateway, *events[6:])
    await worked_out(gateway)
    [drift] = await findings_of(console, status="open")
    assert (drift["kind"], drift["subject_id"]) == ("scale_drift", of.truck)
    assert drift["factor"] == pytest.approx(1.06, abs=0.002)
    day = await stream_of(console, of.day)
    assert day["residue"].keys() == {"first_trip", "scale_drift"}
    [scale] = (await answered(console, "/v1/balance/scales", drifts=True))["items"]
    assert (scale["vehicle_id"], scale["trips"], scale["drifts"]) == (of.truck, 5, True)
    detail = await answered(console, f"/v1/balance/findings/{drift['finding_id']}")
    assert len(detail["trips"]) == 6


async def test_a_haul_that_does_not_arrive_is_overdue_until_it_does(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, of.haul("1", 0, 9_000))
    await worked_out(gateway)
    assert await findings_of(console) == []
    async with watched_at(gateway, of.at(6 * 60 + 1)) as evening:
        [overdue] = await findings_of(evening, status="open")
        assert (overdue["kind"], overdue["subject_id"], overdue["difference_kg"]) == ("haul_overdue", "H-1-1", -9_000)
        await tell(gateway, of.intake("1", 500, 8_000, "1"))
        await worked_out(gateway)
        [short] = await findings_of(evening, status="open")
        assert (short["kind"], short["difference_kg"]) == ("haul_difference", -1_000)


async def test_of_two_who_explain_a_finding_at_once_one_is_told(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    [finding] = await findings_of(console)
    path = f"/v1/balance/findings/{finding['finding_id']}"
    said: dict[str, Any] = {"revision": finding["revision"], "cause": "theft", "note": "司机承认中途卸料"}
    first = await console.post(f"{path}/explain", json=said)
    second = await console.post(f"{path}/close", json=said | {"cause": "rain"})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["code"] == "finding_changed"
    await worked_out(gateway)
    assert (await stream_of(console, of.day))["residue"]["explained_theft"] == 700
    closed = await console.post(f"{path}/close", json=said | {"revision": first.json()["revision"]})
    assert closed.json()["status"] == "closed"
    await tell(gateway, of.ticket("3", -60, 1_300, revision=2))
    await worked_out(gateway)
    [again] = await findings_of(console)
    assert (again["status"], again["cause"], again["difference_kg"]) == ("open", None, -600), (
        "another difference, another question"
    )


async def test_a_contractor_may_explain_its_own_finding_but_not_close_it(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    own = [
        event.model_copy(update={"contractor_id": "K-1"}) if isinstance(event, WeighbridgeTicketChanged) else event
        for event in a_day(of)
    ]
    await tell(gateway, *own)
    await worked_out(gateway)
    [finding] = await findings_of(console)
    path = f"/v1/balance/findings/{finding['finding_id']}"
    said: dict[str, Any] = {"revision": finding["revision"], "cause": "theft", "note": "司机承认中途卸料"}
    async with gateway.client(Role.DISPATCHER, contractor_ids=["K-1"]) as contractor:
        refused = await contractor.post(f"{path}/close", json=said)
        assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
        explained = await contractor.post(f"{path}/explain", json=said)
        assert (explained.status_code, explained.json()["status"]) == (200, "explained")
    closed = await console.post(f"{path}/close", json=said | {"revision": explained.json()["revision"]})
    assert closed.json()["status"] == "closed"


async def test_a_truck_that_still_carries_yesterdays_waste_is_found(gateway: City) -> None:
    of = Weighings()
    await tell(gateway, of.registered(), *of.lifts(-90, 500), of.ticket("1", -60, 500), *of.lifts(-30, 800, 900))
    async with watched_at(gateway, of.at(25 * 60)) as console:
        [finding] = await findings_of(console)
        assert (finding["kind"], finding["subject_id"], finding["expected_kg"]) == ("not_tipped", of.truck, 1_700)
        await tell(gateway, of.ticket("2", 24 * 60, 1_700))
        await worked_out(gateway)
        assert await findings_of(console, status="open") == []


async def test_findings_and_balance_of_another_district_or_contractor_are_not_seen(gateway: City) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    async with gateway.client(Role.DISPATCHER, district_ids=[CAOHEJING]) as stranger:
        assert await findings_of(stranger) == []
        assert (await answered(stranger, "/v1/balance", day=of.day))["streams"] == []
        assert (await answered(stranger, "/v1/balance/trips"))["items"] == []
        assert (await stranger.get("/v1/balance/findings/trip_difference:1-3")).status_code == 404
    async with gateway.client(Role.DISPATCHER, district_ids=[TIANPING]) as own:
        assert len(await findings_of(own)) == 1
        assert (await stream_of(own, of.day))["residue_kg"] == 700
    assert registered().registered_at == TEN


async def test_monitoring_shows_the_same_flows_residues_and_findings(gateway: City, console: httpx.AsyncClient) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    resources = gateway.apps["gateway"].state.resources
    await worked_out(gateway)
    async with resources.database.read() as session:
        said = (await count_city(session, resources.settings.zone)).balance
    flows = (await answered(console, "/v1/city"))["flows"]
    assert said.flow_grams == {(each["stage"], each["stream"]): each["net_kg"] * 1000 for each in flows["stages"]}
    assert said.on_board_grams == {("truck", "residual"): 350_000, ("haul", "residual"): 0}
    assert said.residue_grams == {
        ("bin_and_weighbridge", "first_trip"): 10_000,
        ("bin_and_weighbridge", "within_tolerance"): -10_000,
        ("bin_and_weighbridge", "unexplained"): 700_000,
        ("station_and_plant", "within_tolerance"): 50_000,
    }
    assert {kind: number for (kind,), number in said.findings.items() if number} == {"trip_difference": 1}
    assert said.findings["haul_overdue",] == 0, "a kind of which there is none is told, so that an alert can end"
    assert said.waiting == 0
