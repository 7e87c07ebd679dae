"""Sweepers and washers of the demo city: what the city concludes of every section equals what they really did."""

import httpx
import pytest

from services.simulator.demo import streets as demo_streets
from services.simulator.scenarios.simulate import simulate_day
from services.simulator.scenarios.truth import compare_when_settled
from shared.client import ApiClient
from shared.vocabulary import Role
from tests.city.test_real_timetable import last_monday
from tests.conftest import CityFactory


@pytest.mark.parametrize("seed", [1, 5])
async def test_the_passes_of_a_synthetic_day_equal_the_truth(open_city: CityFactory, seed: int) -> None:
    async with open_city() as city:
        transport = httpx.ASGITransport(city.edge)
        client = ApiClient("http://city.test", city.token(Role.ADMIN), timeout_seconds=120, transport=transport)
        async with client:
            await client.post("/v1/vehicle-imports", demo_streets.vehicle_import())
            assert (await client.post("/v1/section-imports", demo_streets.section_import()))["rejected"] == []
            await city.settle()
            rows = {"format": "json", "content": list(demo_streets.timetable_rows())}
            report = await client.post("/v1/timetable-imports", rows)
            assert (report["rejected"], report["warnings"]) == ([], [])
            outcome = await simulate_day(client, last_monday(), seed, interval_seconds=20, quiet=True)
            agreement = await compare_when_settled(outcome.truths, client, patience_seconds=60)
            passes = await client.get("/v1/sections/passes", {"service_day": str(last_monday()), "limit": 1000})
        await city.settle()
    assert {truth.reason for truth in outcome.truths} >= {"as planned", "only a part"}
    assert agreement.complete, str(agreement)
    done = sum(truth.verdict in {"collected", "late", "early"} for truth in outcome.truths)
    assert sum(item["done"] for item in passes["items"]) == done
