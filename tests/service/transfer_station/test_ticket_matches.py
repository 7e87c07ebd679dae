"""Which truck a ticket is of, however late anybody tells."""

import httpx
import pytest
import station_yard
from station_yard import TRUCKS, answered, at, at_gate, furnished, told, weigh_in, weigh_out

from services.transfer_station.service import stations, stock
from services.transfer_station.service.figures import station_figures
from shared import clock
from shared.testing import City
from shared.vocabulary import Role


async def test_a_misread_plate_is_the_truck_that_stood_at_the_gate(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    await at_gate(whole, "T-1", -6, -3, 0, 3)
    ticket = await weigh_in(operator, "0001", plate="沪A1234S")
    assert (ticket["vehicle_id"], ticket["matched_by"], ticket["plate"]) == ("T-1", "gate", "沪A1234S")
    assert ticket["arrived_at"] == at(-6).isoformat().replace("+00:00", "Z")


async def test_positions_that_come_late_match_a_ticket_all_the_same(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001", plate="沪A1234S")
    await weigh_out(operator, ticket)
    assert ticket["vehicle_id"] is None
    await at_gate(whole, "T-1", 12, 0, -6, 6)
    [event] = await told(whole, "ticket_changed")
    assert (event["vehicle_id"], event["contractor_id"], event["net_kg"]) == ("T-1", "K-1", 4_000)
    found = await answered(operator.get(f"/v1/tickets/{ticket['ticket_id']}"))
    assert (found["stage"], found["left_at"]) == ("left", at(13).isoformat().replace("+00:00", "Z"))


async def test_a_truck_registered_late_gets_its_tickets(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole, trucks=False)
    ticket = await weigh_in(operator, "0001")
    assert (ticket["vehicle_id"], ticket["district_id"]) == (None, None)
    async with whole.client(Role.ADMIN) as admin:
        await answered(admin.post("/v1/vehicle-imports", json={"vehicles": TRUCKS}))
    [event] = await told(whole, "ticket_changed")
    assert (event["vehicle_id"], event["district_id"]) == ("T-1", "310104003")


@pytest.mark.parametrize("first", ["positions", "ticket of the truck", "misread ticket"])
async def test_a_truck_that_another_ticket_is_sure_of_is_not_guessed(
    whole: City, operator: httpx.AsyncClient, first: str
) -> None:
    await furnished(whole)
    if first == "positions":
        await at_gate(whole, "T-1", 0, 3)
    if first == "misread ticket":
        await weigh_in(operator, "0002", 2, plate="沪A1234S")
        await at_gate(whole, "T-1", 0, 3)
    await weigh_in(operator, "0001", 0)
    if first == "ticket of the truck":
        await at_gate(whole, "T-1", 0, 3)
    if first != "misread ticket":
        await weigh_in(operator, "0002", 2, plate="沪A1234S")
    found = {event["number"]: event["vehicle_id"] for event in await told(whole, "ticket_changed")}
    assert found == {"0001": "T-1", "0002": None}


async def test_a_person_may_say_which_truck_it_was(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001", plate="沪Z00000")
    body = {"vehicle_id": "T-2", "person": "李班长"}
    said = await answered(operator.put(f"/v1/tickets/{ticket['ticket_id']}/vehicle", json=body))
    assert (said["vehicle_id"], said["matched_by"], said["contractor_id"]) == ("T-2", "person", "K-2")
    await at_gate(whole, "T-1", 0, 3)
    assert (await answered(operator.get(f"/v1/tickets/{ticket['ticket_id']}")))["vehicle_id"] == "T-2"


async def test_who_waits_at_the_gate_is_the_queue(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    await at_gate(whole, "T-1", 0, 5, 10)
    await at_gate(whole, "T-2", 4, 8)
    with clock.frozen(at(12)):
        state = await answered(operator.get("/v1/stations/S-1", headers=_signed(whole)))
        assert [waiting["vehicle_id"] for waiting in state["queue"]] == ["T-1", "T-2"]
        await weigh_in(operator, "0001", 11)
        state = await answered(operator.get("/v1/stations/S-1", headers=_signed(whole)))
        assert [waiting["vehicle_id"] for waiting in state["queue"]] == ["T-2"]
        assert [ticket["plate"] for ticket in state["in_station"]] == ["沪A12345"]
        async with whole.apps["transfer_station"].state.resources.database.transaction() as session:
            assert await stations.watch_queue(session, "S-1") == 1


def _signed(city: City) -> dict[str, str]:
    return {"Authorization": f"Bearer {city.token(Role.ADMIN)}"}


async def test_turn_round_and_time_to_full_are_told(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    for number, minutes in enumerate((0, 20, 40)):
        ticket = await weigh_in(operator, str(number), minutes, gross_kg=10_000)
        await weigh_out(operator, ticket, minutes + 6 + 2 * number)
    with clock.frozen(at(60)):
        state = await answered(operator.get("/v1/stations/S-1", headers=_signed(whole)))
    assert state["turn_round"] == {"trucks": 3, "median_minutes": 8, "p90_minutes": 10}
    assert state["stock"]["residual"] == {"stored_kg": 6_000, "capacity_kg": 20_000, "hours_to_full": 7.0}


async def test_monitoring_shows_how_full_a_station_is_and_how_long_trucks_stay(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    for number, minutes in enumerate((0, 20, 40)):
        ticket = await weigh_in(operator, str(number), minutes, gross_kg=10_000)
        await weigh_out(operator, ticket, minutes + 6 + 2 * number)
    resources = whole.apps["transfer_station"].state.resources
    with clock.frozen(at(60)):
        async with resources.database.transaction() as session:
            await stock.tell(session, "S-1", resources.settings.zone)
            found = await station_figures(session, resources.settings.zone)
    key = ("S-1", "residual")
    assert (found.stored_grams[key], found.capacity_grams[key], found.high_grams[key]) == (6_000_000, 20_000_000, 17_000_000)
    assert (found.median_seconds, found.slow_seconds) == ({("S-1",): 480}, {("S-1",): 600})


async def test_a_video_device_that_goes_dark_is_an_alarm_by_its_own_time(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)

    async def video(name: str, value: int, minutes: float, status: int = 200) -> None:
        body = {"client_id": name, "kind": "video", "value": value, "device_id": "CAM-1", "at": at(minutes).isoformat()}
        await answered(operator.post("/v1/stations/S-1/log", json=body), status)

    await video("v-2", 0, 20)
    await video("v-1", 1, 10)  # late: it says nothing about now
    [alarm] = await told(whole, "alarm_changed")
    assert (alarm["kind"], alarm["status"], alarm["device_id"]) == ("video_offline", "open", "CAM-1")
    await video("v-3", 1, 30)
    [alarm] = await told(whole, "alarm_changed")
    assert alarm["status"] == "closed"
    await video("v-4", 7, 40, status=422)
    await video("v-3", 0, 30, status=409)
    log = (await answered(operator.get("/v1/stations/S-1/log", params={"kind": "video"})))["items"]
    assert [entry["value"] for entry in log] == [1, 0, 1]
    alarms = (await answered(operator.get("/v1/station-alarms", params={"kind": "video_offline"})))["items"]
    assert [item["status"] for item in alarms] == ["closed"]
    async with whole.client(Role.STATION_OPERATOR, station_ids=["S-2"]) as other:
        address = f"/v1/station-alarms/{alarms[0]['alarm_id']}"
        assert await answered(operator.get(address)) == alarms[0]
        assert (await other.get(address)).status_code == 404, "it is another station's"


async def test_a_station_put_again_is_the_same_and_a_changed_one_has_a_new_revision(whole: City) -> None:
    await furnished(whole)
    async with whole.client(Role.ADMIN) as admin:
        same = await answered(admin.put("/v1/stations/S-1", json=station_yard.STATION))
        changed = await answered(admin.put("/v1/stations/S-1", json=station_yard.STATION | {"gate_radius_m": 200}))
        assert (same["revision"], changed["revision"]) == (1, 2)
        assert [item["station_id"] for item in (await answered(admin.get("/v1/stations")))["items"]] == ["S-1"]
        twice = station_yard.STATION | {"bays": [{"bay_id": "B1", "streams": ["food"]}] * 2}
        await answered(admin.put("/v1/stations/S-1", json=twice), 422)
