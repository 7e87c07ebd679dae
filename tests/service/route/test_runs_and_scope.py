from datetime import timedelta
from typing import Any

from services.route.service import trucks
from services.route.store import trucks as store
from shared.clock import frozen
from shared.events.vehicle import VehicleRegistered
from shared.testing import City
from shared.vocabulary import Role, VehicleKind
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    EVENING,
    NIGHT,
    answered,
    at,
    judged,
    line,
    planned,
    send,
    standing,
    timetable,
    verdicts,
)

MORNING = EVENING - timedelta(hours=8)
TWO_DISTRICTS = timetable(line(1), line(2), line(1, route="R2", district="310105", vehicle="T-002"))


async def get(city: City, path: str, role: Role = Role.DISPATCHER, **scope: list[str]) -> Any:
    async with city.client(role, **scope) as reader:
        return await answered(reader.get(path))


async def status(city: City, path: str, role: Role = Role.DISPATCHER, **scope: list[str]) -> int:
    async with city.client(role, **scope) as reader:
        return (await reader.get(path)).status_code


async def test_planning_twice_makes_every_run_once(open_city: CityFactory) -> None:
    with frozen(MORNING):
        async with open_city() as city, city.client(Role.DISPATCHER) as dispatcher:
            await planned(city, timetable(line(1), line(2, days="二"), line(1, route="R2", days="二")))
            monday = {"service_day": "2026-11-16", "runs": 1, "stops": 1, "runs_created": 0}
            assert await answered(dispatcher.post("/v1/runs/plans", json={"service_day": "2026-11-16"})) == monday
            other = await answered(dispatcher.post("/v1/runs/plans", json={"service_day": "2027-03-02"}))
            assert (other["runs"], other["stops"], other["runs_created"]) == (2, 3, 2)
            run = (await get(city, "/v1/runs/2026-11-16:R1"))["stops"][0]
            assert (run["planned_at"], run["window_start"], run["window_end"]) == (
                "2026-11-16T10:00:00Z",
                "2026-11-16T09:50:00Z",
                "2026-11-16T10:30:00Z",
            )


async def test_today_and_tomorrow_are_planned_without_asking(open_city: CityFactory) -> None:
    with frozen(MORNING):
        async with open_city() as city:
            async with city.client(Role.ADMIN) as admin:
                await answered(admin.post("/v1/timetable-imports", json=timetable(line(1))))
                for _ in range(100):
                    runs = (await answered(admin.get("/v1/runs")))["items"]
                    if len(runs) == 2:
                        break
                    await city.settle()
            assert [run["run_id"] for run in runs] == ["2026-11-16:R1", "2026-11-17:R1"]
            assert [run["status"] for run in runs] == ["planned", "planned"]


