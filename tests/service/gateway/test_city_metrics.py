"""The city in figures for monitoring: what GET /v1/city says, by labels that stay few."""

from collections.abc import AsyncIterator

import httpx
import pytest
from happenings import CAOHEJING, TEN, TIANPING, alert, judged, lifted, moved, planned, registered, tell
from prometheus_client.parser import text_string_to_metric_families
from streams import following, served

from services.gateway import tasks
from services.gateway.service.figures import MOST_DISTRICTS, CityCounts, count_city
from shared.events.vehicle import VehicleHeartbeat
from shared.testing import City, until

pytestmark = pytest.mark.usefixtures("at_ten")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted ten times a second instead of four times a minute."""
    monkeypatch.setattr(tasks, "COUNT_SECONDS", 0.1)


@pytest.fixture
async def url(gateway: City) -> AsyncIterator[str]:
    async with served(gateway.edge) as address:
        yield address


async def counts(city: City) -> CityCounts:
    resources = city.apps["gateway"].state.resources
    async with resources.database.read() as session:
        return await count_city(session, resources.settings.zone)


async def exposed(city: City, name: str) -> dict[tuple[str, ...], float]:
    async with city.client() as anybody:
        text = (await anybody.get("/metrics")).text
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples if s.name == f"sanitation_{name}"]
    return {tuple(value for key, value in sorted(s.labels.items()) if key != "service"): s.value for s in samples}


async def until_exposed(city: City, name: str, values: dict[tuple[str, ...], float]) -> None:
    async def shown() -> bool:
        return await exposed(city, name) == values

    await until(shown)


async def test_figures_are_those_of_the_city_view(gateway: City, console: httpx.AsyncClient) -> None:
    await tell(gateway, registered("T-1"), registered("T-2"), registered("T-3", district_id=CAOHEJING), planned())
    await tell(gateway, moved("T-1", speed_kmh=30), moved("T-2", speed_kmh=0), lifted(net_kg=46), alert())
    await tell(gateway, judged("R-1.1", "missed"), VehicleHeartbeat(service="vehicle", at=TEN))
    said, city = await counts(gateway), (await console.get("/v1/city")).json()
    assert said.vehicles == {(TIANPING, "driving"): 1, (TIANPING, "idle"): 1, (CAOHEJING, "offline"): 1}
    assert said.stops == {(TIANPING, "missed"): 1, (TIANPING, "planned"): 2}
    assert said.due[TIANPING,] == city["runs"]["stops"]["due"] == 1
    assert (said.lifted_grams["residual",], said.lifts["residual",]) == (46_000, 1)
    assert said.alerts == {("overspeed",): 1}
    assert said.parts == {("vehicle",): TEN.timestamp()}
    assert said.vehicles.total() == city["fleet"]["total"]
    assert said.at == TEN.timestamp()


async def test_what_is_over_is_no_longer_exposed(gateway: City) -> None:
    await tell(gateway, registered("T-1"), moved("T-1", speed_kmh=30), alert())
    await until_exposed(gateway, "city_vehicles", {(TIANPING, "driving"): 1})
    await until_exposed(gateway, "city_alerts_open", {("overspeed",): 1})
    await tell(gateway, moved("T-1", minutes=1, speed_kmh=0), alert(revision=2, status="closed"))
    await until_exposed(gateway, "city_vehicles", {(TIANPING, "idle"): 1})
    await until_exposed(gateway, "city_alerts_open", {})


async def test_districts_beyond_the_bound_are_counted_together_and_none_is_called_so(gateway: City) -> None:
    trucks = [registered(f"T-{n}", district_id=f"{n:06}") for n in range(1, MOST_DISTRICTS + 10)]
    await tell(gateway, *trucks, registered("T-X", district_id=None))
    said = await counts(gateway)
    assert len(said.vehicles) == MOST_DISTRICTS + 1
    assert said.vehicles["other", "offline"] == 10
    assert said.vehicles["none", "offline"] == 1
    assert said.vehicles.total() == MOST_DISTRICTS + 10


async def test_open_consoles_are_counted_until_they_close(gateway: City, url: str) -> None:
    assert await exposed(gateway, "live_consoles") == {(): 0}
    async with following(gateway, url) as first:
        await first.next()
        async with following(gateway, url) as second:
            await second.next()
            assert await exposed(gateway, "live_consoles") == {(): 2}
    await until_exposed(gateway, "live_consoles", {(): 0})
