"""Stops that changed trucks: what the first truck did counts, whether its data came before the hand-over or hours later."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from services.route import tasks
from services.route.service import judgements
from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import DAY, answered, at, detail, far_away, judged, lift, planned, send, standing, verdicts

FIRST, SECOND = "T-001", "T-002"


async def take_over(city: City, run_id: str = f"{DAY}:R1", vehicle_id: str = SECOND) -> dict[str, Any]:
    body = {"kind": "take_over", "vehicle_id": vehicle_id, "details": {"run_id": run_id}}
    async with city.client(Role.DISPATCHER) as dispatcher:
        order: dict[str, Any] = await answered(dispatcher.post("/v1/orders", json=body))
    await city.settle()
    return order


async def order_of(city: City, order_id: str) -> dict[str, Any]:
    async with city.client(Role.DISPATCHER) as dispatcher:
        found: dict[str, Any] = await answered(dispatcher.get(f"/v1/orders/{order_id}"))
    return found


async def test_what_the_first_truck_did_without_signal_counts_after_the_take_over(open_city: CityFactory) -> None:
    with frozen(at(15)):
        async with open_city() as city:
            await planned(city)
            order = await take_over(city)
            assert order["details"]["stop_count"] == 3
            with frozen(at(180)):
                await send(city, [*standing(30, 3), far_away(170)], SECOND)
                await judged(city)
                # Nobody knows yet whether the first truck had been at the others.
                assert await verdicts(city, order["run_id"]) == ["unknown", "unknown", "collected"]
                await send(city, [*standing(0, 1), lift(0.5, "R1-S1"), far_away(20)], FIRST)
                await judged(city)
                assert await verdicts(city, order["run_id"]) == ["collected", "missed", "collected"]
                served = await detail(city, 1)
                assert (served["vehicle_id"], served["evidence"]["vehicle_id"]) == (SECOND, FIRST)
                assert served["evidence"]["net_kg"] == 46
                assert [entry["verdict"] for entry in served["history"]] == ["unknown", "collected"]


async def test_a_stop_that_both_served_counts_for_who_came_first(open_city: CityFactory) -> None:
    with frozen(at(15)):
        async with open_city() as city:
            await planned(city)
            order = await take_over(city)
            with frozen(at(180)):
                await send(city, [*standing(20, 1), *standing(30, 2), *standing(40, 3), far_away(170)], SECOND)
                await judged(city)
                done = await order_of(city, order["order_id"])
                assert (done["status"], done["history"][-1]["by"]) == ("done", "evidence")
                assert (await detail(city, 1))["served_at"] == at(20).isoformat().replace("+00:00", "Z")
                await send(city, [*standing(1, 1), far_away(20)], FIRST)
                await judged(city)
                first = await detail(city, 1)
                assert (first["served_at"], first["evidence"]["vehicle_id"]) == (
                    at(1).isoformat().replace("+00:00", "Z"),
                    FIRST,
                )
                assert await verdicts(city, order["run_id"]) == ["collected"] * 3


async def test_a_stop_that_went_on_to_a_third_truck_counts_what_each_did(open_city: CityFactory) -> None:
    with frozen(at(5)):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.ADMIN) as admin:
                third = {"vehicles": [{"vehicle_id": "T-003", "plate": "沪A00003", "district_id": "310104"}]}
                await answered(admin.post("/v1/vehicle-imports", json=third))
            await city.settle()
            first = await take_over(city)
            with frozen(at(18)):
                second = await take_over(city, first["run_id"], "T-003")
                with frozen(at(180)):
                    await send(city, [*standing(30, 3), far_away(170)], "T-003")
                    await send(city, [*standing(11, 2), far_away(19)], SECOND)
                    await judged(city)
                    assert await verdicts(city, second["run_id"]) == ["unknown", "collected", "collected"]
                    await send(city, [*standing(0, 1), far_away(6)], FIRST)
                    await judged(city)
                    assert await verdicts(city, second["run_id"]) == ["collected"] * 3


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_an_extra_pick_up_is_not_early_because_the_truck_had_just_been_there(open_city: CityFactory) -> None:
    with frozen(at(15)):
        async with open_city() as city:
            await planned(city)
            await send(city, [*standing(0, 1), *standing(10, 2), far_away(14)], FIRST)
            await judged(city)
            place = {"stream": "residual", "service_point_id": "R1-S2"}
            async with city.client(Role.DISPATCHER) as dispatcher:
                body = {"kind": "extra_pickup", "vehicle_id": FIRST, "details": place}
                order = await answered(dispatcher.post("/v1/orders", json=body))
            await city.settle()
            with frozen(at(60)):
                await send(city, [far_away(20), *standing(30, 2), far_away(59)], FIRST)
                await judged(city)
                assert await verdicts(city, order["run_id"]) == ["collected"]
                assert (await order_of(city, order["order_id"]))["status"] == "done"
                assert await verdicts(city) == ["collected", "collected", "planned"]


async def test_late_data_of_a_first_truck_that_comes_between_two_looks_of_the_judge_misleads_nobody(
    open_city: CityFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has been heard of, but what it says has not been looked at: what nobody has read is no proof of absence."""
    looks = asyncio.Semaphore(0)
    queue_overdue = judgements.queue_overdue

    async def nothing_touched(*_: Any) -> bool:
        """The judge asked just before the data came."""
        return False

    async def counted(session: AsyncSession, limit: int) -> None:
        await queue_overdue(session, limit)
        looks.release()

    monkeypatch.setattr(tasks, "OVERDUE_SECONDS", 0.0)
    with frozen(at(15)):
        async with open_city() as city:
            await planned(city)
            order = await take_over(city)
            with frozen(at(180)):
                await send(city, [*standing(30, 3), far_away(170)], SECOND)
                await judged(city)
                monkeypatch.setattr(judgements, "queue_touched", nothing_touched)
                await send(city, [*standing(0, 1), lift(0.5, "R1-S1"), far_away(20)], FIRST)
                await city.settle()
                monkeypatch.setattr(judgements, "queue_overdue", counted)
                for _ in range(3):  # one that had begun before, one that queues, one that has judged what it queued
                    await looks.acquire()
                monkeypatch.undo()
                await judged(city)
                assert await verdicts(city, order["run_id"]) == ["collected", "missed", "collected"]
                assert [entry["verdict"] for entry in (await detail(city, 1))["history"]] == ["unknown", "collected"]
