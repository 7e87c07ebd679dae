from datetime import timedelta
from typing import Any

import httpx

from shared.clock import frozen
from shared.vocabulary import Role
from tests.conftest import CityFactory
from tests.service.route.rounds import (
    DAY,
    LAT,
    LON,
    METRE,
    NIGHT,
    answered,
    at,
    far_away,
    fix,
    judged,
    lift,
    planned,
    send,
    standing,
)


def place(north_m: float, **more: Any) -> dict[str, Any]:
    return {"lon": LON, "lat": LAT + north_m * METRE, "from": at(-120).isoformat(), "to": at(240).isoformat(), **more}


async def ask(client: httpx.AsyncClient, **params: Any) -> Any:
    return await answered(client.get("/v1/service-evidence", params=params))


async def test_a_place_is_answered_with_stops_verdicts_lifts_passes_and_a_sentence(open_city: CityFactory) -> None:
    async with open_city() as city:
        with frozen(at(15)):
            await planned(city)
            await send(city, [*standing(2, 1), lift(2.5, "R1-S1"), fix(12, 2, speed_kmh=25)])
            await judged(city)
        with frozen(NIGHT):
            await send(city, [far_away(200)])
            await judged(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                served = await ask(dispatcher, **place(20))
                missed = await ask(dispatcher, **place(210))
                nowhere = await ask(dispatcher, **place(5000))
    [stop] = served["stops"]
    assert (served["outcome"], stop["stop_id"]) == ("served", f"{DAY}:R1:1")
    assert (stop["verdict"], stop["data"], stop["distance_m"]) == ("collected", "complete", 20.0)
    assert [entry["net_kg"] for entry in stop["lifts"]] == [46]
    passed = {"vehicle_id": "T-001", "begin": "2026-11-16T10:02:00Z", "end": "2026-11-16T10:03:00Z"}
    assert stop["passes"] == [passed | {"nearest_m": 0.0, "stood_seconds": 60}]
    assert served["sentence_zh"].endswith("计划收运1次：已收运1次（最近一次11-16 18:02，车辆T-001，46公斤）。")
    assert (missed["outcome"], missed["stops"][0]["passes"][0]["stood_seconds"]) == ("not_served", 0)
    assert (nowhere["outcome"], nowhere["stops"]) == ("not_planned", [])


async def test_late_data_renews_the_answer_and_says_that_it_did(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            await judged(city)
            async with city.client(Role.AUDITOR) as evaluator:
                before = await ask(evaluator, **place(0))
                assert (before["outcome"], before["stops"][0]["data"]) == ("unknown", "missing")
                await send(city, standing(2, 1))
                await judged(city)
                after = await ask(evaluator, **place(0))
            assert (after["outcome"], after["stops"][0]["data"]) == ("served", "late")
            assert [entry["verdict"] for entry in after["stops"][0]["history"]][-2:] == ["unknown", "collected"]
            assert "迟到的车辆数据更正" in after["sentence_zh"]


async def test_an_answer_keeps_to_the_time_the_stream_and_the_scope_asked_for(open_city: CityFactory) -> None:
    with frozen(NIGHT):
        async with open_city() as city:
            await planned(city)
            async with city.client(Role.DISPATCHER) as dispatcher:
                assert (await ask(dispatcher, **place(0, stream="food")))["outcome"] == "not_planned"
                earlier = place(0) | {"from": at(-5000).isoformat(), "to": at(-4000).isoformat()}
                assert (await ask(dispatcher, **earlier))["outcome"] == "not_planned"
                backwards = place(0) | {"to": at(-121).isoformat()}
                too_long = place(0) | {"to": (at(0) + timedelta(days=40)).isoformat()}
                for params in (backwards, too_long):
                    assert (await dispatcher.get("/v1/service-evidence", params=params)).status_code == 400
            async with city.client(Role.DISPATCHER, district_ids=["310105"]) as elsewhere:
                assert (await ask(elsewhere, **place(0)))["outcome"] == "not_planned"