async def test_a_new_vehicle_gets_the_runs_that_have_not_begun_and_is_judged_by_its_own_data(open_city: CityFactory) -> None:
    async with open_city("gateway") as city:
        with frozen(MORNING):
            await planned(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                given = await answered(dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-002"}))
                assert given["runs_changed"] >= 1
                again = await answered(dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-002"}))
                assert again["runs_changed"] == 0
            assert (await get(city, f"/v1/runs/{DAY}:R1"))["revision"] == 2
        with frozen(NIGHT):
            await send(city, standing(0, 1), "T-001")
            await send(city, standing(10, 2), "T-002")
            await judged(city)
            assert await verdicts(city) == ["unknown", "collected", "unknown"]
            async with city.client(Role.DISPATCHER) as dispatcher:
                late = await answered(dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-001"}))
            assert (await get(city, f"/v1/runs/{DAY}:R1"))["vehicle_id"] == "T-002"
            assert late["vehicle_id"] == "T-001"
            stops = (await get(city, "/v1/city"))["runs"]["stops"]
            assert (stops["total"], stops["done"], stops["unknown"]) == (3, 1, 2)


async def test_an_import_again_does_not_take_a_route_from_the_vehicle_a_dispatcher_gave_it(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city, city.client(Role.ADMIN) as admin:
            await planned(city, timetable(line(1)))
            await answered(admin.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-002"}))
            await answered(admin.post("/v1/timetable-imports", json=timetable(line(1))))
            assert (await get(city, "/v1/routes/R1"))["vehicle_id"] == "T-002"
            await answered(admin.post("/v1/timetable-imports", json=timetable(line(1, vehicle="T-003"))))
            assert (await get(city, "/v1/routes/R1"))["vehicle_id"] == "T-003"


async def test_a_dispatcher_of_a_district_sees_and_changes_only_what_is_in_it(open_city: CityFactory) -> None:
    with frozen(MORNING):
        async with open_city() as city:
            await planned(city, TWO_DISTRICTS)
            bound = {"district_ids": ["310105"]}
            assert [run["run_id"] for run in (await get(city, f"/v1/runs?service_day={DAY}", **bound))["items"]] == [f"{DAY}:R2"]
            assert [route["route_id"] for route in (await get(city, "/v1/routes", **bound))["items"]] == ["R2"]
            assert len((await get(city, "/v1/service-points", **bound))["items"]) == 1
            for path in (f"/v1/runs/{DAY}:R1", f"/v1/stops/{DAY}:R1:1", "/v1/routes/R1"):
                assert await status(city, path, **bound) == 404
                assert await status(city, path) == 200
            async with city.client(Role.DISPATCHER, **bound) as dispatcher:
                assert (await dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-002"})).status_code == 404
                assert (await dispatcher.post("/v1/timetable-imports", json=timetable(line(1)))).status_code == 403
                theft = timetable(line(1, district="310105"))
                assert (await dispatcher.post("/v1/timetable-imports", json=theft)).status_code == 403
                plan = await answered(dispatcher.post("/v1/runs/plans", json={"service_day": "2027-01-05"}))
                assert (plan["runs"], plan["stops"]) == (1, 1)


async def test_a_district_includes_its_subdistricts(open_city: CityFactory) -> None:
    with frozen(MORNING):
        async with open_city() as city:
            await planned(city, timetable(line(1, district="310104004"), line(1, route="R2", district="3101050")))
            for scope, expected in ((["310104"], ["R1"]), (["310105"], ["R2"]), (["310104004"], ["R1"]), (["3101"], [])):
                routes = (await get(city, "/v1/routes", district_ids=scope))["items"]
                assert [route["route_id"] for route in routes] == expected
            assert [r["route_id"] for r in (await get(city, "/v1/runs?district_id=310104"))["items"]][:1] == ["R1"]


async def test_a_truck_sees_its_own_runs_only_and_changes_nothing(open_city: CityFactory) -> None:
    with frozen(MORNING):
        async with open_city() as city:
            await planned(city, TWO_DISTRICTS)
            mine: dict[str, Any] = {"role": Role.DEVICE, "vehicle_ids": ["T-002"]}
            assert {run["vehicle_id"] for run in (await get(city, "/v1/runs", **mine))["items"]} == {"T-002"}
            assert await status(city, f"/v1/runs/{DAY}:R2", **mine) == 200
            assert await status(city, f"/v1/runs/{DAY}:R1", **mine) == 404
            assert await status(city, f"/v1/stops/{DAY}:R1:1", **mine) == 404
            assert await status(city, "/v1/service-points", **mine) == 403
            async with city.client(**mine) as truck:
                assert (await truck.post("/v1/runs/plans", json={"service_day": str(DAY)})).status_code == 403
                assert (await truck.put("/v1/routes/R2/vehicle", json={"vehicle_id": None})).status_code == 403
            assert await status(city, "/v1/runs", Role.CITIZEN) == 403
            async with city.client() as stranger:
                assert (await stranger.get("/v1/runs")).status_code == 401


async def test_the_tolerances_are_public_to_those_who_are_judged(open_city: CityFactory) -> None:
    async with open_city() as city:
        rules = (await get(city, "/v1/judgement-rules", Role.DEVICE, vehicle_ids=["T-001"]))["items"]
        assert (rules[-1]["valid_from"], rules[-1]["early_minutes"], rules[-1]["grace_minutes"]) == ("2020-01-01", 10, 30)


async def test_runs_belong_to_the_contractor_of_their_truck_and_others_do_not_see_them(open_city: CityFactory) -> None:
    async with open_city() as city:
        await planned(city, timetable(line(1), line(1, route="R2", vehicle="T-002")))
        async with city.client(Role.ADMIN) as admin:
            trucks = [
                {"vehicle_id": f"T-00{n}", "plate": f"沪A0000{n}", "contractor_id": f"C{n}", "district_id": "310104"}
                for n in (1, 2)
            ]
            await answered(admin.post("/v1/vehicle-imports", json={"vehicles": trucks}))
            await city.settle()
        async with city.client(Role.DISPATCHER, contractor_ids=["C1"]) as contractor:
            runs = (await answered(contractor.get("/v1/runs", params={"service_day": str(DAY)})))["items"]
            assert [(run["run_id"], run["contractor_id"]) for run in runs] == [(f"{DAY}:R1", "C1")]
            assert (await contractor.get(f"/v1/stops/{DAY}:R1:1")).status_code == 200
            assert (await contractor.get(f"/v1/runs/{DAY}:R2")).status_code == 404


async def test_a_truck_does_not_get_a_route_whose_waste_it_may_not_carry(open_city: CityFactory) -> None:
    async with open_city() as city:
        await planned(city)
        async with city.client(Role.ADMIN) as admin:
            truck = {"vehicle_id": "T-002", "plate": "沪A00002", "waste_streams": ["food"], "district_id": "310104"}
            await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}))
            await city.settle()
        async with city.client(Role.DISPATCHER) as dispatcher:
            refused = await dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-002"})
            assert (refused.status_code, refused.json()["code"]) == (409, "wrong_stream")
            assert "may not carry Residual, only: Food waste" in refused.json()["detail"]
            assert (await dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": "T-003"})).status_code == 200


async def test_an_older_entry_of_the_registry_never_overwrites_a_newer_one(open_city: CityFactory) -> None:
    def entry(revision: int, contractor_id: str) -> VehicleRegistered:
        return VehicleRegistered(
            vehicle_id="T-002",
            revision=revision,
            registered_at=EVENING,
            plate="沪A00002",
            kind=VehicleKind.COMPACTOR,
            waste_streams=[],
            tare_kg=0,
            capacity_kg=0,
            contractor_id=contractor_id,
        )

    async with open_city() as city:
        database = city.apps["route"].state.resources.database
        for told in (entry(5, "newer"), entry(4, "older")):
            async with database.transaction() as session:
                await trucks.save_trucks(session, [told])
        async with database.read() as session:
            assert await store.contractors(session, {"T-002"}) == {"T-002": "newer"}
