"""What the simulator asks of the city before it drives: runs of a day, device tokens, trucks for routes without one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
TOKEN_SECONDS = 86_400
AT_ONCE = 8
KINDS = {"sweeping": "sweeper", "flushing": "washer", "disinfection": "washer"}
"""Of trucks, by what a route is for; all others collect."""


class City(Protocol):
    """shared.client.ApiClient, signed in as admin."""

    async def get(self, path: str, params: dict[str, Any] | None = None) -> Any: ...
    async def post(self, path: str, body: Any, *, token: str | None = None) -> Any: ...
    async def put(self, path: str, body: Any) -> Any: ...


async def pages(city: City, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
    """The items of every page of a list."""
    cursor: str | None = None
    while True:
        asked = {name: value for name, value in {**params, "limit": 200, "cursor": cursor}.items() if value is not None}
        page = await city.get(path, asked)
        for item in page["items"]:
            yield item
        cursor = page.get("next_cursor")
        if not cursor:
            return


async def each(items: Iterable[T], work: Callable[[T], Awaitable[R]], at_once: int = AT_ONCE) -> list[R]:
    """The work on all items, so many at once; answers in the order of the items."""
    room = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with room:
            return await work(item)

    return list(await asyncio.gather(*(one(item) for item in items)))


class DeviceTokens:
    """Tokens bound to one vehicle each, from POST /v1/credentials."""

    def __init__(self, city: City, ttl_seconds: int = TOKEN_SECONDS) -> None:
        self._city = city
        self._ttl_seconds = ttl_seconds

    async def issue(self, vehicle_id: str) -> str:
        body = {"role": "device", "vehicle_ids": [vehicle_id], "ttl_seconds": self._ttl_seconds}
        answer = await self._city.post("/v1/credentials", body)
        return str(answer["token"])


async def runs_of(city: City, service_day: date) -> list[dict[str, Any]]:
    """Makes the day's runs where they are not made yet, and answers all of them with their stops."""
    await city.post("/v1/runs/plans", {"service_day": service_day.isoformat()})
    runs = [run async for run in pages(city, "/v1/runs", service_day=service_day.isoformat())]
    return await each(runs, lambda run: city.get(f"/v1/runs/{run['run_id']}"))


def by_vehicle(runs: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Only runs that have a vehicle and stops."""
    fleet: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        if run["vehicle_id"] and run["stops"]:
            fleet.setdefault(run["vehicle_id"], []).append(run)
    return fleet


async def provide_trucks(city: City) -> int:
    """A simulated truck for each route that has none; answers how many."""
    bare = [route async for route in pages(city, "/v1/routes") if not route.get("vehicle_id")]
    if bare:
        await city.post("/v1/vehicle-imports", {"vehicles": [_truck(route) for route in bare]})
        await each(bare, lambda route: city.put(f"/v1/routes/{route['route_id']}/vehicle", {"vehicle_id": _truck_id(route)}))
    return len(bare)


def _truck(route: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "vehicle_id": _truck_id(route),
        "plate": f"SIM {route['route_id']}",
        "kind": KINDS.get(route.get("task", ""), "compactor"),
        "waste_streams": [],
        "tare_kg": 9000,
        "capacity_kg": 8000,
        "district_id": route.get("district_id"),
        "onboard_unit_id": f"OBU-{_truck_id(route)}",
    }


def _truck_id(route: Mapping[str, Any]) -> str:
    return f"SIM-{route['route_id']}"[:64]
