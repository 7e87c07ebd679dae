from typing import Any

from shared.clock import frozen
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    NIGHT,
    answered,
    at,
    detail,
    far_away,
    fix,
    judged,
    line,
    planned,
    send,
    standing,
    timetable,
    verdicts,
)


def report(minutes: float, code: str, **where: Any) -> dict[str, Any]:
    return {"kind": "driver_report", "at": at(minutes).isoformat(), "code": code, **where}


async def test_a_blocked_stop_is_excepted_and_the_history_says_when_and_why(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await send(city, [*standing(0, 1), fix(12, 2), far_away(200)])
            await judged(city)
            assert await verdicts(city) == ["collected", "missed", "missed"]
            await send(city, [report(12, "blocked", stop_id=f"{DAY}:R1:2", note="违停车辆")])
            await judged(city)
            assert await verdicts(city) == ["collected", "excepted", "missed"]
            history = (await detail(city, 2))["history"]
            assert [entry["verdict"] for entry in history[-2:]] == ["missed", "excepted"]
            assert history[-1]["reason"] == "the driver reported an exception"
            assert history[-1]["at"] == "2026-11-16T10:12:00Z"
            assert history[-1]["evidence"]["codes"] == ["blocked"]


async def test_a_breakdown_excepts_the_rest_and_the_city_counts_it_so(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city("gateway") as city:
            await planned(city)
            await send(city, [*standing(0, 1), report(5, "breakdown"), far_away(200)])
            await judged(city)
            assert await verdicts(city) == ["collected", "excepted", "excepted"]
            async with city.client(Role.DISPATCHER) as dispatcher:
                view = await answered(dispatcher.get("/v1/city"))
            assert view["runs"]["by_verdict"] == {"collected": 1, "excepted": 2}


async def test_a_dispatcher_rules_over_the_rules_which_go_on_beneath(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await send(city, [*standing(0, 1), far_away(200)])
            await judged(city)
            stop_id = f"{DAY}:R1:2"
            async with city.client(Role.DISPATCHER) as dispatcher:
                ruling = {"verdict": "excepted", "reason": "路口封闭施工 road works"}
                ruled = await answered(dispatcher.put(f"/v1/stops/{stop_id}/ruling", json=ruling))
                assert (ruled["verdict"], ruled["history"][-1]["reason"]) == ("excepted", "a dispatcher's ruling")
                assert ruled["evidence"]["by_the_rules"] == "missed"
                assert ruled["evidence"]["ruling"]["reason"] == "路口封闭施工 road works"
                await send(city, standing(12, 2))
                await judged(city)
                assert await verdicts(city) == ["collected", "excepted", "missed"]
                assert (await detail(city, 2))["evidence"]["by_the_rules"] == "collected"
                back = {"verdict": None, "reason": "mistaken stop"}
                taken_back = await answered(dispatcher.put(f"/v1/stops/{stop_id}/ruling", json=back))
                assert taken_back["verdict"] == "collected"
                told = [entry["verdict"] for entry in taken_back["history"]]
                assert told[-4:] == ["missed", "excepted", "excepted", "collected"]
                assert (await dispatcher.put(f"/v1/stops/{stop_id}/ruling", json=back)).status_code == 409


async def test_a_ruling_needs_a_reason_sight_of_the_stop_and_a_stop(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city, timetable(line(1, district="310104"), line(1, route="R2", district="310105")))
            ruling = {"verdict": "excepted", "reason": "road works"}
            async with city.client(Role.DISPATCHER, district_ids=["310104"]) as dispatcher:
                foreign = await dispatcher.put(f"/v1/stops/{DAY}:R2:1/ruling", json=ruling)
                nothing = await dispatcher.put("/v1/stops/nowhere/ruling", json=ruling)
                wordless = await dispatcher.put(f"/v1/stops/{DAY}:R1:1/ruling", json={"verdict": "excepted", "reason": ""})
                assert [answer.status_code for answer in (foreign, nothing, wordless)] == [404, 404, 422]
            async with city.client(Role.DEVICE, vehicle_ids=["T-001"]) as device:
                assert (await device.put(f"/v1/stops/{DAY}:R1:1/ruling", json=ruling)).status_code == 403


async def test_a_ruling_that_confirms_the_rules_stands_at_once_also_where_no_truck_was_to_come(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city, timetable(line(1, vehicle="")))
            await judged(city)
            assert await verdicts(city) == ["unknown"]
            ruling = {"verdict": "unknown", "reason": "nobody was assigned"}
            async with city.client(Role.DISPATCHER) as dispatcher:
                ruled = await answered(dispatcher.put(f"/v1/stops/{DAY}:R1:1/ruling", json=ruling))
            assert ruled["evidence"]["ruling"]["reason"] == "nobody was assigned"
            assert ruled["history"][-1]["reason"] == "a dispatcher's ruling"


async def test_a_contractor_does_not_rule_on_its_own_stops(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            truck = {"vehicle_id": "T-001", "plate": "沪A00001", "district_id": "310104", "contractor_id": "C1"}
            await planned(city)
            async with city.client(Role.ADMIN) as admin:
                await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}))
            await city.settle()
            stop = f"/v1/stops/{DAY}:R1:1"
            ruling = {"verdict": "excepted", "reason": "road works"}
            async with city.client(Role.DISPATCHER, contractor_ids=["C1"]) as contractor:
                await answered(contractor.get(stop))
                refused = await contractor.put(f"{stop}/ruling", json=ruling)
                assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
                assert "no contractor_ids" in refused.json()["detail"]
                assert (await answered(contractor.get(stop)))["verdict"] != "excepted"
            async with city.client(Role.DISPATCHER) as dispatcher:
                assert (await answered(dispatcher.put(f"{stop}/ruling", json=ruling)))["verdict"] == "excepted"
