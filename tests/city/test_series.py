"""Monitoring stays as small in a city of ten thousand trucks as in a village: no series names a truck, a stop or a run."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.gateway import tasks
from services.gateway.app import create_app as gateway
from services.route.app import create_app as route
from services.vehicle.app import create_app as vehicle
from shared import testing
from shared.settings import Settings
from shared.vocabulary import Role

VEHICLES, DISTRICTS, TOGETHER = 10_000, 215, 100
"""Shanghai has 215 subdistricts and towns."""
MOST_SERIES = 1_500
"""Of the whole suite without a plan; planned stops add at most eight for each district, of which 300 are told apart."""


def series_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.slow
async def test_ten_thousand_trucks_make_no_more_series_than_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "COUNT_SECONDS", 0.5)
    async with testing.city(Settings(data_dir=tmp_path), [vehicle, route, gateway]) as city, city.client(Role.ADMIN) as admin:
        trucks = [
            {"vehicle_id": f"T-{n}", "plate": f"沪A{n:05}", "district_id": f"{310_000_000 + n % DISTRICTS}"}
            for n in range(VEHICLES)
        ]
        assert (await admin.post("/v1/vehicle-imports", json={"vehicles": trucks})).json()["created"] == VEHICLES
        for start in range(0, VEHICLES, TOGETHER):
            await asyncio.gather(*(report(city, number) for number in range(start, start + TOGETHER)))
        await city.settle()
        await asyncio.sleep(1)
        text = (await admin.get("/metrics")).text

    series = series_of(text)
    driving = [line for line in series if line.startswith("sanitation_city_vehicles{")]
    assert sum(float(line.rpartition(" ")[2]) for line in driving) == VEHICLES
    assert len(driving) >= DISTRICTS
    assert not [line for line in series if "T-" in line]
    assert 500 < len(series) < MOST_SERIES
    print(f"{len(series)} series")


async def report(city: testing.City, number: int) -> None:
    """A position now; every tenth is far too fast, every seventh was a day on its way."""
    at = datetime.now(UTC) - timedelta(days=1 if number % 7 == 0 else 0)
    position = {
        "kind": "position",
        "at": at.isoformat(),
        "lon": 121.4,
        "lat": 31.2,
        "speed_kmh": 200 if number % 10 == 0 else number % 50,
    }
    async with city.client(Role.DEVICE, vehicle_ids=[f"T-{number}"]) as device:
        answer = await device.post("/v1/telemetry", json={"vehicle_id": f"T-{number}", "records": [position]})
    assert answer.status_code == 200, answer.text
