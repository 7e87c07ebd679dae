"""Dispatch orders from the console to the cab and back; every event reaches its service twice."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.clock import frozen
from shared.events.transfer_station import WeighbridgeTicketChanged
from shared.outbox import publish
from shared.testing import City, until
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    LAT,
    LON,
    METRE,
    answered,
    at,
    detail,
    far_away,
    judged,
    line,
    planned,
    send,
    standing,
    stops,
    timetable,
    verdicts,
)

MESSAGE = {"kind": "message", "vehicle_id": "T-001", "text": "请联系调度 call the office"}


def pickup(vehicle_id: str = "T-001", **more: Any) -> dict[str, Any]:
    """Where stop 4 would be, 600 m up the street."""
    place = {"stream": "residual", "name": "龙吴路弃置沙发", "lon": LON, "lat": LAT + 600 * METRE}
    return {"kind": "extra_pickup", "vehicle_id": vehicle_id, "details": place | more}


def take_over(run_id: str = f"{DAY}:R1", vehicle_id: str = "T-002") -> dict[str, Any]:
    return {"kind": "take_over", "vehicle_id": vehicle_id, "details": {"run_id": run_id}}


def report(minutes: float, code: str) -> dict[str, Any]:
    return {"kind": "driver_report", "at": at(minutes).isoformat(), "code": code}


async def give(city: City, body: dict[str, Any], **scope: list[str]) -> dict[str, Any]:
    async with city.client(Role.DISPATCHER, **scope) as dispatcher:
        order: dict[str, Any] = await answered(dispatcher.post("/v1/orders", json=body))
    await city.settle()
    return order


async def refused(city: City, body: dict[str, Any], **scope: list[str]) -> tuple[int, str]:
    async with city.client(Role.DISPATCHER, **scope) as dispatcher:
        answer: httpx.Response = await dispatcher.post("/v1/orders", json=body)
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]


async def received(city: City, minutes: float, vehicle_id: str = "T-001") -> list[dict[str, Any]]:
    """The orders in the answer to a telemetry post."""
    async with city.client(Role.DEVICE, vehicle_ids=[vehicle_id]) as device:
        body = {"vehicle_id": vehicle_id, "records": [far_away(minutes)]}
        answer = await answered(device.post("/v1/telemetry", json=body))
    await city.settle()
    return answer["orders"]  # type: ignore[no-any-return]


async def reply(city: City, order_id: str, status: str, minutes: float | None = None, **more: Any) -> dict[str, Any]:
    said = {"status": status} | ({} if minutes is None else {"at": at(minutes).isoformat()}) | more
    async with city.client(Role.DEVICE, vehicle_ids=["T-001"]) as device:
        answer: dict[str, Any] = await answered(device.post(f"/v1/orders/{order_id}/answers", json=said))
    await city.settle()
    return answer


async def look(city: City, order_id: str) -> dict[str, Any]:
    async with city.client(Role.DISPATCHER) as dispatcher:
        order: dict[str, Any] = await answered(dispatcher.get(f"/v1/orders/{order_id}"))
    return order


async def remembered(city: City, vehicle_id: str) -> None:
    """The plan is as it stays, and the consumers of tracks have looked up which stops the truck has."""
    async with city.client(Role.DISPATCHER) as dispatcher:
        await answered(dispatcher.post("/v1/runs/plans", json={"service_day": str(DAY + timedelta(days=1))}))
    await send(city, [far_away(-5)], vehicle_id)
    await city.settle()


def told(order: dict[str, Any]) -> list[str]:
    return [entry["status"] for entry in order["history"]]


async def test_a_message_is_delivered_once_accepted_and_done(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, MESSAGE | {"complaint_id": "12345-1"})
            assert (order["status"], order["overdue"], order["complaint_id"]) == ("open", False, "12345-1")
            assert order["due_at"] == "2026-11-16T10:30:00Z"
            with frozen(at(1)):
                [shown] = await received(city, 1)
                assert (shown["order_id"], shown["text"]) == (order["order_id"], MESSAGE["text"])
            with frozen(at(2)):
                assert [again["order_id"] for again in await received(city, 2)] == [order["order_id"]]
                assert await received(city, 2, "T-002") == []
            delivered = await look(city, order["order_id"])
            assert (delivered["status"], told(delivered)) == ("delivered", ["open", "delivered"])
            assert delivered["status_at"] == "2026-11-16T10:01:00Z"
            with frozen(at(9)):
                assert (await reply(city, order["order_id"], "accepted", 3))["status"] == "accepted"
                assert await received(city, 4) == []
                done = await reply(city, order["order_id"], "done", 8, note="已联系")
            assert (done["status"], told(done)) == ("done", ["open", "delivered", "accepted", "done"])
            assert (done["history"][-1]["at"], done["history"][-1]["note"]) == ("2026-11-16T10:08:00Z", "已联系")
            assert done["revision"] == 4


async def test_answers_that_come_late_or_twice_move_nothing_back(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, {"kind": "unload", "vehicle_id": "T-001", "details": {"place": "徐浦中转站"}})
            assert order["details"] == {"place": "徐浦中转站"}
            with frozen(at(10)):
                assert (await reply(city, order["order_id"], "refused", 5))["status"] == "refused"
                late = await reply(city, order["order_id"], "accepted", 3)
                assert (late["status"], told(late)) == ("refused", ["open", "refused", "accepted"])
                again = await reply(city, order["order_id"], "refused", 5)
                assert (again["revision"], len(again["history"])) == (late["revision"], 3)
                assert len((await reply(city, order["order_id"], "refused"))["history"]) == 3
                assert (await reply(city, order["order_id"], "accepted", 9))["status"] == "accepted"
                async with city.client(Role.DEVICE, vehicle_ids=["T-001"]) as device:
                    ahead = {"status": "done", "at": at(60).isoformat()}
                    assert (await device.post(f"/v1/orders/{order['order_id']}/answers", json=ahead)).status_code == 422


async def test_an_order_is_overdue_until_somebody_deals_with_it(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, MESSAGE | {"due_at": at(10).isoformat()})
            await give(city, MESSAGE | {"due_at": at(30).isoformat()})

            async def overdue(minutes: float) -> list[str]:
                with frozen(at(minutes)):
                    async with city.client(Role.DISPATCHER) as dispatcher:
                        page = await answered(dispatcher.get("/v1/orders", params={"overdue": True}))
                return [item["order_id"] for item in page["items"]]

            assert await overdue(9) == []
            assert await overdue(11) == [order["order_id"]]
            with frozen(at(12)):
                await reply(city, order["order_id"], "refused", 12)
                assert await overdue(12) == []


async def test_an_extra_pick_up_is_done_when_its_stop_is_served(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city("gateway") as city:
            await planned(city)
            await remembered(city, "T-001")
            order = await give(city, pickup())
            assert (order["run_id"], order["stop_id"]) == (f"{DAY}:X:{order['order_id']}", f"{order['run_id']}:1")
            assert order["due_at"] == "2026-11-16T14:00:00Z"
            [shown] = await received(city, 1)
            assert shown["details"]["name"] == "龙吴路弃置沙发"
            with frozen(at(60)):
                said = await reply(city, order["order_id"], "accepted", 2)
                assert said["status"] == "accepted"
                await send(city, [*standing(40, 4), far_away(50)])
                await judged(city)
                assert await verdicts(city, order["run_id"]) == ["collected"]
                done = await look(city, order["order_id"])
            assert (done["status"], done["status_at"]) == ("done", "2026-11-16T10:40:00Z")
            assert told(done) == ["open", "delivered", "accepted", "done"]
            assert done["history"][-1]["by"] == "evidence"
            async with city.client(Role.DISPATCHER) as dispatcher:
                view = await answered(dispatcher.get("/v1/city"))
                run = await answered(dispatcher.get(f"/v1/runs/{order['run_id']}"))
            assert view["runs"]["by_verdict"]["collected"] == 1
            assert (view["runs"]["runs"], run["order_id"]) == (2, order["order_id"])


async def test_a_drivers_done_does_not_make_a_stop_collected(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, pickup(window_end=at(30).isoformat()))
            with frozen(at(200)):
                assert (await reply(city, order["order_id"], "done", 10))["status"] == "done"
                await send(city, [far_away(190)])
                await judged(city)
                assert await verdicts(city, order["run_id"]) == ["missed"]


async def test_a_cancelled_pick_up_is_excepted_and_leaves_the_cab(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, pickup())
            async with city.client(Role.DISPATCHER) as dispatcher:
                path = f"/v1/orders/{order['order_id']}/cancel"
                assert (await answered(dispatcher.post(path, json={"note": "已自行处理"})))["status"] == "cancelled"
                with frozen(at(1)):
                    assert len((await answered(dispatcher.post(path, json={})))["history"]) == 2
            await judged(city)
            assert await received(city, 1) == []
            assert await verdicts(city, order["run_id"]) == ["excepted"]
            assert (await look(city, order["order_id"]))["status"] == "cancelled"
            message = await give(city, MESSAGE)
            await reply(city, message["order_id"], "done")
            async with city.client(Role.DISPATCHER) as dispatcher:
                assert (await dispatcher.post(f"/v1/orders/{message['order_id']}/cancel", json={})).status_code == 409


async def test_late_data_says_that_a_pick_up_was_done_before_it_was_cancelled(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, pickup())
            async with city.client(Role.DISPATCHER) as dispatcher:
                with frozen(at(20)):
                    await answered(dispatcher.post(f"/v1/orders/{order['order_id']}/cancel", json={}))
                    await city.settle()
            with frozen(at(60)):
                await send(city, [*standing(10, 4), far_away(50)])
                await judged(city)
            late = await look(city, order["order_id"])
            assert (late["status"], late["status_at"]) == ("done", "2026-11-16T10:10:00Z")
            assert told(late) == ["open", "cancelled", "done"]


async def test_a_visit_before_the_order_does_not_do_it(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, pickup())
            with frozen(at(60)):
                await send(city, [*standing(-20, 4), far_away(50)])
                await judged(city)
            assert await verdicts(city, order["run_id"]) == ["planned"]
            assert (await look(city, order["order_id"]))["status"] == "delivered"


async def test_after_a_breakdown_another_truck_takes_over_and_collects_the_rest(open_city: CityFactory) -> None:
    with frozen(at(15)):
        async with open_city("gateway") as city:
            await planned(city)
            await remembered(city, "T-002")
            await send(city, [*standing(0, 1), report(5, "breakdown"), far_away(10)])
            await judged(city)
            assert await verdicts(city) == ["collected", "excepted", "excepted"]
            order = await give(city, take_over())
            assert order["details"] == {
                "run_id": f"{DAY}:R1",
                "route_name": "R1",
                "from_vehicle_id": "T-001",
                "stop_count": 2,
            }
            await judged(city)
            assert await verdicts(city) == ["collected"]
            assert await verdicts(city, order["run_id"]) == ["planned", "planned"]
            assert [shown["run_id"] for shown in await received(city, 14, "T-002")] == [order["run_id"]]
            with frozen(at(62)):
                await send(city, [*standing(20, 2), *standing(30, 3), far_away(60)], "T-002")
                await judged(city)
            with frozen(at(120)):
                await send(city, [far_away(110)], "T-001")
                await judged(city)
                assert await verdicts(city, order["run_id"]) == ["collected", "collected"]
                assert {stop["stop_id"] for stop in (await stops(city, order["run_id"])).values()} == {
                    f"{DAY}:R1:2",
                    f"{DAY}:R1:3",
                }
                moved = await detail(city, 2)
                assert (moved["vehicle_id"], moved["run_id"]) == ("T-002", order["run_id"])
                history = [(entry["verdict"], entry["reason"]) for entry in moved["history"]]
                assert history == [
                    ("excepted", "the driver reported an exception"),
                    ("planned", "another truck took the stop over"),
                    ("collected", "the truck came"),
                ]
                async with city.client(Role.DISPATCHER) as dispatcher:
                    view = await answered(dispatcher.get("/v1/city"))
                assert view["runs"]["by_verdict"] == {"collected": 3}


def ticket(minutes: float, **more: Any) -> WeighbridgeTicketChanged:
    """T-001 was weighed out so many minutes from ten."""
    own = {
        "ticket_id": f"K-{minutes}",
        "revision": 1,
        "station_id": "S-1",
        "number": "0001",
        "vehicle_id": "T-001",
        "plate": "沪A1",
        "stream": "residual",
        "status": "closed",
        "gross_kg": 15_000,
        "tare_kg": 12_000,
        "net_kg": 3_000,
        "weighed_in_at": at(minutes - 10),
        "weighed_out_at": at(minutes),
        "changed_at": at(minutes),
    }
    return WeighbridgeTicketChanged.model_validate(own | more)


async def test_an_order_to_unload_is_done_by_the_weighbridge(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, {"kind": "unload", "vehicle_id": "T-001", "details": {"place": "徐浦中转站"}})

            async def weighed(*tickets: WeighbridgeTicketChanged) -> dict[str, Any]:
                async with city.apps["route"].state.resources.database.transaction() as session:
                    await publish(session, *tickets)
                await city.settle()
                return await look(city, order["order_id"])

            assert (await weighed(ticket(-5)))["status"] == "open", "weighed out before it was told to"
            others = ticket(20, vehicle_id="T-002"), ticket(25, status="open", weighed_out_at=None)
            assert (await weighed(*others))["status"] == "open", "another truck, and one that still stands on the scale"
            done = await weighed(ticket(40), ticket(90))
            assert (done["status"], done["status_at"]) == ("done", "2026-11-16T10:40:00Z")
            assert (done["history"][-1]["by"], done["history"][-1]["note"]) == ("evidence", "weighed out by ticket K-40")


async def test_what_was_taken_over_stays_when_the_route_gets_another_driver(open_city: CityFactory) -> None:
    with frozen(at(-60)):
        async with open_city() as city:
            await planned(city)
            order = await give(city, take_over())
            assert order["details"]["stop_count"] == 3
            async with city.client(Role.DISPATCHER) as dispatcher:
                await answered(dispatcher.put("/v1/routes/R1/vehicle", json={"vehicle_id": None}))
                run = await answered(dispatcher.get(f"/v1/runs/{order['run_id']}"))
                emptied = await answered(dispatcher.get(f"/v1/runs/{DAY}:R1"))
            assert (run["vehicle_id"], emptied["stop_count"], emptied["stops"]) == ("T-002", 0, [])
            assert await refused(city, take_over()) == (409, "nothing_left")
            back = await give(city, take_over(order["run_id"], "T-001"))
            assert back["details"] | {"from_vehicle_id": "T-002", "stop_count": 3} == back["details"]


async def test_what_cannot_be_ordered_is_refused_with_a_reason(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city, timetable(line(1), line(1, route="R2", district="310105", vehicle="T-002")))
            async with city.client(Role.ADMIN) as admin:
                food = {"vehicle_id": "T-003", "plate": "沪A3", "district_id": "310104", "waste_streams": ["food"]}
                far = {"vehicle_id": "T-004", "plate": "沪A4", "district_id": "310105", "contractor_id": "C-1"}
                await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [food, far]}))
            await city.settle()
            xuhui = {"district_ids": ["310104"]}
            assert await refused(city, MESSAGE | {"vehicle_id": "T-004"}, **xuhui) == (403, "foreign")
            assert await refused(city, MESSAGE, contractor_ids=["C-1"]) == (403, "foreign")
            assert await refused(city, pickup(service_point_id="R2-S1"), **xuhui) == (403, "foreign")
            assert await refused(city, take_over(f"{DAY}:R2", "T-001"), **xuhui) == (404, "not_found")
            assert await refused(city, MESSAGE | {"vehicle_id": "T-999"}) == (422, "unknown_vehicle")
            assert await refused(city, pickup("T-003")) == (409, "wrong_stream")
            assert await refused(city, take_over(vehicle_id="T-003")) == (409, "wrong_stream")
            assert await refused(city, take_over(vehicle_id="T-001")) == (409, "conflict")
            assert await refused(city, take_over("2026-11-16:R9")) == (404, "not_found")
            for wrong in (
                pickup(service_point_id="nowhere"),
                pickup(window_start=at(10).isoformat(), window_end=at(5).isoformat()),
                pickup(window_start=at(10).isoformat(), window_end=at(500).isoformat()),
                pickup(window_start=at(60 * 24 * 8).isoformat()),
                {"kind": "extra_pickup", "vehicle_id": "T-001", "details": {"stream": "residual"}},
                MESSAGE | {"text": ""},
                MESSAGE | {"due_at": at(-1).isoformat()},
            ):
                assert (await refused(city, wrong))[0] == 422, wrong
            async with city.client(Role.DISPATCHER) as dispatcher:
                assert (await answered(dispatcher.get("/v1/orders")))["items"] == []


async def test_a_bearer_sees_and_answers_the_orders_of_its_own_trucks(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            mine, other = await give(city, MESSAGE), await give(city, MESSAGE | {"vehicle_id": "T-002"})
            async with city.client(Role.DEVICE, vehicle_ids=["T-001"]) as device:
                assert [item["order_id"] for item in (await answered(device.get("/v1/orders")))["items"]] == [mine["order_id"]]
                assert (await device.get(f"/v1/orders/{other['order_id']}")).status_code == 404
                foreign = await device.post(f"/v1/orders/{other['order_id']}/answers", json={"status": "accepted"})
                assert foreign.status_code == 404
                assert (await device.post(f"/v1/orders/{mine['order_id']}/cancel", json={})).status_code == 403
            async with city.client(Role.DISPATCHER, district_ids=["310105"]) as elsewhere:
                assert (await answered(elsewhere.get("/v1/orders")))["items"] == []
                assert (await elsewhere.post(f"/v1/orders/{mine['order_id']}/cancel", json={})).status_code == 404
            async with city.client(Role.DISPATCHER) as dispatcher:
                newest = await answered(dispatcher.get("/v1/orders", params={"limit": 1}))
                assert [item["order_id"] for item in newest["items"]] == [other["order_id"]]
                rest = await answered(dispatcher.get("/v1/orders", params={"cursor": newest["next_cursor"]}))
                assert [item["order_id"] for item in rest["items"]] == [mine["order_id"]]
                by_phone = await answered(dispatcher.post(f"/v1/orders/{mine['order_id']}/answers", json={"status": "accepted"}))
                assert by_phone["status"] == "accepted"
                found = {"vehicle_id": "T-001", "status": "accepted", "district_id": "310104"}
                assert len((await answered(dispatcher.get("/v1/orders", params=found)))["items"]) == 1


@pytest.mark.parametrize("orders", [25])
async def test_a_truck_gets_twenty_at_a_time_and_those_it_never_saw_first(open_city: CityFactory, orders: int) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            given = [(await give(city, MESSAGE | {"text": str(n)}))["order_id"] for n in range(orders)]
            first = [shown["order_id"] for shown in await received(city, 1)]
            assert (len(first), set(first) <= set(given)) == (20, True)
            second = [shown["order_id"] for shown in await received(city, 2)]
            assert set(second[:5]) == set(given) - set(first)


async def test_the_overdue_are_counted_for_monitoring(open_city: CityFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.route.tasks.COUNT_SECONDS", 0.05)
    with frozen(at(0)):
        async with open_city() as city:
            await planned(city)
            await give(city, MESSAGE | {"due_at": at(10).isoformat()})
            with frozen(at(11)):
                metrics = city.apps["route"].state.resources.metrics

                async def counted() -> bool:
                    return 'sanitation_orders_overdue{kind="message"} 1.0' in metrics.text().decode()

                await until(counted)
                assert 'sanitation_orders_overdue{kind="unload"} 0.0' in metrics.text().decode()


async def test_a_contractor_does_not_excuse_its_own_pick_up_by_cancelling_it(open_city: CityFactory) -> None:
    with frozen(at(0)):
        async with open_city() as city:
            truck = {"vehicle_id": "T-001", "plate": "沪A00001", "district_id": "310104", "contractor_id": "C-1"}
            await planned(city)
            async with city.client(Role.ADMIN) as admin:
                await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}))
            await city.settle()
            order, message = await give(city, pickup()), await give(city, MESSAGE)
            async with city.client(Role.DISPATCHER, contractor_ids=["C-1"]) as contractor:
                refused = await contractor.post(f"/v1/orders/{order['order_id']}/cancel", json={"note": "没空"})
                assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
                unjudged = await answered(contractor.post(f"/v1/orders/{message['order_id']}/cancel", json={}))
                assert unjudged["status"] == "cancelled", "nobody is judged by a message"
            assert (await look(city, order["order_id"]))["status"] != "cancelled"
