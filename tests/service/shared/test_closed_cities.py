"""A city that was closed leaves nothing behind: a worker of the test run stays as small as it was."""

import gc
import weakref
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

from shared.testing import City
from shared.vocabulary import Role


async def test_a_closed_city_is_collected(open_city: Callable[..., AbstractAsyncContextManager[City]]) -> None:
    apps = await used_and_closed(open_city)
    gc.collect()
    assert [name for name, app in apps.items() if app() is not None] == []


async def used_and_closed(
    open_city: Callable[..., AbstractAsyncContextManager[City]],
) -> dict[str, "weakref.ref[object]"]:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        truck = {"vehicle_id": "T-1", "plate": "沪A1", "kind": "compactor", "district_id": "310104003"}
        position = {"kind": "position", "at": datetime.now(UTC).isoformat(), "lon": 121.4, "lat": 31.2}
        for request in (
            admin.post("/v1/vehicle-imports", json={"vehicles": [truck]}),
            admin.post("/v1/telemetry", json={"vehicle_id": "T-1", "records": [position]}),
            admin.post("/v1/telemetry", content=b"{"),
            admin.get("/v1/city"),
            admin.get("/v1/runs"),
            admin.get("/v1/complaints"),
            admin.get("/health/ready"),
            admin.get("/metrics"),
            *(admin.get(f"/{name}/openapi.json") for name in city.apps),
        ):
            await request
        await city.settle()
        return {name: weakref.ref(app) for name, app in city.apps.items()}
