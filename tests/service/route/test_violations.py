"""Mixed collection: found with the lift's match, withdrawn and renewed by late data, the same in any order of arrival."""

import random
from datetime import timedelta
from typing import Any

import pytest

from shared.clock import frozen
from shared.testing import City
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    EVENING,
    HEADER,
    NIGHT,
    answered,
    at,
    far_away,
    judged,
    lift,
    line,
    planned,
    send,
    standing,
)

BEFORE = EVENING - timedelta(hours=2)


def streams(*of_stops: str) -> dict[str, Any]:
    """A round of T-001 whose stops are of these streams, and T-002's of residual waste far from it."""
    rows = [f"{line(n)},{stream}" for n, stream in enumerate(of_stops, start=1)]
    return {
        "format": "csv",
        "content": "\n".join([f"{HEADER},stream", *rows, f"{line(9, route='R2', vehicle='T-002')},residual"]),
    }


async def register(city: City, kind: str = "food_waste", waste_streams: tuple[str, ...] = ("food",)) -> None:
    truck = {"vehicle_id": "T-001", "plate": "沪A00001", "kind": kind, "waste_streams": list(waste_streams)}
    async with city.client(Role.ADMIN) as admin:
        whose = {"contractor_id": "C1", "district_id": "310104"}
        await answered(admin.post("/v1/vehicle-imports", json={"vehicles": [truck | whose]}))
    await city.settle()


async def found(city: City, role: Role = Role.DISPATCHER, scope: dict[str, list[str]] | None = None, **query: Any) -> list[Any]:
    async with city.client(role, **(scope or {})) as reader:
        items: list[Any] = (await answered(reader.get("/v1/violations", params=query)))["items"]
    return items


async def mixed_evening(city: City) -> None:
    """A food waste truck whose round has a stop of residual waste."""
    with frozen(BEFORE):
        await planned(city, streams("food", "residual", "food"))
        await register(city)


async def test_a_food_waste_truck_that_lifts_residual_waste_raises_a_violation_with_its_evidence(open_city: CityFactory) -> None:
    async with open_city("gateway") as city:
        await mixed_evening(city)
        with frozen(NIGHT):
            await send(city, [*standing(0, 1), lift(0, "R1-S1"), *standing(12, 2), lift(12, "R1-S2", 52), far_away(200)])
            await judged(city)
            [violation] = await found(city)
            assert len(violation.pop("violation_id")) == len(violation.pop("lift_id")) == 24
            assert violation == {
                "kind": "mixed_collection",
                "status": "open",
                "revision": 1,
                "at": "2026-11-16T10:12:00Z",
                "service_day": str(DAY),
                "vehicle_id": "T-001",
                "contractor_id": "C1",
                "district_id": "310104",
                "stop_id": f"{DAY}:R1:2",
                "service_point_id": "R1-S2",
                "stream": "residual",
                "truck_streams": ["food"],
                "net_kg": 52,
                "found_at": "2026-11-16T15:00:00Z",
                "changed_at": "2026-11-16T15:00:00Z",
                "evidence": {
                    "lift": {"tag": "E280", "service_point_id": "R1-S2", "lon": None, "lat": None},
                    "stop_ids": [f"{DAY}:R1:2"],
                    "streams": ["residual"],
                    "truck": {"kind": "food_waste", "waste_streams": ["food"]},
                },
            }
            async with city.client(Role.DISPATCHER) as dispatcher:
                assert (await answered(dispatcher.get("/v1/city")))["runs"]["violations"] == 1


async def test_late_data_that_gives_the_lift_to_another_stop_withdraws_the_violation(open_city: CityFactory) -> None:
    """The lift names nothing: it belongs to where the truck stood, which is known only when its positions have come."""
    async with open_city("gateway") as city:
        await mixed_evening(city)
        with frozen(NIGHT):
            await send(city, [*standing(11, 2, 20), lift(13, None)])
            await judged(city)
            [violation] = await found(city)
            assert (violation["status"], violation["stop_id"]) == ("open", f"{DAY}:R1:2")
        with frozen(NIGHT + timedelta(hours=1)):
            await send(city, [*standing(12.8, 1, 60), far_away(200)])
            await judged(city)
            [withdrawn] = await found(city)
            assert (withdrawn["status"], withdrawn["revision"]) == ("withdrawn", 2)
            assert (withdrawn["found_at"], withdrawn["changed_at"]) == ("2026-11-16T15:00:00Z", "2026-11-16T16:00:00Z")
            assert await found(city, status="open") == []
            async with city.client(Role.DISPATCHER) as dispatcher:
                assert (await answered(dispatcher.get("/v1/city")))["runs"]["violations"] == 0


