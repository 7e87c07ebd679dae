"""What is in a station, and where what leaves it comes from; whatever the order in which it is told."""

import asyncio
from itertools import permutations
from typing import Any

import httpx
import station_yard
from station_yard import answered, at, furnished, hauled, told

from services.transfer_station.service import stock
from shared.testing import City
from shared.vocabulary import Role


async def stored_kg(client: httpx.AsyncClient, stream: str = "residual") -> int:
    kg: int = (await answered(client.get("/v1/stations/S-1")))["stock"][stream]["stored_kg"]
    return kg


async def tell(city: City) -> None:
    async with city.apps["transfer_station"].state.resources.database.transaction() as session:
        await stock.tell(session, "S-1", city.settings.zone)


def taking(name: str, kg: int, minutes: float, kind: str = "stock_taking") -> dict[str, Any]:
    return {
        "client_id": name,
        "stream": "residual",
        "kind": kind,
        "kg": kg,
        "at": at(minutes).isoformat(),
        "person": "李班长",
        "reason": "月末盘点",
    }


async def test_a_haul_takes_the_oldest_waste_and_names_its_districts(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    await station_yard.tipped(operator, "0001", 0, 3_000)
    await station_yard.tipped(operator, "0002", 20, 4_000, plate="沪B67890")
    haul = await hauled(operator, "F-1", 60, 5_000)
    assert haul["origins"] == {"310104003": 3_000, "310112101": 2_000}
    assert await stored_kg(operator) == 2_000
    assert await hauled(operator, "F-1", 60, 5_000) == haul, "sent again it is the same haul"
    beyond = await hauled(operator, "F-2", 70, 2_500)
    assert beyond["origins"] == {"310112101": 2_000, "unknown": 500}
    events = await told(whole, "haul_changed")
    assert sorted((event["seal_number"], sum(event["origins"].values())) for event in events) == [("F-1", 5_000), ("F-2", 2_500)]


async def test_a_late_ticket_changes_where_a_haul_comes_from(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    haul = await hauled(operator, "F-1", 60, 5_000)
    assert haul["origins"] == {"unknown": 5_000}
    await station_yard.tipped(operator, "0001", 0, 3_000)
    [event] = await told(whole, "haul_changed")
    assert (event["origins"], event["revision"]) == ({"310104003": 3_000, "unknown": 2_000}, haul["revision"] + 1)


async def test_whatever_the_order_of_arrival_stock_and_origins_are_the_same(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)

    async def first(n: int) -> None:
        await station_yard.tipped(operator, f"{n}-1", n * 300, 3_000)

    async def second(n: int) -> None:
        await station_yard.tipped(operator, f"{n}-2", n * 300 + 20, 4_000, plate="沪B67890")

    async def leaves(n: int) -> None:
        await hauled(operator, f"F-{n}", n * 300 + 60, 6_500)

    async def counted(n: int) -> None:
        await answered(operator.post("/v1/stations/S-1/stock", json=taking(f"C-{n}", 400, n * 300 + 90)))

    for number, order in enumerate(permutations((first, second, leaves, counted))):
        for step in order:
            await step(number)
    hauls = (await answered(operator.get("/v1/hauls")))["items"]
    # By the books 3,000 + 4,000 − 6,500 leave 500 kg; 400 are counted and 100 are lost. So from the second round on each haul
    # begins with 400 kg of the round before, all of it from the second truck.
    each = {tuple(sorted(haul["origins"].items())) for haul in hauls[:-1]}
    assert len(hauls) == 24
    assert each == {(("310104003", 3_000), ("310112101", 3_500))}
    assert hauls[-1]["origins"] == {"310104003": 3_000, "310112101": 3_500}
    assert await stored_kg(operator) == 400


async def test_a_stock_taking_says_what_is_there_and_what_it_corrected(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    await station_yard.tipped(operator, "0001", 0, 3_000)
    found = await answered(operator.post("/v1/stations/S-1/stock", json=taking("c-1", 2_900, 30)))
    assert (found["correction_kg"], await stored_kg(operator)) == (-100, 2_900)
    await station_yard.tipped(operator, "0002", 5, 500)  # late: it was there when the stock was counted
    [entry] = (await answered(operator.get("/v1/stations/S-1/stock")))["items"]
    assert (entry["correction_kg"], await stored_kg(operator)) == (-600, 2_900)
    await answered(operator.post("/v1/stations/S-1/stock", json=taking("c-2", 50, 40, "moisture_loss")))
    await answered(operator.post("/v1/stations/S-1/stock", json=taking("c-2", 50, 40, "moisture_loss")))
    assert await stored_kg(operator) == 2_850
    await answered(operator.post("/v1/stations/S-1/stock", json=taking("c-2", 60, 40, "moisture_loss")), 409)


async def test_a_cancelled_haul_is_back_in_the_stock(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    await station_yard.tipped(operator, "0001", 0, 3_000)
    haul = await hauled(operator, "F-1", 60, 2_000)
    later = await hauled(operator, "F-2", 70, 1_500)
    assert later["origins"] == {"310104003": 1_000, "unknown": 500}
    body = {"reason": "车辆故障", "person": "李班长"}
    cancelled = await answered(operator.post(f"/v1/hauls/{haul['haul_id']}/cancel", json=body))
    assert (cancelled["status"], await stored_kg(operator)) == ("cancelled", 1_500)
    assert (await answered(operator.get(f"/v1/hauls/{later['haul_id']}")))["origins"] == {"310104003": 1_500}
    await answered(operator.post(f"/v1/hauls/{haul['haul_id']}/arrival", json={"at": at(90).isoformat()}), 409)
    arrived = await answered(operator.post(f"/v1/hauls/{later['haul_id']}/arrival", json={"at": at(90).isoformat()}))
    assert arrived["status"] == "arrived"


async def test_what_was_not_sealed_does_not_leave(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    haul = {
        "station_id": "S-1",
        "container_id": "C-9",
        "seal_number": "F-1",
        "destination_plant_id": "P-1",
        "net_kg": 5,
        "left_at": at(0).isoformat(),
    }
    assert (await answered(operator.post("/v1/hauls", json=haul), 409))["code"] == "not_sealed"


async def test_levels_are_told_and_a_full_store_is_an_alarm_until_it_is_emptied(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    for number in range(3):
        await station_yard.tipped(operator, f"000{number}", number * 20, 6_000)
    await tell(whole)
    [level] = [event for event in await told(whole, "storage_changed") if event["stream"] == "residual"]
    assert (level["stored_kg"], level["capacity_kg"]) == (18_000, 20_000)
    [alarm] = await told(whole, "alarm_changed")
    assert (alarm["kind"], alarm["status"], alarm["value"], alarm["limit"]) == ("storage_high", "open", 18_000, 17_000)
    await hauled(operator, "F-1", 90, 10_000)
    await tell(whole)
    [alarm] = await told(whole, "alarm_changed")
    assert alarm["status"] == "closed"


async def test_days_are_told_with_named_losses_and_again_when_late_data_moves_them(
    whole: City, operator: httpx.AsyncClient
) -> None:
    """Yesterday's ticket comes when today's books are closed: both days are told again, and each still closes."""
    await furnished(whole)
    await station_yard.tipped(operator, "0001", 0, 3_000)
    await hauled(operator, "F-1", 60, 2_000)
    await answered(operator.post("/v1/stations/S-1/stock", json=taking("c-1", 40, 70, "moisture_loss")))
    await answered(operator.post("/v1/stations/S-1/stock", json=taking("c-2", 950, 80)))
    await tell(whole)
    [day] = await told(whole, "day_changed")
    figures = ("opening_kg", "in_kg", "out_kg", "lost_kg", "closing_kg")
    assert [day[name] for name in figures] == [0, 3_000, 2_000, {"moisture_loss": 40, "stock_taking": 10}, 950]
    await station_yard.tipped(operator, "0000", -24 * 60, 500)
    await tell(whole)
    before, after = await told(whole, "day_changed")
    assert [before[name] for name in figures] == [0, 500, 0, {}, 500]
    assert [after[name] for name in figures] == [500, 3_000, 2_000, {"moisture_loss": 40, "stock_taking": 510}, 950]
    assert (before["revision"], after["revision"]) == (1, 2)
    async with whole.client(Role.DISPATCHER) as office:
        async with asyncio.timeout(20):
            while not (found := await answered(office.get("/v1/balance", params={"day": after["day"]})))["settled"]:
                await asyncio.sleep(0.05)
        [station] = found["stations"]
        assert station["opening_kg"] + station["in_kg"] == station["out_kg"] + station["residue_kg"] + station["closing_kg"]
        assert station["residue"] == [{"name": "moisture_loss", "net_kg": 40}, {"name": "unexplained", "net_kg": 510}]
        [finding] = (await answered(office.get("/v1/balance/findings", params={"kind": "station_difference"})))["items"]
        assert (finding["difference_kg"], finding["status"]) == (-510, "open")
