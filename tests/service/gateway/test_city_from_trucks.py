"""The whole way: what trucks send to the vehicle service, seen in the citywide view."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from happenings import CAOHEJING, TEN, TIANPING

from shared.clock import frozen
from shared.testing import City, until
from shared.vocabulary import Role

pytestmark = pytest.mark.usefixtures("at_ten")
TRUCKS = [
    {"vehicle_id": "T-1", "plate": "沪A1", "kind": "compactor", "waste_streams": ["residual"], "district_id": TIANPING},
    {"vehicle_id": "T-2", "plate": "沪A2", "kind": "food_waste", "waste_streams": ["food"], "district_id": CAOHEJING},
]
TIMETABLE = """route_id,route_name,seq,time,name,lon,lat,stream,weekdays,vehicle_id,district_id
L-1,天平一线,1,09:30,康平路1号,121.4300,31.1800,residual,1,T-1,310104003
L-1,天平一线,2,10:30,康平路9号,121.4400,31.1900,residual,1,T-1,310104003
"""


def minute(of: float) -> str:
    return (TEN + timedelta(minutes=of)).isoformat()


def fix(minutes: float, speed_kmh: float = 20, lon: float = 121.43, lat: float = 31.18) -> dict[str, Any]:
    return {"kind": "position", "at": minute(minutes), "lon": lon, "lat": lat, "speed_kmh": speed_kmh, "ignition": True}


def lift(minutes: float, net_kg: int, **more: Any) -> dict[str, Any]:
    return {"kind": "bin_lift", "at": minute(minutes), "net_kg": net_kg, "tag": f"B{minutes}"} | more


async def send(city: City, vehicle_id: str, *records: dict[str, Any]) -> None:
    async with city.client(Role.DEVICE, vehicle_ids=[vehicle_id]) as truck:
        answer = await truck.post("/v1/telemetry", json={"vehicle_id": vehicle_id, "records": list(records)})
        assert answer.json()["rejected"] == 0, answer.text


async def view(city: City) -> dict[str, Any]:
    await city.settle()
    async with city.client(Role.DISPATCHER) as console:
        return (await console.get("/v1/city")).json()  # type: ignore[no-any-return]


async def register(admin: httpx.AsyncClient) -> None:
    assert (await admin.post("/v1/vehicle-imports", json={"vehicles": TRUCKS})).json()["created"] == 2


Open = Callable[..., AbstractAsyncContextManager[City]]


async def test_trucks_and_lifts_are_in_the_view_once(open_city: Open) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        await register(admin)
        batch = [fix(-2), fix(-1, 0), fix(0, 30), lift(-1, 40), lift(0, 35), lift(-0.5, 9000), lift(-700, 500)]
        await send(city, "T-1", *batch)
        await send(city, "T-1", *batch)
        await send(city, "T-2", fix(-20), lift(-20, 12))
        seen = await view(city)
        assert seen["fleet"]["by_status"] == {"driving": 1, "offline": 1}
        assert seen["fleet"]["records"] == 4
        assert (seen["lifted"]["net_kg"], seen["lifted"]["lifts"]) == (87, 4)
        assert {group["key"]: group["net_kg"] for group in seen["lifted"]["by_stream"]} == {"residual": 75, "food": 12}
        with frozen(TEN - timedelta(days=1)):
            assert (await view(city))["lifted"]["net_kg"] == 500


async def test_an_alert_opens_and_closes_in_the_view(open_city: Open) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        await register(admin)
        await send(city, "T-1", *[fix(-5 + n / 6, 75) for n in range(6)])
        assert (await view(city))["alerts"]["by_kind"] == {"overspeed": 1}
        await send(city, "T-1", fix(-3, 20))
        assert (await view(city))["alerts"]["open"] == 0


async def test_the_view_is_dated_by_the_services_themselves(open_city: Open) -> None:
    async with open_city() as city:
        parts = ("fleet", "runs", "lifted", "alerts")

        async def heard_of_all() -> bool:
            seen = await view(city)
            return all(seen[part]["stale"] is False for part in parts)

        await until(heard_of_all)
        seen = await view(city)
        assert {datetime.fromisoformat(seen[part]["as_of"]) for part in parts} == {TEN}


async def test_a_stop_that_is_served_is_done_in_the_view(open_city: Open) -> None:
    async with open_city() as city, city.client(Role.ADMIN) as admin:
        await register(admin)
        timetable = {"format": "csv", "content": TIMETABLE, "datum": "WGS-84", "dry_run": False}
        imported = (await admin.post("/v1/timetable-imports", json=timetable)).json()
        assert (imported["stops"], imported["rejected"]) == (2, []), imported
        planned = (await admin.post("/v1/runs/plans", json={"service_day": "2026-11-16"})).json()
        assert planned["runs"] <= 1  # the route service may have planned the day by itself
        seen = await view(city)
        assert (seen["runs"]["runs"], seen["runs"]["stops"]["total"], seen["runs"]["stops"]["done"]) == (1, 2, 0)
        await send(city, "T-1", fix(-31), fix(-30, 0), fix(-29.5, 0), lift(-30, 40, lon=121.43, lat=31.18), fix(-28))
        for _ in range(100):
            seen = await view(city)
            if seen["runs"]["stops"]["done"]:
                break
        assert seen["runs"]["by_verdict"] == {"collected": 1, "planned": 1}
        assert [group["key"] for group in seen["runs"]["by_district"]] == [TIANPING]