WORK = [*standing(0, 1), lift(0, None), *standing(12, 2), lift(12, None), lift(12.5, None), *standing(21, 3), lift(21, None)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_order_of_arrival_and_doubles_leave_the_same_violations_open(open_city: CityFactory, seed: int) -> None:
    async with open_city() as city:
        await mixed_evening(city)
        with frozen(NIGHT):
            shuffled = WORK * 2
            random.Random(seed).shuffle(shuffled)
            for start in range(0, len(shuffled), 11):
                await send(city, shuffled[start : start + 11])
                await judged(city)
            still = await found(city, status="open")
            assert [(one["at"], one["stop_id"]) for one in still] == [
                ("2026-11-16T10:12:00Z", f"{DAY}:R1:2"),
                ("2026-11-16T10:12:30Z", f"{DAY}:R1:2"),
            ]


async def test_a_truck_registered_after_its_lifts_were_judged_is_held_to_its_entry_all_the_same(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(BEFORE):
            async with city.client(Role.ADMIN) as admin:
                await answered(admin.post("/v1/timetable-imports", json=streams("residual")))
                await answered(admin.post("/v1/runs/plans", json={"service_day": str(DAY)}))
        with frozen(at(1)):
            await send(city, [*standing(0, 1), lift(0, "R1-S1")])
            await judged(city)
            assert await found(city) == []
            await register(city)
            await judged(city)
            assert [one["stream"] for one in await found(city)] == ["residual"]


async def test_what_a_truck_is_registered_for_later_changes_nothing_that_it_did_before(open_city: CityFactory) -> None:
    async with open_city() as city:
        await mixed_evening(city)
        with frozen(NIGHT):
            await send(city, [*standing(12, 2), lift(12, "R1-S2")])
            await judged(city)
            await register(city, "compactor", ())
            await send(city, [lift(12.2, "R1-S2"), far_away(200)])
            await judged(city)
            assert [(one["status"], one["truck_streams"]) for one in await found(city)] == [("open", ["food"])] * 2


async def test_a_lift_that_names_another_rounds_bin_mixes_whatever_stop_it_stands_at(open_city: CityFactory) -> None:
    """Residual waste of R2's service point goes into the food truck: beside its own stop, and far from any."""
    async with open_city() as city:
        with frozen(BEFORE):
            await planned(city, streams("food"))
            await register(city)
        with frozen(NIGHT):
            await send(city, [*standing(0, 1), lift(0.5, "R2-S9"), lift(0.6, "nobody-knows"), lift(300, "R2-S9"), far_away(301)])
            await judged(city)
            violations = await found(city)
            assert [(one["at"], one["service_point_id"], one["stream"]) for one in violations] == [
                ("2026-11-16T10:00:30Z", "R2-S9", "residual"),
                ("2026-11-16T15:00:00Z", "R2-S9", "residual"),
            ]


async def test_violations_are_paged_filtered_and_seen_within_ones_scope(open_city: CityFactory) -> None:
    async with open_city() as city:
        await mixed_evening(city)
        with frozen(NIGHT):
            await send(city, [*standing(12, 2), lift(12, "R1-S2"), lift(12.5, "R1-S2")])
            await judged(city)
            async with city.client(Role.AUDITOR) as evaluator:
                first = await answered(evaluator.get("/v1/violations", params={"limit": 1}))
                rest = await answered(evaluator.get("/v1/violations", params={"limit": 1, "cursor": first["next_cursor"]}))
                assert (await evaluator.get("/v1/violations", params={"status": "guilty"})).status_code == 422
            assert [page["items"][0]["at"] for page in (first, rest)] == ["2026-11-16T10:12:00Z", "2026-11-16T10:12:30Z"]
            assert rest["next_cursor"] is None
            for query, count in (
                ({"vehicle_id": "T-001"}, 2),
                ({"vehicle_id": "T-002"}, 0),
                ({"district_id": "310104"}, 2),
                ({"contractor_id": "C2"}, 0),
                ({"service_day": "2026-11-17"}, 0),
                ({"status": "withdrawn"}, 0),
            ):
                assert len(await found(city, **query)) == count, query
            scopes = (({"district_ids": ["310105"]}, 0), ({"contractor_ids": ["C1"]}, 2), ({"contractor_ids": ["C2"]}, 0))
            for scope, count in scopes:
                assert len(await found(city, scope=scope)) == count, scope
                async with city.client(Role.DISPATCHER, **scope) as reader:
                    one = await reader.get(f"/v1/violations/{first['items'][0]['violation_id']}")
                assert (one.status_code, one.json() == first["items"][0]) == ((200, True) if count else (404, False)), scope
            async with city.client(Role.DEVICE, vehicle_ids=["T-001"]) as truck:
                assert (await truck.get("/v1/violations")).status_code == 403
