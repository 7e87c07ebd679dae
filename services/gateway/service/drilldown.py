"""One vehicle, asked of the services that know it. A silent one leaves its part empty and is named."""

import asyncio
from collections.abc import Awaitable
from datetime import date
from typing import Any, TypeVar

from services.gateway.schemas.city import VehicleDetail
from shared.client import ApiClient, ApiError
from shared.errors import NotFound

T = TypeVar("T")
PATIENCE_SECONDS = 3.0
NOT_FOUND = 404


async def vehicle_detail(vehicle_api: ApiClient, route_api: ApiClient, token: str, vehicle_id: str, day: date) -> VehicleDetail:
    """With the caller's own token: what it may not see the services do not tell."""
    missing: set[str] = set()
    vehicle, alerts, runs = await asyncio.gather(
        _ask("vehicle", vehicle_api.get(f"/v1/vehicles/{vehicle_id}", token=token), missing),
        _ask("vehicle", vehicle_api.get("/v1/alerts", {"vehicle_id": vehicle_id, "limit": 20}, token=token), missing),
        _ask("route", route_api.get("/v1/runs", {"vehicle_id": vehicle_id, "service_day": str(day)}, token=token), missing),
    )
    return VehicleDetail(vehicle=vehicle, alerts=_items(alerts), runs=_items(runs), missing=sorted(missing))


def _items(page: dict[str, Any] | None) -> list[dict[str, Any]] | None:
    return None if page is None else page.get("items")


async def _ask(service: str, call: Awaitable[T], missing: set[str]) -> T | None:
    try:
        return await asyncio.wait_for(call, PATIENCE_SECONDS)
    except ApiError as error:
        if error.status == NOT_FOUND and service == "vehicle":
            raise NotFound("no such vehicle") from error
        missing.add(service)
    except TimeoutError:
        missing.add(service)
    return None
